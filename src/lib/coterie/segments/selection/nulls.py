"""Structureless data of the same shape, to read every figure against."""

from collections.abc import Sequence

import numpy as np
from scipy import stats


def permuted(values: np.ndarray, *, seed: int) -> np.ndarray:
    """Permute each column over people on its own: the same columns, and no two of them agree.

    >>> sorted(permuted(np.array([[1.0], [2.0], [3.0]]), seed=0).ravel().tolist())
    [1.0, 2.0, 3.0]
    """
    return np.random.default_rng(seed).permuted(values, axis=0)


def copula(values: np.ndarray, *, root: np.ndarray, seed: int) -> np.ndarray:
    """Simulate a continuum with the same columns and the same rank correlations.

    A single Gaussian copula joins the columns. The harder of the two nulls. A continuum of light
    and heavy users splits into stable halves; so does this replicate, and that is why the halves
    are no finding. A missing value counts as lowest.

    Parameters
    ----------
    values
        (n, p), any units; every column keeps exactly its values.
    root
        (p, p) from `latent_root` of the same values.

    References
    ----------
    Nelsen (2006), An Introduction to Copulas, 2nd ed.; Hofert et al. (2018), Elements of Copula
    Modeling with R.

    >>> values = np.column_stack([np.arange(500.0)] * 2)
    >>> replicate = copula(values, root=latent_root(values), seed=0)
    >>> (
    ...     bool((replicate[:, 0] == replicate[:, 1]).mean() > 0.9),
    ...     sorted(replicate[:, 0].tolist())[:2],
    ... )
    (True, [0.0, 1.0])
    """
    lowest = np.where(np.isnan(values), -np.inf, values)
    normal = np.random.default_rng(seed).standard_normal(values.shape)
    return arrange(np.sort(lowest, axis=0), normal @ root)


def null_data(values: np.ndarray, *, seeds: Sequence[int]) -> dict[str, list[np.ndarray]]:
    """Make structureless replicates of both kinds, one a seed.

    >>> {kind: len(made) for kind, made in null_data(np.eye(3), seeds=[0, 1]).items()}
    {'permuted': 2, 'copula': 2}
    """
    root = latent_root(values)  # the costly part, the same for every replicate
    return {
        "permuted": [permuted(values, seed=seed) for seed in seeds],
        "copula": [copula(values, root=root, seed=seed) for seed in seeds],
    }


def latent_root(values: np.ndarray) -> np.ndarray:
    """Find the matrix that gives independent normals these columns' latent correlations: (p, p)."""
    return correlating_root(latent_correlations(np.where(np.isnan(values), -np.inf, values)))


def latent_correlations(values: np.ndarray, *, rounds: int = 4) -> np.ndarray:
    """Find the latent Gaussian correlations that give these rank correlations: (p, p).

    Ties weaken a correlation: two columns of yes and no that agree as halves of one normal variable
    would show less of it. So what is missing is added until a large sample shows what the columns
    do.

    >>> agree = np.repeat(
    ...     [[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]], [40, 40, 10, 10], axis=0
    ... )
    >>> bool(0.75 < latent_correlations(agree)[0, 1] < 0.85)  # sin(pi/2 * 0.6) = 0.81
    True
    """
    scores = normal_scores(values)
    target = correlations(scores)
    n = max(2000, len(values))
    sample = np.random.default_rng(0).standard_normal((n, values.shape[1]))
    spread = np.sort(scores, axis=0)[(np.arange(n) * len(values)) // n]
    latent = target
    for _ in range(rounds):
        latent = np.clip(
            latent + target - correlations(arrange(spread, sample @ correlating_root(latent))),
            -1.0,
            1.0,
        )
        np.fill_diagonal(latent, 1.0)
    return latent


def arrange(ordered: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Put each column's ordered values in the order that the column of `like` has.

    >>> arrange(np.array([[1], [2], [3]]), np.array([[0.5], [-1.0], [0.1]])).ravel().tolist()
    [3, 1, 2]
    """
    return np.take_along_axis(ordered, like.argsort(axis=0).argsort(axis=0), axis=0)


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Replace values by the normal quantiles of their (middle) ranks: (n, p)."""
    return stats.norm.ppf((stats.rankdata(values, axis=0) - 0.5) / len(values))


def correlations(scores: np.ndarray) -> np.ndarray:
    """Correlate columns; a constant one correlates with nothing."""
    away = scores - scores.mean(axis=0)
    spread = away.std(axis=0)
    away = away / np.where(spread > 0, spread, np.inf)
    found = away.T @ away / len(away)
    np.fill_diagonal(found, 1.0)
    return found


def correlating_root(matrix: np.ndarray) -> np.ndarray:
    """Find the matrix that gives independent normals these correlations, or the nearest: (p, p)."""
    weights, axes = np.linalg.eigh(matrix)
    mixed = (axes * np.sqrt(np.clip(weights, 0, None))).T
    return mixed / np.sqrt((mixed**2).sum(axis=0))


NULLS = ("permuted", "copula")
