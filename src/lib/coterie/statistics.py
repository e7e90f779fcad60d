"""Intervals, tests and resampling that more than one room needs."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats


class Interval(NamedTuple):
    """An estimate and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def mean_interval(values: np.ndarray) -> Interval:
    """Estimate a mean with its 95 % t interval; one value alone has no interval.

    >>> mean_interval([1.0, 2.0, 3.0])
    Interval(value=2.0, low=-0.484..., high=4.484...)
    """
    values = np.asarray(values, dtype=float)
    values = values[~np.isnan(values)]
    if len(values) < 2:
        only = float(values.mean()) if len(values) else float("nan")
        return Interval(only, float("nan"), float("nan"))
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return Interval(float(values.mean()), float(values.mean() - half), float(values.mean() + half))


def share_interval(successes: int, trials: int) -> Interval:
    """Estimate a share with its 95 % Wilson interval, which stays inside 0 and 1.

    References
    ----------
    Wilson (1927), JASA 22; Brown, Cai, DasGupta (2001), Statistical Science 16.

    >>> share_interval(0, 10)
    Interval(value=0.0, low=0.0, high=0.277...)
    """
    if trials == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    bounds = stats.binomtest(int(successes), int(trials)).proportion_ci(method="wilson")
    return Interval(successes / trials, float(bounds.low), float(bounds.high))


def share_intervals(successes: pd.Series, trials: pd.Series) -> pd.DataFrame:
    """Estimate many shares with their intervals, one row each: `value`, `low`, `high`, on the index of `successes`.

    >>> share_intervals(pd.Series([0, 5]), pd.Series([10, 10])).round(2).values.tolist()
    [[0.0, 0.0, 0.28], [0.5, 0.24, 0.76]]
    """
    rows = [share_interval(*pair) for pair in zip(successes, trials, strict=True)]
    return pd.DataFrame(rows, columns=Interval._fields, index=successes.index, dtype=float)


def jackknife_error(estimates: np.ndarray) -> np.ndarray:
    """Measure the standard error of an estimate from copies of it that each leave one group of people out.

    References
    ----------
    Kott (2001), "The Delete-a-Group Jackknife", Journal of Official Statistics 17.

    >>> float(jackknife_error(np.array([1.0, 3.0])))
    1.0
    """
    n = len(estimates)
    return np.sqrt((n - 1) / n * ((estimates - estimates.mean(axis=0)) ** 2).sum(axis=0))


def fdr(pvalues: np.ndarray) -> np.ndarray:
    """Adjust p-values for looking many times (Benjamini and Hochberg, 1995).

    >>> fdr([0.01, 0.02, 0.04]).round(3).tolist()
    [0.03, 0.03, 0.04]
    """
    pvalues = np.asarray(pvalues, dtype=float)
    return stats.false_discovery_control(pvalues) if len(pvalues) else pvalues


def overlap_matrix(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Tabulate the Jaccard overlap of every group in `one` with every group in `other`.

    Rows and columns follow the sorted distinct labels.

    >>> overlap_matrix([0, 0, 1, 1], [5, 5, 5, 7]).round(2).tolist()
    [[0.67, 0.0], [0.25, 0.5]]
    """
    one_ids, one_at = np.unique(one, return_inverse=True)
    other_ids, other_at = np.unique(other, return_inverse=True)
    both = np.zeros((len(one_ids), len(other_ids)))
    np.add.at(both, (one_at, other_at), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return both / either
