"""Raw files read a second time, by another way than the readers': for checks, never for results.

Only Python's own csv and json modules, openpyxl and pyarrow. A header is the first line that holds
the mapped names; in JSON every object that holds them is a row, however deep it lies. Of files that
say neither who somebody is nor what they allow, only the rows are kept that a check listens for.
"""

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pyarrow.parquet

from coterie.lake.rereading.plain_picking import (
    Ear,
    chunks,
    fields_of,
    has_sign,
    line_rule,
    opened,
    picked,
    picked_lines,
    picked_parquet,
)

CHECKED = ("accounts", "consents")  # kinds of files that a check of exports asks whole
HEARD = ("events", "posts", "exposures")  # kinds that may be too large to hold
NEEDED = ("account", "email", "phone", "crm_id", "hash", "granted", "purpose")  # if mapped
OBJECTS = (".json", ".jsonl", ".ndjson", ".js")
TITLES = ("name", "key", "type", "purpose", "category", "channel", "topic", "slug", "question")
SEPARATORS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8-sig", "cp1252")
MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # how UTF-16 announces itself
csv.field_size_limit(2**27)  # one cell may be a long text; a broken quote must still end


class PlainFile(NamedTuple):
    """One raw file as text cells, or why it could not be read."""

    name: str
    entry: dict
    rows: pd.DataFrame  # every column of the file, all text
    problem: str  # empty when every line could be read


def read_map_plainly(
    folder: Path, entries: Iterable[dict], *, ear: Ear | None = None
) -> Iterator[PlainFile]:
    """Read every file that says who somebody is, or what somebody allows.

    With an `ear`, also the rows of acts, messages and exposures that it listens for.
    """
    for entry in entries:
        if entry["gives"] not in CHECKED + HEARD * bool(ear):
            continue
        named = {ours: name for ours, name in entry["columns"].items() if not name.startswith("=")}
        asked = NEEDED if entry["gives"] in CHECKED else ("account", "verb", "text")
        needed = {named[ours] for ours in asked if ours in named}
        paths = paths_of(folder, entry["path"])
        if not paths:
            yield PlainFile(entry["path"], entry, pd.DataFrame(), "not there any more")
        for path in paths:
            name = str(path.relative_to(folder))
            whole = entry["gives"] in CHECKED
            yield read_plainly(path, name, entry, needed=needed, ear=None if whole else ear)


def paths_of(folder: Path, pattern: str) -> list[Path]:
    """List the files of a pattern; behind `.zip/` stands what to take out of an archive."""
    outer, into, inner = pattern.partition(".zip/")
    found = sorted(path for path in folder.glob(outer + into[:-1]) if path.is_file())
    if not into:
        return found
    return [
        path / name
        for path in found
        for name in zipfile.ZipFile(path).namelist()
        if fnmatchcase(name, inner) and not name.endswith("/") and not name.startswith("__MACOSX")
    ]


def read_plainly(
    path: Path, name: str, entry: dict, *, needed: set[str], ear: Ear | None = None
) -> PlainFile:
    """Read one file of the column map as text; `needed` are the columns that make it one.

    With an `ear` only the rows that it listens for; a file that holds none has no problem.
    """
    try:
        if ear and not ear.in_full(entry) and not has_sign(path, ear.signs):
            return PlainFile(name, entry, pd.DataFrame(), "")
        if ear:
            rows, n_odd = heard_rows(path, entry, needed, ear)
        else:
            rows, n_odd = rows_of(path, b"".join(chunks(path)), entry, needed)
    except Exception as error:  # whatever it is, the file was not read, and the check must say so
        return PlainFile(name, entry, pd.DataFrame(), f"not readable ({type(error).__name__})")
    if missing := needed - set(rows.columns):
        return PlainFile(name, entry, pd.DataFrame(), f"no column {', '.join(sorted(missing))}")
    problem = f"{n_odd} lines are no rows" if n_odd and (ear is None or len(rows)) else ""
    return PlainFile(name, entry, rows, problem)


def heard_rows(path: Path, entry: dict, needed: set[str], ear: Ear) -> tuple[pd.DataFrame, int]:
    """Read the rows of a file that a check listens for, and count the lines that are none."""
    start = next(chunks(path))
    if start.startswith(b"PAR1"):
        with opened(path) as file:
            return as_text(picked_parquet(file, entry, ear)), 0
    objects_inside = start.lstrip(b"\xef\xbb\xbf \r\n")[:1] in (b"{", b"[")
    if start.startswith(b"PK") or objects_inside or path.suffix.lower() in OBJECTS:
        rows, n_odd = rows_of(path, b"".join(chunks(path)), entry, needed)
        return picked(rows, ear.rules_for(entry, list(rows.columns))), n_odd
    encoding = encoding_of(lambda: chunks(path), entry.get("encoding", ""))
    stated = entry.get("separator", "")
    for mark in (stated,) if stated else SEPARATORS:
        lines = fields_of(path, encoding, mark)
        if found := picked_lines(lines, needed, lambda names: line_rule(entry, names, ear)):
            return found
    return pd.DataFrame(), 0


