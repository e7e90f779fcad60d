"""One clustering, how well resamples recover it, and structureless data to compare with."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from coterie.statistics import overlap_matrix


class Clustering(NamedTuple):
    """People in k clusters."""

    labels: np.ndarray  # (n,) integers 0..k-1, which mean nothing between fits
    centres: np.ndarray  # (k, q)


class Recovery(NamedTuple):
    """What resampling says about a clustering."""

    jaccard: np.ndarray  # (resamples, k) overlap of each cluster with its best match
    membership: np.ndarray  # (n,) share of resamples that put the person in the same cluster


def cluster(points: np.ndarray, k: int, *, seed: int, tries: int = 10) -> Clustering:
    """Group points around k centres (k-means, best of several starts)."""
    fitted = KMeans(k, n_init=tries, random_state=seed).fit(points)
    return Clustering(fitted.labels_, fitted.cluster_centers_)


def nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Find each point's nearest centre.

    >>> nearest(np.array([[0.0], [9.0]]), np.array([[1.0], [8.0]])).tolist()
    [0, 1]
    """
    return (-2 * points @ centres.T + (centres**2).sum(axis=1)).argmin(axis=1)


def recovery(points: np.ndarray, clustering: Clustering, *, seed: int, resamples: int = 20) -> Recovery:
    """Refit on bootstrap resamples and see which clusters, and which people, come back.

    Under 0.6 a cluster should not be trusted; from 0.75 it is called stable.

    References
    ----------
    Hennig (2007), "Cluster-wise assessment of cluster stability", CSDA 52.
    """
    rng = np.random.default_rng(seed)
    k = len(clustering.centres)
    jaccard, agreed = np.zeros((resamples, k)), np.zeros(len(points))
    for number in range(resamples):
        rows = rng.integers(len(points), size=len(points))
        again = nearest(points, cluster(points[rows], k, seed=seed + number, tries=4).centres)
        overlap = np.zeros((k, k))
        found = overlap_matrix(clustering.labels, again)
        overlap[:, np.unique(again)] = found
        jaccard[number] = overlap.max(axis=1)
        old, new = linear_sum_assignment(-overlap)
        match = np.empty(k, dtype=int)
        match[new] = old
        agreed += match[again] == clustering.labels
    return Recovery(jaccard, agreed / resamples)


def null_draw(points: np.ndarray, *, seed: int) -> np.ndarray:
    """Draw structureless data of the same shape: each component shuffled over people on its own.

    Every component keeps its distribution and stays uncorrelated with the others; only the groups
    that more than one component agrees on are gone.

    >>> sorted(null_draw(np.array([[1.0], [2.0], [3.0]]), seed=0).ravel().tolist())
    [1.0, 2.0, 3.0]
    """
    return np.random.default_rng(seed).permuted(points, axis=0)
