"""Columns in which many people share a value, spread out so that a tie is no group."""

import numpy as np
from scipy import stats

TIED = 0.2  # share of people with one value from which a column counts as discrete


def tied_columns(values: np.ndarray) -> np.ndarray:
    """Say which columns are discrete: (p,); one value is that of a fifth of the people, or more.

    >>> tied_columns(np.column_stack([np.arange(10.0), np.arange(10) // 5])).tolist()
    [False, True]
    """
    return np.array([most_common_share(column) >= TIED for column in values.T])


def most_common_share(column: np.ndarray) -> float:
    """Give the share of people with the commonest value; unknown values count for nothing."""
    known = column[np.isfinite(column)]
    counts = np.unique(known, return_counts=True)[1]
    return float(counts.max() / len(known)) if len(known) else 0.0


def spread_ties(columns: np.ndarray, tied: np.ndarray, *, seed: int) -> np.ndarray:
    """Replace discrete columns by normal scores, in which people of one value stand anyhow.

    Yes and no, or never and sometimes, leave a gap in any column that holds them. Spread out, such
    a column has none of its own, and a gap remains only where several columns agree on it.

    >>> spread_ties(np.array([[0.0], [0.0], [1.0]]), np.array([True]), seed=0).shape
    (3, 1)
    """
    spread = columns.copy()
    rng = np.random.default_rng(seed)
    for j in np.flatnonzero(tied):
        order = np.lexsort((rng.random(len(columns)), columns[:, j]))
        ranks = np.empty(len(columns))
        ranks[order] = np.arange(len(columns)) + 0.5
        spread[:, j] = stats.norm.ppf(ranks / len(columns))
    return spread
