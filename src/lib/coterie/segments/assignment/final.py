"""Fit the selected grouping on everybody who shapes groups, as the assignment model."""

from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from coterie.segments.assignment.model import AssignmentModel, fit_assignment, log_odds
from coterie.segments.preparation.imputation import impute
from coterie.segments.preparation.matrix import Matrix
from coterie.segments.preparation.sampling import learning_sample
from coterie.segments.preparation.space import (
    Projection,
    Space,
    columns,
    fit_space,
    points,
    project,
    systematic_sample,
)
from coterie.segments.selection import criteria
from coterie.segments.selection.algorithms import ALL, FAMILIES
from coterie.segments.selection.stability import Refits
from coterie.segments.selection.verdict import FOUND, NONE, STABLE, Verdict
from coterie.statistics import Interval

STARTS = 20  # of k-means: the seed must not matter
# people who group; more move no border, and Ward and medoids hold a distance for every pair
ENOUGH = 5000
# learned on planted worlds 1 and 2; elsewhere an assumption
TEMPERATURES = {"k-means": 1.6, "k-means" + ALL: 1.6, "Ward": 2.0, "medoids": 2.0}
OTHERWISE = 2.4


class FinalSegmentation(NamedTuple):
    """The segmentation that the study carries."""

    model: AssignmentModel  # its segments are still numbered 0, 1, ...
    points: np.ndarray  # (m, q) of those who shape the groups
    labels: np.ndarray  # (m,) their cluster by the model
    verdict: Verdict  # the one that stands: none where more people do not show the groups again
    agreement: float  # of the model with the algorithm (adjusted Rand index), 1 is perfect
    # Jaccard recovery of the group that comes back worst, over resamples
    stability: Interval | None


@threadpool_limits.wrap(1)
def fit_final(
    matrix: Matrix, verdict: Verdict, *, seed: int = 0, resamples: int = 40, at_most: int = 2000
) -> FinalSegmentation:
    """Fit the selected grouping again on more people, and say how reliably it comes back.

    Up to 5,000 of those who may shape groups take part. They are a systematic sample; recovery is
    measured on at most `at_most`. An assignment model is a summary where the algorithm has none of
    its own (Ward, HDBSCAN, medoids); `agreement` says how good a one. Where these people do not
    show as many groups, or the worst comes back under 0.75, nothing was found after all.
    """
    final = fit_groups(matrix, verdict, seed=seed)
    if final.verdict.k == 1:
        return final
    worst = worst_recovery(
        matrix.values,
        verdict,
        n_axes=final.points.shape[1],
        seed=seed,
        resamples=resamples,
        at_most=at_most,
    )
    if verdict.word in FOUND and worst.value < STABLE:
        return fit_groups(matrix, NONE, seed=seed)
    return final._replace(stability=worst)


def fit_groups(matrix: Matrix, verdict: Verdict, *, seed: int) -> FinalSegmentation:
    """Fit the groups of a verdict, or everybody as one where these people do not show as many."""
    values = matrix.values
    space = fit_space(values)
    at = points(space, values)
    some = learning_sample(columns(space, values), at_most=ENOUGH, seed=seed)
    # who lacks the same values must not stand on one spot while groups are looked for
    filled = impute(values[some], seed=seed)
    people = Projection(columns(space, filled), points(space, filled))
    grouped = group(people, verdict, seed=seed)
    if len(np.unique(grouped[grouped >= 0])) != verdict.k:
        verdict = NONE
        grouped = np.zeros(len(some), dtype=int)
    model = fit_assignment(
        taken_space(space, verdict.method),
        filled,
        grouped,
        features=matrix.columns,
        method=verdict.method,
        seed=seed,
    )
    model = model._replace(temperature=TEMPERATURES.get(verdict.method, OTHERWISE))
    labels = log_odds(model, values).argmax(axis=1)
    known = grouped >= 0
    agreement = (
        float(adjusted_rand_score(labels[some][known], grouped[known])) if verdict.k > 1 else 1.0
    )
    return FinalSegmentation(model, at, labels, verdict, agreement, None)


def taken_space(space: Space, method: str) -> Space:
    """Give the space in which an algorithm works: all standardised columns, or components."""
    whole = method.endswith(ALL)
    return space._replace(rotation=np.eye(len(space.mean))) if whole else space


def group(people: Projection, verdict: Verdict, *, seed: int) -> np.ndarray:
    """Group people by the selected algorithm, with enough starts that the seed does not matter."""
    everybody = np.zeros(len(people.points), dtype=int)
    if verdict.k == 1:
        return everybody
    if verdict.method.startswith("k-means"):
        at = people.columns if verdict.method.endswith(ALL) else people.points
        return KMeans(verdict.k, n_init=STARTS, random_state=seed).fit(at).labels_
    return FAMILIES[verdict.method](people, [verdict.k], seed).get(verdict.k, everybody)


def worst_recovery(
    values: np.ndarray, verdict: Verdict, *, n_axes: int, seed: int, resamples: int, at_most: int
) -> Interval:
    """Measure the recovery of the least stable group, with the middle 95 % of resamples."""
    some = impute(values[systematic_sample(len(values), at_most)], seed=seed)
    refits = Refits(verdict.method, [verdict.k], project=partial(project, n_axes=n_axes), whole={})
    found = criteria.clusterboot(some, refits, verdict.k, seed=seed, resamples=resamples)
    worst = found.jaccard[:, found.jaccard.mean(axis=0).argmin()]
    low, high = np.percentile(worst, [2.5, 97.5])
    return Interval(float(worst.mean()), float(low), float(high))
