"""Everybody's own clock: hours and weekdays as each person's wall showed them."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from coterie.study import SettingsError
from coterie.windows import zone_clocks


def local_seconds(
    events: ir.Table, people: ir.Table, *, as_of: date, lookback_days: int, time_zone: str = "UTC"
) -> ir.Table:
    """Add `local`, the seconds since 1970 that the clock on each person's wall showed.

    Whoever states no time zone, or one nobody knows, lives in `time_zone`. Daylight saving is
    followed to the second.

    >>> import pandas as pd
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
