"""Time points one way: what may be seen before a day, and what counts as an outcome after it."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import ibis
import ibis.expr.types as ir
import pandas as pd

DAY = 86_400  # seconds
NEVER = (2**40, 0)  # a change of clocks that does not come


def as_of_window(
    table: ir.Table, *, as_of: date, days: int | None = None, time: str = "at"
) -> ir.Table:
    """Keep the rows before `as_of`, or of the last `days` before it.

    The day itself is invisible: a feature must never see the outcome it will be judged on. Without
    `days` all of the past counts.

    Parameters
    ----------
    time
        The column that says when a row happened, in UTC.

    >>> at = pd.to_datetime(["2026-06-29 00:00", "2026-06-30 23:59", "2026-07-01 00:00"])
    >>> rows = ibis.memtable({"at": at})
    >>> as_of_window(rows, as_of=date(2026, 7, 1), days=1).count().to_pandas()
    1
    >>> as_of_window(rows, as_of=date(2026, 7, 1)).count().to_pandas()
    2
    """
    before = table[time] < moment(as_of)
    if days is None:
        return table.filter(before)
    return table.filter(table[time] >= moment(as_of - timedelta(days=days)), before)


def outcome_window(
    table: ir.Table, *, as_of: date, gap_days: int = 0, horizon_days: int = 28, time: str = "at"
) -> ir.Table:
    """Keep what happened in the outcome window, which opens `gap_days` after `as_of`.

    The gap is time to prepare a campaign: what happens in it teaches nothing.

    >>> rows = ibis.memtable({"at": pd.to_datetime(["2026-06-30", "2026-07-01", "2026-07-04"])})
    >>> outcome_window(rows, as_of=date(2026, 7, 1), horizon_days=3).count().to_pandas()
    1
    """
    end = as_of + timedelta(days=gap_days + horizon_days)
    return as_of_window(table, as_of=end, days=horizon_days, time=time)


def outcomes(
    events: ir.Table, *, verb: str, as_of: date, gap_days: int = 0, horizon_days: int = 28
) -> ir.Table:
    """Count what people did in the outcome window after `as_of`: one row for each who did it.

    `n` counts the events of that verb; `value` is the money that moved, 0 where none did.

    >>> events = ibis.memtable(
    ...     {
    ...         "person_id": ["ana", "ana", "bo"],
    ...         "verb": ["purchase", "purchase", "view"],
    ...         "value": [5.0, 7.0, None],
    ...         "at": pd.to_datetime(["2026-06-30", "2026-07-02", "2026-07-02"]),
    ...     }
    ... )
    >>> found = outcomes(events, verb="purchase", as_of=date(2026, 7, 1), horizon_days=3)
    >>> found.to_pandas().values.tolist()
    [['ana', 1, 7.0]]
    """
    window = {"as_of": as_of, "gap_days": gap_days, "horizon_days": horizon_days}
    done = outcome_window(events, **window).filter(ibis._.verb == verb)
    return done.group_by("person_id").agg(n=done.count(), value=done["value"].fill_null(0.0).sum())


def seen_days(events: ir.Table, *, as_of: date, lookback_days: int) -> int:
    """Count the days of the look-back window since its first event, when recording began.

    >>> events = ibis.memtable({"at": pd.to_datetime(["2026-06-21", "2026-06-30"])})
    >>> seen_days(events, as_of=date(2026, 7, 1), lookback_days=365)
    10
    """
    first = as_of_window(events, as_of=as_of, days=lookback_days)["at"].min().execute()
    return 0 if pd.isna(first) else (as_of - pd.Timestamp(first).date()).days


def moment(day: date) -> ir.TimestampScalar:
    """Write the first instant of a day, UTC, as an expression.

    >>> str(moment(date(2026, 7, 1)).execute())
    '2026-07-01 00:00:00'
    """
    return ibis.timestamp(day.isoformat())


def epoch_seconds(day: date) -> int:
    """Count the seconds from 1970 to the first instant of a day, UTC.

    >>> epoch_seconds(date(1970, 1, 2))
    86400
    """
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def days_before(at: ir.TimestampValue, as_of: date) -> ir.FloatingValue:
    """Measure how many days before `as_of` something happened.

    >>> float(days_before(ibis.timestamp("2026-06-30 12:00:00"), date(2026, 7, 1)).execute())
    0.5
    """
    return (epoch_seconds(as_of) - at.epoch_seconds()) / DAY


@cache
def zone_clocks(start: date, end: date) -> pd.DataFrame:
    """List how far every time zone's clocks are ahead of UTC over a span of days.

    It says when that changes, too.

    One row a zone, the index: `ahead_0` seconds at first, `ahead_1` from `change_1` on (seconds
    since 1970), and so on; a zone with fewer changes than others has the rest of them in the far
    future. Source: the IANA database.

    >>> zone_clocks(date(2026, 1, 1), date(2026, 7, 1)).loc[
    ...     "Europe/Rome", ["ahead_0", "ahead_1"]
    ... ].tolist()
    [3600, 7200]
    """
    first, last = epoch_seconds(start) - DAY, epoch_seconds(end) + DAY
    zones = {zone: split_at_changes(zone, first, last) for zone in sorted(available_timezones())}
    most = max(map(len, zones.values()))
    rows = [
        sum(stretches + [NEVER] * (most - len(stretches)), ())[1:] for stretches in zones.values()
    ]
    names = [f"{what}_{k}" for k in range(most) for what in ("change", "ahead")][1:]
    return pd.DataFrame(rows, index=pd.Index(zones, name="zone"), columns=names)


def split_at_changes(zone: str, first: int, last: int) -> list[tuple[int, int]]:
    """List since when a zone's clocks are how far ahead.

    The second of a change is found by halving its week.
    """

    def ahead(second: int) -> int:
        return int(datetime.fromtimestamp(second, clock).utcoffset().total_seconds())

    clock = ZoneInfo(zone)
    found = [(first, ahead(first))]
    for week in range(first, last, 7 * DAY):
        low, high, now = week, week + 7 * DAY, found[-1][1]
        if ahead(high) != now:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if ahead(middle) == now else (low, middle)
            found.append((high, ahead(high)))
    return found
