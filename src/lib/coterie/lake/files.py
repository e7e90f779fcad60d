"""Raw files as companies export them: found, opened, and read as text with their line numbers."""

import json
from functools import partial
from pathlib import Path
from typing import NamedTuple

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from pydantic import BaseModel, Field, ValidationError

from coterie.study import SettingsError, project_root

LINE = "its line"  # a column beside the file's own


class Entry(BaseModel, extra="forbid", strict=True):
    """One entry of the column map."""

    path: str = Field(pattern="^[^/]")  # relative to the source folder; may be a glob
    gives: str
    platform: str
    columns: dict[str, str]  # ours: the file's own, or "=literal"
    verbs: dict[str, str] = {}  # the platform's word: ours
    encoding: str = "utf-8"


class SourceFile(NamedTuple):
    """One raw file: its name under the source folder, its entry in the column map, its rows."""

    name: str
    entry: dict
    rows: ibis.Table  # the mapped columns and LINE, where each row stood
    broken: list[int]  # lines that are no row: more or fewer fields than the header, no object


def locate_files(source: str, files: list[dict]) -> list[tuple[Path, dict]]:
    """Find the files of a column map; a path may be a glob."""
    if not source or not files:
        raise SettingsError("02_sourcing.source and 02_sourcing.files must name a folder and files; try `coterie new`.")
    folder = project_root() / source
    if not folder.is_dir():
        raise SettingsError(f"02_sourcing.source: there is no folder {folder}.")
    found = []
    for number, given in enumerate(files):
        key = f"02_sourcing.files[{number}]"
        try:
            entry = Entry.model_validate(given).model_dump()
        except ValidationError as errors:
            wrong = errors.errors()[0]
            where = ".".join(map(str, (key, *wrong["loc"])))
            raise SettingsError(f"{where}: {wrong['msg'].lower()}; it takes {', '.join(Entry.model_fields)}.") from None
        paths = sorted(path for path in folder.glob(entry["path"]) if path.is_file())
        if not paths:
            raise SettingsError(f"{key}.path: no file {entry['path']} in {folder}.")
        found += [(path, entry) for path in paths]
    return found


def read_rows(path: Path, entry: dict, *, folder: str) -> SourceFile:
    """Read one file; text formats give text columns, Parquet keeps its types."""
    if path.suffix not in READERS:
        raise SettingsError(f"{path}: the ending must be one of {', '.join(READERS)}.")
    try:
        table, broken = READERS[path.suffix](path, entry["encoding"])
    except (ValueError, LookupError) as error:  # Arrow, decoding and JSON errors are ValueErrors
        raise SettingsError(
            f"{path}: not readable as {path.suffix[1:]} in {entry['encoding']} "
            f"({type(error).__name__}); set `encoding:` for this file, or export it again."
        ) from None
    if table.num_rows == 0:
        raise SettingsError(f"{path}: the file holds no rows; take it out of 02_sourcing.files or export it again.")
    wanted = list(dict.fromkeys(column for column in entry["columns"].values() if not column.startswith("=")))
    if missing := [column for column in wanted if table.column_names.count(column) != 1]:
        raise SettingsError(
            f"{path}: no column, or more than one, called {', '.join(map(repr, missing))}; the file has "
            f"{safe_names(table.column_names)}. Correct 02_sourcing.files (path: {entry['path']}).columns."
        )
    first = 1 if path.suffix == ".jsonl" else 2  # line 1 of a table is its header
    lines = np.setdiff1d(np.arange(first, first + table.num_rows + len(broken)), broken)
    rows = table.select(wanted).append_column(LINE, pa.array(lines, pa.int64()))
    return SourceFile(str(path.relative_to(project_root() / folder)), entry, ibis.memtable(rows), broken)


def safe_names(names: list[str]) -> str:
    """List column names, unless they look like somebody's data: a file without a header starts with a person.

    >>> safe_names(["user", "at"]), safe_names(["ana@example.org", "+1 650 253 0000"])
    ('user, at', 'no header, by the look of its first line')
    """
    data_like = any("@" in name or sum(map(str.isdigit, name)) > 4 or len(name) > 60 for name in names)
    return "no header, by the look of its first line" if data_like or len(names) > 200 else ", ".join(names)


def read_csv(path: Path, encoding: str, *, delimiter: str = ",") -> tuple[pa.Table, list[int]]:
    """Read a delimited file as text columns, and list the lines that have too many or too few fields."""
    text, broken = decoded(path, encoding), []
    if not text.strip():
        return pa.table({}), []
    table = pyarrow.csv.read_csv(
        pa.BufferReader(text.encode()),
        read_options=pyarrow.csv.ReadOptions(use_threads=False),  # only then are broken rows numbered
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            invalid_row_handler=lambda row: broken.append(row.number) or "skip",
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            default_column_type=pa.string(), strings_can_be_null=True, null_values=[""]
        ),
    )
    return table, broken


def read_json(path: Path, encoding: str) -> tuple[pa.Table, list[int]]:
    """Read an array of objects with every value as text, counted as if a header stood above."""
    found = json.loads(decoded(path, encoding) or "[]")
    return as_text(found if isinstance(found, list) else [found], first=2)


def read_jsonl(path: Path, encoding: str) -> tuple[pa.Table, list[int]]:
    """Read one object a line with every value as text; only a line feed ends a line."""
    return as_text([parsed(line) for line in decoded(path, encoding).rstrip().split("\n")], first=1)


def read_parquet(path: Path, encoding: str) -> tuple[pa.Table, list[int]]:
    """Read a Parquet file with its own types; its text is UTF-8 whatever the map says."""
    return pyarrow.parquet.read_table(path), []


def decoded(path: Path, encoding: str) -> str:
    """Read a text file, without the mark that some programs put first."""
    return path.read_bytes().decode(encoding).removeprefix("\ufeff")


def parsed(line: str) -> object:
    """Read a line of JSON; nothing when it is none.

    >>> parsed('{"a": 1}'), parsed('{"a":')
    ({'a': 1}, None)
    """
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def as_text(items: list, *, first: int) -> tuple[pa.Table, list[int]]:
    """Turn objects into text columns, absent and null staying empty, and number what is no object."""
    records = [item for item in items if isinstance(item, dict)]
    names = dict.fromkeys(name for record in records for name in record)
    table = pa.table({n: pa.array([text_of(record.get(n)) for record in records], pa.string()) for n in names})
    return table, [number for number, item in enumerate(items, first) if not isinstance(item, dict)]


def text_of(value: object) -> str | None:
    """Write a JSON value as text.

    >>> text_of(True), text_of(3), text_of(None)
    ('true', '3', None)
    """
    return value if value is None or isinstance(value, str) else json.dumps(value)


READERS = {
    ".csv": read_csv,
    ".tsv": partial(read_csv, delimiter="\t"),
    ".json": read_json,
    ".jsonl": read_jsonl,
    ".parquet": read_parquet,
}
