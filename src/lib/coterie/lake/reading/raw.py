"""What every format gives: rows with the line each stood on, and what could not be a row."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from coterie.lake.reading.encoding import repair

LINE = "its line"  # a column beside the file's own
BATCH = 1 << 16  # rows that stand as Python objects at one time
NO_NOTES = MappingProxyType({})
REPAIRED = "garbled letters put right"


class RawRows(NamedTuple):
    """A file as it was read, whatever its format."""

    names: list[str]  # of all its columns
    rows: ir.Table  # the columns asked for, and LINE
    n_rows: int
    broken: dict[int, str]  # line: why it is no row
    read_as: str = ""  # what was found out about the file, in words
    separator: str = ""
    notes: Mapping[str, int] = NO_NOTES  # what was put right or is missing: in how many places


class Collected:
    """Rows collected as text columns, a batch at a time, so that few stand as Python objects."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names, self.batches, self.lines = list(names), [], []
        self.columns = [[] for _ in names]
        self.broken, self.n_rows, self.n_repaired = {}, 0, 0

    def add(self, line: int, values: Iterable[str | None]) -> None:
        """Take one row; empty text is missing."""
        for column, value in zip(self.columns, values, strict=True):
            column.append(value or None)
        self.lines.append(line)
        if len(self.lines) == BATCH:
            self.flush()

    def flush(self) -> None:
        """Turn the rows collected so far into a batch of text."""
        arrays = [pa.array(self.repaired(column), pa.string()) for column in self.columns]
        lines = pa.array(self.lines, pa.int64())
        self.batches.append(pa.table([*arrays, lines], names=[*self.names, LINE]))
        self.n_rows += len(self.lines)
        self.columns, self.lines = [[] for _ in self.names], []

    def repaired(self, column: list) -> list:
        """Put garbled letters right, and count the values in which there were some."""
        if all(value is None or value.isascii() for value in column):
            return column
        right = [None if value is None else repair(value) for value in column]
        self.n_repaired += sum(map(str.__ne__, *texts(column, right)))
        return right

    def result(self, names: Sequence[str], **about: object) -> RawRows:
        """Give all rows as one table."""
        self.flush()
        notes = about.pop("notes", {}) | ({REPAIRED: self.n_repaired} if self.n_repaired else {})
        rows = ibis.memtable(pa.concat_tables(self.batches))
        return RawRows(list(names), rows, self.n_rows, self.broken, notes=notes, **about)


def texts(*columns: list) -> list[list[str]]:
    """Drop what is missing from columns that miss the same places."""
    return [[value for value in column if value is not None] for column in columns]
