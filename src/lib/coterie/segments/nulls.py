"""Structureless data of the same shape, to read every figure against."""

import numpy as np
from scipy import stats


def permuted(values: np.ndarray, *, seed: int) -> np.ndarray:
    """Shuffle each column over people on its own: the same columns, and no two of them agree.

    >>> sorted(permuted(np.array([[1.0], [2.0], [3.0]]), seed=0).ravel().tolist())
    [1.0, 2.0, 3.0]
    """
    return np.random.default_rng(seed).permuted(values, axis=0)


def copula(values: np.ndarray, *, seed: int) -> np.ndarray:
    """Draw one continuum: the same columns and the same rank correlations, joined by a single Gaussian copula.

    The harder of the two nulls. A continuum of light and heavy users splits into stable halves; so
    does this draw, and that is why the halves are no finding. A missing value counts as lowest.

    Parameters
    ----------
    values
        (n, p), any units; every column keeps exactly its values.

    References
    ----------
    Nelsen (2006), An Introduction to Copulas, 2nd ed.; Hofert et al. (2018), Elements of Copula Modeling with R.

    >>> draw = copula(np.column_stack([np.arange(500.0)] * 2), seed=0)
    >>> sorted(draw[:, 0]) == list(range(500)), bool((draw[:, 0] == draw[:, 1]).mean() > 0.9)
    (True, True)
    """
    rng = np.random.default_rng(seed)
    scores = stats.norm.ppf((stats.rankdata(np.nan_to_num(values, nan=-np.inf), axis=0) - 0.5) / len(values))
    spread = scores.std(axis=0)
    scores = scores / np.where(spread > 0, spread, 1.0)
    weights, axes = np.linalg.eigh(scores.T @ scores / len(scores))
    normal = rng.standard_normal(values.shape) @ (axes * np.sqrt(np.clip(weights, 0, None))).T
    order = normal.argsort(axis=0).argsort(axis=0)
    return np.take_along_axis(np.sort(np.where(np.isnan(values), -np.inf, values), axis=0), order, axis=0)


NULLS = {"permuted": permuted, "copula": copula}
