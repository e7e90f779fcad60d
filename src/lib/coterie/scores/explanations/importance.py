"""Which behaviours a forecast rests on: what it loses when one of them is permuted."""

import numpy as np
import pandas as pd
from scipy.special import expit

from coterie.scores.forecasts.evaluation import Trial
from coterie.scores.forecasts.folds import FOLDS
from coterie.scores.forecasts.measures import log_losses
from coterie.statistics import mean_interval

COLUMNS = ["feature", "value", "low", "high"]


def permutation_importance(
    trial: Trial, did: np.ndarray, *, repeats: int = 5, seed: int = 0
) -> pd.DataFrame:
    """Measure how much surprise each behaviour saves, on people and days the models never saw.

    A behaviour's values are permuted over people judged by the same model, and the log loss that
    this adds is averaged; the interval is over people. Behaviours that say the same share what
    they save: each alone looks less important than both. Returns feature, value, low, high, the
    most important first; empty without a forecast.

    References
    ----------
    Breiman (2001), "Random Forests", Machine Learning 45.
    """
    if trial.grouped is None:
        return pd.DataFrame(columns=COLUMNS)
    grouped, rng = trial.grouped, np.random.default_rng(seed)
    usual = log_losses(expit(grouped.late), did)
    rows = []
    for at, feature in enumerate(trial.choice.features):
        part = grouped.parts[:, at]
        lost = np.mean([_lost(grouped, part, did, rng) for _ in range(repeats)], axis=0)
        rows.append((feature, *mean_interval(lost - usual)))
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.sort_values("value", ascending=False, ignore_index=True)


def _lost(grouped, part: np.ndarray, did: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Compute everybody's surprise when one behaviour is another person's."""
    other = part.copy()
    for fold in range(FOLDS):
        own = np.flatnonzero(grouped.late_folds == fold)
        other[own] = part[rng.permutation(own)]
    return log_losses(expit(grouped.late - part + other), did)
