"""Four days cut time: choose on one, fit on the next, judge on the third, score on the last."""

from datetime import date, timedelta
from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd

from coterie.scores.targets import Target

EARLY_SHARE = 0.01  # of the events may be older than the recorded history: stragglers
MIN_LOOKBACK = 3  # horizons that must be left to look back, or there is no day to choose on


class Cuts(NamedTuple):
    """The days of a forecast, and how far back each of them sees."""

    fit_on: date  # two outcome windows before `as_of`; outcomes follow in the window after it
    judge_on: date  # one outcome window before `as_of`; outcomes follow in the window after it
    as_of: date  # people are scored here; nothing after it is known
    horizon_days: int  # an outcome counts in so many days
    lookback_days: int  # the same window on all days, or counts would grow with the record
    history_days: int  # days before `as_of` in which events were recorded
    gap_days: int = 0  # days after each of them that are left out, to prepare a campaign
    choose_on: date | None = None  # three outcome windows before; none where the record is short

    @property
    def known(self) -> list[date]:
        """List the two or three days whose outcomes are known, the oldest first."""
        return [on for on in (self.choose_on, self.fit_on, self.judge_on) if on]


def plan_cuts(
    events: ir.Table, *, as_of: date, horizon_days: int, gap_days: int = 0, lookback_days: int = 365
) -> Cuts:
    """Choose the days on which a forecast is made, judged and applied, and one window for all.

    Where the record is younger than the look-back window, a later day would see more of it, and
    every count would drift. So all days look back as far as the first of them can. The record
    begins where one event in a hundred lies before: a few stragglers are no history.

    >>> import ibis
    >>> events = ibis.memtable({"at": pd.date_range("2026-01-01", "2026-06-30")})
    >>> plan_cuts(events, as_of=date(2026, 7, 1), horizon_days=28)[2:6]
    (datetime.date(2026, 7, 1), 28, 96, 180)
    """
    step = timedelta(days=horizon_days + gap_days)
    seen = events.filter(events["at"] < pd.Timestamp(as_of))
    began = seen["at"].epoch_seconds().quantile(EARLY_SHARE).execute()
    began_on = as_of if pd.isna(began) else pd.Timestamp(began, unit="s").date()
    long_enough = (as_of - 3 * step - began_on).days >= MIN_LOOKBACK * horizon_days
    first = as_of - (3 if long_enough else 2) * step
    return Cuts(
        as_of - 2 * step,
        judge_on=as_of - step,
        as_of=as_of,
        horizon_days=horizon_days,
        lookback_days=min(lookback_days, max((first - began_on).days, 1)),
        history_days=(as_of - began_on).days,
        gap_days=gap_days,
        choose_on=first if long_enough else None,
    )


def settings_of(cuts: Cuts, *, target: Target) -> dict:
    """Write down what a forecast made on these days is about, for whoever applies it."""
    about = {"score": target.score, "unit": "share", "outcome": target.words, "verb": target.verb}
    about |= {"horizon_days": cuts.horizon_days, "gap_days": cuts.gap_days}
    return about | {"lookback_days": cuts.lookback_days, "fitted_on": cuts.judge_on.isoformat()}
