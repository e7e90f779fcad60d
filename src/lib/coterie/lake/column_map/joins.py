"""A second raw file that says more about each row of the first."""

from pathlib import Path

import ibis
import ibis.expr.types as ir

from coterie.lake.reading import SNIFFED, RawRows, open_raw
from coterie.lake.reading.raw import LINE
from coterie.study import SettingsError

KEY = "its key"  # a column beside the second file's own


def with_joined(raw: RawRows, path: Path, entry: dict, *, other: Path) -> RawRows:
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
    for file, names in ((path, raw.names), (other, partners.names)):
        if names.count(key) != 1:
            raise SettingsError(
                f"{where}.on: {file} has no column, or more than one, called {key!r}."
            )
    keyed = partners.rows.mutate(**{KEY: as_key(partners.rows[key])}).filter(ibis._[KEY].notnull())
    if n_repeats := int((keyed.count() - keyed[KEY].nunique()).execute()):
        raise SettingsError(
            f"{where}.on: {n_repeats} rows of {other} repeat a {key!r}; it takes one row for each."
        )
    in_both = {*raw.names} & {*partners.names} - {key}
    if clash := sorted(in_both & {*entry["columns"].values(), entry["sum_by"]}):
        raise SettingsError(
            f"{where}: {', '.join(clash)} is a column of {other} too; rename it in one of them."
        )
    more = [name for name in partners.names if name != key and name not in in_both]
    rows = raw.rows.mutate(**{KEY: as_key(raw.rows[key])}).left_join(keyed.select(KEY, *more), KEY)
    rows = rows.select(*raw.rows.columns, *more)
    return raw._replace(names=[*raw.names, *more], rows=rows)


def read_partners(other: Path, entry: dict, where: str) -> RawRows:
    """Read the second file, which must be whole."""
    raw = open_raw(other, SNIFFED | {"encoding": entry["encoding"]})
    if raw.broken:
        raise SettingsError(
            f"{where}.path: line {min(raw.broken)} of {other} is no row; correct that file first."
        )
    return raw._replace(rows=raw.rows.drop(LINE))


def as_key(column: ir.Value) -> ir.StringValue:
    """Write a column as the trimmed text by which rows of two files find each other."""
    return column.cast("string").strip()
