"""People who must go, taken out of what watches keep: the state, the decisions, what came in.

Spark is not needed to forget: what its stream keeps are Parquet files, which are written anew one
by one without the people. A file is whole before it takes the place of the old one, so that a kill
in between is mended by asking again.
"""

import json
from pathlib import Path

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq

from coterie.runner.streaming.intake import ENDINGS
from coterie.runner.streaming.spark_watch import alone
from coterie.runner.streaming.state import TABLES

NUMBERS, QUOTE = "sequence if not exists numbers", "'"
LEFT_OUT = "_"  # Spark reads no file whose name begins so


def forget_people(file: Path, people: list[str]) -> int:
    """Delete people from the state of a watch; returns how many rows went.

    Raises
    ------
    duckdb.IOException
        When a watch is running, which would write them again.
    """
    con = duckdb.connect(file)
    con.execute(TABLES)
    n_gone = 0
    for table in ("events", "decisions"):
        gone = con.execute(f"delete from {table} where list_contains(?, person_id)", [people])
        n_gone += gone.fetchone()[0]
    new = copied(con, file.with_suffix(".new")) if n_gone else None
    con.close()  # before the new file takes its place, so that no log of changes is left for it
    if new:
        new.chmod(file.stat().st_mode & 0o777)
        new.replace(file)
    return n_gone


def copied(con: duckdb.DuckDBPyConnection, new: Path) -> Path:
    """Copy a state into a new file: what was deleted in the old one is still between its rows.

    Numbers go on where they were, so that no decision is given out again.
    """
    new.unlink(missing_ok=True)
    old = con.execute("select current_database()").fetchone()[0]
    names = con.execute("select table_name from duckdb_tables() order by all").fetchall()
    following = con.execute("select nextval('numbers')").fetchone()[0]
    con.execute(f"attach '{str(new).replace(QUOTE, 2 * QUOTE)}' as fresh")
    con.execute("use fresh")
    con.execute(TABLES.replace(NUMBERS, f"{NUMBERS} start {following}"))
    for (name,) in names:
        con.execute(f'create table if not exists {name} as from "{old}".{name} limit 0')
        con.execute(f'insert into {name} from "{old}".{name}')
    con.execute(f'use "{old}"')
    con.execute("detach fresh")
    return new


def forget_on_spark(folder: Path, people: set[str], *, name: str) -> int:
    """Take people out of all that a stream on Spark keeps; returns how many rows went.

    Raises
    ------
    SettingsError
        When the stream is running, which would write them again.
    """
    if not folder.is_dir():
        return 0
    with alone(folder, name):
        for left in folder.rglob(f"{LEFT_OUT}kept-*.parquet"):
            left.unlink()
        return sum(without_people(file, people) for file in sorted(folder.rglob("*.parquet")))


def without_people(file: Path, people: set[str]) -> int:
    """Write one Parquet file anew without some people, as it was but for them."""
    if not file.is_file() or "person_id" not in pq.read_schema(file).names:
        return 0
    opened = pq.ParquetFile(file)
    table = opened.read()
    kept = table.filter(pc.invert(pc.is_in(table["person_id"], pc.cast(sorted(people), "string"))))
    if len(kept) == len(table):
        return 0
    old_moments = any(column.physical_type == "INT96" for column in opened.schema)
    new = file.with_name(f"{LEFT_OUT}kept-{file.name}")
    pq.write_table(kept, new, use_deprecated_int96_timestamps=old_moments)
    file.with_name(f".{file.name}.crc").unlink(missing_ok=True)  # of the old content
    new.chmod(file.stat().st_mode & 0o777)
    new.replace(file)
    return len(table) - len(kept)


def blank_lines(inbox: Path, people: set[str]) -> int:
    """Overwrite people's lines in the files that came in; blanks keep every other line's place.

    How far a file was read is known by its bytes, so that none may move.
    """
    files = [file for file in sorted(inbox.glob("*")) if file.suffix in ENDINGS and file.is_file()]
    return sum(blank_file(file, people) for file in files)


def blank_file(file: Path, people: set[str]) -> int:
    """Overwrite people's lines in one file."""
    names = [json.dumps(person).encode() for person in people]
    n_gone = 0
    with file.open("r+b") as opened:
        while line := opened.readline():
            if any(name in line for name in names) and person_of(line) in people:
                opened.seek(-len(line), 1)
                opened.write(b" " * len(line.rstrip(b"\r\n")))
                opened.readline()
                n_gone += 1
    return n_gone


def person_of(line: bytes) -> str:
    """Say whose a line is.

    >>> person_of(b'{"person_id": "p_1"}'), person_of(b"no event")
    ('p_1', '')
    """
    try:
        read = json.loads(line)
    except ValueError:
        return ""
    return str(read.get("person_id", "")) if isinstance(read, dict) else ""
