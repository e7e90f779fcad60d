"""Where a person belongs: one rule from features to segments, for arrays and for the engine alike."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.special import log_softmax

from coterie.segments.families import MIXTURES, gaussians
from coterie.segments.matrix import Matrix
from coterie.segments.space import LIMIT, Space, points


class Placing(NamedTuple):
    """A segmentation as a rule: everything it takes to place somebody who was not there when it was made."""

    features: list[str]  # p names, in the order of the space
    space: Space
    segments: list[str]  # k ids
    centres: np.ndarray  # (k, q)
    roots: np.ndarray  # (k, q, q) a point's offset from the centre times this has deviation 1 within the cluster
    constants: np.ndarray  # (k,) log weight and volume
    temperature: float  # by which scores are divided before they become shares; above 1 they are less sure


def fit_placing(
    space: Space, values: np.ndarray, labels: np.ndarray, *, features: Sequence[str], method: str, seed: int = 0
) -> Placing:
    """Turn a grouping into a rule.

    k-means puts people with the nearest centre; a mixture where it is most likely that they come
    from. Ward, HDBSCAN and medoids only know the people they grouped: their groups are summed up as
    Gaussians of one common shape, and noise is placed like everybody else.

    Parameters
    ----------
    values
        (n, p) in natural units.
    labels
        (n,) cluster of each, -1 for noise.

    >>> values = np.array([[0.0], [1.0], [9.0], [10.0]])
    >>> from coterie.segments.space import fit_space
    >>> rule = fit_placing(fit_space(values), values, np.array([0, 0, 1, 1]), features=["x"], method="k-means")
    >>> log_odds(rule, np.array([[2.0], [7.0]])).argmax(axis=1).tolist()
    [0, 1]
    """
    at, k = points(space, values), int(labels.max()) + 1
    sizes = np.bincount(labels[labels >= 0], minlength=k) / max((labels >= 0).sum(), 1)
    centres = np.stack([at[labels == cluster].mean(axis=0) for cluster in range(k)])
    weights = np.log(sizes)
    if method in MIXTURES:
        model = gaussians(at, k, kind=MIXTURES[method], seed=seed, tries=5)
        centres, roots, weights = model.means_, whiten(model, MIXTURES[method]), np.log(model.weights_)
    elif method == "k-means":
        offsets = at - centres[labels]
        roots, weights = np.stack([np.eye(at.shape[1]) / max(offsets.std(), 1e-9)] * k), np.zeros(k)
    else:
        inside = labels >= 0
        common = np.cov((at[inside] - centres[labels[inside]]).T).reshape(at.shape[1], -1)
        ridge = 1e-3 * np.trace(common) / len(common) + 1e-9
        roots = np.stack([np.linalg.cholesky(np.linalg.inv(common + ridge * np.eye(len(common))))] * k)
    constants = weights + np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
    ids = [str(cluster) for cluster in range(k)]
    return Placing(list(features), space, ids, centres, roots, constants, 1.0)


def whiten(model: object, kind: str) -> np.ndarray:
    """Bring a mixture's precisions to one form, (k, q, q): for every cluster its own matrix."""
    roots = np.asarray(model.precisions_cholesky_)
    if kind == "diag":
        return np.stack([np.diag(row) for row in roots])
    return roots if kind == "full" else np.stack([roots] * len(model.means_))


def log_odds(placing: Placing, values: np.ndarray) -> np.ndarray:
    """Score every person in every segment: (n, k), highest where they belong.

    Parameters
    ----------
    values
        (n, p) in natural units and the order of `placing.features`, missing where unknown.
    """
    at = points(placing.space, values)
    pairs = zip(placing.centres, placing.roots, strict=True)
    return placing.constants - 0.5 * np.stack([(((at - c) @ root) ** 2).sum(axis=1) for c, root in pairs], axis=1)


def scorer(placing: Placing) -> Callable[[pd.DataFrame], np.ndarray]:
    """Make the function that scores people from a table of traits, as `why_in` and `ablation` take it."""
    return lambda people: log_odds(placing, people[placing.features].to_numpy(float))


def place_matrix(matrix: Matrix, *, placing: Placing) -> np.ndarray:
    """Put everybody of a sample, those included who had no say, into the most likely segment: (n,) positions."""
    return log_odds(placing, matrix.traits[placing.features].to_numpy(float)).argmax(axis=1)


def shares(placing: Placing, values: np.ndarray) -> np.ndarray:
    """Say how much each person belongs to each segment: (n, k), rows sum to 1."""
    return np.exp(log_softmax(log_odds(placing, values) / placing.temperature, axis=1))


def place_people(features: ir.Table, *, placing: Placing) -> ir.Table:
    """Place everybody in the engine: the same rule as an expression, so that a million people stay where they are.

    Parameters
    ----------
    features
        `person_id`, `fitted` and the features of the rule, one row a person.

    Returns
    -------
    Table
        `person_id`, `fitted`, and one column a segment: the person's share in it.
    """
    kept, ks = ["person_id", "fitted"], range(len(placing.segments))
    standard = features.select(*kept, **{f"x{j}": scaled(features, placing, j) for j in range(len(placing.features))})
    axes = placing.space.rotation.T
    rotated = standard.select(
        *kept, **{f"z{axis}": weighted(standard, "x", weights) for axis, weights in enumerate(axes)}
    )
    scored = rotated.select(*kept, **{f"s{c}": score(rotated, placing, c) for c in ks})
    best = scored.mutate(best=ibis.greatest(*(scored[f"s{c}"] for c in ks)))
    odds = best.select(*kept, **{f"s{c}": ((best[f"s{c}"] - best["best"]) / placing.temperature).exp() for c in ks})
    total = odds.mutate(total=reduce(add, (odds[f"s{c}"] for c in ks)))
    shown = {name: total[f"s{c}"] / total["total"] for c, name in enumerate(placing.segments)}
    return total.select("person_id", "fitted", **shown)


def scaled(people: ir.Table, placing: Placing, j: int) -> ir.FloatingValue:
    """Write one feature on its common scale: gap filled, logged, standardised, extremes cut."""
    space, value = placing.space, people[placing.features[j]].cast("float64")
    value = ibis.ifelse(value.isnull() | value.isnan() | value.isinf(), float(space.filler[j]), value)
    if space.typical[j] > 0:
        value = (1 + ibis.greatest(value, 0.0) / float(space.typical[j])).ln()
    spread = float(space.spread[j])
    standard = (value - float(space.mean[j])) / spread if np.isfinite(spread) else value * 0.0
    return ibis.greatest(ibis.least(standard, LIMIT), -LIMIT)


def weighted(table: ir.Table, letter: str, weights: np.ndarray) -> ir.FloatingValue:
    """Write a weighted sum of the numbered columns."""
    return reduce(add, (table[f"{letter}{j}"] * float(weight) for j, weight in enumerate(weights)))


def score(rotated: ir.Table, placing: Placing, cluster: int) -> ir.FloatingValue:
    """Write one segment's score: how far a person is from its centre, in the segment's own spread."""
    root = placing.roots[cluster]
    offset = -placing.centres[cluster] @ root
    terms = [partial_sum(rotated, column) + float(shift) for column, shift in zip(root.T, offset, strict=True)]
    return float(placing.constants[cluster]) - 0.5 * reduce(add, (term * term for term in terms))


def partial_sum(rotated: ir.Table, weights: np.ndarray) -> ir.FloatingValue:
    """Write a weighted sum of the axes that count; most of a root is zero."""
    used = [rotated[f"z{axis}"] * float(weight) for axis, weight in enumerate(weights) if weight]
    return reduce(add, used)
