"""Compare every algorithm at every number of groups, beside the same on structureless data."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from coterie.segments.preparation.space import fit_space, systematic_sample
from coterie.segments.selection import criteria
from coterie.segments.selection.algorithms import FAMILIES
from coterie.segments.selection.nulls import null_data
from coterie.segments.selection.replicates import Entry, Replicate, fit_entries
from coterie.segments.selection.stability import recovery_jobs, recovery_table
from coterie.segments.selection.targeting import pareto_front, permuted_gain, reach
from coterie.segments.selection.verdict import MOST_CORE
from coterie.study import SettingsError

REACH = ["smallest_cluster", "reachable", "reachable_value", "targeting_gain"]


class Effort(NamedTuple):
    """How much is computed; less is faster and coarser."""

    resamples: int = 40  # of the people, in which groups have to come back
    null_replicates: int = 19  # of each kind of structureless data; a p-value of 0.05 takes 19
    at_most: int = 800  # people looked at, a systematic sample
    workers: int = -1  # processes at a time; -1 takes every core


class Population(NamedTuple):
    """Whom the sample stands for, and when a group is large enough."""

    n_people: int = 0  # people that the sample stands for; 0 when it is everybody
    min_people: int = 1  # people from which a group can be reached


EFFORT = Effort()
EVERYBODY = Population()


class Comparison(NamedTuple):
    """What every algorithm scored, and how likely it is that structureless data do as well."""

    scores: pd.DataFrame  # one row an algorithm and number of groups
    pvalues: dict[str, float]  # by null: Monte Carlo p-value of the best entry's silhouette
    elbow: int  # number of groups after which the first algorithm's variance falls little

    @property
    def pvalue(self) -> float:
        """The larger p-value: that of the null which is harder to beat."""
        return max(self.pvalues.values())


def compare_algorithms(
    values: np.ndarray,
    *,
    value: np.ndarray | None = None,
    k_range: tuple[int, int] = (2, 9),
    families: Sequence[str] = tuple(FAMILIES),
    seed: int = 0,
    effort: Effort = EFFORT,
    population: Population = EVERYBODY,
    progress: Callable = iter,
) -> Comparison:
    """Score every algorithm at every number of groups, on people and on null replicates.

    The p-value is of the best entry among all, so it allows for having looked at many; it takes 19
    `null_replicates` or more to reach 0.05. Scaling and rotation are learned anew in every
    replicate and resample.

    Parameters
    ----------
    values
        (n, p) in natural units, missing where unknown. A systematic sample of them is looked at.
    value
        (n,) value of each person, such as spend; None counts everybody the same.
    progress
        Goes through batches and says how far they are, such as `lake.progress`.

    Raises
    ------
    SettingsError
        When no number of groups in `k_range` fits so many people.

    References
    ----------
    Besag and Clifford (1989), "Generalized Monte Carlo significance tests", Biometrika 76.
    """
    rows = systematic_sample(len(values), effort.at_most)
    scale = (population.n_people or len(values)) / len(rows)
    values = np.asarray(values, float)[rows]
    value = np.ones(len(rows)) if value is None else value[rows]
    n_axes = fit_space(values).rotation.shape[1]
    entries = list(product(families, possible_ks(k_range, len(values))))
    run_all = partial(run, workers=effort.workers, progress=progress)
    real = fit_entries(values, entries, n_axes=n_axes, seed=seed).only_found()
    seeds = [1000 * number + seed + 1 for number in range(effort.null_replicates)]
    nulls = fit_nulls(values, real.entries, n_axes=n_axes, seed=seed, seeds=seeds, run_all=run_all)
    jobs = recovery_jobs(real, nulls, n_axes=n_axes, seed=seed, resamples=effort.resamples)
    recovered = recovery_table(real, run_all(jobs))
    reached = [
        reach(labels, scale=scale, min_people=population.min_people, value=value)
        for labels in real.labels.values()
    ]
    scores = pd.concat(
        [recovered, null_summary(real, nulls), pd.DataFrame(reached, columns=REACH)], axis=1
    )
    scores["null_targeting_gain"] = permuted_gain(real.labels.values(), value, seed=seed)
    scores["front"] = pareto_front(scores)
    first = scores[scores["method"] == scores["method"].iloc[0]]
    bend = criteria.elbow(first["k"].tolist(), (1 - first["homogeneity"]).tolist())
    pvalues = {kind: monte_carlo_pvalue(real, replicates) for kind, replicates in nulls.items()}
    return Comparison(scores, pvalues, bend)


def possible_ks(k_range: Sequence[int], n_people: int) -> range:
    """List the numbers of groups that so many people allow: from 2, ten people a group, at most 15.

    >>> list(possible_ks((1, 9), 50))
    [2, 3, 4, 5]
    """
    ks = range(max(k_range[0], 2), min(k_range[1], n_people // 10, MOST_CORE) + 1)
    if not ks:
        raise SettingsError(
            f"05_segments.k_range: {list(k_range)} holds no number of groups that "
            f"{n_people} people allow: from 2, ten people a group, at most {MOST_CORE}."
        )
    return ks


def fit_nulls(
    values: np.ndarray,
    entries: list[Entry],
    *,
    n_axes: int,
    seed: int,
    seeds: Sequence[int],
    run_all: Callable,
) -> dict[str, list[Replicate]]:
    """Let every entry group the null replicates of each kind, one a seed of `seeds`."""
    data = null_data(values, seeds=seeds)
    jobs = [
        partial(fit_entries, replicate, entries, n_axes=n_axes, seed=seed)
        for made in data.values()
        for replicate in made
    ]
    fitted = iter(run_all(jobs))
    return {kind: [next(fitted) for _ in made] for kind, made in data.items()}


def run(jobs: Sequence[Callable], workers: int, progress: Callable) -> list:
    """Run the jobs, as many at a time as there are workers; results keep the order of the jobs."""
    results = Parallel(n_jobs=workers, return_as="generator")(delayed(alone)(job) for job in jobs)
    return [next(results) for _ in progress([[job] for job in jobs])]


def alone(job: Callable) -> object:
    """Do a job on one core: fits this small wait for each other when each takes all."""
    with threadpool_limits(1):
        return job()


def null_summary(real: Replicate, nulls: dict[str, list[Replicate]]) -> pd.DataFrame:
    """Summarise what null replicates score: best and usual silhouette, best BIC, the gap.

    The usual replicate is the median one, of the kind with the larger silhouette. Where no
    replicate holds a grouping (HDBSCAN), ours stands beside 0.

    The gap is the mean log of the within-cluster variance on permuted columns less ours;
    Tibshirani's takes uniform columns as reference, which data of this shape would beat without
    having groups.
    """
    every = [replicate for made in nulls.values() for replicate in made]
    reference = np.log([replicate.within for replicate in nulls["permuted"]])
    usual = [np.median([each.silhouette for each in made], axis=0) for made in nulls.values()]
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {
                "silhouette": real.silhouette,
                "null_silhouette": np.max([replicate.silhouette for replicate in every], axis=0),
                "usual_silhouette": np.max(usual, axis=0),
                "gap": reference.mean(axis=0) - np.log(real.within),
                "gap_error": reference.std(axis=0) * np.sqrt(1 + 1 / len(reference)),
                "homogeneity": 1 - real.within / real.total,
                "bic": real.bic,
                "null_bic": np.max([replicate.bic for replicate in every], axis=0),
            }
        )


def monte_carlo_pvalue(real: Replicate, nulls: list[Replicate]) -> float:
    """Count how often the best entry of a null replicate has as large a silhouette as ours.

    Entries are put on one scale by the mean and deviation over ours and the replicates together,
    which makes all of them exchangeable when people are sampled from that null: then the p-value is
    exact. For the copula, whose correlations are taken from these people, it is a bootstrap's. An
    entry that some replicate lacks (HDBSCAN finds no such number there) has no say.
    """
    always = [all(entry in null.labels for null in nulls) for entry in real.labels]
    widths = np.array([real.silhouette, *(null.silhouette for null in nulls)])[:, always]
    spread = widths.std(axis=0)
    best = ((widths - widths.mean(axis=0)) / np.where(spread > 0, spread, np.inf)).max(axis=1)
    return float((best >= best[0]).mean())
