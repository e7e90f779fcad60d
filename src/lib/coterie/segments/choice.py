"""How many groups, read beside what structureless data of the same shape would give."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from coterie.segments.clusters import Clustering, cluster, null_draw, recovery
from coterie.statistics import Interval

STABLE, UNTRUSTED = 0.75, 0.6  # Hennig's limits
APART = 0.1  # silhouette by which groups beat a null that recovers as well: groups far apart leave it lumps on a grid
ONE_CORE = threadpool_limits.wrap(1)  # thousands of fits this small wait for each other on more
SENTENCES = {
    "natural": "The groups come back in resamples and stand apart more than chance allows.",
    "reproducible": "The groups come back in resamples more than chance allows, but not all of them reliably.",
    "constructive": "The groups were asked for, not found: a useful way to cut a continuum, nothing more.",
    "none": "No grouping beats structureless data of the same shape: address everyone as one audience.",
}


class Choice(NamedTuple):
    """The grouping that was taken, and why."""

    k: int
    verdict: str  # natural, reproducible, constructive or none
    clustering: Clustering
    membership: np.ndarray  # (n,) share of resamples that put the person here
    stability: Interval  # Jaccard recovery of the least stable cluster, over resamples


def stability_low(jaccard: np.ndarray) -> float:
    """Take the recovery of the cluster that comes back worst.

    >>> stability_low(np.array([[1.0, 0.5], [0.8, 0.7]]))
    0.6
    """
    return round(float(jaccard.mean(axis=0).min()), 12)


@ONE_CORE
def consider(
    points: np.ndarray,
    *,
    k_range: tuple[int, int],
    seed: int,
    resamples: int = 20,
    null_draws: int = 5,
    at_most: int = 2000,
    progress: Callable = iter,
) -> pd.DataFrame:
    """Score every number of groups on the data and on structureless draws of the same shape.

    Works on at most `at_most` people, evenly spread over the ordered points. Columns are those of
    the `scores` table but `chosen`; the null columns hold the largest of the draws.
    """
    points = points[np.linspace(0, len(points) - 1, min(len(points), at_most)).astype(int)]
    draws = [null_draw(points, seed=seed + draw) for draw in range(null_draws)]
    rows = []
    for k in progress(range(k_range[0], min(k_range[1], len(points) // 10) + 1)):
        real, size = score(points, k, seed=seed, resamples=resamples)
        null = np.array([score(draw, k, seed=seed, resamples=max(5, resamples // 3))[0] for draw in draws])
        rows.append((k, real[0], null[:, 0].max(), real[1], null[:, 1].max(), size))
    columns = ["k", "stability_low", "null_stability_low", "silhouette", "null_silhouette", "smallest"]
    return pd.DataFrame(rows, columns=columns)


def score(points: np.ndarray, k: int, *, seed: int, resamples: int) -> tuple[tuple[float, float], int]:
    """Measure one k: worst recovery and mean silhouette; and the smallest cluster's size."""
    found = cluster(points, k, seed=seed, tries=3)
    recovered = recovery(points, found, seed=seed, resamples=resamples)
    width = silhouette_score(points, found.labels, sample_size=min(len(points), 1000), random_state=seed)
    return (stability_low(recovered.jaccard), float(width)), int(np.bincount(found.labels).min())


def judge(scores: pd.DataFrame, *, asked_for: int = 0) -> tuple[int, str]:
    """Take the number of groups that beats structureless data by most, or none.

    Eligible are numbers whose groups stand further apart than in any structureless draw and whose
    worst group recovers at 0.6 or better, and better than in any draw (or as well, when they stand
    far further apart). From 0.75 they are natural. `asked_for` overrules, and is called constructive
    when it is not eligible.

    >>> scores = pd.DataFrame({"k": [2, 3], "stability_low": [0.95, 0.8], "null_stability_low": [0.97, 0.6],
    ...                        "silhouette": [0.4, 0.3], "null_silhouette": [0.5, 0.2]})
    >>> judge(scores), judge(scores[:1]), judge(scores, asked_for=2)
    ((3, 'natural'), (1, 'none'), (2, 'constructive'))
    """
    excess = scores["stability_low"] - scores["null_stability_low"]
    lead = scores["silhouette"] - scores["null_silhouette"]
    beats_null = (lead > 0) & ((excess > 0) | ((excess > -0.05) & (lead > APART)))
    eligible = scores[beats_null & (scores["stability_low"] >= UNTRUSTED)]
    if asked_for == 1 or (asked_for == 0 and eligible.empty):
        return 1, "none"
    k = asked_for or int(eligible["k"][excess[eligible.index].idxmax()])
    recovery_of = dict(zip(eligible["k"], eligible["stability_low"], strict=True))
    if k not in recovery_of:
        return k, "constructive"
    return k, "natural" if recovery_of[k] >= STABLE else "reproducible"


@ONE_CORE
def choose(points: np.ndarray, scores: pd.DataFrame, *, asked_for: int, seed: int, resamples: int = 40) -> Choice:
    """Fit the grouping that the scores support, with each person's membership."""
    k, verdict = judge(scores, asked_for=asked_for)
    if k == 1:
        everyone = Clustering(np.zeros(len(points), dtype=int), points.mean(axis=0, keepdims=True))
        return Choice(1, verdict, everyone, np.ones(len(points)), Interval(1.0, 1.0, 1.0))
    found = cluster(points, k, seed=seed)
    recovered = recovery(points, found, seed=seed, resamples=resamples)
    worst = recovered.jaccard[:, recovered.jaccard.mean(axis=0).argmin()]
    ends = np.percentile(worst, [2.5, 97.5])
    return Choice(k, verdict, found, recovered.membership, Interval(float(worst.mean()), *map(float, ends)))
