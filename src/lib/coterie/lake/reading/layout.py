"""How a text file is laid out: what separates its fields, and what stands before its header."""

import csv
import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

SEPARATORS = ",;\t|"
WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
UNCLOSED = "a quote is opened and not closed"
LEAST_SHARE = 1 / 3  # of lines that agree in their number of fields; fewer are no table
csv.field_size_limit(1 << 20)  # a longer field is a quote that was never closed


class Record(NamedTuple):
    """Fields that stand between two line ends, or what is wrong with a line."""

    fields: list[str]
    fault: str
    line: int  # how many lines stand before it


class Layout(NamedTuple):
    """How a text file is laid out."""

    separator: str
    skip_lines: int


class Tape:
    """Lines that can be given back, so that a reader who went wrong may start again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.returned, self.taken, self.passed = lines, [], [], 0

    def __iter__(self) -> "Tape":
        return self

    def __next__(self) -> str:
        line = self.returned.pop() if self.returned else next(self.lines)
        self.taken.append(line)
        return line

    def keep(self, n_lines: int) -> None:
        """Let the first lines taken go, and give the others back."""
        self.returned.extend(reversed(self.taken[n_lines:]))
        self.passed += n_lines
        self.taken = []


def records(lines: Iterator[str], separator: str, *, width: int = 0) -> Iterator[Record]:
    r"""Cut lines into records as RFC 4180 has it, one fault a line that cannot be one.

    A quote may hold line ends. One that is never closed would swallow all that follows: where a
    record of several lines breaks the rules, or has not `width` fields (empty ones at its end not
    counted), only its first line is at fault, and reading goes on with the next.

    >>> [r.fields or r.fault for r in records(iter(['a,"b\n', "c,d\n"]), ",")]
    ['a quote is opened and not closed', ['c', 'd']]
    """
    tape = Tape(lines)
    reader = csv.reader(tape, delimiter=separator, strict=True)
    while True:
        place = tape.passed
        try:
            fields, wrong = next(reader), False
        except StopIteration:
            return
        except csv.Error:
            fields, wrong = [], True
        is_ragged = len(fields) < width or any(fields[width:])
        swallowed = len(tape.taken) > 1 and width and is_ragged
        if wrong or swallowed:
            tape.keep(1)
            reader = csv.reader(tape, delimiter=separator, strict=True)
            yield Record([], UNCLOSED, place)
            continue
        is_blank = len(fields) < 2 and not tape.taken[0].strip()
        tape.keep(len(tape.taken))
        if not is_blank:
            yield Record(fields, "", place)


def sniff_layout(lines: list[str], *, separator: str = "", skip_lines: int = -1) -> Layout:
    r"""Find what separates the fields, and how many lines stand before the header.

    The separator is the one by which most lines have the same number of fields, the more the
    better. Lines before the header have at most half as many, or begin with a #.

    >>> sniff_layout(["Notes:\n", '"a, b"\n', "\n", "x,y,z\n", "1,2,3\n", "4,5,6\n"])
    Layout(separator=',', skip_lines=3)
    >>> sniff_layout(["a;b\n", "1,5;2\n"], skip_lines=0)
    Layout(separator=';', skip_lines=0)
    """
    body = lines[max(skip_lines, 0) :]
    found = {mark: list(records(iter(body), mark)) for mark in separator or SEPARATORS}
    fits = {mark: fit(rows) for mark, rows in found.items()}
    best = max(fits, key=lambda mark: fits[mark][0])
    score, width = fits[best]
    if not score:
        return Layout(separator or ",", max(skip_lines, 0))
    return Layout(best, skip_lines if skip_lines >= 0 else lines_before(found[best], width))


def fit(rows: list[Record]) -> tuple[float, int]:
    """Rate how well records agree in their number of fields, and give that number."""
    widths = Counter(len(row.fields) for row in rows if not row.fault)
    if not any(width > 1 for width in widths):
        return 0.0, 1
    width = max((w for w in widths if w > 1), key=lambda w: (widths[w], w))
    share = widths[width] / len(rows)
    return (share * math.log2(width) if share >= LEAST_SHARE else 0.0), width


def lines_before(rows: list[Record], width: int) -> int:
    """Count the lines before the first full record, when they look like no part of the table."""
    before = []
    for row in rows:
        if len(row.fields) == width:
            return row.line if before else 0
        if len(row.fields) > max(1, width // 2) and not row.fields[0].startswith("#"):
            return 0
        before.append(row)
    return 0
