"""Formats of raw files: text gives text columns, Parquet keeps types, broken lines are numbered."""

import json
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from coterie.study import SettingsError


def open_table(path: Path, encoding: str) -> tuple[pa.Table, list[int]]:
    """Open a raw file by its ending, and list the lines that are no rows of it.

    Raises
    ------
    SettingsError
        Naming the file: an unknown ending, not readable, or without rows.
    """
    if path.suffix not in READERS:
        raise SettingsError(f"{path}: the ending must be one of {', '.join(READERS)}.")
    try:
        table, broken = READERS[path.suffix](path, encoding)
    except (ValueError, LookupError) as error:  # Arrow, decoding and JSON errors are ValueErrors
        raise SettingsError(
            f"{path}: not readable as {path.suffix[1:]} in {encoding} "
            f"({type(error).__name__}); set `encoding:` for this file, or export it again."
        ) from None
    if table.num_rows == 0:
        raise SettingsError(
            f"{path}: the file holds no rows; take it out of 02_sourcing.files or export it again."
        )
    return table, broken


def read_csv(path: Path, encoding: str, *, delimiter: str = ",") -> tuple[pa.Table, list[int]]:
    """Read a delimited file as text columns, and list the lines of too many or too few fields."""
    text, broken = decoded(path, encoding), []
    if not text.strip():
        return pa.table({}), []
    table = pyarrow.csv.read_csv(
        pa.BufferReader(text.encode()),
        read_options=pyarrow.csv.ReadOptions(
            use_threads=False
        ),  # only then are broken rows numbered
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
    """Turn objects into text columns, null staying empty, and number what is no object."""
    records = [item for item in items if isinstance(item, dict)]
    names = dict.fromkeys(name for record in records for name in record)
    table = pa.table(
        {n: pa.array([text_of(record.get(n)) for record in records], pa.string()) for n in names}
    )
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
