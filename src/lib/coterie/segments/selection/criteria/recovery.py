"""Do the clusters come back? Bootstrap recovery and prediction strength."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from coterie.segments.selection.criteria.fit import Fit, fit_labels, random_seed
from coterie.segments.selection.criteria.separation import cluster_centres, members_table


class Recovery(NamedTuple):
    """What comes back of a clustering when it is made anew from resamples."""

    # (resamples, k) overlap of each cluster with the new cluster most like it, 0 for none
    jaccard: np.ndarray
    # (n,) share of the resamples holding the person in which it lies in the matched cluster
    membership: np.ndarray


def clusterboot(
    points: np.ndarray, fit: Fit, k: int, *, seed: int, resamples: int = 100
) -> Recovery:
    """Cluster bootstrap resamples anew and see which clusters, and which people, come back.

    A person sampled twice counts once, so a resample holds about 63 % of the people, and clusters
    are compared among those. Two clusters may find their best match in the same new one; for
    `membership` clusters are matched one to one, and noise with noise. Under 0.6 a cluster should
    not be trusted; from 0.75 it is called stable. Cutting a continuum in two can be stable as well:
    read it beside structureless points. Who was never sampled has a membership of nan.

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
    labels = fit_labels(fit, points, k, seed)
    jaccard = np.empty((resamples, k))
    sampled = np.zeros(len(points))
    agreed = np.zeros(len(points))
    for number in range(resamples):
        rows = np.unique(rng.integers(len(points), size=len(points)))
        again = fit_labels(fit, points[rows], k, random_seed(rng))
        overlap = overlaps(labels[rows], again, k)
        jaccard[number] = overlap.max(axis=1)
        match = np.append(linear_sum_assignment(-overlap)[1], -1)
        sampled[rows] += 1
        agreed[rows] += match[labels[rows]] == again
    return Recovery(
        jaccard, np.divide(agreed, sampled, out=np.full(len(points), np.nan), where=sampled > 0)
    )


def prediction_strength(
    points: np.ndarray, fit: Fit, k: int, *, seed: int, splits: int = 10
) -> np.ndarray:
    """Cluster both halves of the people: do each half's centres keep the other's pairs?

    A half's strength is the share of pairs kept in its worst cluster; a split's is the mean of both
    halves'. From 0.8 the authors call k supported. A cluster of one has no pair to lose and counts
    1, and so does k = 1; a half without any cluster, all noise, counts 0. Returns (splits,).

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
        found = [members_table(fit_labels(fit, half, k, random_seed(rng))) for half in halves]
        centres = [
            cluster_centres(half, members) for half, members in zip(halves, found, strict=True)
        ]
        strengths[number] = np.mean([_kept(halves[i], found[i], centres[1 - i]) for i in (0, 1)])
    return strengths


def overlaps(one: np.ndarray, other: np.ndarray, k: int) -> np.ndarray:
    """Tabulate the Jaccard overlap of all k clusters with all k, absent ones too.

    Noise is left out of the result.
    """
    both = np.zeros((k + 1, k + 1))
    np.add.at(both, (one, other), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)[:k, :k]


def _kept(points: np.ndarray, members: np.ndarray, centres: np.ndarray) -> float:
    """Find the worst cluster's share of pairs that the other half's centres keep together.

    A pair is kept when both people are nearest to the same centre.
    """
    if not members.shape[1] or not len(centres):
        return 0.0
    together = members.T.astype(float) @ members_table(cdist(points, centres).argmin(axis=1))
    sizes = members.sum(axis=0)
    pairs = sizes * (sizes - 1)
    return float(
        np.divide(
            (together**2 - together).sum(axis=1), pairs, out=np.ones(len(pairs)), where=pairs > 0
        ).min()
    )
