"""How good forecasts of money are: their order, their level, tenth by tenth, with intervals."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from coterie.statistics import Interval

TENTHS = 10
MEASURES = ["spearman", "gini", "decile_error", "total_error"]


def accuracy_of(forecast: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Compute all measures of one forecast, in the order of `MEASURES`.

    Spearman's rank correlation; the normalised Gini coefficient (1 is the best possible order, 0
    a random one); how far tenths of people lie from what they were forecast, in shares of the mean;
    the total forecast over the total that came, less one.

    >>> accuracy_of(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 2.0, 2.0, 6.0])).round(2)
    array([0.95, 1.  , 0.4 , 0.  ])
    """
    return np.array(
        [
            spearman(forecast, actual),
            gini(forecast, actual) / gini(actual, actual) if np.ptp(actual) else np.nan,
            decile_error(forecast, actual),
            forecast.sum() / actual.sum() - 1 if actual.sum() else np.nan,
        ]
    )


def spearman(forecast: np.ndarray, actual: np.ndarray) -> float:
    """Correlate ranks; ties share theirs. Missing where either is the same for everybody."""
    one, other = (rankdata(values) for values in (forecast, actual))
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def gini(forecast: np.ndarray, actual: np.ndarray) -> float:
    """Measure how unevenly money lies over people in the order of their forecast.

    People with equal forecasts share their money, so their order in the file does not matter.
    """
    _, group = np.unique(-forecast, return_inverse=True)
    n, money = np.bincount(group), np.bincount(group, actual)
    people, share = np.r_[0, n.cumsum()] / n.sum(), np.r_[0, money.cumsum()] / money.sum()
    return float(2 * np.trapezoid(share, people) - 1)


def tenths_of(forecast: np.ndarray, actual: np.ndarray, *, parts: int = TENTHS) -> pd.DataFrame:
    """Compare forecast and actual means in equal groups of people, the highest last.

    People with equal forecasts share what came, so their order in the file does not matter.
    """
    _, group = np.unique(forecast, return_inverse=True)
    actual = (np.bincount(group, actual) / np.bincount(group))[group]
    groups = np.array_split(np.argsort(forecast, kind="stable"), parts)
    rows = [(at, forecast[p].mean(), actual[p].mean()) for at, p in enumerate(groups, 1) if len(p)]
    return pd.DataFrame(rows, columns=["decile", "forecast", "actual"])


def decile_error(forecast: np.ndarray, actual: np.ndarray) -> float:
    """Average how far tenths lie from their forecast, in shares of everybody's mean."""
    rows = tenths_of(forecast, actual)
    return float((rows["forecast"] - rows["actual"]).abs().mean() / actual.mean())


def measure_forecasts(
    forecasts: dict[str, np.ndarray], actual: np.ndarray, *, resamples: int, seed: int
) -> pd.DataFrame:
    """Tabulate every measure of every forecast, over the same resamples of people.

    Resampled people differ a little more than people do, so intervals of distances (`decile_error`)
    reach higher than they should; those of the other measures do not.
    """
    draws = resampled_rows(len(actual), resamples=resamples, seed=seed)
    rows = []
    for name, forecast in forecasts.items():
        copies = np.array([accuracy_of(forecast[draw], actual[draw]) for draw in draws])
        lows, highs = np.nanquantile(copies, [0.025, 0.975], axis=0)
        values = accuracy_of(forecast, actual)
        rows += [(name, *row) for row in zip(MEASURES, values, lows, highs, strict=True)]
    return pd.DataFrame(rows, columns=["forecast", "measure", "value", "low", "high"])


def order_gain(
    one: np.ndarray, other: np.ndarray, actual: np.ndarray, *, resamples: int, seed: int
) -> Interval:
    """Measure how much better `one` ranks than `other`: the difference of rank correlations."""
    draws = resampled_rows(len(actual), resamples=resamples, seed=seed)
    copies = [spearman(one[d], actual[d]) - spearman(other[d], actual[d]) for d in draws]
    low, high = np.nanquantile(copies, [0.025, 0.975])
    return Interval(spearman(one, actual) - spearman(other, actual), float(low), float(high))


def resampled_rows(n: int, *, resamples: int, seed: int) -> list[np.ndarray]:
    """Draw rows with replacement, as often as asked."""
    rng = np.random.default_rng(seed)
    return [rng.integers(n, size=n) for _ in range(resamples)]
