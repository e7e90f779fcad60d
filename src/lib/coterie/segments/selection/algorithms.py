"""The algorithms that are compared: k-means, mixtures, Ward, HDBSCAN, medoids, spectral cuts.

Most are asked twice: on principal components, and on all standardised columns, since what sets
groups apart may vary little and be dropped with the last components (Chang, 1983).
"""

import warnings
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from kmedoids import fasterpam
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.linalg import eigh
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.manifold import spectral_embedding
from sklearn.mixture import GaussianMixture

from coterie.segments.preparation.space import Projection

Grouping = dict[int, np.ndarray]  # labels (n,) by number of clusters; -1 is noise
Family = Callable[[Projection, Sequence[int], int], Grouping]  # people, numbers of clusters, seed
# smallest clusters that HDBSCAN is asked for, as shares of the people
SHARES = (0.2, 0.1, 0.05, 0.03)
PATIENCE = 2  # numbers of groups in a row with a worse BIC, after which no more are tried
NEIGHBOURS = 10  # of a person in the graph that is cut
STARTS = 10  # of k-means; a poor optimum is another grouping
FEW_STARTS = 3  # in a spectral plane, where groups are far apart or are none; and for p-values
# share of the variance added to a mixture's covariances, so that duplicates do not make them
# singular
RIDGE = 1e-3


def k_means(people: Projection, ks: Sequence[int], seed: int, *, starts: int = STARTS) -> Grouping:
    """Group around k centres, best of ten starts."""
    return {k: KMeans(k, n_init=starts, random_state=seed).fit(people.points).labels_ for k in ks}


def mixture(kind: str) -> Family:
    """Make a family of Gaussian mixtures; `kind` says what their covariances share.

    A mixture says itself how many groups there are: the number with the best BIC and smaller ones
    are given, larger ones are not.
    """

    def fit(people: Projection, ks: Sequence[int], seed: int) -> Grouping:
        starts = good_starts(people.points, ks, seed=seed)
        models = mixtures(people.points, ks, kind=kind, seed=seed, starts=starts)
        best = min(models, key=lambda k: models[k].bic(people.points))
        return {k: models[k].predict(people.points) for k in ks if k <= best}

    return fit


def good_starts(points: np.ndarray, ks: Sequence[int], *, seed: int) -> list[Grouping]:
    """Group people in two ways that hold long groups whole, for mixtures to begin with."""
    people = Projection(points, points)
    return [family(people, ks, seed) for family in (spectral, sharpest_axis)]


def mixtures(
    points: np.ndarray, ks: Sequence[int], *, kind: str, seed: int, starts: Sequence[Grouping]
) -> dict[int, GaussianMixture]:
    """Fit one Gaussian and more, until BIC has grown worse twice in a row."""
    models: dict[int, GaussianMixture] = {}
    bics: list[float] = []
    for k in sorted({1, *ks}):
        begin = [found[k] for found in starts if k in found]
        models[k] = gaussians(points, k, kind=kind, seed=seed, starts=begin)
        bics.append(models[k].bic(points))
        if len(bics) > PATIENCE and min(bics[-PATIENCE:]) > min(bics):
            break
    return models


def gaussians(
    points: np.ndarray,
    k: int,
    *,
    kind: str,
    seed: int,
    tries: int = 1,
    starts: Sequence[np.ndarray] = (),
) -> GaussianMixture:
    """Fit k Gaussians (full, diag or tied); after thirty steps a fit is taken as it is.

    More fits begin at the groups of `starts`, as long bands are hardly found from round ones; the
    likeliest is taken.
    """
    ridge = RIDGE * float(points.var(axis=0).mean()) + 1e-9
    options = {"covariance_type": kind, "reg_covar": ridge, "tol": 1e-2, "max_iter": 30}
    models = [GaussianMixture(k, n_init=tries, random_state=seed, **options)]
    for groups in starts:
        if np.bincount(groups, minlength=k).min() > 1:
            begin = from_groups(points, groups, k, kind=kind, ridge=ridge)
            models.append(GaussianMixture(k, random_state=seed, **options, **begin))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return max((model.fit(points) for model in models), key=lambda model: model.lower_bound_)


def from_groups(
    points: np.ndarray, labels: np.ndarray, k: int, *, kind: str, ridge: float
) -> dict[str, np.ndarray]:
    """Give the weights, means and precisions of groups, for a mixture to begin with."""
    means = np.stack([points[labels == group].mean(axis=0) for group in range(k)])
    weights = np.bincount(labels, minlength=k) / len(labels)
    flat = ridge * np.eye(points.shape[1])
    spreads = np.stack([np.cov(points[labels == g].T, ddof=0) + flat for g in range(k)])
    if kind == "tied":
        precisions = np.linalg.inv(np.einsum("k,kij->ij", weights, spreads))
    elif kind == "diag":
        precisions = 1 / np.diagonal(spreads, axis1=1, axis2=2)
    else:
        pooled = np.einsum("k,kij->ij", weights, spreads)
        precisions = np.linalg.inv(0.8 * spreads + 0.2 * pooled)  # few people make a flat group
    return {"weights_init": weights, "means_init": means, "precisions_init": precisions}


