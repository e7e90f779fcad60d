"""Whether segments differ in what they were not made of: sizes are right, tests are level."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.cluster import KMeans

from coterie.segments.profiles.external import effect_sizes, eta_squared, external_check
from coterie.study import DataError, SettingsError


def simulate(seed, n=240, k=3, shift=0.0, variables=1):
    """Outcomes in which the last segment lies `shift` deviations higher, and the segments."""
    rng = np.random.default_rng(seed)
    segment = rng.integers(0, k, n)
    outcomes = rng.standard_normal((n, variables)) + shift * (segment == k - 1)[:, None]
    return pd.DataFrame(outcomes).add_prefix("outcome_"), pd.Series(segment).map("S{}".format)


def check(outcomes, segment, **options):
    return external_check(
        outcomes, segment, **({"used": ["frequency"], "seed": 0, "permutations": 199} | options)
    )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(10, 60), k=st.integers(1, 4))
def test_eta_squared_is_a_share_that_ignores_scale_and_the_names_of_segments(seed, n, k):
    outcomes, segment = simulate(seed, n=n, k=k, shift=0.5)
    values = outcomes["outcome_0"]
    eta = eta_squared(values, segment)
    assert -1e-12 <= eta <= 1 + 1e-12
    assert eta_squared(
        1000 - 5 * values, segment.map(lambda name: "x" + name[::-1])
    ) == pytest.approx(eta)


def test_eta_squared_is_that_of_the_analysis_of_variance():
    outcomes, segment = simulate(1, shift=0.8)
    values = outcomes["outcome_0"]
    ratio = stats.f_oneway(*(part for _, part in values.groupby(segment))).statistic
    n, k = len(values), segment.nunique()
    assert eta_squared(values, segment) == pytest.approx(
        ratio * (k - 1) / (ratio * (k - 1) + n - k)
    )
    assert eta_squared(values.where(values > -1), segment) == pytest.approx(
        eta_squared(values[values > -1], segment[values > -1])
    )


def test_values_that_do_not_differ_are_explained_by_nothing():
    segment = pd.Series(["S1", "S2"] * 50)
    table = check(pd.DataFrame({"constant": [0.1] * 100}), segment)
    assert table.loc[0, ["eta_squared", "pvalue"]].tolist() == [0.0, 1.0]
    assert np.isnan(eta_squared([np.nan, np.nan], ["S1", "S2"]))


def test_without_a_difference_one_variable_in_twenty_looks_like_one():
    pvalues = np.ravel(
        [check(*simulate(seed, variables=10), permutations=99)["pvalue"] for seed in range(20)]
    )
    low, high = stats.binom.interval(0.999, 200, 0.05)
    assert low <= (pvalues <= 0.05).sum() <= high
    assert stats.kstest(pvalues, "uniform").pvalue > 0.001


def test_a_planted_difference_is_found():
    pvalues = [check(*simulate(seed, shift=0.7))["pvalue"][0] for seed in range(50)]
    assert np.mean(np.array(pvalues) <= 0.05) > 0.95


def test_the_planted_variable_stands_first_and_adjusting_leaves_the_others_out():
    outcomes, segment = simulate(2, n=600, variables=20)
    outcomes["returned"] = (segment == "S2") * 0.5 + outcomes.pop("outcome_7")
    table = check(outcomes, segment, permutations=999)
    assert table["variable"][0] == "returned"
    assert table.loc[table["pvalue_adjusted"] < 0.05, "variable"].tolist() == ["returned"]
    assert (table["pvalue_adjusted"] >= table["pvalue"]).all()
    assert table["pvalue"].min() == 1 / 1000


@pytest.mark.parametrize("shift", [0.0, 0.4])
def test_the_interval_holds_the_population_s_value_as_often_as_it_says(shift):
    truth = (shift**2 * 2 / 9) / (1 + shift**2 * 2 / 9)  # a third of people lies `shift` higher
    rng, segment = np.random.default_rng(10), pd.Series(["S0", "S1", "S2"] * 80)
    outcomes = rng.standard_normal((240, 250)) + shift * (segment == "S2").to_numpy()[:, None]
    table = check(pd.DataFrame(outcomes).add_prefix("outcome_"), segment, permutations=1)
    held = ((table["low"] <= truth) & (truth <= table["high"])).sum()
    assert held >= stats.binom.ppf(0.001, 250, 0.95)
    assert shift == 0 or held <= stats.binom.ppf(
        0.999, 250, 0.95
    )  # at 0 the interval cannot miss below


def test_the_interval_is_right_where_there_are_many_people_and_much_difference():
    values = np.tile(stats.norm.ppf((np.arange(25_000) + 0.5) / 25_000), 4)
    segment = pd.Series(np.repeat(["S1", "S2", "S3", "S4"], 25_000))
    shifted = pd.DataFrame({"age": values + np.repeat([0, 1, 2, 3], 25_000)})
    row = check(shifted, segment, permutations=1).loc[0]
    assert row["eta_squared"] == pytest.approx(1.25 / 2.25, abs=1e-3)
    assert row["low"] < row["eta_squared"] < row["high"] < row["low"] + 0.01


def test_gaps_are_left_out_and_do_not_change_what_is_known():
    outcomes, segment = simulate(3, shift=0.5, variables=2)
    outcomes.loc[:99, "outcome_0"] = np.nan
    table = check(outcomes, segment).set_index("variable")
    assert table["n_people"].to_dict() == {"outcome_0": 140, "outcome_1": 240}
    assert table.loc["outcome_0", "eta_squared"] == pytest.approx(
        eta_squared(outcomes["outcome_0"][100:], segment[100:])
    )


def test_a_gap_that_goes_with_the_segment_is_no_difference():
    rejected = 0
    for seed in range(60):
        outcomes, segment = simulate(seed, n=300)
        outcomes = outcomes.mask(
            (segment == "S1").to_numpy()[:, None]
            & (np.random.default_rng(seed).random((300, 1)) < 0.8)
        )
        rejected += check(outcomes, segment, permutations=99)["pvalue"][0] <= 0.05
    assert rejected <= stats.binom.ppf(0.999, 60, 0.05)


def test_variables_and_cells_with_few_people_are_left_out():
    outcomes, segment = simulate(4, variables=2)
    outcomes.loc[40:, "outcome_0"] = np.nan
    assert check(outcomes, segment)["variable"].tolist() == ["outcome_1"]
    sizes = effect_sizes(outcomes, segment, used=[], min_people=80)
    assert (sizes["n_people"] >= 80).all()
    assert set(sizes["variable"]) == {"outcome_1"}
    assert check(outcomes.head(10), segment.head(10)).empty
    assert (
        effect_sizes(outcomes.head(10), segment.head(10), used=[]).columns.tolist()
        == sizes.columns.tolist()
    )


def test_a_single_segment_differs_from_nothing():
    outcomes, _ = simulate(5)
    everyone = pd.Series("S1", index=outcomes.index)
    row = check(outcomes, everyone).loc[0]
    assert row[["eta_squared", "pvalue"]].tolist() == pytest.approx([0.0, 1.0])
    assert row[["low", "high"]].isna().all()
    assert effect_sizes(outcomes, everyone, used=[]).empty


def test_the_same_seed_gives_the_same_p_values_and_another_one_others():
    outcomes, segment = simulate(6, variables=5)
    pd.testing.assert_frame_equal(check(outcomes, segment), check(outcomes, segment))
    assert (
        check(outcomes, segment)["pvalue"].tolist()
        != check(outcomes, segment, seed=1)["pvalue"].tolist()
    )


def test_hedges_g_is_the_formula_s():
    outcomes, segment = simulate(7, shift=0.6)
    row = effect_sizes(outcomes, segment, used=[]).set_index("segment").loc["S2"]
    inside, outside = (
        outcomes.loc[(segment == "S2") == side, "outcome_0"] for side in (True, False)
    )
    n, m = len(inside), len(outside)
    pooled = np.sqrt(((n - 1) * inside.var() + (m - 1) * outside.var()) / (n + m - 2))
    g = (inside.mean() - outside.mean()) / pooled * (1 - 3 / (4 * (n + m) - 9))
    assert row["hedges_g"] == pytest.approx(g)
    assert row["n_people"] == n
    half = 1.96 * np.sqrt(1 / n + 1 / m + g**2 / (2 * (n + m)))
    assert row["high"] - row["hedges_g"] == pytest.approx(half, rel=0.01)


def test_intervals_of_effects_hold_the_planted_one():
    rng, segment = np.random.default_rng(11), pd.Series(np.repeat(["S1", "S2"], [60, 120]))
    outcomes = rng.standard_normal((180, 300)) + 0.6 * (segment == "S1").to_numpy()[:, None]
    table = effect_sizes(pd.DataFrame(outcomes).add_prefix("outcome_"), segment, used=[])
    rows = table[table["segment"] == "S1"]
    held = ((rows["low"] <= 0.6) & (rows["high"] >= 0.6)).sum()
    assert stats.binom.ppf(0.001, 300, 0.95) <= held <= stats.binom.ppf(0.999, 300, 0.95)


def test_structureless_features_always_differ_between_their_own_clusters_and_are_refused():
    rejected = 0
    for seed in range(100):
        noise = np.random.default_rng(seed).standard_normal((200, 2))
        labels = KMeans(3, n_init=1, random_state=seed).fit_predict(noise)
        rejected += stats.f_oneway(*(noise[labels == label, 0] for label in range(3))).pvalue < 0.05
    assert rejected >= 95
    outcomes, segment = (
        pd.DataFrame(noise, columns=["spend", "age"]),
        pd.Series(labels).map("S{}".format),
    )
    for test in (check, effect_sizes):
        with pytest.raises(SettingsError, match="the segments were made of spend, so"):
            test(outcomes, segment, used=["spend", "frequency"])


def test_whether_a_clustered_feature_is_known_is_refused_too():
    outcomes, segment = simulate(8)
    with pytest.raises(SettingsError, match="reply_share_known"):
        check(
            outcomes.rename(columns={"outcome_0": "reply_share_known"}),
            segment,
            used=["reply_share"],
        )


def test_tables_that_do_not_match_or_hold_words_are_refused():
    outcomes, segment = simulate(9)
    with pytest.raises(DataError, match="240 rows for 239 segments"):
        check(outcomes, segment[:-1])
    with pytest.raises(DataError, match="region holds no numbers"):
        check(outcomes.assign(region="north"), segment)
