"""One set of people, real or structureless, as algorithms group it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from coterie.segments.preparation.space import Projection, project
from coterie.segments.selection import criteria
from coterie.segments.selection.algorithms import (
    ALL,
    FAMILIES,
    MIXTURES,
    QUICK_FAMILIES,
    good_starts,
    mixtures,
)

Entry = tuple[str, int]  # an algorithm and a number of groups


class Replicate(NamedTuple):
    """What the entries score on one set of people; an algorithm may have none for some k."""

    values: np.ndarray  # (n, p)
    labels: dict[Entry, np.ndarray]
    silhouette: dict[Entry, float]
    within: dict[Entry, float]  # within-cluster sum of squares
    total: float  # the same of everyone as one group
    bic: dict[Entry, float]  # excess over one group's, of mixtures

    @property
    def entries(self) -> list[Entry]:
        """The entries that found a grouping: HDBSCAN and mixtures say how many groups there are."""
        return list(self.labels)

    def separation(self, families: Sequence[str], ks: Sequence[int]) -> np.ndarray:
        """Say how far apart the groups stand: the figures a p-value is taken of.

        They are the silhouette for each number of groups; for an algorithm that says the number
        itself one figure, of a mixture its best BIC.
        """
        figures: list[float] = []
        for family in families:
            if family in MIXTURES:
                figures.append(max([0.0, *(self.bic.get((family, k), 0.0) for k in ks)]))
            elif family.startswith("HDBSCAN"):
                figures.append(max([0.0, *(self.silhouette.get((family, k), 0.0) for k in ks)]))
            else:
                figures += [self.silhouette.get((family, k), 0.0) for k in ks]
        return np.array(figures)


def fit_entries(
    values: np.ndarray,
    families: Sequence[str],
    ks: Sequence[int],
    *,
    n_axes: int,
    seed: int,
    quick: bool = False,
) -> Replicate:
    """Let every algorithm group one set of people, and measure how separate the groups are.

    Where it is `quick`, k-means takes fewer starts.
    """
    algorithms = QUICK_FAMILIES if quick else FAMILIES
    people = project(values, n_axes=n_axes)
    labels: dict[Entry, np.ndarray] = {}
    bic: dict[Entry, float] = {}
    starts = {
        whole: good_starts(coordinates(people, whole), ks, seed=seed)
        for whole in {family.endswith(ALL) for family in families if family in MIXTURES}
    }
    for family in families:
        whole = family.endswith(ALL)
        if family in MIXTURES:
            points = coordinates(people, whole)
            kind = MIXTURES[family]
            models = mixtures(points, ks, kind=kind, seed=seed, starts=starts[whole])
            bics = {k: model.bic(points) for k, model in models.items()}
            best = min(bics, key=bics.get)
            grouping = {k: models[k].predict(points) for k in models if 1 < k <= best}
            bic |= {(family, k): bics[1] - own for k, own in bics.items() if k > 1}
        else:
            grouping = algorithms[family](people, ks, seed)
        labels |= {(family, k): grouping[k] for k in ks if k in grouping}
    distances = {whole: criteria.distances(coordinates(people, whole)) for whole in (False, True)}
    width = {
        entry: mean_width(distances[entry[0].endswith(ALL)], groups)
        for entry, groups in labels.items()
    }
    within = {entry: criteria.within(people.points, groups) for entry, groups in labels.items()}
    total = criteria.within(people.points, np.zeros(len(values), dtype=int))
    return Replicate(values, labels, width, within, total, bic)


def coordinates(people: Projection, whole: bool) -> np.ndarray:
    """Take all columns, or the principal components."""
    return people.columns if whole else people.points


def mean_width(distances: np.ndarray, labels: np.ndarray) -> float:
    """Average the silhouette over everyone; who is noise counts 0.

    >>> distances = criteria.distances(np.array([[0.0], [1.0], [9.0], [10.0]]))
    >>> round(mean_width(distances, np.array([0, 0, 1, 1])), 3)
    0.889
    """
    return float(np.nansum(criteria.silhouette_widths(distances, labels)) / len(labels))
