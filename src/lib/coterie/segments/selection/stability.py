"""Which groupings come back in resamples, beside those of structureless data."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from coterie.segments.preparation.space import project
from coterie.segments.selection import criteria
from coterie.segments.selection.algorithms import FAMILIES
from coterie.segments.selection.replicates import Entry

FIRST = 10  # resamples for every grouping
HOPELESS = 0.65  # recovery from which more are taken


class Refits:
    """An algorithm's groupings of resamples, each resample fitted once for all k.

    A resample is known by the seed that `criteria` gives it.
    """

    def __init__(
        self, family: str, ks: Sequence[int], *, project: Callable, whole: dict[int, np.ndarray]
    ) -> None:
        self.family, self.ks = family, ks
        self.project = project  # from the rows of a resample to what the algorithm takes
        self.whole = whole  # labels of everybody, by number of groups; empty where nobody asks
        self.done: dict[int, dict[int, np.ndarray]] = {}  # by seed

    def __call__(self, people: np.ndarray, k: int, seed: int) -> np.ndarray:
        """Label people with k groups."""
        if k in self.whole and len(people) == len(self.whole[k]):
            return self.whole[k]
        if seed not in self.done:
            self.done[seed] = FAMILIES[self.family](self.project(people), self.ks, seed)
        return self.done[seed].get(k, np.zeros(len(people), dtype=int))


def worst_recovery(
    values: np.ndarray, *, entry: Entry, n_axes: int, seed: int, resamples: int
) -> float:
    """Group people and bootstrap the grouping, scaled and rotated anew: its worst group's recovery.

    People and structureless replicates are measured by this one function, and so alike. Where the
    worst group hardly comes back in the first ten resamples, there are no more. It is 0 where the
    algorithm has no such grouping of these people.
    """
    family, k = entry
    labels = FAMILIES[family](project(values, n_axes=n_axes), [k], seed).get(k)
    if labels is None:
        return 0.0
    refits = Refits(family, [k], project=partial(project, n_axes=n_axes), whole={k: labels})
    bootstrap = partial(criteria.clusterboot, values, refits, k)
    first = bootstrap(seed=seed, resamples=min(FIRST, resamples)).jaccard
    if stability_low(first) < HOPELESS or resamples <= FIRST:
        return stability_low(first)
    more = bootstrap(seed=seed + 1, resamples=resamples - FIRST).jaccard
    return stability_low(np.vstack([first, more]))


def stability_low(jaccard: np.ndarray) -> float:
    """Take the recovery of the group that comes back worst.

    >>> stability_low(np.array([[1.0, 0.5], [0.8, 0.7]]))
    0.6
    """
    return round(float(jaccard.mean(axis=0).min()), 12)
