"""Random event logs and every kind of trigger, for tests that hold the engine against replay."""

from datetime import date, datetime, timedelta
from functools import cache

import ibis
import pyarrow as pa
from hypothesis import strategies as st

from coterie.rules.triggers.checking import read_triggers
from coterie.rules.triggers.clocks import make_calendar
from coterie.rules.triggers.decisions import decide, nothing_decided
from coterie.rules.triggers.replay import Decision, Event, replay
from coterie.rules.triggers.syntax import Trigger

VERBS = {"view", "add", "purchase"}
PLATFORMS = {"web", "shop"}
ZONES = {"ana": "Europe/Rome", "bo": "America/New_York", "cy": None, "di": "Nowhere/Land"}
LOCAL = {"ana": "Europe/Rome", "bo": "America/New_York"}
TRIGGERS = {
    "three looks": "3 views within 24 hours",
    "two shop looks": "2 view on shop within 1 hour, cooldown 2 hours",
    "abandoned": "add then no purchase within 30 minutes",
    "kindly": "add then no purchase within 30 minutes, cooldown 1 day, at most 2 a week, "
    "quiet from 21:00 to 08:00",
    "bought after looking": "view then purchase within 1 hour, at most 1 a day",
    "first order": "first purchase, quiet from 12:00 to 13:30",
    "first shop look": "first view on shop",
    "gone quiet": "no purchase for 2 days, at most 1 a month",
    "back again": "purchase after 2 days without, quiet from 23:30 to 02:30",
    "any look": "1 view within 1 second, cooldown 30 minutes, at most 3 a day",
}
LOG = pa.schema(
    {"event_id": pa.string(), "person_id": pa.string(), "at": pa.timestamp("us")}
    | {"verb": pa.string(), "platform": pa.string()}
)
PEOPLE = ibis.memtable(
    pa.table({"person_id": [*ZONES], "time_zone": pa.array([*ZONES.values()], pa.string())})
)
START = datetime(2026, 3, 27)  # Rome's clocks go forward on the 29th
SPAN = (date(2026, 1, 1), date(2027, 1, 1))
CALENDAR = make_calendar(PEOPLE, span=SPAN, time_zone="UTC")
EDGES = [0, 1, 1799, 1800, 1801, 3599, 3600, 7200, 86_399, 86_400, 86_401, 172_800]
GAPS = st.one_of(st.sampled_from(EDGES), st.integers(0, 40_000))
ACTS = st.tuples(
    GAPS,
    st.sampled_from(sorted(ZONES)),
    st.sampled_from(["view", "view", "add", "purchase"]),
    st.sampled_from(sorted(PLATFORMS)),
)
LOGS = st.lists(ACTS, max_size=25)


def triggers() -> list[Trigger]:
    """Read every trigger."""
    return read_triggers(TRIGGERS, verbs=VERBS, platforms=PLATFORMS)


def events_of(drawn: list[tuple], start: datetime = START) -> list[Event]:
    """Lay drawn gaps end to end; ids do not follow the order of time."""
    found, at = [], start
    for number, (gap, person, verb, platform) in enumerate(drawn):
        at += timedelta(seconds=gap)
        found.append(Event(f"e{(number * 7) % 31:02d}-{number}", person, at, verb, platform))
    return found


def arrow(events: list[Event]) -> pa.Table:
    """Lay events out as the lake does."""
    return pa.Table.from_pylist([e._asdict() for e in events], schema=LOG)


def by_engine(wanted: list[Trigger], events: list[Event], *, until: datetime) -> set[Decision]:
    """Decide on a whole log in the engine."""
    engine, query = prepared(tuple(wanted))
    for table in ("events", "marks"):
        engine.con.execute(f"delete from {table}")
    engine.con.execute("insert into marks values (timestamp '1970-01-01', ?)", [until])
    engine.con.register("rows", arrow(events))
    engine.con.execute("insert into events select * from rows")
    found = engine.con.execute(query).to_arrow_table()
    return {Decision(**row) for row in found.to_pylist()}


@cache
def prepared(wanted: tuple[Trigger, ...]) -> tuple[ibis.BaseBackend, str]:
    """Compile the batch expression once, over tables that every log fills anew."""
    engine = ibis.duckdb.connect()
    engine.create_table("events", schema=ibis.schema(LOG))
    engine.create_table("marks", schema={"since": "timestamp", "until": "timestamp"})
    engine.create_table("clocks", CALENDAR.clocks.to_pyarrow())
    engine.create_table("before", schema=nothing_decided().schema())
    marks = engine.table("marks")
    found = decide(
        wanted,
        engine.table("events"),
        calendar=CALENDAR._replace(clocks=engine.table("clocks")),
        since=marks["since"].as_scalar(),
        until=marks["until"].as_scalar(),
        before=engine.table("before"),
    )
    engine.execute(found.limit(0))
    return engine, engine.compile(found)


def by_hand(wanted: list[Trigger], events: list[Event], *, until: datetime) -> set[Decision]:
    """Decide by hand."""
    return {
        decision
        for trigger in wanted
        for decision in replay(trigger, events, until=until, zones=LOCAL)
    }
