"""Complete days and weeks before a day, numbered in whole numbers."""

from datetime import date, timedelta

import ibis.expr.types as ir
import pandas as pd

from coterie.study import SettingsError
from coterie.windows import DAY

WEEK = 7 * DAY
SINCE_MONDAY = 3  # days from a Monday to the first day of 1970


def periods_before(as_of: date, *, lookback_days: int, period: str) -> pd.DataFrame:
    """List the complete days, or weeks from Monday, of the window before `as_of`.

    Returns `number` and `period`.

    >>> periods_before(date(2026, 7, 1), lookback_days=16, period="week")["period"].dt.day.tolist()
    [15, 22]
    """
    if period not in ("day", "week"):
        raise SettingsError(f"04_psychographics.period: {period!r} is neither day nor week.")
    days = pd.date_range(as_of - timedelta(days=lookback_days), as_of, inclusive="left")
    if period == "week":
        days = days[(days.day_of_week == 0) & (days + pd.Timedelta(days=7) <= pd.Timestamp(as_of))]
    since = (days - pd.Timestamp(0)).days.to_numpy()
    return pd.DataFrame(
        {"number": since if period == "day" else (since + SINCE_MONDAY) // 7, "period": days}
    )


def period_number(at: ir.TimestampValue, period: str) -> ir.IntegerValue:
    """Number the day or week of a moment in whole numbers, which every engine computes alike."""
    seconds = at.epoch_seconds()
    return (seconds // DAY if period == "day" else (seconds + SINCE_MONDAY * DAY) // WEEK).cast(
        "int64"
    )
