"""How good a forecast is: ranking, surprise, calibration, with intervals over resampled people."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from coterie.statistics import UNKNOWN, Interval, share_intervals

BINS, MIN_BIN = 10, 50  # groups of equally many people, fewer where they would be small
MEASURES = ["auc", "log_loss", "brier", "calibration_error"]


def auc(forecast: np.ndarray, did: np.ndarray) -> float:
    """Measure the chance that somebody with the outcome was forecast higher than somebody without.

    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
    0.75
    """
    yes = np.asarray(did) == 1
    n_yes, n_no = yes.sum(), (~yes).sum()
    above = rankdata(forecast)[yes].sum() - n_yes * (n_yes + 1) / 2
    return float(above / (n_yes * n_no)) if n_yes and n_no else float("nan")


def log_losses(forecast: np.ndarray, did: np.ndarray) -> np.ndarray:
    """Measure each person's surprise at the outcome, in nats.

    >>> log_losses(np.array([0.5]), np.array([1])).round(3).tolist()
    [0.693]
    """
    return -np.log(np.clip(np.where(did == 1, forecast, 1 - forecast), 1e-12, 1))


def measures_of(forecast: np.ndarray, did: np.ndarray, weights: np.ndarray) -> list[float]:
    """Compute all measures of one forecast, in the order of `MEASURES`; people may count often."""
    n, forecast = weights.sum(), np.asarray(forecast, float)
    _, group = np.unique(forecast, return_inverse=True)
    yes, everyone = np.bincount(group, weights * did), np.bincount(group, weights)
    no = everyone - yes
    pairs = yes @ (no.cumsum() - no / 2)
    possible = yes.sum() * no.sum()
    steps = np.minimum((forecast * BINS).astype(int), BINS - 1)
    error = np.abs(np.bincount(steps, weights * (forecast - did))).sum() / n
    losses, squares = weights @ log_losses(forecast, did), weights @ (forecast - did) ** 2
    rank = pairs / possible if possible else np.nan
    return [float(rank), float(losses / n), float(squares / n), float(error)]


def measure_all(forecasts: dict, did: np.ndarray, resamples: int, seed: int) -> pd.DataFrame:
    """Tabulate every measure of every forecast, over the same resamples of people."""
    rows = []
    for name, forecast in forecasts.items():
        again = resampled_weights(len(did), resamples, seed)
        copies = np.array([measures_of(forecast, did, weights) for weights in again])
        lows, highs = np.nanquantile(copies, [0.025, 0.975], axis=0)
        values = measures_of(forecast, did, np.ones(len(did)))
        rows += [(name, *row) for row in zip(MEASURES, values, lows, highs, strict=True)]
    return pd.DataFrame(rows, columns=["forecast", "measure", "value", "low", "high"])


def look_up(measures: pd.DataFrame, name: str, forecast: str) -> Interval:
    """Find one measure of one forecast in such a table; missing where nothing was judged."""
    rows = measures[(measures["measure"] == name) & (measures["forecast"] == forecast)]
    return Interval(*rows[["value", "low", "high"]].iloc[0]) if len(rows) else UNKNOWN


def resampled_weights(n: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Draw people with replacement, as often as asked: how often each of them counts."""
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        yield np.bincount(rng.integers(n, size=n), minlength=n).astype(float)


def resampled_mean(values: np.ndarray, resamples: int, seed: int) -> Interval:
    """Estimate a mean with its interval over resampled people."""
    means = [w @ values / len(values) for w in resampled_weights(len(values), resamples, seed)]
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
