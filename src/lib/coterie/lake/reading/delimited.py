"""Rows of text: each is read, or numbered with what is wrong with it."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from coterie.lake.reading.bulk import bulk_rows
from coterie.lake.reading.containers import archive_of, open_binary
from coterie.lake.reading.encoding import Scan, scan_bytes, text_lines
from coterie.lake.reading.layout import WORDS, Layout, records, sniff_layout
from coterie.lake.reading.raw import Collected, RawRows

SAMPLE = 1000  # lines by which the layout is found
LARGE = 4 << 20  # bytes from which a plain file is left to DuckDB
LONE = re.compile("[\ud800-\udfff]")
RAGGED = "more or fewer fields than the header"


def read_delimited(
    path: Path, options: dict, *, wanted: set[str] | None = None, large: int = LARGE
) -> RawRows:
    """Read a delimited file as text columns.

    A large one without anything odd is left to DuckDB, which reads the same rows from it.
    """
    stated = options["encoding"]
    scan = Scan(stated, is_plain=False) if stated else scan_bytes(path)
    layout = find_layout(path, scan, options)
    lines = open_lines(path, scan, layout.skip_lines)
    header = next(records(lines, layout.separator), None)
    if header is None or header.fault:
        return Collected([]).result([], read_as=in_words(scan, layout))
    names = header.fields
    chosen = [n for n in names if names.count(n) == 1 and (wanted is None or n in wanted)]
    about = {"read_as": in_words(scan, layout), "separator": layout.separator}
    if scan.is_plain and not archive_of(path) and large <= path.stat().st_size:
        first = 2 + layout.skip_lines
        if found := bulk_rows(path, names, chosen, separator=layout.separator, first=first):
            rows, n_rows = found
            return RawRows(names, rows, n_rows, {}, **about)
    return careful_rows(lines, names, chosen, scan, layout).result(names, **about)


def find_layout(path: Path, scan: Scan, options: dict) -> Layout:
    """Find how a file is laid out, as far as its entry does not say."""
    sample = list(islice(open_lines(path, scan, 0), SAMPLE))
    separator = options["separator"]
    if not separator and options["format"] == "tsv" and any("\t" in line for line in sample):
        separator = "\t"
    return sniff_layout(sample, separator=separator, skip_lines=options["skip_lines"])


def open_lines(path: Path, scan: Scan, skip_lines: int) -> Iterator[str]:
    """Decode a file's lines from the header on."""
    lines = text_lines(open_binary(path), scan.encoding, strict=not scan.is_mixed)
    return islice(lines, skip_lines, None)


def careful_rows(
    lines: Iterator[str], names: list[str], chosen: list[str], scan: Scan, layout: Layout
) -> Collected:
    """Read line by line, the header being read already."""
    width, places = len(names), [names.index(name) for name in chosen]
    found = Collected(chosen)
    after_header = records(lines, layout.separator, width=width)
    for line, record in enumerate(after_header, 2 + layout.skip_lines):
        fields = record.fields
        if fault := record.fault or fault_of(fields, names, scan):
            found.broken[line] = fault
        else:
            found.add(line, (fields[place] for place in places))
    return found


def fault_of(fields: list[str], names: list[str], scan: Scan) -> str:
    """Say why fields are no row; nothing when they are one, empty ones at its end not counted."""
    width = len(names)
    if len(fields) < width or any(fields[width:]):
        return RAGGED
    if fields[:width] == names:
        return "repeats the header"
    if scan.is_mixed and LONE.search("".join(fields)):
        return f"bytes that are no letters in {scan.encoding}"
    return ""


def in_words(scan: Scan, layout: Layout) -> str:
    """Say how a file is read.

    >>> in_words(Scan("cp1252", False), Layout(";", 3))
    'cp1252, semicolons, header after 3 lines'
    """
    skipped = f", header after {layout.skip_lines} lines" if layout.skip_lines else ""
    return f"{scan.encoding}, {WORDS[layout.separator]}{skipped}"
