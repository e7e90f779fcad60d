"""Rows of one kind after the door."""

from typing import NamedTuple

import ibis.expr.types as ir


class SortedRows(NamedTuple):
    """Rows of one kind after the door: those that may enter, and those set aside."""

    kept: ir.Table
    quarantined: ir.Table  # file, row, reason
    noted: ir.Table | None = None  # of kept rows, what was put right: file, noted, rows
