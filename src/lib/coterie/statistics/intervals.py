"""An estimate and the ends of its 95 % interval."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats


class Interval(NamedTuple):
    """An estimate and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


UNKNOWN = Interval(float("nan"), float("nan"), float("nan"))


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
        return UNKNOWN
    bounds = stats.binomtest(int(successes), int(trials)).proportion_ci(method="wilson")
    return Interval(successes / trials, float(bounds.low), float(bounds.high))


def share_intervals(successes: pd.Series, trials: pd.Series) -> pd.DataFrame:
    """Estimate many shares with their intervals, one row each, on the index of `successes`.

    Returns `value`, `low`, `high`.

    >>> share_intervals(pd.Series([0, 5]), pd.Series([10, 10])).round(2).values.tolist()
    [[0.0, 0.0, 0.28], [0.5, 0.24, 0.76]]
    """
    rows = [share_interval(*pair) for pair in zip(successes, trials, strict=True)]
    return pd.DataFrame(rows, columns=Interval._fields, index=successes.index, dtype=float)


def auc_interval(outcome: np.ndarray, scores: np.ndarray) -> Interval:
    """Estimate the area under the ROC curve with its 95 % interval.

    It is the chance that somebody with the outcome scores higher than somebody without it: 0.5 is
    guessing. Both sides need two people.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; Sun and Xu (2014) for the form by
    ranks.

    >>> auc_interval(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])).value
    0.75
    """
    yes = scores[np.asarray(outcome) == 1]
    no = scores[np.asarray(outcome) == 0]
    over = pd.Series(np.r_[yes, no]).rank()[: len(yes)] - pd.Series(yes).rank()
    above = over / len(no)
    under = pd.Series(np.r_[no, yes]).rank()[: len(no)] - pd.Series(no).rank()
    below = 1 - under / len(yes)
    error = np.sqrt(above.var(ddof=1) / len(yes) + below.var(ddof=1) / len(no))
    auc = float(above.mean())
    return Interval(auc, float(max(auc - 1.96 * error, 0)), float(min(auc + 1.96 * error, 1)))
