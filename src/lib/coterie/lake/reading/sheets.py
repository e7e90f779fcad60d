"""Workbooks: one sheet, its cells as text."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from coterie.lake.reading.containers import open_binary
from coterie.lake.reading.delimited import RAGGED, SAMPLE
from coterie.lake.reading.layout import Record, fit, lines_before
from coterie.lake.reading.raw import NO_NOTES, Collected, RawRows
from coterie.study import SettingsError


def read_sheet(path: Path, options: dict, *, wanted: set[str] | None = None) -> RawRows:
    """Read a sheet of a workbook, the first unless its name is given.

    Raises
    ------
    SettingsError
        When there is no sheet of that name.
    """
    with open_binary(path) as file, closing(openpyxl.load_workbook(file, data_only=True)) as book:
        title = options["sheet"] or book.sheetnames[0]
        if title not in book.sheetnames:
            there = ", ".join(book.sheetnames)
            raise SettingsError(f"{path}: no sheet {title!r}; it has {there}. Correct `sheet:`.")
        read_as = f"sheet {title!r}" + (f" of {n}" if (n := len(book.sheetnames)) > 1 else "")
        cells = (list(map(text_of, row)) for row in book[title].iter_rows(values_only=True))
        below = merged_below(book[title])
        return sheet_rows(cells, options["skip_lines"], wanted, read_as, below=below)


def merged_below(sheet: Worksheet) -> dict[tuple[int, int], str | None]:
    """Give the cells that lie in one with others what stands in it: by row and place from 0.

    Of a heading over several columns only the first is one.
    """
    found = {}
    for part in sheet.merged_cells.ranges:
        text = text_of(sheet.cell(part.min_row, part.min_col).value)
        for row in range(part.min_row, part.max_row + 1):
            for column in range(part.min_col, part.max_col + 1):
                found[row - 1, column - 1] = text
    return found


def sheet_rows(
    cells: Iterator[list],
    skip_lines: int,
    wanted: set[str] | None,
    read_as: str,
    *,
    below: Mapping[tuple[int, int], str | None] = NO_NOTES,
) -> RawRows:
    """Read rows of cells below a header; `below` says what merged cells hold."""
    sample = list(islice(cells, SAMPLE))
    skipped = skip_lines if skip_lines >= 0 else rows_before(sample)
    body = islice(chain(sample, cells), skipped, None)
    names = [name or "" for name in next(body, [])]
    while names and not names[-1]:
        names.pop()
    chosen = [n for n in names if names.count(n) == 1 and (wanted is None or n in wanted)]
    found, places = Collected(chosen), [names.index(name) for name in chosen]
    for line, bare in enumerate(body, 2 + skipped):
        row = [cell or below.get((line - 1, i)) for i, cell in enumerate(bare)] if below else bare
        if any(row[len(names) :]):
            found.broken[line] = RAGGED
        elif row[: len(names)] == names:
            found.broken[line] = "repeats the header"
        elif any(row):
            found.add(line, (row[place] for place in places))
    after = f", header after {skipped} rows" if skipped else ""
    return found.result(names, read_as=read_as + after)


def rows_before(sample: list[list]) -> int:
    """Count the rows before the header, as lines before one are counted in text."""
    rows = [[cell for cell in row if cell] for row in sample]
    filled = [Record(row, "", place) for place, row in enumerate(rows) if row]
    _, width = fit(filled)
    first = filled[0].line if filled else 0
    return lines_before(filled, width) or first


def text_of(cell: object) -> str | None:
    """Write a cell as text: days and moments in ISO 8601, numbers as they are stored.

    >>> text_of(datetime(2026, 6, 1, 7, 3)), text_of(101), text_of(1.929e18), text_of(None)
    ('2026-06-01T07:03:00', '101', '1.929e+18', None)
    """
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