def encoding_of(pieces: Callable[[], Iterable[bytes]], stated: str) -> str:
    """Find the encoding of a file, piece by piece: by its mark, as stated, or the first that fits.

    >>> encoding_of(lambda: [b"zo", b"\\xeb"], "")
    'cp1252'
    """
    if mark := MARKS.get(next(iter(pieces()))[:2]):
        return mark
    for candidate in filter(None, (stated, *ENCODINGS)):
        try:
            decoder = codecs.getincrementaldecoder(candidate)()
            for piece in pieces():
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except (UnicodeDecodeError, LookupError):
            continue
        return candidate
    return "latin-1"


def rows_of(path: Path, content: bytes, entry: dict, needed: set[str]) -> tuple[pd.DataFrame, int]:
    """Read rows by what the bytes are; how many lines are none."""
    if content.startswith(b"PAR1"):
        return as_text(pyarrow.parquet.read_table(io.BytesIO(content)).to_pandas()), 0
    if content.startswith(b"PK"):
        return spreadsheet_rows(content, entry.get("sheet", ""), needed), 0
    encoding = encoding_of(lambda: [content], entry.get("encoding", ""))
    text = content.decode(encoding).removeprefix("\ufeff")
    start = text.lstrip()[:1]
    if start in ("{", "[") or path.suffix.lower() in OBJECTS:
        return json_rows(text, needed, place=entry.get("records", ""))
    return delimited_rows(text, needed, separator=entry.get("separator", ""))


def delimited_rows(text: str, needed: set[str], *, separator: str) -> tuple[pd.DataFrame, int]:
    """Read delimited text below the first line that holds the needed names."""
    for mark in (separator,) if separator else SEPARATORS:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
        if found := picked_lines(lines, needed, lambda names: filled):
            return found
    return pd.DataFrame(), 0


def filled(line: list[str]) -> bool:
    """Tell whether anything stands in a line."""
    return any(cell.strip() for cell in line)


def json_rows(text: str, needed: set[str], *, place: str = "") -> tuple[pd.DataFrame, int]:
    """Read every object, however deep, that holds the needed names, dotted ones included.

    With a `place`, those below it; where none holds the names, those of the whole.
    """
    start = min((text.index(mark) for mark in "[{" if mark in text), default=0)
    try:
        found, n_odd = [json.loads(text[start:])], 0
    except json.JSONDecodeError:
        lines = [line for line in text.split("\n") if line.strip()]
        found = [record for line in lines if (record := parsed(line)) is not None]
        n_odd = len(lines) - len(found)
    steps = [step for step in place.replace("[]", "").split(".") if step]
    below = [part for item in found for part in parts_at(item, steps)]
    rows = [flat(record) for item in below for record in objects(item, needed)]
    if steps and not any(needed <= row.keys() for row in rows):
        rows = [flat(record) for item in found for record in objects(item, needed)]
    return as_text(pd.DataFrame(rows, dtype=object)), n_odd


def parts_at(item: object, steps: list[str]) -> Iterator[object]:
    """Find what lies below keys; a list stands for its items.

    >>> list(parts_at([{"a": 1}, {"a": 2, "b": 3}], ["a"]))
    [1, 2]
    """
    if isinstance(item, list) and steps:
        for part in item:
            yield from parts_at(part, steps)
    elif not steps:
        yield item
    elif isinstance(item, dict) and steps[0] in item:
        yield from parts_at(item[steps[0]], steps[1:])


def parsed(line: str) -> object:
    """Read one line of JSON, nothing where it is none."""
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def objects(item: object, needed: set[str]) -> Iterator[dict]:
    """Find the outermost objects that hold the needed names; an empty one may lack some."""
    tops = {name.split(".")[0] for name in needed}
    if isinstance(item, dict) and (tops & set(item) or not tops):
        yield item
    elif isinstance(item, dict | list):
        for part in item.values() if isinstance(item, dict) else item:
            yield from objects(part, needed)


def flat(record: dict, above: str = "") -> dict:
    """Name nested values by their path: `person.email`, `lines.0.value`.

    What a list says of itself by name stands under that name too: `preferences.news.enabled`.
    """
    found = {}
    for name, value in record.items():
        items = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(value, list):
            items |= {item[key]: item for item in value for key in titles(item)}
        if isinstance(items, dict):
            found |= flat(items, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def titles(item: object) -> list[str]:
    """List the keys under which an object says what it is about."""
    if not isinstance(item, dict):
        return []
    return [key for key in TITLES if isinstance(item.get(key), str)]


def spreadsheet_rows(content: bytes, sheet: str, needed: set[str]) -> pd.DataFrame:
    """Read one sheet of a workbook below the first row that holds the needed names.

    A cell merged with others holds what they hold.
    """
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    page = book[sheet] if sheet else book.worksheets[0]
    for part in [str(part) for part in page.merged_cells.ranges]:
        page.unmerge_cells(part)
        cells = [cell for row in page[part] for cell in row]
        for cell in cells[1:]:
            cell.value = cells[0].value
    lines = [["" if cell is None else str(cell) for cell in row] for row in page.values]
    start = next((n for n, line in enumerate(lines) if needed <= set(line)), None)
    if start is None:
        return pd.DataFrame()
    body = [line for line in lines[start + 1 :] if any(line)]
    return as_text(pd.DataFrame(body, columns=lines[start], dtype=object))


def as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Write every cell as text, a missing one as the empty text."""
    text = rows.astype(object).where(rows.notna(), "")
    return text.map(lambda cell: "" if cell is None else str(cell))
