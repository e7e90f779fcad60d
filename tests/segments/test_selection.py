"""Groups are found where there are some, none where there are none, beside a null throughout."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from generators import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from coterie.segments import SENTENCES, compare_algorithms, rank, select_model
from coterie.segments.preparation.space import Projection, project
from coterie.segments.selection.against_nulls import Nulls
from coterie.segments.selection.algorithms import FAMILIES
from coterie.segments.selection.comparison import Effort
from coterie.segments.selection.criteria import clusterboot
from coterie.segments.selection.nulls import copula, latent_root, make_nulls, permuted
from coterie.segments.selection.stability import worst_recovery
from coterie.segments.selection.targeting import pareto_front, permuted_gain, reach, targeting_gain
from coterie.segments.selection.verdict import ALPHA, MORE, NESTED_MARGIN, STABLE, found_entries
from coterie.study import SettingsError

FAST = {
    "k_range": (2, 4),
    "families": ("k-means", "mixture, full"),
    "effort": Effort(resamples=6, null_replicates=19, workers=1),
}
NULL_SHAPES = {
    "gaussian": lambda rng, n: (
        rng.standard_normal((n, 5)) @ (np.eye(5) + 0.5 * rng.standard_normal((5, 5)))
    ),
    "uniform": lambda rng, n: rng.random((n, 5)),
    "log-normal": lambda rng, n: np.exp(rng.standard_normal((n, 5)) @ (np.eye(5) + 0.4) * 0.7 + 2),
}


def blobs(seed=0, n=240, gap=6.0):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n)
    return rng.standard_normal((n, 5)) + gap * np.eye(3, 5)[kind], kind


def verdict_of(values, **options):
    contest = compare_algorithms(values, **FAST | options)
    return select_model(contest.scores, contest.pvalue.value)


@pytest.mark.slow
@pytest.mark.parametrize("shape", NULL_SHAPES)
def test_people_without_groups_are_one_group(shape):
    verdict = verdict_of(NULL_SHAPES[shape](np.random.default_rng(5), 200))
    assert (verdict.word, verdict.k) == ("none", 1)


def test_groups_far_apart_are_found_called_natural_and_are_the_planted_ones():
    values, kind = blobs()
    contest = compare_algorithms(values, **FAST)
    verdict = select_model(contest.scores, contest.pvalue.value)
    assert (verdict.word, verdict.k) == ("natural", 3)
    assert contest.pvalue.value == contest.pvalue.resolution == 1 / 20
    assert contest.elbow == 3
    labels = FAMILIES[verdict.method](project(values), [3], 0)[3]
    assert adjusted_rand_score(kind, labels) > 0.98


def test_neither_the_number_of_workers_nor_the_order_of_columns_changes_a_figure():
    values = blobs(n=120)[0]
    small = FAST | {"families": ("k-means",)}
    one, two = (
        compare_algorithms(
            values, **small | {"effort": Effort(resamples=2, null_replicates=3, workers=workers)}
        )
        for workers in (1, 2)
    )
    pd.testing.assert_frame_equal(one.scores, two.scores)
    turned = compare_algorithms(values[:, ::-1], **small).scores
    np.testing.assert_allclose(turned["silhouette"], one.scores["silhouette"], atol=1e-6)


def test_every_family_competes_and_a_mixture_says_itself_how_many_groups_there_are():
    contest = compare_algorithms(
        blobs(n=150)[0], k_range=(2, 6), effort=Effort(resamples=2, null_replicates=3, workers=1)
    )
    by_method = contest.scores.set_index(["method", "k"])
    assert set(contest.scores["method"]) >= {n for n in FAMILIES if not n.startswith("HDBSCAN")}
    has_bic = contest.scores.groupby("method")["bic"].count() > 0
    assert {method for method in has_bic.index if has_bic[method]} == {
        name for name in FAMILIES if name.startswith("mixture")
    }
    assert by_method.loc["mixture, tied"].index.max() == 3
    three = by_method.loc["k-means", 3]
    assert three["halves_agree"] > 0.9
    assert three["n_apart"] == 3
    assert by_method.loc[("k-means", 6), "n_apart"] <= 3


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_finds_lumps_that_nobody_could_miss(family):
    values, kind = blobs(seed=3, gap=12.0)
    labels = FAMILIES[family](project(values), [2, 3], 0)[3]
    inside = labels >= 0
    assert adjusted_rand_score(kind[inside], labels[inside]) == 1.0
    assert inside.mean() > 0.8


def test_a_graph_in_more_parts_than_groups_are_asked_for_is_not_cut():
    """People who gave the same answers are a part of the graph."""
    answers = np.array([[each >> bit & 1 for bit in range(4)] for each in range(12)], dtype=float)
    people = project(np.repeat(answers, 20, axis=0), n_axes=3)
    assert FAMILIES["spectral, all columns"](people, range(2, 10), 0) == {}
    cut = FAMILIES["spectral, all columns"](people, range(2, 13), 0)[12]
    assert adjusted_rand_score(np.repeat(np.arange(12), 20), cut) == 1.0


@pytest.mark.parametrize("family", FAMILIES)
def test_people_who_are_equal_break_no_family(family):
    values = np.repeat([[0.0, 0.0], [1.0, 1.0]], 30, axis=0)
    found = FAMILIES[family](Projection(values, values), [2], 0)
    assert set(found) <= {2}
    assert all(len(labels) == 60 for labels in found.values())


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).random((40, 3)),
        np.random.default_rng(0).random((60, 1)),
        np.random.default_rng(0).random((60, 500)),
        np.repeat(np.random.default_rng(0).random((20, 3)), 4, axis=0),
        np.random.default_rng(0).integers(0, 2, (80, 4)).astype(float),
        np.where(
            np.arange(80)[:, None] < [40, 0], np.nan, np.random.default_rng(0).random((80, 2))
        ),
        np.vstack([np.random.default_rng(0).standard_normal((80, 3)), [[1e15, -1e15, 1e15]]]),
    ],
    ids=[
        "40 people",
        "one feature",
        "500 features",
        "duplicates",
        "yes and no only",
        "a missing block",
        "an outlier",
    ],
)
def test_bad_input_ends_in_a_verdict(values):
    contest = compare_algorithms(
        values,
        k_range=(2, 3),
        families=("k-means", "mixture, full", "medoids"),
        effort=Effort(resamples=2, null_replicates=5, workers=1),
    )
    verdict = select_model(contest.scores, contest.pvalue.value, min_people=5)
    assert verdict.word in SENTENCES
    assert contest.scores["halves_agree"].between(0, 1).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 999), st.sampled_from(["permuted", "copula"]))
def test_a_null_keeps_every_column_exactly(seed, null):
    values = np.random.default_rng(seed).lognormal(1, 1, (50, 3))
    replicate = make_nulls(values)[null](seed)
    np.testing.assert_allclose(np.sort(replicate, axis=0), np.sort(values, axis=0))


def test_one_null_keeps_correlations_and_the_other_breaks_them():
    values = np.repeat(np.random.default_rng(1).lognormal(0, 1, (600, 1)), 2, axis=1) * [1, 50]
    rank_correlation = lambda table: pd.DataFrame(table).corr("spearman").iloc[0, 1]  # noqa: E731
    assert rank_correlation(copula(values, root=latent_root(values), seed=0)) > 0.95
    assert abs(rank_correlation(permuted(values, seed=0))) < 0.15


def test_missing_values_travel_into_the_nulls():
    values = np.random.default_rng(2).random((60, 2))
    values[:12, 0] = np.nan
    assert np.isnan(permuted(values, seed=1)).sum() == 12
    assert (~np.isfinite(copula(values, root=latent_root(values), seed=1))).sum() == 12


def test_a_split_in_one_column_stands_in_the_copula_null_and_not_in_the_one_humped():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((400, 2))
    values[:, 0] += 6 * (np.arange(400) % 2)
    nulls = make_nulls(values)
    middle = lambda drawn: (np.abs(drawn[:, 0] - 3) < 1).mean()  # noqa: E731
    assert middle(values) < 0.06
    assert middle(nulls["copula"](0)) == middle(values)
    assert middle(nulls["one-humped"](0)) > 0.15


def test_a_column_with_one_hump_and_a_discrete_one_are_drawn_as_they_are():
    rng = np.random.default_rng(1)
    values = np.column_stack([rng.standard_normal(800), rng.random(800) < 0.3])
    drawn = make_nulls(values)["one-humped"](0)
    assert set(drawn[:, 1]) == {0.0, 1.0}
    np.testing.assert_allclose(
        np.quantile(drawn[:, 0], [0.1, 0.5, 0.9]),
        np.quantile(values[:, 0], [0.1, 0.5, 0.9]),
        atol=0.2,
    )


def test_recovery_of_a_family_is_that_of_clusterboot():
    values = blobs(n=90, gap=3.0)[0]
    low = worst_recovery(values, entry=("Ward", 3), n_axes=3, seed=0, resamples=8)
    fit = lambda people, k, seed: FAMILIES["Ward"](project(people, n_axes=3), [k], seed)[k]  # noqa: E731
    assert low == pytest.approx(
        clusterboot(values, fit, 3, seed=0, resamples=8).jaccard.mean(axis=0).min()
    )
    assert worst_recovery(values, entry=("HDBSCAN", 9), n_axes=3, seed=0, resamples=2) == 0.0


ROW = {
    "method": "k-means",
    "k": 2,
    "stability_low": 0.9,
    "null_stability_low": 0.5,
    "halves_agree": 0.9,
    "valley_pvalue": 0.002,
    "bridge_density": 0.1,
    "n_apart": 2,
    "by_bic": 5,
    "missing_share": 0.1,
    "smallest_cluster": 100,
    "front": False,
    "targeting_gain": 0.0,
    "null_targeting_gain": 0.1,
    "reachable": 1.0,
}
FULL = {"method": "mixture, full"}
LEVEL = {"n_apart": 1}  # no valley
FINER = {"k": 4}  # two of four groups have no valley between them, or more
PAYING = LEVEL | {"front": True, "targeting_gain": 0.5}
NONE = ("none", "", 1)
TWO = ("natural", "k-means", 2)
THREE = ("natural", "k-means", 3)


def scores(*changes):
    return pd.DataFrame([ROW | change for change in changes], columns=list(ROW))


@pytest.mark.parametrize(
    ("table", "options", "expected"),
    [
        (scores({}), {}, TWO),
        # stable, but there is no valley between the groups
        (scores(LEVEL), {}, NONE),
        # groups within natural ones come back
        (scores({}, FINER), {}, ("reproducible", "k-means", 4)),
        (scores(FINER), {}, ("reproducible", "k-means", 4)),
        # no better than in structureless data, by no mixture, not in both halves
        (scores({}, FINER | {"null_stability_low": 0.85}), {}, TWO),
        (scores({}, FINER | {"by_bic": 3}), {}, TWO),
        (scores(FINER | {"by_bic": 3}), {}, NONE),  # and it is all there is
        # a mixture needs many more: pieces of a bent continuum
        (scores(FINER | {"by_bic": 4 + MORE}), {}, ("reproducible", "k-means", 4)),
        (scores(FINER | {"by_bic": 5 + MORE}), {}, NONE),
        (scores({}, FINER | {"halves_agree": 0.55}), {}, TWO),
        (scores({"stability_low": STABLE - 0.01, "null_stability_low": 0.1}), {}, NONE),
        # structureless data come back as well, and there was room to do better
        (scores({"null_stability_low": 0.89}), {}, NONE),
        (scores({"stability_low": 0.99, "null_stability_low": 0.99}), {}, TWO),
        # nobody resampled it
        (scores({"stability_low": None, "null_stability_low": None}), {}, NONE),
        (scores({"halves_agree": 0.4}), {}, NONE),
        # the groups are who has what unknown
        (scores({"missing_share": 0.7}), {}, NONE),
        (scores({"smallest_cluster": 49}), {"min_people": 50}, NONE),
        # a valley, but some stand on the way around it
        (scores({"bridge_density": 0.3}), {}, ("reproducible", "k-means", 2)),
        (scores({"bridge_density": 0.45}), {}, NONE),
        # as many as have valleys between them
        (scores({}, {"k": 3, "n_apart": 3}), {}, THREE),
        (scores({}, {"k": 3} | LEVEL), {}, TWO),
        (scores({}, FULL | {"halves_agree": 0.95}), {}, TWO),  # plainer
        (scores({"halves_agree": 0.7}, FULL), {}, ("natural", "mixture, full", 2)),
        (scores({}), {"asked_for": 1}, NONE),
        (scores({}, {"k": 4} | LEVEL), {"asked_for": 4}, ("constructive", "k-means", 4)),
        (scores({}), {"asked_for": 7}, ("constructive", "k-means", 7)),
        (scores(PAYING), {}, ("constructive", "k-means", 2)),
        # does not pay
        (scores(PAYING | {"targeting_gain": 0.1}), {}, NONE),
        # pays no more than with permuted value
        (scores(PAYING | {"null_targeting_gain": 0.5}), {}, NONE),
        (scores(PAYING | {"reachable": 0.9}), {}, NONE),
        (scores(PAYING), {"constructive": False}, NONE),
        (scores(), {}, NONE),
    ],
)
def test_the_verdict_follows_the_limits(table, options, expected):
    assert select_model(table, 0.05, **options) == expected


def test_structureless_data_that_stand_as_far_apart_overrule_every_other_figure():
    assert ALPHA < 0.1
    assert select_model(scores({}), 0.1).word == "none"


def test_valleys_beyond_doubt_overrule_structureless_data_where_nobody_is_on_the_way():
    evident = {"valley_pvalue": 1e-6}
    assert select_model(scores(evident), 0.1) == TWO
    assert select_model(scores(evident | {"bridge_density": 0.3}), 0.1) == NONE


def test_more_core_groups_than_can_be_kept_apart_are_refused():
    for asked_for in (16, -1):
        with pytest.raises(
            SettingsError,
            match=rf"05_segments.n_segments: {asked_for} is not from 0 to 15 core groups",
        ):
            select_model(scores({}), 0.05, asked_for=asked_for)


def test_a_range_that_no_grouping_fits_is_refused():
    with pytest.raises(
        SettingsError,
        match=r"05_segments.k_range: \[9, 12\] holds no number of groups that 60 people",
    ):
        compare_algorithms(blobs(n=60)[0], k_range=(9, 12))


def test_the_limit_is_that_of_clusterboot_and_every_verdict_has_a_sentence():
    assert STABLE == 0.75
    assert set(SENTENCES) == {"natural", "reproducible", "constructive", "none"}


def test_the_ranked_table_has_the_winner_first_and_what_was_found_next():
    table = scores(LEVEL, {"k": 3, "n_apart": 3}, {"halves_agree": 0.8})
    ranked = rank(table, select_model(table, 0.05))
    assert ranked["k"].tolist() == [3, 2, 2]
    assert ranked["beats_null"].tolist() == [True, True, False]
    assert ranked["chosen"].tolist() == [True, False, False]
    assert len(found_entries(table, min_people=1)) == 2


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from([0.0, 0.5, 1.0])] * 3), min_size=1, max_size=12))
def test_on_the_pareto_front_nobody_is_beaten_in_every_respect(rows):
    table = pd.DataFrame(rows, columns=["homogeneity", "reachable", "targeting_gain"])
    front = pareto_front(table)
    assert front.any()
    for i, j in product(range(len(rows)), repeat=2):
        beaten = all(b >= a for a, b in zip(rows[i], rows[j], strict=True)) and rows[i] != rows[j]
        assert not (front[i] and beaten)


def test_choosing_by_groups_that_differ_in_worth_gains_and_by_chance_it_does_not():
    rng = np.random.default_rng(6)
    labels = rng.integers(0, 4, 4000)
    value = rng.lognormal(0, 1, 4000)
    assert abs(targeting_gain(labels, value)) < 0.08
    assert targeting_gain(labels, value * (1 + labels)) > 0.3
    assert targeting_gain(labels, np.zeros(4000)) == 0.0


def test_worth_dealt_out_at_random_gains_much_where_few_people_are_worth_anything():
    rng = np.random.default_rng(3)
    groupings = [rng.integers(0, k, 400) for k in range(2, 6)]
    value = rng.lognormal(0, 1, 400) * (rng.random(400) < 0.2)
    assert permuted_gain(groupings, value, seed=0) > 0.2
    assert (
        permuted_gain(groupings, value, seed=0)
        > max(targeting_gain(labels, value) for labels in groupings) - 0.1
    )


def test_reach_counts_what_large_groups_hold():
    labels, value = np.repeat([0, 1, 2], [60, 30, 10]), np.repeat([1.0, 1.0, 10.0], [60, 30, 10])
    smallest, people, value, _ = reach(labels, scale=2.0, min_people=50, value=value)
    assert (smallest, people) == (20, pytest.approx(0.9))
    assert value == pytest.approx(90 / 190)


def test_the_continuum_keeps_the_rank_correlations_of_columns_with_many_ties():
    rng = np.random.default_rng(0)
    one = rng.standard_normal(2000)
    answers = ((one[:, None] + rng.standard_normal((2000, 4))) > 0).astype(float)
    correlations = [
        np.corrcoef(copula(answers, root=latent_root(answers), seed=seed).T)[
            np.triu_indices(4, 1)
        ].mean()
        for seed in range(10)
    ]
    assert np.mean(correlations) == pytest.approx(
        np.corrcoef(answers.T)[np.triu_indices(4, 1)].mean(), abs=0.01
    )


def test_the_value_within_reach_is_a_share_whatever_was_given_back():
    value = np.array([0.1, 0.2, 0.3, 0.7, -5.0])
    labels = np.array([0, 0, 0, 1, 2])
    *_, share, _ = reach(labels, scale=10, min_people=30, value=value)
    assert share == pytest.approx(0.6 / 1.3)
    every = reach(labels, scale=100, min_people=1, value=np.full(5, 0.1) / 3)
    assert every[2] <= 1.0


@pytest.mark.parametrize(
    ("kind", "entry", "finer"),
    [("counts", ("k-means", 4), False), ("nested", ("medoids", 6), True)],
)
def test_finer_groups_have_to_beat_people_with_the_natural_ones_and_nothing_inside(
    kind, entry, finer
):
    drawn = draw(kind, 4)
    natural = drawn.truth if kind == "counts" else drawn.truth // 3
    options = {"n_axes": 5, "seed": 0, "draws": 19, "resamples": 10}
    run_all = lambda jobs: [job() for job in jobs]  # noqa: E731
    nulls = Nulls(drawn.values, drawn.values, range(2, 7), **options, run_all=run_all)
    own, within = nulls.recovery(entry, natural)
    _, of_one = nulls.recovery(entry, np.zeros_like(natural))
    assert own > of_one + NESTED_MARGIN  # both come back better than in one continuum
    assert (own > within + NESTED_MARGIN) == finer
