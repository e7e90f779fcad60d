"""A look into a raw file: which tables lie in it, what their columns are called, and a sample."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pyarrow.parquet

from coterie.lake.reading.containers import inner_name, open_binary
from coterie.lake.reading.encoding import scan_bytes, text_lines
from coterie.lake.reading.layout import WORDS, records, sniff_layout
from coterie.sourcing.maps import Sample

N_ROWS = 1000  # of a table, to see what its columns hold
N_LINES = 60  # to see how a text file is laid out
WRAPPER = re.compile(r"^[\s\w.$\[\]\"']*=\s*")  # window.YTD.tweets.part0 =


class NotATable(ValueError):
    """Why a file is left out; the message holds nothing of its content."""


class Table(NamedTuple):
    """One table of a file, and what its entry must state so that it is found again."""

    sample: Sample
    settings: dict[str, object]  # records or sheet
    how: str  # it was read, in words: "tabs, utf-16"


def tables_of(path: Path) -> list[Table]:
    """Find the tables of a file; a JSON file or a workbook may hold several.

    Raises
    ------
    NotATable, SettingsError
        When it holds no table that we read; other errors may quote the file.
    """
    ending = Path(inner_name(path)).suffix.lower()
    if ending not in PEEKS:
        raise NotATable(f"{ending or 'a file without an ending'} is no table we read")
    if path.stat().st_size == 0:
        raise NotATable("it is empty")
    tables = list(PEEKS[ending](path))
    if not any(table.sample.names for table in tables):
        raise NotATable("no table in it")
    return tables


def text_tables(path: Path) -> Iterator[Table]:
    """Look into a delimited file, whatever separates its fields."""
    encoding = scan_bytes(path).encoding
    with open_binary(path) as file:
        lines = list(islice(text_lines(file, encoding), N_LINES + 2 * N_ROWS))
    layout = sniff_layout(lines[:N_LINES])
    rows = records(iter(lines[layout.skip_lines :]), layout.separator)
    fields = [record.fields for record in islice(rows, N_ROWS + 1) if not record.fault]
    header = [name.strip().removeprefix("\ufeff") for name in (fields or [[]])[0]]
    skipped = f", {layout.skip_lines} lines before the header" if layout.skip_lines else ""
    how = f"{WORDS[layout.separator]}, {encoding}{skipped}"
    body = [row for row in fields[1:] if len(row) == len(header)]
    values = {name: [row[i] for row in body] for i, name in enumerate(header)}
    yield Table(Sample(header, values), {}, how)


def json_tables(path: Path) -> Iterator[Table]:
    """Look into JSON, into lines of it, and into JSON that a script assigns to a name."""
    encoding = scan_bytes(path).encoding
    with open_binary(path) as file:
        text = file.read().decode(encoding).removeprefix("\ufeff")
    body = WRAPPER.sub("", text, count=1) if path.suffix.lower() == ".js" else text
    try:
        found = json.loads(body)
    except json.JSONDecodeError:
        yield from line_tables(path)
        return
    for place, items in lists_in(found):
        how = f"JSON, at {place}" if place else "JSON"
        yield object_table(items, {"records": place} if place else {}, how)


def line_tables(path: Path) -> Iterator[Table]:
    """Look into a file that holds one object a line."""
    encoding = scan_bytes(path).encoding
    with open_binary(path) as file:
        lines = list(islice(text_lines(file, encoding), N_ROWS))
    items = [parsed(line) for line in lines]
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) * 2 <= len(lines):
        raise NotATable("it is neither JSON nor one object a line")
    ending = Path(inner_name(path)).suffix.lower()
    settings = {} if ending in (".ndjson", ".jsonl") else {"format": "ndjson"}
    yield object_table(objects, settings, "one object a line")


def parsed(line: str) -> object:
    """Read a line of JSON; nothing when it is none."""
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def lists_in(found: object, place: str = "") -> Iterator[tuple[str, list[dict]]]:
    """Find the lists of objects in nested JSON, each with its place.

    >>> list(lists_in({"a": {"b": [{"c": 1}]}, "d": 2}))
    [('a.b', [{'c': 1}])]
    """
    if isinstance(found, list):
        items = [item for item in found if isinstance(item, dict)]
        if len(items) * 2 > len(found):
            yield place, items
    elif isinstance(found, dict):
        inside = [
            table
            for key, value in found.items()
            if isinstance(value, dict | list)
            for table in lists_in(value, f"{place}.{key}" if place else key)
        ]
        yield from inside or ([("", [found])] if not place else [])


def object_table(items: list[dict], settings: dict, how: str) -> Table:
    """Sample objects under dotted paths, without keys that few of them have: they may be data."""
    rows = [dict(flat(item)) for item in items[:N_ROWS]]
    counts: dict[str, int] = {}
    for row in rows:
        for name in row:
            counts[name] = counts.get(name, 0) + 1
    often = [name for name, count in counts.items() if count * 20 >= len(rows)]
    values = {name: [row.get(name, "") for row in rows] for name in often}
    return Table(Sample(often, values), settings, how)


def flat(item: dict, place: str = "") -> Iterator[tuple[str, str]]:
    """Write an object as dotted paths and texts; of a list, its first element.

    >>> dict(flat({"a": {"b": 1}, "c": [{"d": None}, {"d": 2}]}))
    {'a.b': '1', 'c.0.d': ''}
    """
    for key, value in item.items():
        path = f"{place}.{key}" if place else key
        inner = {"0": value[0]} if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            yield from flat(inner, path)
        elif not isinstance(inner, list):
            yield path, as_text(inner)


def as_text(value: object) -> str:
    """Write a value as text, as the readers do."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def sheet_tables(path: Path) -> Iterator[Table]:
    """Look into every sheet of a workbook, below what stands before its header."""
    book = openpyxl.load_workbook(open_binary(path), read_only=True, data_only=True)
    for number, sheet in enumerate(book.worksheets):
        rows = [
            [as_text(cell) if not isinstance(cell, str) else cell for cell in row]
            for row in islice(sheet.iter_rows(values_only=True), N_ROWS + N_LINES)
        ]
        widths = [sum(cell != "" for cell in row) for row in rows]
        widest = max(widths, default=0)
        first = next((i for i, width in enumerate(widths) if width * 2 > widest), None)
        if first is None or widest < 1:
            continue
        header = [name.strip() for name in rows[first]]
        values = {
            name: [row[i].strip('"') for row in rows[first + 1 :]]
            for i, name in enumerate(header)
            if name
        }
        settings = {"sheet": sheet.title} if number else {}
        yield Table(Sample(list(values), values), settings, f"sheet {number + 1}")


def parquet_tables(path: Path) -> Iterator[Table]:
    """Look into the first rows of a Parquet file."""
    file = pyarrow.parquet.ParquetFile(path)
    batch = next(file.iter_batches(batch_size=N_ROWS), None)
    items = batch.to_pylist() if batch is not None else []
    if not items:
        yield Table(Sample(file.schema_arrow.names, {}), {}, "Parquet")
        return
    yield object_table(items, {}, "Parquet")


PEEKS = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), text_tables),
    **dict.fromkeys((".json", ".js"), json_tables),
    **dict.fromkeys((".ndjson", ".jsonl"), line_tables),
    **dict.fromkeys((".xlsx", ".xlsm"), sheet_tables),
    ".parquet": parquet_tables,
}
