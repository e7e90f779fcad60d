"""How good is the forecast on days it never saw, beside the base rate and boosted trees?"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.scores.forecasts.choice import Choice, choose
from coterie.scores.forecasts.folds import Grouped, calibrated, forecast_in_folds, trees_in_folds
from coterie.scores.forecasts.forecast import Forecast, assemble, fit_scorer, no_forecast
from coterie.scores.forecasts.measures import (
    log_losses,
    look_up,
    measure_all,
    reliability_table,
    resampled_mean,
)
from coterie.scores.forecasts.sentinels import Sentinels
from coterie.scores.samples import Samples, population_hash
from coterie.scores.sufficiency import Sufficiency
from coterie.statistics import UNKNOWN, Interval

BASE, LOGISTIC, BOOSTED = "base rate", "logistic regression", "boosted trees, for reference"


class Trial(NamedTuple):
    """What forecasts of the last outcome window were worth; empty where none could be fitted."""

    measures: pd.DataFrame  # forecast, measure, value, low, high
    gain: Interval  # log loss of the base rate less that of the forecast, a person
    over_trees: Interval  # the same against boosted trees
    reliability: pd.DataFrame  # by group of people: group, n_people, forecast, value, low, high
    forecast: np.ndarray  # of the people it was judged on
    grouped: Grouped | None  # the same before calibration, behaviour by behaviour
    choice: Choice | None  # what it was fitted with

    def measure(self, name: str, forecast: str = LOGISTIC) -> Interval:
        """Look one measure up; missing where nothing was fitted."""
        return look_up(self.measures, name, forecast)

    @property
    def top(self) -> Interval:
        """Give the share with the outcome among the people with the highest forecasts."""
        rows = self.reliability.tail(1)
        return Interval(*rows[["value", "low", "high"]].iloc[0]) if len(rows) else UNKNOWN


class Decision(NamedTuple):
    """Whether a forecast is used, and every reason why not."""

    model: bool
    reasons: list[str]
    needed: list[str]  # what would have to be there

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        if self.model:
            return "Model: the forecast beats the base rate on days it never saw."
        return f"Do not model: {'; '.join(self.reasons)}."


def decide(sufficiency: Sufficiency, trial: Trial, sentinels: Sentinels) -> Decision:
    """Use a forecast only when data suffice, no alarm rings, and it beats the base rate."""
    reasons, needed = list(sufficiency.reasons), list(sufficiency.needed)
    if sufficiency.enough and not trial.gain.low > 0:
        reasons.append("no lift over the base rate on days it never saw")
        needed.append("behaviour that has to do with the outcome")
    reasons += sentinels.alarms
    return Decision(not reasons, reasons, needed)


def evaluate(
    samples: Samples, *, sufficiency: Sufficiency, seed: int = 0, resamples: int = 300
) -> Trial:
    """Fit on one day, judge on the next, and on other people; intervals come from resampled people.

    The base rate says the earlier day's share for everybody. `calibration_error` is how far
    forecasts lie from what happened, on average over ten steps of forecast; by chance alone it is
    never quite 0.
    """
    if not sufficiency.enough:
        nothing = measure_all({}, np.zeros(0), 0, seed)
        table = reliability_table([], [])
        return Trial(nothing, UNKNOWN, UNKNOWN, table, np.zeros(0), None, None)
    choice = choose(samples.chosen_on, samples.fitted_on)
    fitted_on, judged_on = samples.fitted_on, samples.judged_on
    did_before, did = (people["did"].to_numpy(int) for people in (fitted_on, judged_on))
    days = {"features": choice.features}
    grouped = forecast_in_folds(fitted_on, judged_on, penalty=choice.penalty, **days)
    trees = trees_in_folds(fitted_on, judged_on, seed=seed, **days)
    forecasts = {
        BASE: np.full(len(did), did_before.mean()),
        LOGISTIC: calibrated(grouped, did_before, calibration=choice.calibration),
        BOOSTED: calibrated(trees, did_before, calibration=choice.calibration),
    }
    losses = {name: log_losses(forecast, did) for name, forecast in forecasts.items()}
    return Trial(
        measure_all(forecasts, did, resamples, seed),
        gain=resampled_mean(losses[BASE] - losses[LOGISTIC], resamples, seed),
        over_trees=resampled_mean(losses[BOOSTED] - losses[LOGISTIC], resamples, seed),
        reliability=reliability_table(forecasts[LOGISTIC], did),
        forecast=forecasts[LOGISTIC],
        grouped=grouped,
        choice=choice,
    )


def fit_final(
    people: pd.DataFrame, *, decision: Decision, trial: Trial, settings: dict
) -> Forecast:
    """Fit the forecast that is used, on the last day whose outcomes are known; or none."""
    if not decision.model:
        return no_forecast(settings | {"decision": decision.sentence})
    choice = trial.choice
    about = settings | {
        "decision": decision.sentence,
        "n_people": len(people),
        "population": population_hash(people),
    }
    again = {"features": choice.features, "penalty": choice.penalty}
    held_out = forecast_in_folds(people, people.head(0), **again).early
    did = people["did"].to_numpy(int)
    scorer = fit_scorer(people, **again)
    return assemble(scorer, held_out, did, calibration=choice.calibration, settings=about)
