"""Compare every algorithm at every number of groups, and ask other people about what it shows."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn import config_context
from threadpoolctl import ThreadpoolController

from coterie.segments.preparation.imputation import impute
from coterie.segments.preparation.sampling import learning_sample
from coterie.segments.preparation.space import columns, fit_space, systematic_sample
from coterie.segments.selection import criteria
from coterie.segments.selection.against_nulls import Nulls, null_silhouettes
from coterie.segments.selection.algorithms import ALL, FAMILIES, MIXTURES
from coterie.segments.selection.halves import (
    NOTHING,
    Confirmation,
    Halves,
    confirm,
    nearest,
    split_people,
    vote,
)
from coterie.segments.selection.missingness import missing_share
from coterie.segments.selection.replicates import Entry, Replicate, fit_entries
from coterie.segments.selection.significance import PValue
from coterie.segments.selection.targeting import pareto_front, permuted_gain, reach
from coterie.segments.selection.verdict import MOST_CORE, confirmed_entries
from coterie.study import SettingsError

REACH = ["smallest_cluster", "reachable", "reachable_value", "targeting_gain"]
CONFIRMED = list(Confirmation._fields)
RECOVERED = ["stability_low", "null_stability_low"]
ENOUGH = 5000  # people who are asked about groups
NULL_PEOPLE = 400  # people in a structureless replicate
RESAMPLED_PEOPLE = 800  # people whose grouping is resampled, and structureless ones beside them
PARTS = 8  # that entries are confirmed in, side by side


class Effort(NamedTuple):
    """How much is computed; less is faster and coarser."""

    resamples: int = 40  # of the people, in which groups have to come back
    null_replicates: int = 99  # of the null that counts; the p-value is as fine as one in so many
    at_most: int = 1500  # people that groups are learned from, in either half
    workers: int = -1  # processes at a time; -1 takes every core


class Population(NamedTuple):
    """Whom the sample stands for, and when a group is large enough."""

    n_people: int = 0  # people that the sample stands for; 0 when it is everybody
    min_people: int = 1  # people from which a group can be reached
    smallest: int = 1  # people under which a group is no finding


EFFORT = Effort()
EVERYBODY = Population()


class Comparison(NamedTuple):
    """What every algorithm scored, and how likely it is that structureless data do as well."""

    scores: pd.DataFrame  # one row an algorithm and number of groups
    # by null: Monte Carlo p-value of the best separation; that of `one-humped` counts, the others
    # say whether a split lies in single columns
    pvalues: dict[str, PValue]
    elbow: int  # number of groups after which the first algorithm's variance falls little

    @property
    def pvalue(self) -> PValue:
        """The p-value that counts: of one continuum with one hump in every column."""
        return self.pvalues["one-humped"]


class Sample(NamedTuple):
    """The people at work: everybody asked, and those that groups are learned from."""

    values: np.ndarray  # (n, p) nothing missing
    gaps: np.ndarray  # (n, p) as they came
    learned: np.ndarray  # rows that the scores are learned from
    voters: np.ndarray  # (n, 3) whom of those everybody is nearest to
    halves: Halves
    n_axes: int


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
    """Score every algorithm at every number of groups, and confirm each on people it did not see.

    Groups are learned in either half of the people and tested in the other: is there a valley
    between every two of them? What passes is resampled, as structureless replicates are, and gets a
    Monte Carlo p-value. Scaling and rotation are learned anew everywhere.

    Parameters
    ----------
    values
        (n, p) in natural units, missing where unknown. At most 5,000 of them take part, a
        systematic sample.
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
    Hennig (2015), "What are the true clusters?", Pattern Recognition Letters 64.
    """
    rows = systematic_sample(len(values), ENOUGH)
    scale = (population.n_people or len(values)) / len(rows)
    value = np.ones(len(rows)) if value is None else value[rows]
    ks = possible_ks(k_range, min(len(rows), effort.at_most))
    run_all = partial(run, workers=effort.workers, progress=progress)
    people = take_sample(np.asarray(values, float)[rows], at_most=effort.at_most, seed=seed)
    fitted = partial(fit_entries, families=families, ks=ks, n_axes=people.n_axes, seed=seed)
    learned = (people.learned, *people.halves.learned)
    real, *halves = run_all([partial(fitted, people.values[own]) for own in learned])
    everybody = [vote(labels, people.voters) for labels in real.labels.values()]
    scores = entry_scores(real)
    scores[CONFIRMED] = confirm_entries(people, halves, real.entries, run_all=run_all)
    scores["by_bic"] = most_by_bic(real)
    valley = scores["n_apart"] > 1
    scores["missing_share"] = [
        missing_share(labels, people.gaps) if asked else np.nan
        for labels, asked in zip(everybody, valley, strict=True)
    ]
    scores[REACH] = [
        reach(labels, scale=scale, min_people=population.min_people, value=value)
        for labels in everybody
    ]
    scores["null_targeting_gain"] = permuted_gain(everybody, value, seed=seed)
    scores["front"] = pareto_front(scores)
    resampled = systematic_sample(len(people.learned), RESAMPLED_PEOPLE)
    nulls = Nulls(
        people.values[some_of(people.learned, NULL_PEOPLE)],
        people.values[people.learned[resampled]],
        ks,
        n_axes=people.n_axes,
        seed=seed,
        draws=effort.null_replicates,
        resamples=effort.resamples,
        run_all=run_all,
    )
    confirmed = confirmed_entries(scores, min_people=population.smallest)
    hopeful = list(zip(confirmed["method"], confirmed["k"].astype(int), strict=True))
    drawn = nulls.draw(hopeful, families)
    pvalues = {kind: null.pvalue for kind, null in drawn.items()}
    scores = scores.join(null_silhouettes(real.entries, drawn["one-humped"].replicates))
    natural = (confirmed["n_apart"] == confirmed["k"]).tolist()
    granted = real.labels[hopeful[natural.index(True)]] if any(natural) else people.learned * 0
    scores[RECOVERED] = nulls.recover(hopeful, natural, real.entries, granted=granted[resampled])
    first = scores[scores["method"] == scores["method"].iloc[0]]
    bend = criteria.elbow(first["k"].tolist(), (1 - first["homogeneity"]).tolist())
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


def some_of(rows: np.ndarray, at_most: int) -> np.ndarray:
    """Take at most so many rows, spread over them."""
    return rows[systematic_sample(len(rows), at_most)]


def take_sample(gaps: np.ndarray, *, at_most: int, seed: int) -> Sample:
    """Fill the gaps, and choose whom groups are learned from."""
    values = impute(gaps, seed=seed)
    space = fit_space(values)
    standard = columns(space, values)
    learned = learning_sample(standard, at_most=at_most, seed=seed)
    halves = split_people(values, at_most=at_most, seed=seed)
    voters = nearest(standard[learned], standard)
    return Sample(values, gaps, learned, voters, halves, space.rotation.shape[1])


def entry_scores(real: Replicate) -> pd.DataFrame:
    """Tabulate what each entry scores on the people that groups are learned from."""
    table = pd.DataFrame(real.entries, columns=["method", "k"])
    table["silhouette"] = [real.silhouette[entry] for entry in real.entries]
    table["homogeneity"] = [1 - real.within[entry] / real.total for entry in real.entries]
    table["bic"] = [real.bic.get(entry, np.nan) for entry in real.entries]
    return table


def most_by_bic(real: Replicate) -> int:
    """Give the number of groups of the mixture with the best BIC; of two projections the larger.

    One group is the same to mixtures of a common and of any covariance, so that their gains over it
    can be compared; where those of a common one need more groups for a worse BIC, they split long
    groups.
    """
    best = {False: (0.0, 1), True: (0.0, 1)}
    for (family, k), gain in real.bic.items():
        if MIXTURES[family] != "diag":
            whole = family.endswith(ALL)
            best[whole] = max(best[whole], (gain, k))
    return max(k for _, k in best.values())


def confirm_entries(
    people: Sample, halves: Sequence[Replicate], entries: Sequence[Entry], *, run_all: Callable
) -> np.ndarray:
    """Let either half confirm each entry: (entries, 5), as in `Confirmation`."""
    asked = [entry for entry in entries if all(entry in half.labels for half in halves)]
    parts = [asked[start::PARTS] for start in range(PARTS)]
    jobs = [
        partial(
            confirm_some,
            people.halves,
            [tuple(half.labels[entry] for half in halves) for entry in part],
            [k for _, k in part],
        )
        for part in parts
    ]
    found = {
        entry: own
        for part, done in zip(parts, run_all(jobs), strict=True)
        for entry, own in zip(part, done, strict=True)
    }
    return np.array([found.get(entry, NOTHING) for entry in entries])


def confirm_some(
    halves: Halves, groupings: Sequence[tuple[np.ndarray, np.ndarray]], ks: Sequence[int]
) -> list[Confirmation]:
    """Confirm several groupings, one after the other."""
    return [confirm(halves, groups, k) for groups, k in zip(groupings, ks, strict=True)]


def run(jobs: Sequence[Callable], workers: int, progress: Callable) -> list:
    """Run the jobs, as many at a time as there are workers; results keep the order of the jobs."""
    results = Parallel(n_jobs=workers, return_as="generator")(delayed(alone)(job) for job in jobs)
    return [next(results) for _ in progress([[job] for job in jobs])]


def alone(job: Callable) -> object:
    """Do a job on one core: fits this small wait for each other when each takes all.

    Nor is every small fit checked for values that cannot be there.
    """
    with (
        thread_pools().limit(limits=1),
        config_context(assume_finite=True, skip_parameter_validation=True),
    ):
        return job()


@cache
def thread_pools() -> ThreadpoolController:
    """Find the pools of threads of this process; looking takes longer than a fit."""
    return ThreadpoolController()
