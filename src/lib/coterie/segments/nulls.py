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
    ordered = np.sort(np.where(np.isnan(values), -np.inf, values), axis=0)
    normal = np.random.default_rng(seed).standard_normal(values.shape) @ root(latent_correlations(ordered, values))
    return np.take_along_axis(ordered, normal.argsort(axis=0).argsort(axis=0), axis=0)


def latent_correlations(ordered: np.ndarray, values: np.ndarray, *, rounds: int = 4) -> np.ndarray:
    """Find the correlations of a Gaussian that, cut into these columns, has their rank correlations: (p, p).

    Ties weaken a correlation: two columns of yes and no that agree as halves of one normal variable
    would show less of it. So what is missing is added until a large draw shows what the columns do.

    >>> agree = np.repeat([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]], [40, 40, 10, 10], axis=0)
    >>> bool(0.75 < latent_correlations(np.sort(agree, axis=0), agree)[0, 1] < 0.85)  # sin(pi/2 * 0.6) = 0.81
    True
    """
    target = correlations(normal_scores(np.where(np.isnan(values), -np.inf, values)))
    scores, draw = (
        normal_scores(ordered),
        np.random.default_rng(0).standard_normal((max(2000, len(values)), len(target))),
    )
    places = (np.arange(len(draw)) * len(ordered)) // len(draw)
    latent = target
    for _ in range(rounds):
        order = (draw @ root(latent)).argsort(axis=0).argsort(axis=0)
        shown = np.take_along_axis(scores[places], order, axis=0)
        latent = np.clip(latent + target - correlations(shown), -1.0, 1.0)
        np.fill_diagonal(latent, 1.0)
    return latent


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Replace values by the normal quantiles of their ranks, ties by those of their middle rank: (n, p)."""
    return stats.norm.ppf((stats.rankdata(values, axis=0) - 0.5) / len(values))


def correlations(scores: np.ndarray) -> np.ndarray:
    """Correlate columns; a constant one correlates with nothing."""
    away = scores - scores.mean(axis=0)
    spread = away.std(axis=0)
    away = away / np.where(spread > 0, spread, np.inf)
    found = away.T @ away / len(away)
    np.fill_diagonal(found, 1.0)
    return found


def root(matrix: np.ndarray) -> np.ndarray:
    """Take the matrix by which independent normals get these correlations, the nearest that can be had: (p, p)."""
    weights, axes = np.linalg.eigh(matrix)
    mixed = (axes * np.sqrt(np.clip(weights, 0, None))).T
    return mixed / np.sqrt((mixed**2).sum(axis=0))


NULLS = {"permuted": permuted, "copula": copula}