def sharpest_axis(people: Projection, ks: Sequence[int], seed: int) -> Grouping:
    """Cut people along the one line on which they have the lightest tails: groups, if any, show.

    The line is the same however the columns were rotated or scaled.

    References
    ----------
    Tyler, Critchley, Dümbgen and Oja (2009), "Invariant co-ordinate selection", JRSS B 71.
    """
    points = people.points - people.points.mean(axis=0)
    spread = points.T @ points / len(points)
    spread += (1e-6 * np.trace(spread) / len(spread) + 1e-12) * np.eye(len(spread))
    distance = np.einsum("ij,ij->i", points @ np.linalg.inv(spread), points)
    fourth = (points * distance[:, None]).T @ points / len(points)
    line = points @ eigh(fourth, spread, subset_by_index=[0, 0])[1]
    return {k: KMeans(k, n_init=1, random_state=seed).fit(line).labels_.astype(int) for k in ks}


def spectral(people: Projection, ks: Sequence[int], seed: int) -> Grouping:
    """Cut the graph of near neighbours where it hangs together least; holds long and bent groups.

    Where it is in more parts than groups are asked for, as answers that many people share leave it,
    no cut is the lightest, and nothing is given.

    References
    ----------
    Ng, Jordan and Weiss (2001), "On spectral clustering: analysis and an algorithm", NIPS 14.
    """
    n = len(people.points)
    near = min(NEIGHBOURS, n - 1)
    distances, others = cKDTree(people.points).query(people.points, near + 1)
    scale = np.maximum(distances[:, -1], 1e-9)
    width = distances[:, 1:] ** 2 / (scale[:, None] * scale[others[:, 1:]])
    rows = np.repeat(np.arange(n), near)
    graph = csr_matrix((np.exp(-width).ravel() + 1e-6, (rows, others[:, 1:].ravel())), (n, n))
    if connected_components(graph, directed=False, return_labels=False) > max(ks):
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a graph in parts is what we look for
        axes = spectral_embedding(
            (graph + graph.T) / 2, n_components=max(ks), drop_first=False, random_state=seed
        )
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    axes = axes / np.maximum(lengths, 1e-12)
    return {
        k: KMeans(k, n_init=FEW_STARTS, random_state=seed).fit(axes[:, :k]).labels_.astype(int)
        for k in ks
    }


def ward(people: Projection, ks: Sequence[int], seed: int) -> Grouping:
    """Merge the two groups whose union adds least variance; one tree serves every k."""
    tree = linkage(people.points, "ward")
    return {k: fcluster(tree, k, "maxclust").astype(int) - 1 for k in ks}


def hdbscan(people: Projection, ks: Sequence[int], seed: int) -> Grouping:
    """Find dense regions; the rest is noise, -1.

    How many regions there are it says itself, so most k have no entry.
    """
    found = {}
    for share in SHARES:
        size = max(5, int(share * len(people.points)))
        labels = HDBSCAN(min_cluster_size=size, min_samples=5, copy=True).fit(people.points).labels_
        found.setdefault(int(labels.max()) + 1, labels)
    return {k: found[k] for k in ks if k in found}


def medoids(people: Projection, ks: Sequence[int], seed: int) -> Grouping:
    """Group around k real people by Gower's distance, which suits columns of mixed types.

    On columns scaled to their range it is the mean absolute difference; a yes-or-no column counts
    as a match or a mismatch.

    References
    ----------
    Gower (1971), "A general coefficient of similarity and some of its properties", Biometrics 27.
    Schubert and Rousseeuw (2021), "Fast and eager k-medoids clustering", Information Systems 101.
    """
    width = np.ptp(people.columns, axis=0)
    distances = squareform(pdist(people.columns[:, width > 0] / width[width > 0], "cityblock"))
    return {
        k: fasterpam(distances, k, init="random", random_state=seed).labels.astype(int) for k in ks
    }


def on_columns(family: Family) -> Family:
    """Ask a family on all standardised columns in place of the principal components."""
    return lambda people, ks, seed: family(people.on_columns(), ks, seed)


ALL = ", all columns"  # ends the name of an algorithm that takes every column
MIXTURES = {"mixture, tied": "tied", "mixture, diagonal": "diag", "mixture, full": "full"}
MIXTURES |= {name + ALL: kind for name, kind in MIXTURES.items()}
FAMILIES: dict[str, Family] = {  # the plainest first
    "k-means": k_means,
    "k-means" + ALL: on_columns(k_means),
    "Ward": ward,
    "Ward" + ALL: on_columns(ward),
    "medoids": medoids,
    "spectral" + ALL: on_columns(spectral),
    **{
        name: on_columns(mixture(kind)) if name.endswith(ALL) else mixture(kind)
        for name, kind in MIXTURES.items()
    },
    "HDBSCAN": hdbscan,
    "HDBSCAN" + ALL: on_columns(hdbscan),
}
QUICK = partial(k_means, starts=FEW_STARTS)
# for figures of which hundreds are taken, of people and of null replicates alike
QUICK_FAMILIES = FAMILIES | {"k-means": QUICK, "k-means" + ALL: on_columns(QUICK)}
