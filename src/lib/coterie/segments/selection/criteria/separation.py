"""How tight are clusters, and how far apart? Silhouette, variance within, its elbow."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial.distance import cdist


def distances(points: np.ndarray) -> np.ndarray:
    """Measure the Euclidean distances between all people: (n, n), for `silhouette_widths`.

    >>> distances(np.array([[0.0, 0.0], [3.0, 4.0]])).tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    return cdist(points, points)


def silhouette_widths(distances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Measure how much better each person fits their own cluster than the nearest other: (n,).

    1 is best, -1 worst. Who is alone in a cluster has 0, and so has everybody when there is one
    cluster only, where Rousseeuw defines no width. Noise has no width (nan) and is no neighbour.
    Returns (n,).

    References
    ----------
    Rousseeuw (1987), "Silhouettes", Journal of Computational and Applied Mathematics 20.

    >>> silhouette_widths(distances(np.array([[0.0], [1.0], [9.0]])), np.array([0, 0, 1])).round(
    ...     3
    ... ).tolist()
    [0.889, 0.875, 0.0]
    """
    members = members_table(labels)
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
    members = members_table(labels)
    offsets = points - members @ cluster_centres(points, members)
    return float((offsets[members.any(axis=1)] ** 2).sum())


def elbow(ks: Sequence[int], withins: Sequence[float]) -> int:
    """Find the number of clusters at which the curve of `within` bends most.

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


def members_table(labels: np.ndarray) -> np.ndarray:
    """Tabulate who is in which cluster: (n, clusters that occur).

    A row without a mark is noise.
    """
    labels = np.asarray(labels)
    return labels[:, None] == np.unique(labels[labels >= 0])


def cluster_centres(points: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Average the points of each cluster: (clusters, q)."""
    return members.T.astype(float) @ points / members.sum(axis=0)[:, None]
