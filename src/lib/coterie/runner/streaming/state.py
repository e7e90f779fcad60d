"""What is kept between micro-batches: the tail, the decisions, how far time and files have come.

One batch is one transaction, so a watch that is killed begins again where it stood: every event is
decided on once, whatever came twice. The decisions are those of the whole log, because the batch
runs the same expression over all that can still matter, up to the *watermark*: the moment before
which no event is waited for any more. What arrives later than that is counted and left out.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import ibis
import pyarrow as pa

from coterie.rules.triggers.clocks import Calendar
from coterie.rules.triggers.decisions import DECISION, decide, teach
from coterie.rules.triggers.syntax import Trigger
from coterie.rules.triggers.tail import longest_reach, tail_of

TABLES = """
create table if not exists events (
    event_id varchar primary key, person_id varchar, "at" timestamp, verb varchar,
    platform varchar);
create table if not exists decisions (
    trigger varchar, event_id varchar, person_id varchar, "at" timestamp, send_at timestamp,
    capped boolean, number bigint, primary key (trigger, event_id));
create table if not exists marks (
    since timestamp, until timestamp, newest timestamp, pruned timestamp);
create table if not exists counts (n_events bigint, n_late bigint, n_twice bigint);
create table if not exists offsets (file varchar primary key, bytes bigint);
create table if not exists settings (definition varchar);
create table if not exists begun (number bigint, until timestamp, n_before bigint);
create sequence if not exists numbers;
"""
PAST = timedelta(microseconds=-1)  # the lateness with which the newest event is decided on too
LONG_AGO = "timestamp '1970-01-01'"
ARRIVING = pa.schema(
    {"event_id": pa.string(), "person_id": pa.string(), "at": pa.timestamp("us")}
    | {"verb": pa.string(), "platform": pa.string()}
)
PRUNE_AFTER = 0.1  # share of the longest reach that time moves on before old events are deleted


class Step(NamedTuple):
    """What became of one micro-batch."""

    n_rows: int  # rows that arrived
    n_new: int  # of them, events that were new and in time
    n_late: int  # events older than the watermark, left out
    n_twice: int  # events that were here already
    n_decided: int  # decisions made
    until: datetime  # the watermark


@cache
def compiled(
    triggers: tuple[Trigger, ...], clocks: ibis.Schema, usual: tuple[tuple[str, int], ...]
) -> tuple[str, str]:
    """Write the batch expression, and which events to keep, once as SQL over the state's tables."""
    engine = ibis.duckdb.connect()
    engine.con.execute(TABLES)
    engine.create_table("clocks", schema=clocks)
    marks, events = engine.table("marks"), engine.table("events")
    until = marks["until"].as_scalar()
    decided = decide(
        triggers,
        events,
        calendar=Calendar(engine.table("clocks"), dict(usual)),
        since=marks["since"].as_scalar(),
        until=until,
        before=engine.table("decisions").select(*DECISION),
        focused=True,
    )
    kept = tail_of(events, triggers, until=until).select("event_id")
    return engine.compile(decided), engine.compile(kept)


