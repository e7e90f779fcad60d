"""How far fetching from APIs has come: records and cursor, committed together in a SQLite file.

A page's records and the cursor of the next page are one transaction, so a process that is killed at
any moment loses nothing and repeats at most the page it had not committed. A record is kept once by
its name in its feed, however often pages repeat or overlap; a later sweep brings it up to date.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from coterie.lake.ownership.folders import private_folder
from coterie.study import DataError, SettingsError

FETCHED = "fetched"  # the folder in a study's lake
FILE = "checkpoint.sqlite"
SCHEMA = """
create table if not exists feeds (
    feed text primary key, asks text not null, sweep integer not null default 1,
    cursor text not null default '', pages integer not null default 0,
    finished integer not null default 0, began_at real not null, last_success real,
    reason text not null default '', not_before real not null default 0
);
create table if not exists records (
    feed text, record text, sweep integer not null, body text not null,
    primary key (feed, record)
) without rowid;
create table if not exists dead_letters (
    feed text, digest text, reason text not null, body text not null, primary key (feed, digest)
) without rowid;
create table if not exists units (
    api text, day text, spent integer not null, primary key (api, day)
) without rowid;
"""
PUT = """
insert into records values (?, ?, ?, ?)
on conflict do update set sweep = excluded.sweep, body = excluded.body
where excluded.sweep > records.sweep
"""


class Record(NamedTuple):
    """One record as the API sent it."""

    name: str  # what identifies it in its feed
    body: str  # JSON


class DeadLetter(NamedTuple):
    """One entry of a page that is no record: kept here, never shown, counted on the page of 02."""

    reason: str
    body: str


class State(NamedTuple):
    """How far one feed has come."""

    feed: str
    sweep: int  # how often it was begun at the first page
    cursor: str  # of the page to fetch next; empty for the first
    pages: int  # of this sweep
    finished: bool
    began_at: float  # when this sweep began, seconds since 1970
    last_success: float | None  # when the last sweep began that reached its end
    reason: str  # why the last fetch did not reach the end
    not_before: float  # when the API allows the next request

    @property
    def stale_since(self) -> float | None:
        """The moment of which all is known; nothing when the last sweep reached its end."""
        if self.finished:
            return None
        return self.began_at if self.last_success is None else self.last_success


class Checkpoint:
    """The records and states of a study's feeds."""

    def __init__(self, lake: Path) -> None:
        self.folder = private_folder(private_folder(lake) / FETCHED)
        file = self.folder / FILE
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # what SQLite adds is as private
        with told(file):
            self.base = sqlite3.connect(file, timeout=30, isolation_level=None)
            self.base.execute("pragma journal_mode = wal")
            self.base.execute("pragma synchronous = full")
            self.base.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self.base.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit all that is written inside at once, or nothing."""
        with told(self.folder / FILE):
            self.base.execute("begin immediate")
            try:
                yield self.base
                self.base.execute("commit")
            except BaseException:
                if self.base.in_transaction:
                    self.base.execute("rollback")
                raise

    def state(self, feed: str) -> State:
        """Read how far a feed has come."""
        columns = ", ".join(State._fields)
        row = self.base.execute(f"select {columns} from feeds where feed = ?", [feed]).fetchone()
        return State(*row)._replace(finished=bool(row[State._fields.index("finished")]))

    def begin(self, feed: str, asks: str, *, now: float) -> State:
        """Begin a feed's next sweep where the last one reached its end, or go on where it stopped.

        Raises
        ------
        SettingsError
            When the feed asked for something else before: its records would be mixed.
        """
        with self.transaction() as base:
            base.execute(
                "insert or ignore into feeds (feed, asks, began_at) values (?, ?, ?)",
                [feed, asks, now],
            )
            [(before,)] = base.execute("select asks from feeds where feed = ?", [feed])
            if before != asks:
                raise SettingsError(
                    f"02_sourcing.apis: {feed} asked for something else before; "
                    "give what it asks for now a name of its own with `called:`."
                )
            base.execute(
                "update feeds set sweep = sweep + 1, finished = 0, cursor = '', pages = 0, "
                "began_at = ? where feed = ? and finished",
                [now, feed],
            )
        return self.state(feed)

    def commit(
        self,
        state: State,
        records: Iterable[Record],
        dead: Iterable[DeadLetter],
        *,
        cursor: str | None,
        pages: int = 1,
    ) -> State:
        """Keep a page and where the next one begins, both or neither; no cursor ends the sweep.

        Raises
        ------
        DataError
            When another process has moved the cursor meanwhile.
        """
        feed, sweep = state.feed, state.sweep
        with self.transaction() as base:
            moved = base.execute(
                "update feeds set cursor = ?, pages = pages + ?, finished = ? "
                "where feed = ? and sweep = ? and cursor = ? and not finished",
                [cursor or "", pages, cursor is None, feed, sweep, state.cursor],
            )
            if moved.rowcount != 1:
                raise DataError(f"{feed} is being fetched by another process; wait for it to end.")
            base.executemany(PUT, [(feed, record.name, sweep, record.body) for record in records])
            base.executemany(
                "insert or ignore into dead_letters values (?, ?, ?, ?)",
                [(feed, digest(letter.body), *letter) for letter in dead],
            )
            if cursor is None:
                base.execute(
                    "update feeds set last_success = began_at, reason = '' where feed = ?", [feed]
                )
        return self.state(feed)

    def restart(self, state: State, *, cursor: str = "") -> State:
        """Go back to a first page of the same sweep; what is kept stays and is not doubled."""
        with self.transaction() as base:
            base.execute("update feeds set cursor = ? where feed = ?", [cursor, state.feed])
        return self.state(state.feed)

    def interrupt(self, feed: str, reason: str) -> State:
        """Note why a feed did not reach its end."""
        with self.transaction() as base:
            base.execute("update feeds set reason = ? where feed = ?", [reason, feed])
        return self.state(feed)

    def hold(self, feed: str, not_before: float) -> None:
        """Note when the API allows the next request, for this process and those that follow."""
        with self.transaction() as base:
            base.execute("update feeds set not_before = ? where feed = ?", [not_before, feed])

    def spend(self, api: str, day: str, units: int, *, at_most: int) -> bool:
        """Count units of a daily quota before they are spent; false when too few are left."""
        with self.transaction() as base:
            base.execute("insert or ignore into units values (?, ?, 0)", [api, day])
            spent = base.execute(
                "update units set spent = spent + ? where api = ? and day = ? and spent + ? <= ?",
                [units, api, day, units, at_most],
            )
            return spent.rowcount == 1

    def count(self, table: str, feed: str) -> int:
        """Count a feed's records or dead letters."""
        [(n,)] = self.base.execute(f"select count(*) from {table} where feed = ?", [feed])
        return n

    def names(self, feed: str) -> list[str]:
        """List what identifies a feed's records, in order."""
        asked = "select record from records where feed = ? order by record"
        return [name for (name,) in self.base.execute(asked, [feed])]

    def bodies(self, feed: str) -> Iterator[str]:
        """Read a feed's records in the order of their names, whatever order they came in."""
        rows = self.base.execute("select body from records where feed = ? order by record", [feed])
        return (body for (body,) in rows)


@contextmanager
def told(file: Path) -> Iterator[None]:
    """Turn what SQLite complains about into a sentence that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise DataError(f"{file}: the checkpoint cannot be used ({error}).") from None


def digest(text: str) -> str:
    """Shorten a text to what identifies it."""
    return hashlib.sha256(text.encode()).hexdigest()
