"""How good a forecast is: ranking, surprise, calibration, with intervals over resampled people."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from coterie.statistics import Interval, calibration_error, share_intervals

BINS, MIN_BIN = 10, 50  # groups of equally many people, fewer where they would be small
MEASURES = ["auc", "log_loss", "brier", "calibration_error"]


def log_losses(forecast: np.ndarray, did: np.ndarray) -> np.ndarray:
    """Measure each person's surprise at the outcome, in nats.

    >>> log_losses(np.array([0.5]), np.array([1])).round(3).tolist()
    [0.693]
    """
    return -np.log(np.clip(np.where(did == 1, forecast, 1 - forecast), 1e-12, 1))


def measures_of(forecast: np.ndarray, did: np.ndarray) -> list[float]:
    """Compute all measures of one forecast, in the order of `MEASURES`."""
    brier = float(np.mean((forecast - did) ** 2))
    error = calibration_error(forecast, did, bins=BINS)
    return [roc_auc_score(did, forecast), float(log_losses(forecast, did).mean()), brier, error]


def measure_all(forecasts: dict, did: np.ndarray, resamples: int, seed: int) -> pd.DataFrame:
    """Tabulate every measure of every forecast, over the same resamples of people."""
    rng, rows = np.random.default_rng(seed), []
    draws = [rng.integers(len(did), size=len(did)) for _ in range(resamples)]
    for name, forecast in forecasts.items():
        copies = np.array([measures_of(forecast[draw], did[draw]) for draw in draws])
        lows, highs = np.quantile(copies, [0.025, 0.975], axis=0)
        values = measures_of(forecast, did)
        rows += [(name, *row) for row in zip(MEASURES, values, lows, highs, strict=True)]
    return pd.DataFrame(rows, columns=["forecast", "measure", "value", "low", "high"])


def resampled_mean(values: np.ndarray, resamples: int, seed: int) -> Interval:
    """Estimate a mean with its interval over resampled people."""
    rng = np.random.default_rng(seed)
    means = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(resamples)]
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))


def reliability_table(forecast: np.ndarray, did: np.ndarray) -> pd.DataFrame:
    """Compare forecast and outcome in groups of equally many people, the likeliest last."""
    parts = np.array_split(np.argsort(forecast, kind="stable"), n_groups(len(forecast)))
    rows = [
        (at, len(part), np.asarray(forecast)[part].mean(), np.asarray(did)[part].sum())
        for at, part in enumerate(parts, 1)
        if len(part)
    ]
    table = pd.DataFrame(rows, columns=["group", "n_people", "forecast", "did"])
    return table.join(share_intervals(table["did"], table["n_people"])).drop(columns="did")


def n_groups(n_people: int) -> int:
    """Choose how many groups people are cut into, so that none is small."""
    return max(1, min(BINS, n_people // MIN_BIN))
