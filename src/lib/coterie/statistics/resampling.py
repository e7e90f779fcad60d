"""Errors by leaving groups of people out, and how much two groupings of the same people overlap."""

import numpy as np
from scipy import stats


def jackknife_error(estimates: np.ndarray) -> np.ndarray:
    """Measure a standard error from copies of an estimate that each leave one group of people out.

    The copies stand along the first axis.

    References
    ----------
    Kott (2001), "The Delete-a-Group Jackknife", Journal of Official Statistics 17.

    >>> float(jackknife_error(np.array([1.0, 3.0])))
    1.0
    """
    n = len(estimates)
    return np.sqrt((n - 1) / n * ((estimates - estimates.mean(axis=0)) ** 2).sum(axis=0))


def jackknife_half_width(estimates: np.ndarray) -> np.ndarray:
    """Measure half the 95 % t interval of the same; one group alone has none.

    >>> float(jackknife_half_width(np.array([1.0, 3.0])).round(1))
    12.7
    """
    n = len(estimates)
    if n < 2:
        return np.full(estimates.shape[1:], np.nan)
    return stats.t.ppf(0.975, n - 1) * jackknife_error(estimates)


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
