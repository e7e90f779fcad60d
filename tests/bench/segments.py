"""How often segments are found where there are some and where there are none; how long it takes; how it is calibrated.

    python tests/bench/segments.py simulate --draws 100     verdicts on structureless and on planted data
    python tests/bench/segments.py time                      3,000 and 50,000 people, and a million placed in the engine
    python tests/bench/segments.py calibrate STUDY ...       temperatures of planted worlds that were run
    python tests/bench/segments.py seeds STUDY               ids and names over seeds, row orders, units, duplicates

Simulated throughout but for the columns of the study that `seeds` and `calibrate` read.
"""

from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from planted import NULLS, draw_null, draw_people
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

from coterie import segments
from coterie.segments.settling import settle
from coterie.segments.space import fit_space
from coterie.segments.tournament import chance, draw_nulls, examine, run
from coterie.segments.verdict import Verdict

QUICK = {"k_range": (2, 6), "families": ("k-means", "mixture, full"), "resamples": 10, "workers": 1}


def judged(values: np.ndarray, seed: int) -> Verdict:
    """Hold the tournament on one data set; not to its end where five draws already stand as far apart."""
    entries = list(product(QUICK["families"], range(QUICK["k_range"][0], QUICK["k_range"][1] + 1)))
    n_axes = fit_space(values).rotation.shape[1]
    real, alone = examine(values, entries, n_axes=n_axes, seed=seed), partial(run, workers=1, progress=iter)
    few = draw_nulls(values, entries, n_axes=n_axes, seed=seed, n=5, run_all=alone)
    if max(chance(real, draws) for draws in few.values()) > 1 / 6:
        return Verdict("none", "", 1)
    contest = segments.compete(values, seed=seed, **QUICK)
    return segments.judge(contest.scores, contest.pvalues)


def plain(values: np.ndarray, ks: range) -> np.ndarray:
    """Do what accelerators do: k-means on standardised columns, k by the largest silhouette."""
    points = (values - values.mean(axis=0)) / values.std(axis=0)
    fits = [KMeans(k, n_init=10, random_state=0).fit(points).labels_ for k in ks]
    return max(fits, key=lambda labels: silhouette_score(points, labels))


def one(kind: str, seed: int) -> tuple:
    """Judge one draw: kind, verdict, k, true k, and agreement with the truth, ours and plain."""
    if kind in NULLS:
        verdict = judged(draw_null(kind, seed), seed)
        return kind, verdict.word, verdict.k, 1, np.nan, np.nan
    values, truth, k = draw_people(kind, seed)
    verdict, inside = judged(values, seed), truth >= 0
    matrix = segments.Matrix(
        np.arange(len(values)), pd.DataFrame(values), list(range(values.shape[1])), None, inside | True
    )
    ours = settle(matrix, verdict, resamples=2).labels
    agreed = (adjusted_rand_score(truth[inside], labels[inside]) for labels in (ours, plain(values, range(2, 7))))
    return kind, verdict.word, verdict.k, k, *agreed


def simulate(kinds: list[str], draws: int, workers: int) -> None:
    """Count verdicts over many draws of every kind of data."""
    jobs = [delayed(one)(kind, seed) for seed in range(draws) for kind in kinds]
    columns = ["kind", "verdict", "k", "true_k", "ours", "plain"]
    found = pd.DataFrame(Parallel(n_jobs=workers)(jobs), columns=columns)
    near = (found["k"] - found["true_k"]).abs() <= 1
    table = found.assign(near=near & (found["verdict"] != "none"), exact=found["k"] == found["true_k"])
    words = table.groupby("kind")["verdict"].value_counts(normalize=True).unstack(fill_value=0)
    print(words.join(table.groupby("kind")[["near", "exact", "ours", "plain"]].mean()).round(3).to_string())
