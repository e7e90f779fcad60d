"""A second raw file that says more about each row of the first."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from coterie.lake.formats import open_table
from coterie.study import SettingsError


def with_joined(table: pa.Table, path: Path, entry: dict, *, other: Path) -> pa.Table:
    """Add the columns of a second file to a table; a row without a partner gets empty ones.

    Both sides are compared as text, so that the 7 of a Parquet file finds the 7 of a CSV.

    Raises
    ------
    SettingsError
        Naming both files and the key: the shared column is missing or names a row of the second
        file twice, a mapped column is in both files, or the second file has broken lines.
    """
    key = entry["join"]["on"]
    where = f"{path}: 02_sourcing.files (path: {entry['path']}).join"
    partners = read_partners(other, entry, where)
    for file, names in ((path, table.column_names), (other, partners.column_names)):
        if names.count(key) != 1:
            raise SettingsError(
                f"{where}.on: {file} has no column, or more than one, called {key!r}."
            )
    partners = partners.filter(pc.is_valid(partners[key]))
    if n_repeats := partners.num_rows - pc.count_distinct(as_key(partners[key])).as_py():
        raise SettingsError(
            f"{where}.on: {n_repeats} rows of {other} repeat a {key!r}; it takes one row for each."
        )
    in_both = {*table.column_names} & {*partners.column_names} - {key}
    if clash := sorted(in_both & {*entry["columns"].values(), entry["sum_by"]}):
        raise SettingsError(
            f"{where}: {', '.join(clash)} is a column of {other} too; rename it in one of them."
        )
    places = pc.index_in(as_key(table[key]), value_set=as_key(partners[key]), skip_nulls=True)
    for name in partners.column_names:
        if name != key and name not in in_both:
            table = table.append_column(name, partners[name].take(places))
    return table


def read_partners(other: Path, entry: dict, where: str) -> pa.Table:
    """Read the second file, which must be whole."""
    table, broken = open_table(other, entry["encoding"] or "utf-8")
    if broken:
        raise SettingsError(
            f"{where}.path: line {broken[0]} of {other} is no row; correct that file first."
        )
    return table


def as_key(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write a column as the trimmed text by which rows of two files find each other."""
    return pc.utf8_trim_whitespace(column.cast(pa.string()))
