"""The algorithms that are compared: k-means, mixtures, Ward, HDBSCAN, k-medoids on mixed types."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from kmedoids import fasterpam
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from coterie.segments.preparation.space import Projection

Grouping = dict[int, np.ndarray]  # labels (n,) by number of clusters; -1 is noise
Family = Callable[[Projection, Sequence[int], int], Grouping]  # people, numbers of clusters, seed
# smallest clusters that HDBSCAN is asked for, as shares of the people
SHARES = (0.2, 0.1, 0.05, 0.03)
STARTS = 3  # of k-means; the grouping that is taken is fitted again with more
# share of the variance added to a mixture's covariances, so that duplicates do not make them
# singular
RIDGE = 1e-3


def k_means(people: Projection, ks: Sequence[int], seed: int) -> Grouping:
    """Group around k centres, best of three starts."""
    return {k: KMeans(k, n_init=STARTS, random_state=seed).fit(people.points).labels_ for k in ks}


def mixture(kind: str) -> Family:
    """Make a family of Gaussian mixtures; `kind` says what their covariances share."""

    def fit(people: Projection, ks: Sequence[int], seed: int) -> Grouping:
        return {
            k: gaussians(people.points, k, kind=kind, seed=seed).predict(people.points) for k in ks
        }

    return fit


def gaussians(
    points: np.ndarray, k: int, *, kind: str, seed: int, tries: int = 1
) -> GaussianMixture:
    """Fit k Gaussians (full, diag or tied); after thirty steps a fit is taken as it is."""
    ridge = RIDGE * float(points.var(axis=0).mean()) + 1e-9
    model = GaussianMixture(
        k,
        covariance_type=kind,
        reg_covar=ridge,
        n_init=tries,
        tol=1e-2,
        max_iter=30,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(points)


def ward(people: Projection, ks: Sequence[int], seed: int) -> Grouping:
    """Merge the two groups whose union adds least variance; one tree serves every k."""
    cuts = cut_tree(linkage(people.points, "ward"), n_clusters=list(ks))
    return {k: cuts[:, column] for column, k in enumerate(ks)}


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


MIXTURES = {"mixture, tied": "tied", "mixture, diagonal": "diag", "mixture, full": "full"}
FAMILIES: dict[str, Family] = {  # the plainest first
    "k-means": k_means,
    "Ward": ward,
    "medoids": medoids,
    **{name: mixture(kind) for name, kind in MIXTURES.items()},
    "HDBSCAN": hdbscan,
}
