"""Intervals where one person contributes many rows: people are the observations, not rows."""

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from coterie.statistics.intervals import Interval


def clustered_share(hits: np.ndarray, trials: np.ndarray) -> Interval:
    """Estimate a share to which each person contributes several trials: one entry a person in both.

    Wilson's interval on the effective number of trials, the independent ones that would be as
    precise; where nothing varies, on the number of people. One person alone has no interval.

    References
    ----------
    Korn and Graubard (1998), "Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data", Survey Methodology 24.

    >>> clustered_share(np.array([5, 0]), np.array([5, 5]))  # ten posts, but only two people
    Interval(value=0.5, low=0.054..., high=0.945...)
    """
    hits = np.asarray(hits, dtype=float)
    trials = np.asarray(trials, dtype=float)
    n = (trials > 0).sum()
    total = trials.sum()
    share = hits.sum() / total if total else np.nan
    if n < 2 or not total:
        return Interval(share, np.nan, np.nan)
    variance = n / (n - 1) * ((hits - share * trials) ** 2).sum() / total**2
    effective = min(share * (1 - share) / variance, total) if variance else n
    low, high = proportion_confint(share * effective, effective, method="wilson")
    return Interval(float(share), float(low), float(high))


Contributions = tuple[np.ndarray, np.ndarray]  # hits and trials, one entry a person in both


def clustered_difference(one: Contributions, other: Contributions) -> Interval:
    """Compare two shares, or means, to which the same people may contribute.

    Without trials on one side there is no difference, and no interval.

    References
    ----------
    Woodruff (1971), "A simple method for approximating the variance of a complicated estimate",
    JASA 66: linearisation.

    >>> one = np.array([2, 1]), np.array([2, 2])
    >>> clustered_difference(one, (np.array([1, 0]), np.array([2, 2])))
    Interval(value=0.5, low=0.5, high=0.5)
    """
    share, influence, counted = _linearised(*one)
    other_share, other_influence, other_counted = _linearised(*other)
    gap = float(share - other_share)
    n = int((counted | other_counted).sum())
    if n < 2:
        return Interval(gap, np.nan, np.nan)
    error = np.sqrt(n / (n - 1) * ((influence - other_influence) ** 2).sum())
    half = float(stats.t.ppf(0.975, n - 1) * error)
    return Interval(gap, gap - half, gap + half)


def _linearised(hits: np.ndarray, trials: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Estimate a share, each person's influence on it, and who contributes at all."""
    hits = np.asarray(hits, dtype=float)
    trials = np.asarray(trials, dtype=float)
    total = trials.sum() or np.nan
    share = hits.sum() / total
    return share, (hits - share * trials) / total, trials > 0


def clustered_error(influence: np.ndarray, cluster: np.ndarray) -> float:
    """Measure a standard error from influences when the rows of a cluster belong together.

    Parameters
    ----------
    influence
        (n,) how far each row moves the estimate; they add up to about 0.
    cluster
        (n,) whole numbers from 0: whose row it is.

    References
    ----------
    Liang and Zeger (1986), "Longitudinal data analysis using generalized linear models",
    Biometrika 73.

    >>> clustered_error(np.array([0.5, 0.5, -1.0]), np.array([0, 0, 1]))  # two people
    2.0
    """
    sums = np.bincount(cluster, influence)
    return float(np.sqrt(len(sums) / (len(sums) - 1) * (sums**2).sum()))
