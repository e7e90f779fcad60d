"""How good is the forecast on days it never saw? Against the base rate, beside boosted trees, and on shuffled outcomes."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from coterie.scores.basis import fit_quantiles, spread, usable
from coterie.scores.forecast import calibrate, fit_forecast, predict, shifted
from coterie.scores.sufficiency import Sufficiency
from coterie.statistics import Interval, share_intervals

BINS, MIN_BIN = 10, 50  # groups of equally many people, fewer where they would be small
NOTHING = Interval(*[float("nan")] * 3)
BASE, LOGISTIC, BOOSTED = "base rate", "logistic regression", "boosted trees, for reference"
MEASURES = ["auc", "log_loss", "brier", "calibration_error"]


class Trial(NamedTuple):
    """What forecasts of the last outcome window were worth; empty where none could be fitted."""

    measures: pd.DataFrame  # forecast, measure, value, low, high
    gain: Interval  # log loss of the base rate less that of the forecast, a person
    reliability: (
        pd.DataFrame
    )  # one row a tenth of people: tenth, n_people, forecast, value, low, high
    shuffled: Interval  # mean AUC on shuffled outcomes, its interval; must be 0.5

    def measure(self, name: str, forecast: str = LOGISTIC) -> Interval:
        """Look one measure up; missing where nothing was fitted."""
        rows = self.measures[
            (self.measures["measure"] == name) & (self.measures["forecast"] == forecast)
        ]
        return Interval(*rows[["value", "low", "high"]].iloc[0]) if len(rows) else NOTHING

    @property
    def top(self) -> Interval:
        """Give the share with the outcome among the people with the highest forecasts."""
        rows = self.reliability.tail(1)
        return Interval(*rows[["value", "low", "high"]].iloc[0]) if len(rows) else NOTHING


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
    """Use a forecast only when data suffice and it beats the base rate out of time, beyond chance."""
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
    forecasts lie from what happened, on average over tenths of people; by chance alone it is never
    quite 0.

    Parameters
    ----------
    fitted_on, judged_on
        One row a person: behaviours of the day, and `did`, what happened in the horizon after it.
    """
    if not sufficiency.enough:
        return Trial(_measure({}, np.zeros(0), 0, seed), NOTHING, _reliability([], []), NOTHING)
    did = judged_on["did"].to_numpy(int)
    forecasts = {
        BASE: np.full(len(did), fitted_on["did"].mean()),
        LOGISTIC: predict(fit_forecast(fitted_on, settings={}, seed=seed), judged_on),
        BOOSTED: boosted(fitted_on, judged_on, seed=seed),
    }
    losses = log_losses(forecasts[BASE], did) - log_losses(forecasts[LOGISTIC], did)
    return Trial(
        _measure(forecasts, did, resamples, seed),
        gain=_resampled(losses, resamples, seed),
        reliability=_reliability(forecasts[LOGISTIC], did),
        shuffled=shuffled_auc(fitted_on, judged_on, shuffles=shuffles, seed=seed),
    )


def boosted(fitted_on: pd.DataFrame, judged_on: pd.DataFrame, *, seed: int = 0) -> np.ndarray:
    """Forecast with boosted trees, calibrated the same way: what a model that is not stored reaches."""
    features, did = usable(fitted_on), fitted_on["did"].to_numpy(int)
    trees = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.06, max_leaf_nodes=12, early_stopping=False, random_state=seed
    )
    known = fitted_on[features].to_numpy(float)
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    held_out = cross_val_predict(trees, known, did, cv=folds, method="predict_proba")[:, 1]
    raw = trees.fit(known, did).predict_proba(judged_on[features].to_numpy(float))[:, 1]
    return shifted(raw, *calibrate(held_out, did))


