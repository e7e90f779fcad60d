"""Three days cut time: a forecast is fitted on one, judged on the next, applied on the last."""

from datetime import date, timedelta
from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd

EARLY_SHARE = 0.01  # of the events may be older than the recorded history: stragglers


class Cuts(NamedTuple):
    """The days of a forecast, and how far back each of them sees."""

    fit_on: date  # two horizons before `as_of`; outcomes follow in the horizon after it
    judge_on: date  # one horizon before `as_of`; outcomes follow in the horizon after it
    as_of: date  # people are scored here; nothing after it is known
    horizon_days: int  # an outcome counts in so many days
    lookback_days: (
        int  # the same look-back window at all three, or counts would grow with the record
    )
    history_days: int  # days before `as_of` in which events were recorded


def plan_cuts(
    events: ir.Table, *, as_of: date, horizon_days: int, lookback_days: int = 365
) -> Cuts:
    """Choose the days on which a forecast is fitted, judged and applied, and one window for all.

    Where the record is younger than the look-back window, a later day would see more of it, and
    every count would drift. So all three days look back as far as the first of them can. The
    record begins where one event in a hundred lies before: a few stragglers are no history.

    >>> import ibis
    >>> events = ibis.memtable({"at": pd.date_range("2026-01-01", "2026-06-30")})
    >>> plan_cuts(events, as_of=date(2026, 7, 1), horizon_days=28)[2:]
    (datetime.date(2026, 7, 1), 28, 124, 180)
    """
    fit_on = as_of - timedelta(days=2 * horizon_days)
    seen = events.filter(events["at"] < pd.Timestamp(as_of))
    began = seen["at"].epoch_seconds().quantile(EARLY_SHARE).execute()
    began_on = as_of if pd.isna(began) else pd.Timestamp(began, unit="s").date()
    return Cuts(
        fit_on,
        judge_on=as_of - timedelta(days=horizon_days),
        as_of=as_of,
        horizon_days=horizon_days,
        lookback_days=min(lookback_days, max((fit_on - began_on).days, 1)),
        history_days=(as_of - began_on).days,
    )


def settings_of(cuts: Cuts, *, verb: str) -> dict:
    """Write down what a forecast made on these days is about, for whoever applies it.

    >>> day = date(2026, 7, 1)
    >>> settings_of(Cuts(day, day, day, 28, 124, 180), verb="purchase")["score"]
    'purchase_probability'
    """
    about = {"score": f"{verb}_probability", "verb": verb, "horizon_days": cuts.horizon_days}
    return about | {"lookback_days": cuts.lookback_days, "fitted_on": cuts.judge_on.isoformat()}


def with_outcome(behaviour: ir.Table, outcomes: ir.Table) -> ir.Table:
    """Add to everybody's behaviour whether the person did it in the outcome window: `did`.

    >>> import ibis
    >>> behaviour = ibis.memtable({"person_id": ["ana", "bo"], "frequency": [2, 0]})
    >>> outcomes = ibis.memtable({"person_id": ["ana"], "n": [1]})
    >>> with_outcome(behaviour, outcomes).order_by("person_id").to_pandas()["did"].tolist()
    [True, False]
    """
    did = outcomes.select(doer="person_id")
    both = behaviour.left_join(did, behaviour["person_id"] == did["doer"])
    return both.mutate(did=both["doer"].notnull()).drop("doer")
