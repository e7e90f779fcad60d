"""Does a model of lifetime value beat "last year repeats", on days it never saw?"""

from datetime import date, timedelta
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.scores.forecasts.measures import look_up, n_groups
from coterie.scores.lifetime.accuracy import measure_forecasts, order_gain, tenths_of
from coterie.scores.lifetime.contenders import boosted_trees, last_year_repeats
from coterie.scores.lifetime.histories import YEAR, record_of
from coterie.scores.lifetime.values import (
    BUYING,
    NONE,
    REPEATS,
    SCORE,
    ValueModel,
    expected,
    fit_value,
    predictive_ends,
)
from coterie.scores.sufficiency import MIN_OUTCOMES, Sufficiency, requirements
from coterie.statistics import UNKNOWN, Interval, share_interval

MODEL, LAST_YEAR, TREES = "BG/NBD and Gamma-Gamma", "last year repeats", "boosted trees"
MIN_DAYS = 14  # of an outcome window: fewer, and hardly anybody buys twice
PARTS = 3  # of the record: one to see, one to fit trees on, one to judge on


class ValueDays(NamedTuple):
    """The days on which lifetime values are fitted, judged and computed."""

    fit_on: date  # trees learn here what people bought in the `days` after
    judge_on: date  # everything is judged here, by the `days` after
    as_of: date  # values are computed here
    days: int  # length of the outcome windows
    recent_days: int  # "last year" is so long; shorter where the record is
    record_days: int  # since the first purchase
    money: float  # that all purchases brought

    @property
    def known(self) -> tuple[date, date]:
        """List the days whose outcomes are known; both are `as_of` where nobody ever bought."""
        return self.fit_on, self.judge_on

    def settings(self, *, value_days: int) -> dict:
        """Write down what a value computed on these days is about."""
        about = {"score": SCORE, "unit": "money", "outcome": f"spent within {value_days} days"}
        about |= {"horizon_days": value_days, "judged_days": self.days}
        about |= {"lookback_days": self.record_days, "recent_days": self.recent_days}
        return about | {"fitted_on": self.as_of.isoformat()}


class ValueTrial(NamedTuple):
    """How good three ways to tell lifetime value were; empty where there was too little."""

    sufficiency: Sufficiency
    measures: pd.DataFrame  # forecast, measure, value, low, high
    tenths: pd.DataFrame  # of the model, fewer where they were small: decile, forecast, actual
    order_gain: Interval  # rank correlation of the model less that of last year repeats
    coverage: Interval  # share of people inside their 95 % interval
    model: ValueModel | None  # as fitted on the judging day

    @property
    def kind(self) -> str:
        """Choose what is used: the model, unless last year's purchases tell order and level better.

        Money is compared with a price, so its level counts; order alone is not enough.
        """
        if not self.sufficiency.enough:
            return NONE
        fitted = self.model.buying.converged and self.model.spending.converged
        level, simple = (self.measure("decile_error", name).value for name in (MODEL, LAST_YEAR))
        beaten = self.last_year_ranks_better and simple < level
        return REPEATS if beaten or not fitted else BUYING

    @property
    def sentence(self) -> str:
        """Say in one sentence whether there are lifetime values."""
        if self.sufficiency.enough:
            return "Lifetime values were held against what came on later days."
        return f"No lifetime value: {'; '.join(self.sufficiency.reasons)}."

    @property
    def last_year_ranks_better(self) -> bool:
        """Say whether last year's purchases put people in a better order, beyond chance."""
        return self.order_gain.high < 0

    def measure(self, name: str, forecast: str = MODEL) -> Interval:
        """Look one measure up; missing where nothing was judged."""
        return look_up(self.measures, name, forecast)


def plan_values(events: ir.Table, *, as_of: date, value_days: int) -> ValueDays:
    """Cut the record of purchases in three, no part longer than what values should cover."""
    record, money = record_of(events, as_of=as_of)
    days = min(value_days, record // PARTS)
    back = timedelta(days=days)
    recent = max(min(YEAR, record - 2 * days), 1)  # what the first day sees, so all see as much
    return ValueDays(as_of - 2 * back, as_of - back, as_of, days, recent, record, money)


def value_enough(fitted_on: pd.DataFrame, judged_on: pd.DataFrame, *, plan: ValueDays):
    """Ask whether purchases are enough to tell anybody's lifetime value.

    >>> day, bought = date(2026, 7, 1), pd.DataFrame({"repeats": [], "later_purchases": []})
    >>> plan = ValueDays(day, day, day, 0, 1, 0, 0.0)
    >>> value_enough(bought, bought, plan=plan).reasons[0]
    'fewer than 42 days of recorded purchases'
    """
    again, later = judged_on["repeats"] > 0, judged_on["later_purchases"] > 0
    people = [
        ("who bought again, to fit on", again.sum()),
        ("who bought later, to learn from", (fitted_on["later_purchases"] > 0).sum()),
        ("who bought later, to judge on", later.sum()),
        ("who did not, to judge on", (~later).sum()),
    ]
    rows = [("of recorded purchases", "days", PARTS * MIN_DAYS, plan.record_days)]
    rows += [("of money paid in purchases", "units", 1, int(plan.money))]
    rows += [(check, "people", MIN_OUTCOMES, int(n)) for check, n in people]
    return requirements(rows)


def compare_values(
    fitted_on: pd.DataFrame,
    judged_on: pd.DataFrame,
    *,
    plan: ValueDays,
    column: str = "later_value",
    seed: int = 0,
    resamples: int = 100,
) -> ValueTrial:
    """Judge the three ways by what people brought after the judging day.

    `fitted_on` and `judged_on` have one row a buyer: the history before the day, and
    `later_value` and `later_purchases`, what came after. The model sees only histories before the
    judging day; trees learn from the earlier day's outcome, which ends there.
    """
    gate = value_enough(fitted_on, judged_on, plan=plan)
    if not gate.enough:
        nothing = measure_forecasts({}, np.zeros(0), resamples=0, seed=seed)
        return ValueTrial(gate, nothing, tenths_of(*np.zeros((2, 0))), UNKNOWN, UNKNOWN, None)
    model = fit_value(judged_on, kind=BUYING, settings=plan.settings(value_days=plan.days))
    actual = judged_on[column].to_numpy(float)
    window = {"column": column, "days": plan.days}
    forecasts = {
        MODEL: expected(model, judged_on, **window),
        LAST_YEAR: last_year_repeats(judged_on, recent_days=plan.recent_days, **window),
        TREES: boosted_trees(
            fitted_on, judged_on, column=column, recent_days=plan.recent_days, seed=seed
        ),
    }
    low, high = predictive_ends(model, judged_on, days=plan.days, column=column, seed=seed)
    inside = (actual >= low - 1e-9) & (actual <= high + 1e-9)
    again = {"resamples": resamples, "seed": seed}
    return ValueTrial(
        gate,
        measure_forecasts(forecasts, actual, **again),
        tenths=tenths_of(forecasts[MODEL], actual, parts=n_groups(len(actual))),
        order_gain=order_gain(forecasts[MODEL], forecasts[LAST_YEAR], actual, **again),
        coverage=share_interval(int(inside.sum()), len(inside)),
        model=model,
    )
