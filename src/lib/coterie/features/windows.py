"""Time points one way: the look-back window, the gap and the outcome window after it, and everybody's own clock."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.study import SettingsError


def window(table: ir.Table, *, as_of: date, lookback_days: int) -> ir.Table:
    """Keep the rows of the look-back window: from `lookback_days` before `as_of` to the day before it.

    >>> days = ibis.memtable({"at": pd.to_datetime(["2026-06-29 00:00", "2026-06-30 23:59", "2026-07-01 00:00"])})
    >>> window(days, as_of=date(2026, 7, 1), lookback_days=1).count().to_pandas()
    1
    """
    start = as_of - timedelta(days=lookback_days)
    return table.filter(table["at"] >= moment(start), table["at"] < moment(as_of))


def seen_days(events: ir.Table, *, as_of: date, lookback_days: int) -> int:
    """Count the days of the look-back window from the first act in it on: what came before was not recorded.

    >>> events = ibis.memtable({"at": pd.to_datetime(["2026-06-21", "2026-06-30"])})
    >>> seen_days(events, as_of=date(2026, 7, 1), lookback_days=365)
    10
    """
    first = window(events, as_of=as_of, lookback_days=lookback_days)["at"].min().execute()
    return 0 if pd.isna(first) else (as_of - pd.Timestamp(first).date()).days


def outcomes(events: ir.Table, *, verb: str, as_of: date, gap_days: int = 0, horizon_days: int = 28) -> ir.Table:
    """Count what people did after `as_of`: one row for each person who did it in the outcome window.

    The window opens `gap_days` after `as_of` (time to prepare a campaign; what happens in it teaches nothing)
    and lasts `horizon_days`. `value` is the money that moved, 0 where none did.

    >>> events = ibis.memtable({"person_id": ["ana", "ana", "bo"], "verb": "purchase", "value": [5.0, 7.0, 9.0],
    ...                         "at": pd.to_datetime(["2026-06-30", "2026-07-02", "2026-07-04"])})
    >>> outcomes(events, verb="purchase", as_of=date(2026, 7, 1), horizon_days=3).to_pandas().values.tolist()
    [['ana', 1, 7.0]]
    """
    end = as_of + timedelta(days=gap_days + horizon_days)
    acts = window(events, as_of=end, lookback_days=horizon_days).filter(ibis._.verb == verb)
    return acts.group_by("person_id").agg(n=acts.count(), value=acts["value"].fill_null(0.0).sum())


def moment(day: date) -> ir.TimestampScalar:
    """Write the first instant of a day as an expression."""
    return ibis.timestamp(day.isoformat())


def seconds(day: date) -> int:
    """Count the seconds from 1970 to the first instant of a day, UTC.

    >>> seconds(date(1970, 1, 2))
    86400
    """
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def days_before(at: ir.TimestampValue, as_of: date) -> ir.FloatingValue:
    """Measure how many days before `as_of` something happened."""
    return (seconds(as_of) - at.epoch_seconds()) / 86_400


def local_seconds(
    acts: ir.Table, people: ir.Table, *, as_of: date, lookback_days: int, time_zone: str = "UTC"
) -> ir.Table:
    """Add `local`, the seconds since 1970 that the clock on each person's wall showed.

    Whoever states no time zone, or one nobody knows, lives in `time_zone`. Daylight saving is followed to the second.

    >>> acts = ibis.memtable({"person_id": ["ana"], "at": pd.to_datetime(["2026-06-30 22:30"])})
    >>> people = ibis.memtable({"person_id": ["ana"], "time_zone": ["Europe/Rome"]})
    >>> told = local_seconds(acts, people, as_of=date(2026, 7, 1), lookback_days=9)
    >>> (told["local"] % 86_400 / 3_600).execute().tolist()
    [0.5]
    """
    clocks = zone_clocks(as_of - timedelta(days=lookback_days), as_of)
    at, usual = acts["at"].epoch_seconds(), clocks[clocks["zone"] == time_zone]
    if usual.empty:
        raise SettingsError(f"03_features.time_zone: {time_zone!r} is no IANA time zone; write it like Europe/Rome.")
    stretches = zip(usual["until"].tolist(), usual["ahead"].tolist(), strict=True)
    default = ibis.cases(*((at < until, ahead) for until, ahead in stretches), else_=0)
    own = people.select(who="person_id", zone="time_zone").join(ibis.memtable(clocks), "zone")
    mine = [acts["person_id"] == own["who"], at >= own["since"], at < own["until"]]
    told = acts.mutate(usual=default).left_join(own, mine)
    return told.select(*acts.columns, local=told["at"].epoch_seconds() + ibis.coalesce(told["ahead"], told["usual"]))


@cache
def zone_clocks(start: date, end: date) -> pd.DataFrame:
    """List how far every time zone's clocks are ahead of UTC, and from when until when, over a span of days.

    One row a zone and unbroken stretch: `zone`, `since` and `until` (seconds since 1970, the latter not
    included) and `ahead` (seconds). Source: the IANA time zone database.

    >>> clocks = zone_clocks(date(2026, 1, 1), date(2026, 7, 1))
    >>> clocks.loc[clocks["zone"] == "Europe/Rome", "ahead"].tolist()
    [3600, 7200]
    """
    first, last = seconds(start) - 86_400, seconds(end) + 86_400
    rows = [row for zone in sorted(available_timezones()) for row in split_at_changes(zone, first, last)]
    return pd.DataFrame(rows, columns=["zone", "since", "until", "ahead"])


def split_at_changes(zone: str, first: int, last: int) -> list[tuple[str, int, int, int]]:
    """Split a span wherever a zone's clocks change; the second of a change is found by halving the day it falls on."""

    def ahead(second: int) -> int:
        return int(datetime.fromtimestamp(second, clock).utcoffset().total_seconds())

    clock, rows, since = ZoneInfo(zone), [], first
    for day in range(first, last, 86_400):
        low, high, now = day, day + 86_400, ahead(day)
        if ahead(high) != now:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if ahead(middle) == now else (low, middle)
            rows.append((zone, since, high, now))
            since = high
    return [*rows, (zone, since, last, ahead(since))]
