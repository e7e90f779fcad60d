"""Raw files read a second time, by another way than the readers': for checks, never for results.

Only Python's own csv and json modules, openpyxl and pyarrow. A header is the first line that holds
the mapped names; in JSON every object that holds them is a row, however deep it lies.
"""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pyarrow.parquet

CHECKED = ("accounts", "consents")  # kinds of files that a check of exports asks
NEEDED = ("account", "email", "phone", "crm_id", "hash", "granted", "purpose")  # if mapped
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


def read_map_plainly(folder: Path, entries: Iterable[dict]) -> Iterator[PlainFile]:
    """Read every file that says who somebody is, or what somebody allows."""
    for entry in entries:
        if entry["gives"] not in CHECKED:  # acts and posts may be far too many to hold
            continue
        named = {ours: name for ours, name in entry["columns"].items() if not name.startswith("=")}
        needed = {named[ours] for ours in NEEDED if ours in named}
        paths = sorted(path for path in folder.glob(entry["path"]) if path.is_file())
        if not paths:
            yield PlainFile(entry["path"], entry, pd.DataFrame(), "not there any more")
        for path in paths:
            yield read_plainly(path, str(path.relative_to(folder)), entry, needed=needed)


def read_plainly(path: Path, name: str, entry: dict, *, needed: set[str]) -> PlainFile:
    """Read one file of the column map as text; `needed` are the columns that make it one."""
    try:
        content = unpacked(path)
        rows, n_odd = rows_of(path, content, entry, needed)
    except Exception as error:  # whatever it is, the file was not read, and the check must say so
        return PlainFile(name, entry, pd.DataFrame(), f"not readable ({type(error).__name__})")
    if missing := needed - set(rows.columns):
        return PlainFile(name, entry, pd.DataFrame(), f"no column {', '.join(sorted(missing))}")
    problem = f"{n_odd} lines are no rows" if n_odd else ""
    return PlainFile(name, entry, rows, problem)


def unpacked(path: Path) -> bytes:
    """Read a file's bytes, out of a gzip or zip where it lies in one."""
    if path.suffix.lower() == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            inside = [name for name in archive.namelist() if not name.endswith("/")]
            return b"".join(archive.read(name) for name in inside)
    return path.read_bytes()


def rows_of(path: Path, content: bytes, entry: dict, needed: set[str]) -> tuple[pd.DataFrame, int]:
    """Read rows by what the bytes are; how many lines are none."""
    if content.startswith(b"PAR1"):
        return as_text(pyarrow.parquet.read_table(io.BytesIO(content)).to_pandas()), 0
    if content.startswith(b"PK"):
        return spreadsheet_rows(content, entry.get("sheet", "")), 0
    text = decoded(content, entry.get("encoding", ""))
    start = text.lstrip()[:1]
    if start in ("{", "[") or path.suffix.lower() in (".json", ".jsonl", ".ndjson", ".js"):
        return json_rows(text, needed)
    return delimited_rows(text, needed, separator=entry.get("separator", ""))


def decoded(content: bytes, encoding: str) -> str:
    """Decode by the mark, the stated encoding, or the first that fits."""
    if content[:2] in MARKS:
        return content.decode(MARKS[content[:2]])
    for candidate in filter(None, (encoding, *ENCODINGS)):
        try:
            return content.decode(candidate).removeprefix("\ufeff")
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1")


def delimited_rows(text: str, needed: set[str], *, separator: str) -> tuple[pd.DataFrame, int]:
    """Read delimited text below the first line that holds the needed names."""
    for mark in (separator,) if separator else SEPARATORS:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
        header = next((n for n, line in enumerate(lines) if needed <= set(line)), None)
        if header is not None:
            names = lines[header]
            body = [line for line in lines[header + 1 :] if any(cell.strip() for cell in line)]
            rows = [line for line in body if len(line) == len(names) and line != names]
            n_odd = sum(len(line) != len(names) for line in body)
            return pd.DataFrame(rows, columns=names, dtype=object), n_odd
    return pd.DataFrame(), 0


def json_rows(text: str, needed: set[str]) -> tuple[pd.DataFrame, int]:
    """Read every object, however deep, that holds the needed names, dotted ones included."""
    start = min((text.index(mark) for mark in "[{" if mark in text), default=0)
    try:
        found, n_odd = [json.loads(text[start:])], 0
    except json.JSONDecodeError:
        lines = [line for line in text.split("\n") if line.strip()]
        found = [record for line in lines if (record := parsed(line)) is not None]
        n_odd = len(lines) - len(found)
    rows = [flat(record) for item in found for record in objects(item, needed)]
    return as_text(pd.DataFrame(rows, dtype=object)), n_odd


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
    """Name nested values by their path: `person.email`, `lines.0.value`."""
    found = {}
    for name, value in record.items():
        items = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(items, dict):
            found |= flat(items, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def spreadsheet_rows(content: bytes, sheet: str) -> pd.DataFrame:
    """Read one sheet of a workbook, the first line its header."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    page = book[sheet] if sheet else book.worksheets[0]
    names, *body = page.iter_rows(values_only=True)
    return as_text(pd.DataFrame(body, columns=[str(name) for name in names], dtype=object))


def as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Write every cell as text, a missing one as the empty text."""
    text = rows.astype(object).where(rows.notna(), "")
    return text.map(lambda cell: "" if cell is None else str(cell))
