"""Structureless data of the same shape, to read every figure against."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import stats

from coterie.segments.preparation.space import log_units, take_logs
from coterie.segments.preparation.ties import tied_columns

HUMPS = 24  # places tried for the one hump of a column
NULLS = ("one-humped", "copula", "permuted")
FEW = 10  # people a group has at least that is drawn anew; fewer stay as they are
APART = 100_000  # between the seeds of two groups


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


class Humps(NamedTuple):
    """Columns with one hump each, nearest to those of some people: what is drawn from."""

    typical: np.ndarray  # (p,) unit of columns that are logged, 0 of others
    # by column: values and the share of people up to each; discrete columns as they are
    curves: list[tuple[np.ndarray, np.ndarray]]
    tied: np.ndarray  # (p,) whether a column is discrete


def find_humps(values: np.ndarray) -> Humps:
    """Find the columns with one hump that are nearest to these, on the scale groups are sought on.

    >>> humps = find_humps(np.repeat([[0.0], [9.0]], 50, axis=0) + np.arange(100)[:, None] / 100)
    >>> bool(((one_humped(humps, root=np.eye(1), n=100, seed=0) - 5) ** 2 < 9).mean() > 0.3)
    True
    """
    typical = log_units(values)
    tied = tied_columns(values)
    logged = np.sort(take_logs(values, typical), axis=0)
    curves = [
        (column, cumulative(column)) if discrete else nearest_hump(column)
        for column, discrete in zip(logged.T, tied, strict=True)
    ]
    return Humps(typical, curves, tied)


def one_humped(humps: Humps, *, root: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Simulate a continuum with the same rank correlations and one hump in every column: (n, p).

    Beside the copula's, whose columns keep every value and with them a split that lies in a single
    column, this one can be beaten by such a split. A discrete column keeps its values.

    Parameters
    ----------
    humps
        From `find_humps` of people of whom nothing is missing.
    root
        (p, p) from `latent_root` of the same people.

    References
    ----------
    Hennig and Lin (2015), "Flexible parametric bootstrap for testing homogeneity against
    clustering and assessing the number of clusters", Statistics and Computing 25.
    """
    rng = np.random.default_rng(seed)
    like = rng.standard_normal((n, len(root))) @ root
    ordered = np.column_stack(
        [
            np.sort(rng.choice(knots, n) if tied else np.interp(rng.random(n), shares, knots))
            for (knots, shares), tied in zip(humps.curves, humps.tied, strict=True)
        ]
    )
    unit = np.where(humps.typical > 0, humps.typical, 1.0)
    natural = unit * np.expm1(np.minimum(ordered, 50))
    return arrange(np.where(humps.typical > 0, natural, ordered), like)


def nearest_hump(ordered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the distribution with one hump nearest to rising values: values, and shares up to each.

    Its cumulative curve bends up before the hump and down after it; of the humps tried, the one
    that needs the least change is taken.
    """
    best = (np.inf, ordered, cumulative(ordered))
    for hump in np.unique(np.linspace(1, max(len(ordered) - 2, 1), HUMPS).astype(int)):
        knots, heights = bend(ordered, hump)
        change = float(np.abs(np.interp(ordered, knots, heights) - cumulative(ordered)).max())
        if change < best[0]:
            best = (change, knots, heights)
    return best[1], best[2]


def cumulative(ordered: np.ndarray) -> np.ndarray:
    """Give the share of people up to each value, 0 at the first and 1 at the last."""
    return np.arange(len(ordered)) / max(len(ordered) - 1, 1)


def bend(ordered: np.ndarray, hump: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the knots of the curve under the points up to the hump, and over them after it."""
    shares = cumulative(ordered)
    low = hull(ordered[: hump + 1], shares[: hump + 1])
    high = hull(ordered[hump:], -shares[hump:]) + hump
    knots = np.unique(np.concatenate([low, high]))
    return ordered[knots], shares[knots]


def hull(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """List the points of the lower convex hull of a rising row of points, first and last included.

    >>> hull(np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 1.0])).tolist()
    [0, 2]
    """
    kept: list[int] = []
    for point in range(len(x)):
        while len(kept) > 1:
            a, b = kept[-2], kept[-1]
            if (y[b] - y[a]) * (x[point] - x[a]) < (y[point] - y[a]) * (x[b] - x[a]):
                break
            kept.pop()
        kept.append(point)
    return np.array(kept)


def make_nulls(values: np.ndarray) -> dict[str, Callable[[int], np.ndarray]]:
    """Give the makers of structureless replicates by kind; each takes a seed.

    >>> sorted(make_nulls(np.eye(3)))
    ['copula', 'one-humped', 'permuted']
    """
    root = latent_root(values)  # the costly parts, the same for every replicate
    humps = find_humps(values)
    return {
        "one-humped": lambda seed: one_humped(humps, root=root, n=len(values), seed=seed),
        "copula": lambda seed: copula(values, root=root, seed=seed),
        "permuted": lambda seed: permuted(values, seed=seed),
    }


def structureless_within(values: np.ndarray, labels: np.ndarray) -> Callable[[int], np.ndarray]:
    """Give the maker of people who have these groups and nothing inside them; it takes a seed.

    Every group is drawn as one hump with its own columns and correlations. Groups that are finer
    have to come back more often here: where a group is skewed, pieces of it come back too.

    >>> values = np.repeat([[0.0], [9.0]], 50, axis=0) + np.tile(np.arange(50) > 24, 2)[:, None]
    >>> values += np.arange(100)[:, None] / 1000
    >>> drawn = structureless_within(values, np.repeat([0, 1], 50))(0)
    >>> drawn.shape, bool((drawn[:50] < 2).all() and (drawn[50:] > 8).all())
    ((100, 1), True)
    """
    groups = [np.flatnonzero(labels == group) for group in np.unique(labels)]
    large = [own for own in groups if len(own) >= FEW]
    makers = [make_nulls(values[own])["one-humped"] for own in large]

    def make(seed: int) -> np.ndarray:
        drawn = values.copy()
        for place, (own, draw) in enumerate(zip(large, makers, strict=True)):
            drawn[own] = draw(seed + APART * place)
        return drawn

    return make


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
