"""From what happened to what is decided: cooldown, cap and quiet hours, one expression in all.

The same expression decides on a whole log, and on the tail of a stream: there it is given the
decisions made before, and looks only at the moments since.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
from ibis.expr import datatypes as dt

from coterie.rules.triggers.clocks import Calendar, period_of, send_at, with_clocks
from coterie.rules.triggers.patterns import COLUMNS, matches, seconds
from coterie.rules.triggers.syntax import Missed, Trigger

DECISION = {
    **{"trigger": "string", "event_id": "string", "person_id": "string"},
    **{"at": "timestamp", "send_at": "timestamp", "capped": "boolean"},
}


def decide(
    triggers: Sequence[Trigger],
    events: ir.Table,
    *,
    calendar: Calendar,
    since: ir.TimestampValue,
    until: ir.TimestampValue,
    before: ir.Table,
    focused: bool = False,
) -> ir.Table:
    """Decide on every moment from `since` up to `until`, which itself belongs to the next time.

    A decision that the cap holds back is one too, with `capped`: it starts a cooldown, and nobody
    sends it.

    Parameters
    ----------
    events
        Every event that can matter: all, or the tail that `tail_of` keeps.
    before
        The decisions made before `since`, for cooldowns and caps; an empty table at first.
    focused
        Whether to look at those people first about whom something may be decided now: faster where
        they are few, and the same decisions.
    """
    past = before.select(*DECISION).cast(DECISION)
    log = events.mutate(at=events["at"].cast("timestamp"))
    parts = [
        _decide_one(
            trigger,
            _about(log, trigger, since, until) if focused else log,
            calendar=calendar,
            since=since,
            until=until,
            before=past.filter(past["trigger"] == trigger.name),
        )
        for trigger in triggers
    ]
    return ibis.union(past.limit(0), *parts)


def _about(
    events: ir.Table, trigger: Trigger, since: ir.TimestampValue, until: ir.TimestampValue
) -> ir.Table:
    """Keep the events of people about whom a trigger may decide in some time."""
    wait = seconds(trigger.reach if isinstance(trigger.pattern, Missed) else 0)
    due = events["at"] + wait
    turning = events.filter(due >= since, due < until).select("person_id").distinct()
    return events.semi_join(turning, "person_id")


def _decide_one(
    trigger: Trigger,
    events: ir.Table,
    *,
    calendar: Calendar,
    since: ir.TimestampValue,
    until: ir.TimestampValue,
    before: ir.Table,
) -> ir.Table:
    """Decide on the moments of one trigger."""
    found = matches(trigger.pattern, events)
    new = found.filter(found["at"] >= since, found["at"] < until).mutate(is_new=ibis.literal(True))
    past = before.select(*COLUMNS, is_new=ibis.literal(False))
    if trigger.cooldown:
        last = past.group_by("person_id").agg(
            event_id=past["event_id"].min(), at=past["at"].max(), is_new=ibis.literal(False)
        )
        kept = after_cooldown(new.union(last), trigger.cooldown)
        new = kept.filter(kept["is_new"])
    told = new if trigger.cap is None and trigger.quiet is None else new.union(past)
    if trigger.cap or trigger.quiet:
        told = with_clocks(told, calendar)
    capped = ibis.literal(False)
    if trigger.cap:
        told = told.mutate(period=period_of(told, trigger.cap.period))
        order = ibis.window(group_by=["person_id", "period"], order_by=["at", "event_id"])
        told = told.mutate(place=ibis.row_number().over(order))
        capped = told["place"] >= trigger.cap.n
    due = send_at(told, trigger.quiet) if trigger.quiet else told["at"]
    decided = told.mutate(
        trigger=ibis.literal(trigger.name), send_at=due.cast("timestamp"), capped=capped
    )
    return decided.filter(decided["is_new"]).select(*DECISION).cast(DECISION)


@ibis.udf.scalar.pyarrow
def spaced(moments: dt.Array(dt.timestamp), gap: dt.int64) -> dt.Array(dt.timestamp):
    """Keep the first of some moments, and each that is a gap of seconds after the last one kept.

    DuckDB hands over many people at a time, Spark one.
    """
    import pyarrow as pa  # noqa: PLC0415 - runs inside the engine

    if isinstance(gap, int):
        return kept_of(moments, gap)
    kept = [kept_of(*row) for row in zip(moments.to_pylist(), gap.to_pylist(), strict=True)]
    return pa.array(kept, pa.list_(pa.timestamp("us")))


def teach(engine: ibis.BaseBackend) -> None:
    """Make an engine know the one function of ours, so that it can run what was compiled."""
    engine.execute(spaced(ibis.array([ibis.timestamp("1970-01-01")]), ibis.literal(1, "int64")))


def kept_of(moments: list[datetime], gap: int) -> list[datetime]:
    """Keep the moments of one person that are far enough apart.

    >>> [kept.hour for kept in kept_of([datetime(2026, 7, 1, hour) for hour in (5, 0, 6)], 21_600)]
    [0, 6]
    """
    kept, space = [], timedelta(seconds=gap)
    for moment in sorted(moments):
        if not kept or moment >= kept[-1] + space:
            kept.append(moment)
    return kept


def after_cooldown(met: ir.Table, cooldown: int) -> ir.Table:
    """Leave out the moments that come too soon after one that was kept, person by person.

    Which ones are kept hangs on those kept before them, so this is the one step that is no plain
    expression: a function that the engine runs over each person's moments.

    >>> import pandas as pd
    >>> at = pd.to_datetime(["2026-07-01 00:00", "2026-07-01 05:00", "2026-07-01 06:00"])
    >>> met = ibis.memtable({"person_id": "ana", "event_id": ["e1", "e2", "e3"], "at": at})
    >>> after_cooldown(met, 6 * 3600).order_by("at")["event_id"].execute().tolist()
    ['e1', 'e3']
    """
    order = ibis.window(group_by=["person_id", "at"], order_by="event_id")
    single = met.mutate(place=ibis.row_number().over(order))
    first = single.filter(single["place"] == 0).drop("place")
    grouped = first.group_by("person_id").agg(moments=first["at"].collect())
    gap = ibis.literal(cooldown, "int64")
    kept = grouped.select("person_id", at=spaced(grouped["moments"], gap).unnest())
    return first.semi_join(kept, ["person_id", "at"])


def nothing_decided() -> ir.Table:
    """Lay out the decisions of a log that nobody has decided on yet."""
    return ibis.memtable([], schema=DECISION)
