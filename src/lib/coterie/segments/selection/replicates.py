"""One set of people, real or structureless, as every algorithm groups it."""

from typing import NamedTuple

import numpy as np

from coterie.segments.preparation.space import Projection, project
from coterie.segments.selection import criteria
from coterie.segments.selection.algorithms import FAMILIES, MIXTURES, gaussians

Entry = tuple[str, int]  # an algorithm and a number of groups


class Replicate(NamedTuple):
    """What the entries score on one set of people."""

    values: np.ndarray  # (n, p)
    projection: Projection
    labels: dict[Entry, np.ndarray]
    total: float  # sum of squares of everyone as one group
    silhouette: np.ndarray  # (entries,)
    within: np.ndarray  # (entries,) within-cluster sum of squares
    bic: np.ndarray  # (entries,) excess over one group's, missing where the algorithm has none
    asked: list[Entry]  # the entries, in the order of the figures

    @property
    def entries(self) -> list[Entry]:
        """The entries that found a grouping: HDBSCAN itself says how many groups there are."""
        return list(self.labels)

    def only_found(self) -> "Replicate":
        """Drop the entries without a grouping."""
        found = [entry in self.labels for entry in self.asked]
        return self._replace(
            silhouette=self.silhouette[found],
            within=self.within[found],
            bic=self.bic[found],
            asked=self.entries,
        )


def fit_entries(values: np.ndarray, entries: list[Entry], *, n_axes: int, seed: int) -> Replicate:
    """Let every entry group one set of people, and measure how separate the groups are."""
    people = project(values, n_axes=n_axes)
    labels: dict[Entry, np.ndarray] = {}
    bic: dict[Entry, float] = {}
    for family in dict.fromkeys(family for family, _ in entries):
        ks = [k for name, k in entries if name == family]
        if family in MIXTURES:
            models = {
                k: gaussians(people.points, k, kind=MIXTURES[family], seed=seed) for k in [1, *ks]
            }
            grouping = {k: models[k].predict(people.points) for k in ks}
            one = models[1].bic(people.points)
            bic |= {(family, k): one - models[k].bic(people.points) for k in ks}
        else:
            grouping = FAMILIES[family](people, ks, seed)
        labels |= {(family, k): grouping[k] for k in ks if k in grouping}
    distances = criteria.distances(people.points)
    width = [mean_width(distances, labels[e]) if e in labels else 0.0 for e in entries]
    within = [criteria.within(people.points, labels[e]) if e in labels else np.nan for e in entries]
    total = criteria.within(people.points, np.zeros(len(values), dtype=int))
    excess = np.array([bic.get(entry, np.nan) for entry in entries])
    return Replicate(
        values, people, labels, total, np.array(width), np.array(within), excess, list(entries)
    )


def mean_width(distances: np.ndarray, labels: np.ndarray) -> float:
    """Average the silhouette over everyone; who is noise counts 0.

    >>> distances = criteria.distances(np.array([[0.0], [1.0], [9.0], [10.0]]))
    >>> round(mean_width(distances, np.array([0, 0, 1, 1])), 3)
    0.889
    """
    return float(np.nansum(criteria.silhouette_widths(distances, labels)) / len(labels))
