"""Fit the grouping that won on everybody who shapes groups, and turn it into the rule that places people."""

from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from coterie.segments import criteria
from coterie.segments.families import FAMILIES
from coterie.segments.matrix import Matrix
from coterie.segments.placing import Placing, fit_placing, log_odds
from coterie.segments.space import View, columns, evenly, fit_space, look, points
from coterie.segments.verdict import FOUND, NONE, STABLE, Verdict
from coterie.statistics import Interval

STARTS = 20  # of k-means: the seed must not matter
ENOUGH = 5000  # people who group; more move no border, and Ward and medoids hold a distance for every pair
TEMPERATURES = {
    "k-means": 1.6,
    "Ward": 2.0,
    "medoids": 2.0,
}  # learned on planted worlds 1 and 2; elsewhere an assumption
OTHERWISE = 2.4


class Settled(NamedTuple):
    """The segmentation that the study carries."""

    placing: Placing  # its segments are still numbered 0, 1, ...
    points: np.ndarray  # (m, q) of those who shape the groups
    labels: np.ndarray  # (m,) their cluster by the rule
    verdict: Verdict  # the one that stands: none where more people do not show the groups again
    agreement: float  # of the rule with the algorithm (adjusted Rand index), 1 is perfect
    stability: Interval | None  # Jaccard recovery of the group that comes back worst, over resamples


@threadpool_limits.wrap(1)
def settle(matrix: Matrix, verdict: Verdict, *, seed: int = 0, resamples: int = 40, at_most: int = 2000) -> Settled:
    """Fit the winner again, on up to 5,000 of those who may shape groups, and say how reliably it comes back.

    They are evenly spread over the rows; recovery is measured on at most `at_most`. A rule for placing
    is a summary where the algorithm has none of its own (Ward, HDBSCAN, medoids); `agreement` says how good a one.
    Where these people do not show as many groups, or the worst comes back under 0.75, nothing was found after all.
    """
    values, features = matrix.values, matrix.columns
    space = fit_space(values)
    at = points(space, values)
    some = evenly(len(values), ENOUGH)
    grouped = group(View(columns(space, values[some]), at[some]), verdict, seed=seed)
    if len(np.unique(grouped[grouped >= 0])) != verdict.k:
        return settle(matrix, NONE, seed=seed)
    rule = fit_placing(space, values[some], grouped, features=features, method=verdict.method, seed=seed)
    rule = rule._replace(temperature=TEMPERATURES.get(verdict.method, OTHERWISE))
    labels = log_odds(rule, values).argmax(axis=1)
    if verdict.k == 1:
        return Settled(rule, at, labels, verdict, 1.0, None)
    known = grouped >= 0
    agreement = float(adjusted_rand_score(labels[some][known], grouped[known]))
    worst = worst_recovery(values, verdict, n_axes=at.shape[1], seed=seed, resamples=resamples, at_most=at_most)
    if verdict.word in FOUND and worst.value < STABLE:
        return settle(matrix, NONE, seed=seed)
    return Settled(rule, at, labels, verdict, agreement, worst)


def group(view: View, verdict: Verdict, *, seed: int) -> np.ndarray:
    """Let the winner group people, with enough starts that the seed does not matter: (n,)."""
    if verdict.k == 1:
        return np.zeros(len(view.points), dtype=int)
    if verdict.method == "k-means":
        return KMeans(verdict.k, n_init=STARTS, random_state=seed).fit(view.points).labels_
    found = FAMILIES[verdict.method](view, [verdict.k], seed)
    return found.get(verdict.k, np.zeros(len(view.points), dtype=int))


def worst_recovery(
    values: np.ndarray, verdict: Verdict, *, n_axes: int, seed: int, resamples: int, at_most: int
) -> Interval:
    """Measure how the group that comes back worst does over resamples, with the middle 95 % of them."""
    rows = evenly(len(values), at_most)

    def fit(people: np.ndarray, k: int, seed: int) -> np.ndarray:
        return FAMILIES[verdict.method](look(people, n_axes=n_axes), [k], seed).get(k, np.zeros(len(people), dtype=int))

    jaccard = criteria.clusterboot(values[rows], fit, verdict.k, seed=seed, resamples=resamples).jaccard
    worst = jaccard[:, jaccard.mean(axis=0).argmin()]
    return Interval(float(worst.mean()), *(float(end) for end in np.percentile(worst, [2.5, 97.5])))
