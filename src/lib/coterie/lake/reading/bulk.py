"""Large plain files, left to DuckDB: rows in memory, compressed, numbered as they stood."""

from itertools import count
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir

from coterie.lake.reading.raw import LINE

STORE = "coterie_raw"  # a database in memory: raw rows are never written to a disk
NUMBERS = count(1)
PATTERN = set("*?[")  # what DuckDB would take for a pattern of several files


def bulk_rows(
    path: Path, names: list[str], chosen: list[str], *, separator: str, first: int
) -> tuple[ir.Table, int] | None:
    """Read a delimited file whose every line is a row; nothing where DuckDB disagrees with that.

    `first` is the number of the first row's line.
    """
    engine = ibis.get_backend()
    if engine.name != "duckdb" or PATTERN & {*str(path)} or len({*names}) < max(2, len(names)):
        return None
    engine.raw_sql(f"ATTACH IF NOT EXISTS ':memory:' AS {STORE} (COMPRESS)")
    table = f"rows_{next(NUMBERS)}"
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    kept = ", ".join(map(quoted, chosen)) or "1 AS one"
    source = (
        f"read_csv({literal(str(path))}, columns={{{columns}}}, auto_detect=false, header=true, "
        f"delim={literal(separator)}, quote='\"', escape='\"', nullstr='', strict_mode=true, "
        f"null_padding=false, max_line_size=1000000, skip={first - 2})"
    )
    whole = f"SELECT count(*) FROM {source} WHERE {repeated(names)}"
    part = f"SELECT count(*) FROM {STORE}.{table} WHERE {repeated(chosen)}"
    try:
        engine.raw_sql(f"CREATE TABLE {STORE}.{table} AS SELECT {kept} FROM {source}")
        # what was kept is asked first: the file itself takes long
        if engine.raw_sql(part).fetchone()[0] and engine.raw_sql(whole).fetchone()[0]:
            raise duckdb.Error
    except duckdb.Error:  # a line that is no row: read it with care
        engine.raw_sql(f"DROP TABLE IF EXISTS {STORE}.{table}")
        return None
    stored = engine.table(table, database=(STORE, "main"))
    rows = stored.select(*chosen, **{LINE: stored.rowid() + first})
    return rows, int(stored.count().execute())


def repeated(names: list[str]) -> str:
    """Write the condition that a row says the header again.

    >>> print(repeated(["user", "at"]))
    "user" = 'user' AND "at" = 'at'
    """
    return " AND ".join(f"{quoted(name)} = {literal(name)}" for name in names) or "true"


def parquet_rows(path: Path) -> ir.Table | None:
    """Read a Parquet file where it lies, numbered from 2; nothing where DuckDB cannot."""
    engine = ibis.get_backend()
    if engine.name != "duckdb" or PATTERN & {*str(path)}:
        return None
    rows = engine.read_parquet(str(path), file_row_number=True)
    return rows.mutate(**{LINE: rows["file_row_number"] + 2}).drop("file_row_number")


def literal(text: str) -> str:
    """Write text as SQL does.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Write a column's name as SQL does."""
    return '"' + name.replace('"', '""') + '"'
