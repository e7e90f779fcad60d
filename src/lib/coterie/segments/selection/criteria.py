"""By which figures is a number of clusters judged? Silhouette, gap statistic, recovery, prediction.

Every figure that has to cluster anew takes a `fit`, so that all ways to cluster are judged alike,
on people and on structureless points. Labels are 0..k-1; a negative label is noise, a person in no
cluster.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

Fit = Callable[[np.ndarray, int, int], np.ndarray]  # points (n, q), k, seed -> labels (n,)


class Recovery(NamedTuple):
    """What comes back of a clustering when it is made anew from resamples."""

    # (resamples, k) overlap of each cluster with the new cluster most like it, 0 for none
    jaccard: np.ndarray
    # (n,) share of the resamples holding the person in which it lies in the matched cluster
    membership: np.ndarray


def distances(points: np.ndarray) -> np.ndarray:
    """Measure how far every person is from every other (Euclidean): (n, n), for
    `silhouette_widths`.

    >>> distances(np.array([[0.0, 0.0], [3.0, 4.0]])).tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    return cdist(points, points)


def silhouette_widths(distances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Show how much better each person fits its own cluster than the nearest other one: 1 is best,
    -1 worst.

    Who is alone in a cluster has 0, and so has everybody when there is one cluster only, where
    Rousseeuw defines no width. Noise has no width (nan) and is no neighbour. Returns (n,).

    References
    ----------
    Rousseeuw (1987), "Silhouettes", Journal of Computational and Applied Mathematics 20.

    >>> silhouette_widths(distances(np.array([[0.0], [1.0], [9.0]])), np.array([0, 0, 1])).round(
    ...     3
    ... ).tolist()
    [0.889, 0.875, 0.0]
    """
    members = _members(labels)
    sizes = members.sum(axis=0)
    # One product with the members' table sums the distances to every cluster at once.
    sums = distances @ members.astype(distances.dtype)
    own = np.where(members, sums / np.maximum(sizes - 1, 1), 0).sum(axis=1)
    other = np.where(members, np.inf, sums / sizes).min(axis=1, initial=np.inf)
    larger = np.maximum(own, other)
    shown = (members @ sizes > 1) & (larger > 0) & np.isfinite(other)
    widths = np.divide(other - own, larger, out=np.zeros(len(labels)), where=shown)
    return np.where(members.any(axis=1), widths, np.nan)


def silhouette(distances: np.ndarray, labels: np.ndarray) -> float:
    """Average the silhouette widths of the people in clusters; 0 where nobody is in one.

    >>> silhouette(distances(np.array([[0.0], [1.0], [9.0], [4.0]])), np.array([0, 0, 1, -1]))
    0.587962...
    """
    widths = silhouette_widths(distances, labels)[np.asarray(labels) >= 0]
    return float(widths.mean()) if len(widths) else 0.0


def within(points: np.ndarray, labels: np.ndarray) -> float:
    """Sum how far people are from the centre of their cluster, squared. Noise is left out.

    >>> within(np.array([[0.0], [2.0], [9.0], [50.0]]), np.array([0, 0, 1, -1]))
    2.0
    """
    members = _members(labels)
    offsets = points - members @ _centres(points, members)
    return float((offsets[members.any(axis=1)] ** 2).sum())


def elbow(ks: Sequence[int], withins: Sequence[float]) -> int:
    """Find the number of clusters after which more of them gain little: where the curve of `within`
    bends most.

    That is the point furthest under the line from the first to the last, both axes scaled to 0..1.
    There is always one, whatever the data, unless the curve has no bend: then it is the first of
    `ks`, which are in rising order.

    References
    ----------
    Satopaa, Albrecht, Irwin and Raghavan (2011), "Finding a 'Kneedle' in a Haystack", ICDCS
    Workshops.

    >>> elbow([1, 2, 3, 4, 5], [100, 50, 20, 15, 12])
    3
    """
    across = np.asarray(ks, dtype=float)
    down = np.asarray(withins, dtype=float)
    if down[0] == down[-1]:
        return int(ks[0])
    under = (
        1
        - (across - across[0]) / (across[-1] - across[0])
        - (down - down[-1]) / (down[0] - down[-1])
    )
    # Rounded, so that a straight line is one in floating point as well.
    return int(ks[under.round(9).argmax()])


def gap(
    points: np.ndarray,
    ks: Sequence[int],
    fit: Fit,
    *,
    seed: int,
    references: int = 20,
    rotate: bool = True,
) -> pd.DataFrame:
    """Compare how tight the clusters are with those found in points strewn systematic_sample over
    the same box.

    The box lies along the principal components of the points or, without `rotate`, along their axes
    (the paper's two references; clusGap's "scaledPCA" and "original"). Distances are squared, as in
    the paper and with `d.power=2` in clusGap, whose default is unsquared and whose log W is less by
    log 2, which no gap feels. Noise leaves W, so a `fit` that drops many people looks tight:
    compare it with itself only.

    Start `ks` at 1, or "no clusters" cannot be the answer. Takes 2 `references` or more. Returns
    one row for each
    of `ks`: k, within (log W of the points), expected (mean log W of the references), gap (expected
    - within),
    error (of one gap: standard deviation over references, times sqrt(1 + 1/references)).

    References
    ----------
    Tibshirani, Walther and Hastie (2001), "Estimating the number of clusters in a data set via the
    gap statistic", JRSS B 63. Maechler and others, R package cluster, clusGap.

    >>> halves = lambda points, k, seed: (points[:, 0] > points[:, 0].mean()).astype(int)
    >>> points = np.array(
    ...     [[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]]
    ... )  # within: 154 as one cluster, 4 as two
    >>> frame = gap(points, [1, 2], halves, seed=0)
    >>> np.exp(frame["within"]).round(9).tolist(), bool(frame["gap"][1] > frame["gap"][0])
    ([154.0, 4.0], True)
    """
    rng = np.random.default_rng(seed)
    centred = points - points.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2] if rotate else np.eye(points.shape[1])
    box = centred @ axes.T
    expected = np.empty((references, len(ks)))
    for number in range(references):
        strewn = rng.uniform(box.min(axis=0), box.max(axis=0), size=box.shape) @ axes + points.mean(
            axis=0
        )
        expected[number] = _log_withins(strewn, ks, fit, _another(rng))
    frame = pd.DataFrame({"k": list(ks), "within": _log_withins(points, ks, fit, seed)})
    frame["expected"] = expected.mean(axis=0)
    frame["gap"] = frame["expected"] - frame["within"]
    return frame.assign(error=expected.std(axis=0, ddof=1) * np.sqrt(1 + 1 / references))


def gap_choice(frame: pd.DataFrame) -> int:
    """Take the smallest number of clusters whose gap the next number does not beat by more than its
    error.

    The last of them if every next one does (the paper's rule, "Tibs2001SEmax" in R). The rule stops
    early: three lumps in a triangle, which two clusters fit badly, may well be called one.

    >>> gap_choice(
    ...     pd.DataFrame({"k": [1, 2, 3], "gap": [0.1, 0.9, 0.92], "error": [0.05, 0.05, 0.05]})
    ... )
    2
    """
    gaps = frame["gap"].to_numpy()
    errors = frame["error"].to_numpy()
    ks = frame["k"].to_numpy()
    enough = gaps[:-1] >= gaps[1:] - errors[1:]
    return int(ks[enough.argmax()] if enough.any() else ks[-1])


def clusterboot(
    points: np.ndarray, fit: Fit, k: int, *, seed: int, resamples: int = 100
) -> Recovery:
    """Cluster bootstrap resamples anew and see which clusters, and which people, come back.

    A person drawn twice counts once, so a resample holds about 63 % of the people, and clusters are
    compared among those. Two clusters may find their best match in the same new one; for
    `membership` clusters are matched one to one, and noise with noise. Under 0.6 a cluster should
    not be trusted; from 0.75 it is called stable. Cutting a continuum in two can be stable as well:
    read it beside structureless points. Who was never drawn has a membership of nan.

    References
    ----------
    Hennig (2007), "Cluster-wise assessment of cluster stability", Computational Statistics and Data
    Analysis 52; R package fpc, clusterboot with bootmethod "boot". The one-to-one matching is ours.

    >>> halves = lambda points, k, seed: (points[:, 0] > 5).astype(int)
    >>> found = clusterboot(
    ...     np.array([[0.0], [1.0], [9.0], [10.0]]), halves, 2, seed=0, resamples=20
    ... )
    >>> found.jaccard.max(axis=0).tolist(), found.membership.tolist()
    ([1.0, 1.0], [1.0, 1.0, 1.0, 1.0])
    """
    rng = np.random.default_rng(seed)
    labels = _fitted(fit, points, k, seed)
    jaccard = np.empty((resamples, k))
    drawn = np.zeros(len(points))
    agreed = np.zeros(len(points))
    for number in range(resamples):
        rows = np.unique(rng.integers(len(points), size=len(points)))
        again = _fitted(fit, points[rows], k, _another(rng))
        overlap = _overlaps(labels[rows], again, k)
        jaccard[number] = overlap.max(axis=1)
        match = np.append(linear_sum_assignment(-overlap)[1], -1)
        drawn[rows] += 1
        agreed[rows] += match[labels[rows]] == again
    return Recovery(
        jaccard, np.divide(agreed, drawn, out=np.full(len(points), np.nan), where=drawn > 0)
    )


def prediction_strength(
    points: np.ndarray, fit: Fit, k: int, *, seed: int, splits: int = 10
) -> np.ndarray:
    """Cluster both halves of the people and see whether each half's centres keep the other's pairs
    together.

    A half's strength is the share of pairs kept in its worst cluster; a split's is the mean of both
    halves'. From
    0.8 the authors call k supported. A cluster of one has no pair to lose and counts 1, and so does
    k = 1; a half
    without any cluster, all noise, counts 0. Returns (splits,).

    References
    ----------
    Tibshirani and Walther (2005), "Cluster validation by prediction strength", Journal of
    Computational and Graphical Statistics 14. R package fpc, prediction.strength with
    classification "centroid".

    >>> halves = lambda points, k, seed: (points[:, 0] > points[:, 0].mean()).astype(int)
    >>> prediction_strength(
    ...     np.array([[0.0], [1.0], [2.0], [50.0], [51.0], [52.0]]), halves, 2, seed=4, splits=1
    ... )
    array([1.])
    """
    rng = np.random.default_rng(seed)
    strengths = np.empty(splits)
    for number in range(splits):
        halves = [
            points[rows] for rows in np.split(rng.permutation(len(points)), [len(points) // 2])
        ]
        found = [_members(_fitted(fit, half, k, _another(rng))) for half in halves]
        centres = [_centres(half, members) for half, members in zip(halves, found, strict=True)]
        strengths[number] = np.mean([_kept(halves[i], found[i], centres[1 - i]) for i in (0, 1)])
    return strengths


def _fitted(fit: Fit, points: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Ask for k clusters where there is something to ask: one is everybody, and too few people are
    one each.
    """
    if k == 1:
        return np.zeros(len(points), dtype=int)
    if len(points) < k:
        return np.arange(len(points))
    labels = np.asarray(fit(points, k, seed))
    if labels.shape != (len(points),) or labels.max() >= k:
        raise ValueError(
            f"a fit of {k} clusters returns one label below {k} for each point, not {labels}"
        )
    return np.maximum(labels, -1)


def _another(rng: np.random.Generator) -> int:
    """Draw a seed that every library accepts."""
    return int(rng.integers(2**31))


def _members(labels: np.ndarray) -> np.ndarray:
    """Tabulate who is in which cluster: (n, clusters that occur), a row without a mark being
    noise.
    """
    labels = np.asarray(labels)
    return labels[:, None] == np.unique(labels[labels >= 0])


def _centres(points: np.ndarray, members: np.ndarray) -> np.ndarray:
    return members.T.astype(float) @ points / members.sum(axis=0)[:, None]


def _log_withins(points: np.ndarray, ks: Sequence[int], fit: Fit, seed: int) -> np.ndarray:
    """Take log W for every k. What is only rounding error counts as such, so that equal points have
    no gap.
    """
    rounding = (16 * np.finfo(float).eps) ** 2 * (points**2).sum() + np.finfo(float).tiny
    return np.log([max(within(points, _fitted(fit, points, k, seed)), rounding) for k in ks])


def _overlaps(one: np.ndarray, other: np.ndarray, k: int) -> np.ndarray:
    """Tabulate the Jaccard overlap of all k clusters with all k, absent ones too; noise stands last
    and goes.
    """
    both = np.zeros((k + 1, k + 1))
    np.add.at(both, (one, other), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)[:k, :k]


def _kept(points: np.ndarray, members: np.ndarray, centres: np.ndarray) -> float:
    """Find the worst cluster's share of pairs whose two people are nearest to the same of the other
    half's centres.
    """
    if not members.shape[1] or not len(centres):
        return 0.0
    together = members.T.astype(float) @ _members(cdist(points, centres).argmin(axis=1))
    sizes = members.sum(axis=0)
    pairs = sizes * (sizes - 1)
    return float(
        np.divide(
            (together**2 - together).sum(axis=1), pairs, out=np.ones(len(pairs)), where=pairs > 0
        ).min()
    )
