"""Raw files as companies export them: found, opened, and read as text with their line numbers."""

import json
from pathlib import Path
from typing import NamedTuple

import ibis
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from coterie.study import SettingsError, project_root

FORMATS = (".csv", ".tsv", ".json", ".jsonl", ".parquet")


class SourceFile(NamedTuple):
    """One raw file: its name under the source folder, its entry in the column map, its rows."""

    name: str
    entry: dict
    rows: ibis.Table  # the mapped columns and `row`, the line each stood on
    broken: list[int]  # lines with more or fewer fields than the header


def locate_files(source: str, files: list[dict]) -> list[tuple[Path, dict]]:
    """Find the files of a column map; a path may be a glob."""
    if not source or not files:
        raise SettingsError(
            "02_sourcing.source and 02_sourcing.files must name a folder and its files; try `coterie new`."
        )
    folder = project_root() / source
    if not folder.is_dir():
        raise SettingsError(f"02_sourcing.source: there is no folder {folder}.")
    found = []
    for number, entry in enumerate(files):
        key = f"02_sourcing.files[{number}]"
        if not isinstance(entry, dict) or not {"path", "gives", "platform", "columns"} <= set(entry):
            raise SettingsError(f"{key}: needs path, gives, platform and columns.")
        paths = sorted(folder.glob(entry["path"]))
        if not paths:
            raise SettingsError(f"{key}.path: no file {entry['path']} in {folder}.")
        found += [(path, entry) for path in paths]
    return found


def read_rows(path: Path, entry: dict, *, folder: str) -> SourceFile:
    """Read one file; text formats give text columns, Parquet keeps its types."""
    name = str(path.relative_to(project_root() / folder))
    try:
        table, broken = READERS.get(path.suffix, unknown_format)(path, entry.get("encoding", "utf-8"))
    except (pa.ArrowInvalid, UnicodeDecodeError, LookupError, json.JSONDecodeError) as error:
        raise SettingsError(
            f"{path}: not readable as {path.suffix[1:]} in {entry.get('encoding', 'utf-8')} "
            f"({type(error).__name__}); set `encoding:` for this file, or export it again."
        ) from None
    if table.num_rows == 0:
        raise SettingsError(f"{path}: the file holds no rows; take it out of 02_sourcing.files or export it again.")
    wanted = [column for column in entry["columns"].values() if not str(column).startswith("=")]
    if missing := [column for column in wanted if column not in table.column_names]:
        raise SettingsError(
            f"{path}: no column {', '.join(map(repr, missing))}; the file has {', '.join(table.column_names)}. "
            f"Correct 02_sourcing.files (path: {entry['path']}).columns."
        )
    first = 1 if path.suffix == ".jsonl" else 2  # line 1 of a table is its header
    lines = [line for line in range(first, first + table.num_rows + len(broken)) if line not in set(broken)]
    rows = table.select(list(dict.fromkeys(wanted))).append_column("row", pa.array(lines, pa.int64()))
    return SourceFile(name, entry, ibis.memtable(rows), broken)


def read_csv(path: Path, encoding: str, *, delimiter: str = ",") -> tuple[pa.Table, list[int]]:
    """Read a delimited file as text columns, and list the lines that have too many or too few fields."""
    text = path.read_bytes().decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding)
    if not text.strip():
        return pa.table({}), []
    columns = [column.strip().strip('"') for column in text.partition("\n")[0].split(delimiter)]
    broken = []
    table = pyarrow.csv.read_csv(
        pa.BufferReader(text.encode()),
        read_options=pyarrow.csv.ReadOptions(use_threads=False),  # only then are broken rows numbered
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            invalid_row_handler=lambda row: broken.append(row.number) or "skip",
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )
    return table, broken


def read_tsv(path: Path, encoding: str) -> tuple[pa.Table, list[int]]:
    """Read a tab-separated file."""
    return read_csv(path, encoding, delimiter="\t")


def read_json(path: Path, encoding: str) -> tuple[pa.Table, list[int]]:
    """Read an array of objects with every value as text."""
    return as_text(json.loads(path.read_text(encoding=encoding) or "[]")), []


def read_jsonl(path: Path, encoding: str) -> tuple[pa.Table, list[int]]:
    """Read one object a line with every value as text, and list the lines that are not one."""
    records, broken = {}, []
    for number, line in enumerate(path.read_text(encoding=encoding).splitlines(), start=1):
        try:
            records[number] = dict(json.loads(line))
        except (ValueError, TypeError):
            broken.append(number)
    return as_text(list(records.values())), broken


def read_parquet(path: Path, encoding: str) -> tuple[pa.Table, list[int]]:
    """Read a Parquet file with its own types; its text is UTF-8 whatever the map says."""
    return pyarrow.parquet.read_table(path), []


def as_text(records: list[dict]) -> pa.Table:
    """Turn records into text columns; a value that is absent or null stays empty."""
    names = list(dict.fromkeys(name for record in records for name in record))
    return pa.table({n: pa.array([text_of(record.get(n)) for record in records], pa.string()) for n in names})


def text_of(value: object) -> str | None:
    """Write a JSON value as text.

    >>> text_of(True), text_of(3), text_of(None)
    ('true', '3', None)
    """
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def unknown_format(path: Path, encoding: str) -> pa.Table:
    """Refuse a file whose ending names no known format."""
    raise SettingsError(f"{path}: the ending must be one of {', '.join(FORMATS)}.")


READERS = dict(zip(FORMATS, (read_csv, read_tsv, read_json, read_jsonl, read_parquet), strict=True))
