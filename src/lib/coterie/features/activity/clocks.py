"""Everybody's own clock: hours and weekdays as each person's wall showed them."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.study import SettingsError
from coterie.windows import DAY, epoch_seconds

NEVER = (2**40, 0)


def local_seconds(
    events: ir.Table, people: ir.Table, *, as_of: date, lookback_days: int, time_zone: str = "UTC"
) -> ir.Table:
    """Add `local`, the seconds since 1970 that the clock on each person's wall showed.

    Whoever states no time zone, or one nobody knows, lives in `time_zone`. Daylight saving is
    followed to the second.

    >>> events = ibis.memtable({"person_id": ["ana"], "at": pd.to_datetime(["2026-06-30 22:30"])})
    >>> people = ibis.memtable({"person_id": ["ana"], "time_zone": ["Europe/Rome"]})
    >>> told = local_seconds(events, people, as_of=date(2026, 7, 1), lookback_days=9)
    >>> (told["local"] % 86_400 / 3_600).execute().tolist()
    [0.5]
    """
    clocks = zone_clocks(as_of - timedelta(days=lookback_days), as_of)
    if time_zone not in clocks.index:
        raise SettingsError(
            f"03_features.time_zone: {time_zone!r} is no IANA time zone; write it like Europe/Rome."
        )
    own = people.select(who="person_id", zone="time_zone").join(
        ibis.memtable(clocks.reset_index()), "zone"
    )
    with_clocks = events.left_join(own, events["person_id"] == own["who"])
    second = with_clocks["at"].epoch_seconds()
    clock = {
        name: ibis.coalesce(with_clocks[name], int(clocks.loc[time_zone, name])) for name in clocks
    }
    ahead = clock["ahead_0"]
    for k in range(1, len(clock) // 2 + 1):
        ahead = (second >= clock[f"change_{k}"]).ifelse(clock[f"ahead_{k}"], ahead)
    return with_clocks.select(*events.columns, local=second + ahead)


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
