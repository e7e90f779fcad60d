"""A look into a raw file: which tables lie in it, what their columns are called, and a sample."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path, PurePath
from typing import NamedTuple

import openpyxl
import pyarrow.parquet

from coterie.lake.reading import SNIFFED, format_of
from coterie.lake.reading.containers import inner_name, open_binary
from coterie.lake.reading.delimited import SAMPLE
from coterie.lake.reading.encoding import scan_bytes, text_lines
from coterie.lake.reading.layout import WORDS, records, sniff_layout
from coterie.lake.reading.objects import parsed, unwrapped
from coterie.lake.reading.sheets import rows_before, text_of
from coterie.sourcing.maps import Sample

N_ROWS = 1000  # of a table, to see what its columns hold
OFTEN = 0.05  # of the objects have a key; a rarer one may be data


class NotATable(ValueError):
    """Why a file is left out; the message holds nothing of its content."""


class Table(NamedTuple):
    """One table of a file, and what its entry must state so that it is found again."""

    sample: Sample
    settings: dict[str, object]  # records or sheet
    how: str  # it was read, in words: "tabs, utf-16"
    title: str = ""  # of a sheet


def tables_of(path: Path) -> list[Table]:
    """Find the tables of a file; a JSON file or a workbook may hold several.

    Raises
    ------
    NotATable, SettingsError
        When it holds no table that we read; other errors may quote the file.
    """
    kind = format_of(path, SNIFFED)
    with open_binary(path) as file:
        is_empty = not file.read(1)
    if is_empty:
        raise NotATable("it is empty")
    tables = list(PEEKS[kind](path))
    if not any(table.sample.names for table in tables):
        raise NotATable("no table in it")
    return tables


def text_tables(path: Path) -> Iterator[Table]:
    """Look into a delimited file, whatever separates its fields."""
    encoding = scan_bytes(path).encoding
    with open_binary(path) as file:
        lines = list(islice(text_lines(file, encoding), SAMPLE + 2 * N_ROWS))
    layout = sniff_layout(lines[:SAMPLE])
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
        text = "".join(text_lines(file, encoding)).removeprefix("\ufeff")
    try:
        found = json.loads(unwrapped(text, ""))
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
    ending = PurePath(inner_name(path)).suffix.lower()
    settings = {"format": "ndjson"} if ending in (".json", ".js") else {}
    yield object_table(objects, settings, "one object a line")


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
    counts = Counter(name for row in rows for name in row)
    names = [name for name, count in counts.items() if count >= OFTEN * len(rows)]
    values = {name: [row.get(name, "") for row in rows] for name in names}
    return Table(Sample(names, values), settings, how)


def flat(item: dict, place: str = "") -> Iterator[tuple[str, str]]:
    """Write an object as dotted paths and texts; of a list, its first element, or its keys.

    >>> dict(flat({"a": {"b": 1}, "c": [{"d": None}, {"d": 2}]}))
    {'a.b': '1', 'c.0.d': ''}
    >>> dict(flat({"params": [{"key": "page", "value": {"string_value": "/"}}]}))
    {'params.page': '/'}
    """
    for key, value in item.items():
        path = f"{place}.{key}" if place else key
        inner = unlisted(value)
        if isinstance(inner, dict):
            yield from flat(inner, path)
        elif not isinstance(inner, list):
            yield path, text_of(inner) or ""


def unlisted(value: object) -> object:
    """Write a list as an object: pairs of key and value as they say, else its first element."""
    if not isinstance(value, list) or not value:
        return value
    if not all(isinstance(pair, dict) and set(pair) == {"key", "value"} for pair in value):
        return {"0": value[0]}
    return {str(pair["key"]): typed(pair["value"]) for pair in value}


def typed(value: object) -> object:
    """Take the one typed value of several, as BigQuery exports them."""
    if not isinstance(value, dict):
        return value
    return next((one for one in value.values() if one is not None), None)


def sheet_tables(path: Path) -> Iterator[Table]:
    """Look into every sheet of a workbook, below what stands before its header."""
    with open_binary(path) as file, closing(openpyxl.load_workbook(file, data_only=True)) as book:
        for number, sheet in enumerate(book.worksheets):
            cells = islice(sheet.iter_rows(values_only=True), SAMPLE + N_ROWS)
            rows = [[text_of(cell) for cell in row] for row in cells]
            if not any(cell for row in rows for cell in row):
                continue
            first = rows_before(rows[:SAMPLE])
            header = [(name or "").strip() for name in rows[first]]
            body = rows[first + 1 :]
            values = {n: [row[i] or "" for row in body] for i, n in enumerate(header) if n}
            settings = {"sheet": sheet.title} if number else {}
            yield Table(Sample(list(values), values), settings, f"sheet {number + 1}", sheet.title)


def parquet_tables(path: Path) -> Iterator[Table]:
    """Look into the first rows of a Parquet file."""
    with open_binary(path) as stream:
        file = pyarrow.parquet.ParquetFile(stream)
        batch = next(file.iter_batches(batch_size=N_ROWS), None)
    if batch is None or not batch.num_rows:
        yield Table(Sample(file.schema_arrow.names, {}), {}, "Parquet")
    else:
        yield object_table(batch.to_pylist(), {}, "Parquet")


PEEKS: dict[str, Callable[[Path], Iterator[Table]]] = {
    "csv": text_tables,
    "tsv": text_tables,
    "json": json_tables,
    "ndjson": line_tables,
    "xlsx": sheet_tables,
    "parquet": parquet_tables,
}