class State:
    """The state of one watch; closed like a file."""

    def __init__(
        self,
        file: Path | str,
        triggers: Sequence[Trigger],
        calendar: Calendar,
        *,
        lateness: timedelta = timedelta(0),
    ) -> None:
        self.engine = ibis.duckdb.connect(file)
        self.con = self.engine.con
        self.triggers, self.lateness = list(triggers), lateness
        self.con.execute(TABLES)
        if not self.con.execute("select count(*) from marks").fetchone()[0]:
            self.con.execute(f"insert into marks values ({LONG_AGO}, {LONG_AGO}, null, {LONG_AGO})")
            self.con.execute("insert into counts values (0, 0, 0)")
        clocks = calendar.clocks.to_pyarrow()
        self.con.register("own_clocks", clocks)
        self.con.execute("create or replace temp table clocks as select * from own_clocks")
        self.con.execute("create or replace temp table arriving as select * from events limit 0")
        self.deciding, self.keeping = compiled(
            tuple(triggers), calendar.clocks.schema(), tuple(calendar.usual.items())
        )
        teach(self.engine)

    def arrive(
        self, rows: pa.Table, *, offsets: dict[str, int] | None = None, now: datetime | None = None
    ) -> Step:
        """Take in some rows and decide on whatever that closes, in one transaction.

        Parameters
        ----------
        offsets
            How far files were read to get these rows.
        now
            The time by the wall, where time should go on although nothing happens.
        """
        self.con.register("rows_now", rows.select(ARRIVING.names).cast(ARRIVING))
        self.con.execute("begin transaction")
        try:
            step = self._step(len(rows), offsets or {}, now)
        except BaseException:
            self.con.execute("rollback")
            raise
        self.con.execute("commit")
        return step

    def begin(self, parts: Iterable[pa.Table]) -> None:
        """Take in what was before the watch; what is decided on it is known, and not given out.

        Nothing of it is late any more: the run has read its files whole. `parts` are in order of
        time, so that no more than one has to be in memory.
        """
        lateness = self.lateness
        self.lateness = timedelta(0)  # two parts may meet within one instant
        for rows in parts:
            self.arrive(rows)
        self.lateness = PAST
        self.arrive(ARRIVING.empty_table())
        self.lateness = lateness
        self.con.execute(
            "insert into begun select coalesce(max(number), 0), (select until from marks), 0 "
            "from decisions"
        )
        self.con.execute("update counts set n_events = 0, n_late = 0, n_twice = 0")

    def finish(self) -> Step:
        """Decide on all that is open as if no event would ever be late again."""
        self.lateness = timedelta(0)
        newest = self.con.execute("select newest from marks").fetchone()[0]
        end = None if newest is None else newest + timedelta(seconds=longest_reach(self.triggers))
        return self.arrive(ARRIVING.empty_table(), now=end and end + timedelta(microseconds=1))

    def _step(self, n_rows: int, offsets: dict[str, int], now: datetime | None) -> Step:
        """Do what one batch does."""
        run = self.con.execute
        n_old = run(
            'select count(*) from rows_now where "at" < (select until from marks)'
        ).fetchone()[0]
        n_before = run(
            'select count(*) from rows_now where "at" < (select max(until) from begun)'
        ).fetchone()[0]
        run("update begun set n_before = n_before + ?", [n_before])
        n_late = n_old - n_before
        before = run("select count(*) from events").fetchone()[0]
        run(
            "insert or ignore into events select * from rows_now "
            'where "at" >= (select until from marks)'
        )
        n_new = run("select count(*) from events").fetchone()[0] - before
        n_twice = n_rows - n_old - n_new
        run('update marks set newest = greatest(newest, (select max("at") from rows_now))')
        newest = run("select newest from marks").fetchone()[0]
        moments = [moment for moment in (newest, now) if moment is not None]
        if moments:
            run("update marks set since = until, until = greatest(until, ?::timestamp)",
                [max(moments) - self.lateness])  # fmt: skip
        n_decided = run(
            f"insert or ignore into decisions select *, nextval('numbers') from ({self.deciding} "
            'order by "at", trigger, event_id)'
        ).fetchone()[0]
        run("update counts set n_events = n_events + ?, n_late = n_late + ?, n_twice = n_twice + ?",
            [n_new, n_late, n_twice])  # fmt: skip
        for file, read in offsets.items():
            run("insert or replace into offsets values (?, ?)", [file, read])
        self._prune()
        until = run("select until from marks").fetchone()[0]
        return Step(n_rows, n_new, n_late, n_twice, n_decided, until)

    def _prune(self) -> None:
        """Delete the events that cannot matter any more, once there may be many."""
        far = timedelta(seconds=PRUNE_AFTER * longest_reach(self.triggers) + 1)
        until, pruned = self.con.execute("select until, pruned from marks").fetchone()
        if until - pruned > far:
            self.con.execute(f"delete from events where event_id not in ({self.keeping})")
            self.con.execute("update marks set pruned = until")

    def offsets(self) -> dict[str, int]:
        """Say how far each file was read."""
        return dict(self.con.execute("select file, bytes from offsets").fetchall())

    def decisions(self, *, after: int = 0) -> list[dict]:
        """List the decisions in the order they were made, from a number on."""
        found = self.con.execute(
            'select number, trigger, event_id, person_id, "at", send_at, capped from decisions '
            "where number > greatest(?, (select coalesce(max(number), 0) from begun)) "
            "order by number",
            [after],
        )
        return found.to_arrow_table().to_pylist()

    def counts(self) -> dict[str, int]:
        """Count the events that were taken, late, and here twice, since the watch began."""
        names = ("n_events", "n_late", "n_twice")
        return dict(zip(names, self.con.execute("from counts").fetchone(), strict=True))

    @property
    def n_before(self) -> int:
        """Count the events that came and were from before the watch began."""
        return self.con.execute("select coalesce(max(n_before), 0) from begun").fetchone()[0]

    @property
    def is_new(self) -> bool:
        """Whether the state was made just now, or killed before it knew what was before."""
        return self.con.execute("select count(*) from settings").fetchone()[0] == 0

    def is_of(self, definition: str) -> bool:
        """Say whether the state was made with some triggers; a new state is from now on."""
        known = self.con.execute("select definition from settings").fetchone()
        if known is None:
            self.con.execute("insert into settings values (?)", [definition])
        return known is None or known[0] == definition

    def close(self) -> None:
        """Close the file."""
        self.engine.disconnect()


def utc_now() -> datetime:
    """Read the wall clock, in UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
