"""How densely do people stand on the way from one group to another?"""

from bisect import bisect_left

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import cKDTree

CORE = 8  # the neighbour whose distance says how densely people stand
NEIGHBOURS = 24  # to whom a way may lead on
MOST = 0.5  # share of either side that a way must join: a few strays are no bridge


def bridge_density(points: np.ndarray, one: np.ndarray, other: np.ndarray) -> float:
    """Find the densest way between two sides, and say how densely people stand at its thinnest.

    1 is as densely as the middle member of the sparser side does, 0 is no way at all. Groups that
    are pieces of one continuum are joined by a way along it, however it bends; from the side its
    bends may look like a valley.

    Parameters
    ----------
    points
        (n, 2) people in the plane of the axis between the groups and the bow.
    one, other
        (n,) whether a person stands at the core of the first, of the second group.

    References
    ----------
    Campello, Moulavi and Sander (2013), "Density-based clustering based on hierarchical density
    estimates", PAKDD, for the mutual reachability distance; Menardi and Azzalini (2014), "An
    advancement in clustering via nonparametric density estimation", Statistics and Computing 24.

    >>> line = np.column_stack([np.arange(90.0), np.zeros(90)])
    >>> bridge_density(line, line[:, 0] < 30, line[:, 0] >= 60)
    1.0
    >>> gap = line[(line[:, 0] < 30) | (line[:, 0] >= 60)]
    >>> bridge_density(gap, gap[:, 0] < 30, gap[:, 0] >= 60)
    0.0
    """
    if min(one.sum(), other.sum()) == 0:
        return 1.0
    near = min(NEIGHBOURS, len(points) - 1)
    far, who = cKDTree(points).query(points, near + 1)
    core = far[:, min(CORE, near)] + 1e-9
    tree = reachability_tree(far[:, 1:], who[:, 1:], core)
    steps = np.sort(tree.data)
    first = bisect_left(steps, True, key=lambda step: joins(tree, step, one, other))
    if first == len(steps):
        return 0.0
    usual = max(np.median(core[one]), np.median(core[other]))
    return float(min(1.0, (usual / steps[first]) ** 2))


def reachability_tree(far: np.ndarray, who: np.ndarray, core: np.ndarray) -> csr_matrix:
    """Join everybody by the shortest steps; no step is shorter than the cores of its two ends.

    Parameters
    ----------
    far, who
        (n, m) distances to the nearest others, and which they are.
    core
        (n,) distances within which a person has so many neighbours.
    """
    n, m = who.shape
    start = np.repeat(np.arange(n), m)
    step = np.maximum.reduce([far.ravel(), core[start], core[who.ravel()]])
    return minimum_spanning_tree(csr_matrix((step, (start, who.ravel())), shape=(n, n)))


def joins(tree: csr_matrix, longest: float, one: np.ndarray, other: np.ndarray) -> bool:
    """Tell whether steps up to so long join half of one side with half of the other."""
    short = tree.data <= longest
    start, end = tree.nonzero()
    kept = csr_matrix((tree.data[short], (start[short], end[short])), shape=tree.shape)
    n_parts, part = connected_components(kept, directed=False)
    shares = [np.bincount(part[side], minlength=n_parts) / side.sum() for side in (one, other)]
    return bool(np.minimum(*shares).max() >= MOST)
