"""When everybody is busier than usual: by weekday and by month, little data pulled to the usual."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.statistics import shrink_to_mean
from coterie.windows import as_of_window

PRIOR_DAYS = 7  # usual days that every index starts from


def seasonal_indices(
    events: ir.Table, *, as_of: date, lookback_days: int, by: str = "weekday"
) -> pd.DataFrame:
    """Compare each weekday (or `by` month) with the usual day: index 100 is like all days.

    One row a weekday from Monday, or a calendar month that the window touches: `part`, `n_events`,
    `days`, `index`. Days without an event count. Seven usual days are added to each, so that a
    month seen for three days hardly moves. Days are UTC.

    >>> days = pd.to_datetime(["2026-06-01"] * 20 + ["2026-06-02"] * 6)
    >>> table = seasonal_indices(
    ...     ibis.memtable({"at": days}), as_of=date(2026, 6, 8), lookback_days=7
    ... )
    >>> table["index"].round().tolist()[:3]
    [155.0, 108.0, 88.0]
    """
    seen = as_of_window(events, as_of=as_of, days=lookback_days)
    daily = seen.group_by(day=seen["at"].truncate("D")).agg(n_events=ibis._.count()).to_pandas()
    days = pd.date_range(as_of - timedelta(days=lookback_days), periods=lookback_days)
    daily_events = daily.set_index(pd.DatetimeIndex(daily["day"]))["n_events"].reindex(
        days, fill_value=0
    )
    part = {"weekday": days.day_of_week, "month": days.month}[by]
    table = (
        daily_events.groupby(part)
        .agg(n_events="sum", days="size")
        .rename_axis("part")
        .reset_index()
    )
    usual = daily_events.mean()
    return table.assign(
        index=100
        * shrink_to_mean(table["n_events"] / usual, table["days"], mean=1, prior=PRIOR_DAYS)
        if usual
        else 100.0
    )
