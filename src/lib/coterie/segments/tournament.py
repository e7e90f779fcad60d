"""Every algorithm with every number of groups, each figure beside the same figure on structureless data."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from coterie.segments import criteria
from coterie.segments.families import FAMILIES, MIXTURES, Grouping, gaussians
from coterie.segments.hierarchy import MOST_CORE
from coterie.segments.nulls import NULLS
from coterie.segments.space import View, evenly, fit_space, look
from coterie.segments.worth import luck, pareto_front, reach
from coterie.study import SettingsError

Entry = tuple[str, int]  # an algorithm and a number of groups
SPLITS, SHAKEN_NULLS, NULL_RESAMPLES, NULL_SPLITS = 5, 2, 5, 2  # refits are what takes the time
FIRST, HOPELESS = 10, 0.6  # resamples for every grouping, and the recovery from which more are taken
REACH = ["smallest", "reachable", "reachable_value", "gain"]


class Draw(NamedTuple):
    """What the entries score on one set of people."""

    values: np.ndarray  # (n, p)
    view: View
    labels: dict[Entry, np.ndarray]
    total: float  # sum of squares of everyone as one group
    silhouette: np.ndarray  # (entries,)
    within: np.ndarray  # (entries,) within-cluster sum of squares
    bic: np.ndarray  # (entries,) beside one group's, missing where the algorithm has none


class Tournament(NamedTuple):
    """Who competed, what they scored, and how likely it is that structureless data do as well."""

    scores: pd.DataFrame  # one row an algorithm and number of groups
    pvalues: dict[str, float]  # by null: chance that its best entry stands as far apart as ours
    elbow: int  # number of groups after which the first algorithm's variance falls little


def compete(
    values: np.ndarray,
    *,
    k_range: tuple[int, int] = (2, 9),
    families: Sequence[str] = tuple(FAMILIES),
    seed: int = 0,
    resamples: int = 40,
    null_draws: int = 19,
    at_most: int = 800,
    of: int = 0,
    floor: int = 1,
    worth: np.ndarray | None = None,
    workers: int = -1,
    progress: Callable = iter,
) -> Tournament:
    """Score every algorithm with every number of groups, on people and on two kinds of structureless data.

    The p-value is of the best entry among all, so it allows for having looked at many; it takes
    `null_draws` of at least 19 to reach 0.05. Scaling and rotation are learned anew in every draw
    and resample.

    Parameters
    ----------
    values
        (n, p) in natural units, missing where unknown. At most `at_most` people are looked at,
        evenly spread over the order of the rows.
    of
        People that `values` stand for; 0 when they are everybody.
    floor
        People from which a group is worth reaching.
    worth
        (n,) what each person is worth; None counts everybody the same.
    workers
        Processes at a time; -1 takes every core.
    progress
        Goes through batches and says how far they are, such as `lake.told`.

    Raises
    ------
    SettingsError
        When no number of groups in `k_range` fits so many people.

    References
    ----------
    Besag and Clifford (1989), "Generalized Monte Carlo significance tests", Biometrika 76.
    """
    rows = evenly(len(values), at_most)
    scale, worth = (of or len(values)) / len(rows), (np.ones(len(values)) if worth is None else worth)[rows]
    values = np.asarray(values, float)[rows]
    n_axes = fit_space(values).rotation.shape[1]
    ks = range(max(k_range[0], 2), min(k_range[1], len(values) // 10, MOST_CORE) + 1)
    if not ks:
        raise SettingsError(
            f"05_segments.k_range: {list(k_range)} holds no number of groups that {len(values)} people allow: from 2, "
            f"ten people a group, at most {MOST_CORE}."
        )
    entries, run_all = list(product(families, ks)), partial(run, workers=workers, progress=progress)
    real = examine(values, entries, n_axes=n_axes, seed=seed)
    found = [entry in real.labels for entry in entries]  # HDBSCAN says itself how many there are
    real, entries = Draw(*real[:4], *(figure[found] for figure in real[4:])), list(real.labels)
    draws = draw_nulls(values, entries, n_axes=n_axes, seed=seed, n=null_draws, run_all=run_all)
    recovered = recover(real, draws, n_axes=n_axes, seed=seed, resamples=resamples, run_all=run_all)
    groups = [reach(labels, scale=scale, floor=floor, worth=worth) for labels in real.labels.values()]
    scores = pd.concat([recovered, beside(real, draws), pd.DataFrame(groups, columns=REACH)], axis=1)
    scores["null_gain"] = luck(real.labels.values(), worth, seed=seed)
    scores["front"] = pareto_front(scores)
    first = scores[scores["method"] == scores["method"].iloc[0]]
    bend = criteria.elbow(first["k"].tolist(), (1 - first["homogeneity"]).tolist())
    return Tournament(scores, {null: chance(real, drawn) for null, drawn in draws.items()}, bend)


def examine(values: np.ndarray, entries: list[Entry], *, n_axes: int, seed: int) -> Draw:
    """Let every entry group one set of people, and measure how far apart the groups stand."""
    view, labels, bic = look(values, n_axes=n_axes), {}, {}
    for family in dict.fromkeys(family for family, _ in entries):
        ks = [k for name, k in entries if name == family]
        if family in MIXTURES:
            models = {k: gaussians(view.points, k, kind=MIXTURES[family], seed=seed) for k in [1, *ks]}
            grouping = {k: models[k].predict(view.points) for k in ks}
            bic |= {(family, k): models[1].bic(view.points) - models[k].bic(view.points) for k in ks}
        else:
            grouping = FAMILIES[family](view, ks, seed)
        labels |= {(family, k): grouping[k] for k in ks if k in grouping}
    apart = criteria.distances(view.points)
    width = [mean_width(apart, labels[e]) if e in labels else 0.0 for e in entries]
    within = [criteria.within(view.points, labels[e]) if e in labels else np.nan for e in entries]
    total = criteria.within(view.points, np.zeros(len(values), dtype=int))
    leads = np.array([bic.get(entry, np.nan) for entry in entries])
    return Draw(values, view, labels, total, np.array(width), np.array(within), leads)


def mean_width(apart: np.ndarray, labels: np.ndarray) -> float:
    """Average the silhouette over everyone; who is noise stands nowhere and counts 0.

    >>> apart = criteria.distances(np.array([[0.0], [1.0], [9.0], [10.0]]))
    >>> round(mean_width(apart, np.array([0, 0, 1, 1])), 3)
    0.889
    """
    return float(np.nansum(criteria.silhouette_widths(apart, labels)) / len(labels))


def draw_nulls(
    values: np.ndarray, entries: list[Entry], *, n_axes: int, seed: int, n: int, run_all: Callable
) -> dict[str, list[Draw]]:
    """Let every entry group `n` draws of each kind of structureless data."""
    jobs = [
        partial(examine, NULLS[null](values, seed=1000 * number + seed + 1), entries, n_axes=n_axes, seed=seed)
        for null in NULLS
        for number in range(n)
    ]
    done = run_all(jobs)
    return {null: done[place * n : (place + 1) * n] for place, null in enumerate(NULLS)}


def recover(
    real: Draw, draws: dict[str, list[Draw]], *, n_axes: int, seed: int, resamples: int, run_all: Callable
) -> pd.DataFrame:
    """See which groupings come back in resamples and in halves, and how often those of structureless data do."""
    nulls = [draw for drawn in draws.values() for draw in drawn[:SHAKEN_NULLS]]
    entries = pd.DataFrame(list(real.labels), columns=["method", "k"])
    families = entries.groupby("method", sort=False)["k"].agg(list)
    shaken = partial(shake, n_axes=n_axes, seed=seed)
    jobs = [partial(shaken, real, name, ks, resamples=resamples, splits=SPLITS) for name, ks in families.items()]
    jobs += [
        partial(shaken, draw, name, ks, resamples=NULL_RESAMPLES, splits=NULL_SPLITS)
        for draw in nulls
        for name, ks in families.items()
    ]
    done = [figure for job in run_all(jobs) for figure in job]
    figures = np.array(done).reshape(1 + len(nulls), len(entries), 2)
    entries[["stability_low", "prediction_strength"]] = figures[0]
    entries[["null_stability_low", "null_prediction_strength"]] = figures[1:].max(axis=0)
    return entries


def shake(
    draw: Draw, family: str, ks: list[int], *, n_axes: int, seed: int, resamples: int, splits: int
) -> list[tuple[float, float]]:
    """Measure one algorithm on one set, for every k: recovery of its worst group, and prediction strength.

    A grouping whose worst group hardly comes back in the first ten resamples is not shaken further.
    """
    seen = draw.view.columns if family == "medoids" else draw.view.points  # halves keep the scale of the whole
    has = tuple(k for k in ks if (family, k) in draw.labels)

    @cache  # every k sees the same resamples, and one tree serves them all
    def grouping(people: bytes, seed: int, whole: bool, ks: tuple[int, ...]) -> Grouping:
        values = np.frombuffer(people).reshape(-1, (draw.values if whole else seen).shape[1])
        return FAMILIES[family](look(values, n_axes=n_axes) if whole else View(values, values), ks, seed)

    def fit(whole: bool, ks: tuple[int, ...], values: np.ndarray, k: int, seed: int) -> np.ndarray:
        if whole and len(values) == len(draw.values):
            return draw.labels[family, k]
        people = np.ascontiguousarray(values, float).tobytes()
        return grouping(people, seed, whole, ks).get(k, np.zeros(len(values), dtype=int))

    def recovery(ks: tuple[int, ...], seed: int, resamples: int) -> dict[int, np.ndarray]:
        boot = partial(criteria.clusterboot, draw.values, partial(fit, True, ks), seed=seed, resamples=resamples)
        return {k: boot(k=k).jaccard for k in ks}

    first = recovery(has, seed, min(FIRST, resamples))
    going = tuple(k for k in has if stability_low(first[k]) >= HOPELESS)
    more = recovery(going, seed + 1, max(0, resamples - FIRST))
    jaccard = first | {k: np.vstack([first[k], more[k]]) for k in going}
    halves = partial(criteria.prediction_strength, seen, partial(fit, False, has), seed=seed, splits=splits)
    return [(stability_low(jaccard[k]), float(halves(k=k).mean())) if k in has else (0.0, 0.0) for k in ks]


def stability_low(jaccard: np.ndarray) -> float:
    """Take the recovery of the group that comes back worst.

    >>> stability_low(np.array([[1.0, 0.5], [0.8, 0.7]]))
    0.6
    """
    return round(float(jaccard.mean(axis=0).min()), 12)


def run(jobs: Sequence[Callable], workers: int, progress: Callable) -> list:
    """Do the jobs, as many at a time as there are workers; results come in the order of the jobs."""
    results = Parallel(n_jobs=workers, return_as="generator")(delayed(alone)(job) for job in jobs)
    return [next(results) for _ in progress([[job] for job in jobs])]


def alone(job: Callable) -> object:
    """Do a job on one core: fits this small wait for each other when each takes all."""
    with threadpool_limits(1):
        return job()


def beside(real: Draw, draws: dict[str, list[Draw]]) -> pd.DataFrame:
    """Set the figures beside those of structureless data: the best and the usual silhouette, the best BIC, the gap.

    The usual draw is the median one, of the kind where it stands further apart. Where no draw holds a grouping
    (HDBSCAN), ours stands beside 0.

    The gap is the mean log of the within-cluster variance on shuffled columns less ours; Tibshirani's
    takes uniform columns as reference, which data of this shape would beat without having groups.
    """
    every = [draw for drawn in draws.values() for draw in drawn]
    reference = np.log([draw.within for draw in draws["permuted"]])
    usual = [np.median([draw.silhouette for draw in drawn], axis=0) for drawn in draws.values()]
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {
                "silhouette": real.silhouette,
                "null_silhouette": np.max([draw.silhouette for draw in every], axis=0),
                "usual_silhouette": np.max(usual, axis=0),
                "gap": reference.mean(axis=0) - np.log(real.within),
                "gap_error": reference.std(axis=0) * np.sqrt(1 + 1 / len(reference)),
                "homogeneity": 1 - real.within / real.total,
                "bic": real.bic,
                "null_bic": np.max([draw.bic for draw in every], axis=0),
            }
        )


def chance(real: Draw, draws: list[Draw]) -> float:
    """Count how often the best entry of a draw stands as far apart as ours does.

    Entries are put on one scale by the mean and deviation over ours and the draws together, which
    makes all of them exchangeable when people are a draw of that kind: then the p-value is exact. For
    the copula, whose correlations are taken from these people, it is a bootstrap's. An entry that
    some draw lacks (HDBSCAN finds no such number there) has no say.
    """
    always = [all(entry in draw.labels for draw in draws) for entry in real.labels]
    widths = np.array([real.silhouette, *(draw.silhouette for draw in draws)])[:, always]
    spread = widths.std(axis=0)
    best = ((widths - widths.mean(axis=0)) / np.where(spread > 0, spread, np.inf)).max(axis=1)
    return float((best >= best[0]).mean())
