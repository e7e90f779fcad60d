"""Structureless data are left whole, and groups counted rightly, over many simulated data sets."""

import numpy as np
import pandas as pd
import pytest
from generators import CONFIRMATION, STRUCTURED, STRUCTURELESS, draw
from generators.held_out_continua import CONTINUA
from joblib import Parallel, delayed
from scipy import stats
from sklearn.metrics import adjusted_rand_score

from coterie import segments
from coterie.segments.assignment.final import fit_groups
from coterie.segments.selection.nulls import NULLS, make_nulls
from coterie.segments.selection.replicates import fit_entries
from coterie.segments.selection.significance import sequential_pvalue

DRAWS = 5
COLUMNS = ["kind", "word", "k", "true_k", "agreement"]  # of what `verdict` gives
EFFORT = segments.Effort(resamples=10, null_replicates=19, workers=1)

pytestmark = pytest.mark.slow


def matrix(values):
    names = [f"x{j}" for j in range(values.shape[1])]
    known = np.full(len(values), True)
    return segments.Matrix(
        np.arange(len(values)), pd.DataFrame(values, columns=names), names, None, known
    )


def verdict(kind, seed, n=300):
    """Select on one simulated data set: kind, verdict, true k, agreement with the truth."""
    drawn = draw(kind, seed, n=n)
    compared = segments.compare_algorithms(drawn.values, seed=seed, effort=EFFORT)
    found = segments.select_model(compared.scores, compared.pvalue.value)
    labels = fit_groups(matrix(drawn.values), found, seed=seed).labels
    return kind, found.word, found.k, drawn.k, adjusted_rand_score(drawn.truth, labels)


@pytest.fixture(scope="module")
def verdicts():
    """Verdicts on the kinds that nothing was tuned on, and on those it was."""
    jobs = [
        delayed(verdict)(kind, 100 + seed)
        for kind in [*STRUCTURELESS, *STRUCTURED]
        for seed in range(DRAWS)
    ]
    return pd.DataFrame(Parallel(n_jobs=-1)(jobs), columns=COLUMNS)


def test_structureless_data_are_not_called_natural(verdicts):
    own = verdicts[verdicts["kind"].isin(STRUCTURELESS)]
    assert (own["word"] == "natural").mean() <= 0.05
    assert (own["word"] == "reproducible").mean() <= 0.1
    new = own[own["kind"].isin(CONFIRMATION)]
    assert (new["word"] == "natural").sum() <= 2


def test_continua_of_a_stranger_are_not_called_natural():
    """Helices may be called reproducible, as the README says; other kinds hardly ever."""
    jobs = [delayed(verdict)(kind, 100 + seed) for kind in CONTINUA for seed in range(3)]
    found = pd.DataFrame(Parallel(n_jobs=-1)(jobs), columns=COLUMNS)
    assert (found["word"] == "natural").sum() == 0
    others = found[found["kind"] != "helix"]
    assert (others["word"] == "reproducible").mean() <= 0.1


def test_groups_are_counted_to_within_one(verdicts):
    own = verdicts[verdicts["kind"].isin(STRUCTURED)]
    near = ((own["k"] - own["true_k"]).abs() <= 1) & own["word"].isin(["natural", "reproducible"])
    assert near.mean() >= 0.9
    assert own["agreement"].mean() >= 0.85


def test_twins_that_differ_by_a_rotation_get_one_verdict(verdicts):
    words = [
        verdicts.loc[verdicts["kind"] == kind, "word"].tolist()
        for kind in ("one column", "one column, turned")
    ]
    assert words[0] == words[1]


@pytest.mark.parametrize("null", NULLS)
def test_the_p_value_of_people_drawn_from_a_null_is_uniform(null):
    """200 draws: they see a cumulative share that is off by a tenth."""

    def pvalue(seed):
        rng = np.random.default_rng(seed)
        people = rng.standard_normal((150, 4)) @ (np.eye(4) + 0.5 * rng.standard_normal((4, 4)))
        values = make_nulls(people)[null](seed)
        make = make_nulls(values)[null]
        fit = lambda table: fit_entries(table, ["k-means"], [2, 3], n_axes=3, seed=0)  # noqa: E731
        found = sequential_pvalue(
            fit(values),
            lambda number: fit(make(1000 * number + seed)),
            lambda replicate: replicate.separation(["k-means"], [2, 3]),
            at_most=19,
            run_all=lambda jobs: [job() for job in jobs],
        )
        return found.pvalue.value

    found = np.array(Parallel(n_jobs=-1)(delayed(pvalue)(seed) for seed in range(200)))
    # a p-value takes few values, so each is spread over the gap below it
    spread = found - np.random.default_rng(0).random(200) * 0.05
    assert stats.kstest(np.clip(spread, 0, 1), "uniform").pvalue > 0.001


def test_a_small_group_in_a_large_base_is_found():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((20_000, 8))
    small = np.arange(20_000) % 50 == 0
    values[small, :2] += 7.0
    compared = segments.compare_algorithms(values, effort=EFFORT)
    found = segments.select_model(compared.scores, compared.pvalue.value)
    assert (found.word, found.k) == ("natural", 2)
    labels = fit_groups(matrix(values), found, seed=0).labels
    assert adjusted_rand_score(small, labels) > 0.9
