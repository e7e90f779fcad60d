"""How good is the forecast on days it never saw, beside the base rate and boosted trees?"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from coterie.scores.forecasts.basis import usable
from coterie.scores.forecasts.forecast import (
    Forecast,
    calibrate,
    fit_forecast,
    no_forecast,
    predict,
    shifted,
)
from coterie.scores.forecasts.measures import (
    log_losses,
    measure_all,
    reliability_table,
    resampled_mean,
)
from coterie.scores.forecasts.sentinels import shuffled_auc
from coterie.scores.sufficiency import Sufficiency
from coterie.statistics import UNKNOWN, Interval, single_feature_alarm

BASE, LOGISTIC, BOOSTED = "base rate", "logistic regression", "boosted trees, for reference"


class Trial(NamedTuple):
    """What forecasts of the last outcome window were worth; empty where none could be fitted."""

    measures: pd.DataFrame  # forecast, measure, value, low, high
    gain: Interval  # log loss of the base rate less that of the forecast, a person
    reliability: pd.DataFrame  # by group of people: group, n_people, forecast, value, low, high
    too_good: list[str]  # behaviours that alone rank with an AUC above 0.95: look for a leak
    shuffled: Interval  # mean AUC on shuffled outcomes, its interval; must be 0.5

    def measure(self, name: str, forecast: str = LOGISTIC) -> Interval:
        """Look one measure up; missing where nothing was fitted."""
        rows = self.measures[
            (self.measures["measure"] == name) & (self.measures["forecast"] == forecast)
        ]
        return Interval(*rows[["value", "low", "high"]].iloc[0]) if len(rows) else UNKNOWN

    @property
    def top(self) -> Interval:
        """Give the share with the outcome among the people with the highest forecasts."""
        rows = self.reliability.tail(1)
        return Interval(*rows[["value", "low", "high"]].iloc[0]) if len(rows) else UNKNOWN


class Decision(NamedTuple):
    """Whether a forecast is used, and every reason why not."""

    model: bool
    reasons: list[str]

    @property
    def sentence(self) -> str:
        """Say it in one sentence."""
        if self.model:
            return "Model: the forecast beats the base rate on days it never saw."
        return f"Do not model: {'; '.join(self.reasons)}."


def decide(sufficiency: Sufficiency, trial: Trial) -> Decision:
    """Use a forecast only when data suffice and it beats the base rate beyond chance."""
    reasons = list(sufficiency.reasons)
    if sufficiency.enough and not trial.gain.low > 0:
        reasons.append("no lift over the base rate on days it never saw")
    return Decision(not reasons, reasons)


def evaluate(
    fitted_on: pd.DataFrame,
    judged_on: pd.DataFrame,
    *,
    sufficiency: Sufficiency,
    seed: int = 0,
    resamples: int = 300,
    shuffles: int = 20,
) -> Trial:
    """Fit on the earlier day, judge on the later one; intervals come from resampled people.

    The base rate says the earlier day's share for everybody. `calibration_error` is how far
    forecasts lie from what happened, on average over ten steps of forecast; by chance alone it is
    never quite 0.

    Parameters
    ----------
    fitted_on, judged_on
        One row a person: behaviours of the day, and `did`, what happened in the horizon after it.
    """
    if not sufficiency.enough:
        nothing = measure_all({}, np.zeros(0), 0, seed)
        return Trial(nothing, UNKNOWN, reliability_table([], []), [], UNKNOWN)
    did = judged_on["did"].to_numpy(int)
    forecasts = {
        BASE: np.full(len(did), fitted_on["did"].mean()),
        LOGISTIC: predict(fit_forecast(fitted_on, settings={}, seed=seed), judged_on),
        BOOSTED: boosted(fitted_on, judged_on, seed=seed),
    }
    losses = log_losses(forecasts[BASE], did) - log_losses(forecasts[LOGISTIC], did)
    return Trial(
        measure_all(forecasts, did, resamples, seed),
        gain=resampled_mean(losses, resamples, seed),
        reliability=reliability_table(forecasts[LOGISTIC], did),
        too_good=single_feature_alarm(fitted_on[usable(fitted_on)], fitted_on["did"]),
        shuffled=shuffled_auc(fitted_on, judged_on, shuffles=shuffles, seed=seed),
    )


def fit_final(
    people: pd.DataFrame, *, decision: Decision, settings: dict, seed: int = 0
) -> Forecast:
    """Fit the forecast that is used, on the last day whose outcomes are known; or none."""
    if not decision.model:
        return no_forecast(settings)
    return fit_forecast(people, settings=settings, seed=seed)


def boosted(fitted_on: pd.DataFrame, judged_on: pd.DataFrame, *, seed: int = 0) -> np.ndarray:
    """Forecast with boosted trees, calibrated the same way; they are shown and not stored."""
    features, did = usable(fitted_on), fitted_on["did"].to_numpy(int)
    trees = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=12, early_stopping=False, random_state=seed
    )
    known = fitted_on[features].to_numpy(float)
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    held_out = cross_val_predict(trees, known, did, cv=folds, method="predict_proba")[:, 1]
    raw = trees.fit(known, did).predict_proba(judged_on[features].to_numpy(float))[:, 1]
    return shifted(raw, *calibrate(held_out, did))
