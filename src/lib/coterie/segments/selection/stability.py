"""Which groupings come back in resamples and in halves, beside those of structureless data."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from coterie.segments.preparation.space import Projection, project
from coterie.segments.selection import criteria
from coterie.segments.selection.algorithms import FAMILIES
from coterie.segments.selection.replicates import Entry, Replicate

FIRST = 10  # resamples for every grouping
HOPELESS = 0.6  # recovery from which more resamples are taken
SPLITS = 5  # into halves
RESAMPLED_NULLS = 2  # null replicates of each kind that are resampled: refits take the time
NULL_RESAMPLES = 5
NULL_SPLITS = 2


def recovery_jobs(
    real: Replicate, nulls: dict[str, list[Replicate]], *, n_axes: int, seed: int, resamples: int
) -> list[Callable]:
    """List the jobs that measure recovery: ours by algorithm, then those of null replicates."""
    measured = partial(resample_stability, n_axes=n_axes, seed=seed)
    families = ks_by_family(real.entries)
    ours = [
        partial(measured, real, family, ks, resamples=resamples, splits=SPLITS)
        for family, ks in families.items()
    ]
    few = min(NULL_RESAMPLES, resamples)
    return ours + [
        partial(measured, null, family, ks, resamples=few, splits=NULL_SPLITS)
        for made in nulls.values()
        for null in made[:RESAMPLED_NULLS]
        for family, ks in families.items()
    ]


def recovery_table(real: Replicate, done: Sequence[list[tuple[float, float]]]) -> pd.DataFrame:
    """Set our recovery and prediction strength beside the largest of the null replicates."""
    table = pd.DataFrame(real.entries, columns=["method", "k"])
    figures = np.array([figure for job in done for figure in job]).reshape(-1, len(table), 2)
    table[["stability_low", "prediction_strength"]] = figures[0]
    table[["null_stability_low", "null_prediction_strength"]] = figures[1:].max(axis=0)
    return table


def ks_by_family(entries: Sequence[Entry]) -> dict[str, list[int]]:
    """Gather the numbers of groups of each algorithm.

    >>> ks_by_family([("Ward", 2), ("Ward", 3), ("HDBSCAN", 4)])
    {'Ward': [2, 3], 'HDBSCAN': [4]}
    """
    found: dict[str, list[int]] = {}
    for family, k in entries:
        found.setdefault(family, []).append(k)
    return found


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


def resample_stability(
    replicate: Replicate,
    family: str,
    ks: list[int],
    *,
    n_axes: int,
    seed: int,
    resamples: int,
    splits: int,
) -> list[tuple[float, float]]:
    """Measure an algorithm for every k: recovery of its worst group, prediction strength.

    A grouping whose worst group hardly comes back in the first ten resamples is resampled no
    further.
    """
    whole = {k: replicate.labels[family, k] for k in ks if (family, k) in replicate.labels}
    measured = partial(recovery, replicate.values, family, whole, n_axes=n_axes)
    first = measured(list(whole), seed=seed, resamples=min(FIRST, resamples))
    going = [k for k in whole if stability_low(first[k]) >= HOPELESS]
    more = measured(going, seed=seed + 1, resamples=max(0, resamples - FIRST))
    jaccard = first | {k: np.vstack([first[k], more[k]]) for k in going}
    seen = halved(replicate, family)
    refits = Refits(family, list(whole), project=same_scale, whole={})
    halves = partial(criteria.prediction_strength, seen, refits, seed=seed, splits=splits)
    return [
        (stability_low(jaccard[k]), float(halves(k=k).mean())) if k in whole else (0.0, 0.0)
        for k in ks
    ]


def recovery(
    values: np.ndarray,
    family: str,
    whole: dict[int, np.ndarray],
    ks: list[int],
    *,
    n_axes: int,
    seed: int,
    resamples: int,
) -> dict[int, np.ndarray]:
    """Bootstrap the groupings of each number of groups, scaled and rotated anew: Jaccard by k."""
    refits = Refits(family, ks, project=partial(project, n_axes=n_axes), whole=whole)
    return {
        k: criteria.clusterboot(values, refits, k, seed=seed, resamples=resamples).jaccard
        for k in ks
    }


def halved(replicate: Replicate, family: str) -> np.ndarray:
    """Choose what halves are taken of: they keep the scale of the whole, medoids its columns."""
    return replicate.projection.columns if family == "medoids" else replicate.projection.points


def same_scale(points: np.ndarray) -> Projection:
    """Take points as they are, as columns too."""
    return Projection(points, points)


def stability_low(jaccard: np.ndarray) -> float:
    """Take the recovery of the group that comes back worst.

    >>> stability_low(np.array([[1.0, 0.5], [0.8, 0.7]]))
    0.6
    """
    return round(float(jaccard.mean(axis=0).min()), 12)
