"""What must never happen: a column that knows too much, a method that finds what is not there."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coterie.statistics.intervals import Interval

TOO_GOOD = 0.95


def single_feature_alarm(
    features: pd.DataFrame, outcome: Sequence, *, limit: float = TOO_GOOD
) -> list[str]:
    """Name every column that alone tells the outcome better than `limit`, in either direction.

    Behaviour is never that clear: such a column has usually seen the outcome.

    >>> table = pd.DataFrame({"paid_later": [0, 0, 1, 1], "visits": [3, 1, 2, 4]})
    >>> single_feature_alarm(table, [0, 0, 1, 1])
    ['paid_later']
    """
    numbers = features.select_dtypes("number").astype(float)
    filled = numbers.fillna(numbers.median()).loc[:, lambda frame: frame.notna().all()]
    aucs = {name: area(outcome, filled[name]) for name in filled}
    return [name for name, auc in aucs.items() if max(auc, 1 - auc) > limit]


def area(outcome: Sequence, values: Sequence) -> float:
    """Measure the area under the ROC curve by ranks; NaN where nobody or everybody has the outcome.

    By ranks alone, since importing scikit-learn for it takes every notebook a third of a second.

    >>> area([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    has = np.asarray(outcome) == 1
    n_yes, n_no = int(has.sum()), int((~has).sum())
    if not n_yes or not n_no:
        return np.nan
    ranks = pd.Series(np.asarray(values, dtype=float)).rank().to_numpy()
    return float((ranks[has].sum() - n_yes * (n_yes + 1) / 2) / (n_yes * n_no))


def mean_of_shuffles(aucs: Sequence[float]) -> Interval:
    """Average what a method found in shuffled outcomes; an interval without 0.5 is a leak in it.

    >>> mean_of_shuffles([0.4, 0.5, 0.6]).value
    0.5
    """
    mean = np.mean(aucs)
    half = 1.96 * np.std(aucs, ddof=1) / np.sqrt(len(aucs))
    return Interval(float(mean), float(mean - half), float(mean + half))


def shuffle_band(outcome: Sequence, *, shuffles: int, usual: float = 0.02) -> float:
    """Say how far from 0.5 the mean AUC of shuffled outcomes may lie: `usual`, or more with few.

    Where people are few, three standard errors of the mean are wider than that.

    References
    ----------
    Mann and Whitney (1947), Annals of Mathematical Statistics 18.

    >>> shuffle_band([True] * 1000 + [False] * 1000, shuffles=20)
    0.02
    >>> round(shuffle_band([True] * 30 + [False] * 30, shuffles=10), 3)
    0.071
    """
    n, yes = len(outcome), int(np.sum(outcome))
    error = np.sqrt((n + 1) / (12 * yes * (n - yes))) / np.sqrt(shuffles)
    return float(max(usual, 3 * error))