def shuffled_auc(
    fitted_on: pd.DataFrame, judged_on: pd.DataFrame, *, shuffles: int = 20, seed: int = 0
) -> Interval:
    """Fit and judge the forecast on shuffled outcomes: anything but 0.5 is a leak in the method."""
    features, rng = usable(fitted_on), np.random.default_rng(seed)
    quantiles = fit_quantiles(fitted_on[features])
    one, other = (spread(part[features], quantiles) for part in (fitted_on, judged_on))
    aucs = []
    for _ in range(shuffles):
        model = LogisticRegression(C=0.01).fit(one, rng.permutation(fitted_on["did"]))
        aucs.append(auc(model.decision_function(other), rng.permutation(judged_on["did"])))
    half = 1.96 * np.std(aucs, ddof=1) / np.sqrt(shuffles)
    return Interval(float(np.mean(aucs)), float(np.mean(aucs) - half), float(np.mean(aucs) + half))


def auc(forecast: np.ndarray, did: np.ndarray) -> float:
    """Say how often somebody who did it was forecast above somebody who did not; ties count half.

    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    0.75
    """
    did = np.asarray(did, bool)
    n_did, n_not = did.sum(), (~did).sum()
    return float((rankdata(forecast)[did].sum() - n_did * (n_did + 1) / 2) / (n_did * n_not))


def log_losses(forecast: np.ndarray, did: np.ndarray) -> np.ndarray:
    """Measure each person's surprise at the outcome, in nats.

    >>> log_losses(np.array([0.5]), np.array([1])).round(3).tolist()
    [0.693]
    """
    return -np.log(np.clip(np.where(did == 1, forecast, 1 - forecast), 1e-12, 1))


def calibration_error(forecast: np.ndarray, did: np.ndarray) -> float:
    """Average over tenths of people how far forecasts lie from what happened.

    >>> round(calibration_error(np.array([0.25] * 4), np.array([0, 0, 0, 1])), 3)
    0.0
    """
    order = np.argsort(forecast, kind="stable")
    if forecast[order[0]] == forecast[order[-1]]:
        return float(abs(forecast[0] - did.mean()))
    parts = np.array_split(order, _n_bins(len(order)))
    gaps = [abs(forecast[part].sum() - did[part].sum()) for part in parts]
    return float(np.sum(gaps) / len(order))


def _measures_of(forecast: np.ndarray, did: np.ndarray) -> list[float]:
    """Compute all measures of one forecast, in the order of `MEASURES`."""
    brier = float(np.mean((forecast - did) ** 2))
    error = calibration_error(forecast, did)
    return [auc(forecast, did), float(log_losses(forecast, did).mean()), brier, error]


def _measure(forecasts: dict, did: np.ndarray, resamples: int, seed: int) -> pd.DataFrame:
    """Tabulate every measure of every forecast with its interval over the same resamples of people."""
    rng, rows = np.random.default_rng(seed), []
    draws = [rng.integers(len(did), size=len(did)) for _ in range(resamples)]
    for name, forecast in forecasts.items():
        copies = np.array([_measures_of(forecast[draw], did[draw]) for draw in draws])
        lows, highs = np.quantile(copies, [0.025, 0.975], axis=0)
        values = _measures_of(forecast, did)
        rows += [(name, *row) for row in zip(MEASURES, values, lows, highs, strict=True)]
    return pd.DataFrame(rows, columns=["forecast", "measure", "value", "low", "high"])


def _resampled(values: np.ndarray, resamples: int, seed: int) -> Interval:
    """Estimate a mean with its interval over resampled people."""
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(resamples)]
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))


def _reliability(forecast: np.ndarray, did: np.ndarray) -> pd.DataFrame:
    """Compare forecast and outcome in groups of equally many people, the likeliest last."""
    parts = np.array_split(np.argsort(forecast, kind="stable"), _n_bins(len(forecast)))
    rows = [
        (at, len(part), np.asarray(forecast)[part].mean(), np.asarray(did)[part].sum())
        for at, part in enumerate(parts, 1)
        if len(part)
    ]
    table = pd.DataFrame(rows, columns=["group", "n_people", "forecast", "did"])
    return table.join(share_intervals(table["did"], table["n_people"])).drop(columns="did")


def _n_bins(n_people: int) -> int:
    """Choose how many groups people are cut into, so that none is small."""
    return max(1, min(BINS, n_people // MIN_BIN))
