"""Raked weights meet the margins, cost what Kish says, and correct what being asked depended on."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.psychographics.surveys.raking import rake, weighted_mean
from coterie.statistics import mean_interval
from coterie.study import DataError, SettingsError

TARGETS = {"sex": {"f": 0.5, "m": 0.5}, "age": {"young": 0.3, "old": 0.7}}


def asked(rng, n=400):
    """Ask mostly young women."""
    return pd.DataFrame(
        {"sex": rng.choice(["f", "m"], n, p=[0.7, 0.3]), "age": rng.choice(["young", "old"], n)}
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(0.2, 0.8), st.floats(0.2, 0.8))
def test_every_margin_is_met_and_weights_have_mean_one(seed, women, young):
    targets = {"sex": {"f": women, "m": 1 - women}, "age": {"young": young, "old": 1 - young}}
    raked = rake(asked(np.random.default_rng(seed)), targets, cap=50)
    assert raked.weights.mean() == pytest.approx(1)
    assert (raked.weights > 0).all()
    assert raked.largest_gap < 1e-6
    assert raked.margins["after"].to_numpy() == pytest.approx(
        [women, 1 - women, young, 1 - young], abs=1e-6
    )


def test_one_margin_gives_the_weights_of_post_stratification():
    sample = pd.DataFrame({"sex": ["f"] * 6 + ["m"] * 2})
    raked = rake(sample, {"sex": {"f": 50, "m": 50}})
    assert raked.weights == pytest.approx([8 * 0.5 / 6] * 6 + [8 * 0.5 / 2] * 2)
    assert raked.design_effect == pytest.approx(
        1 + raked.weights.var()
    )  # 1 + the squared coefficient of variation
    assert raked.effective_n == pytest.approx(8 / raked.design_effect)


def test_a_sample_that_fits_already_keeps_equal_weights():
    sample = pd.DataFrame({"sex": ["f", "m"] * 10})
    raked = rake(sample, {"sex": {"f": 0.5, "m": 0.5}})
    assert raked.weights.tolist() == [1.0] * 20
    assert (raked.design_effect, raked.effective_n, raked.trimmed) == (1.0, 20.0, 0)


def test_nobody_speaks_for_a_crowd_and_the_gap_that_costs_is_told():
    sample = pd.DataFrame({"sex": ["f"] * 98 + ["m"] * 2})
    raked = rake(sample, {"sex": {"f": 0.5, "m": 0.5}}, cap=5.0)
    assert raked.weights.max() == pytest.approx(5.0)
    assert raked.weights.mean() == pytest.approx(1)
    assert raked.trimmed == 2
    assert raked.largest_gap == pytest.approx(0.4)  # two men of weight 5 are a tenth, not half
    assert rake(sample, {"sex": {"f": 0.5, "m": 0.5}}, cap=50).largest_gap < 1e-9


def test_raking_corrects_a_share_that_depends_on_the_margins_and_its_interval_covers():
    rng, chance = np.random.default_rng(0), {"f": 0.2, "m": 0.6}
    hits, plain = 0, 0
    for _ in range(200):
        sample = asked(rng)
        answer = (rng.random(len(sample)) < sample["sex"].map(chance)).to_numpy(float)
        found = weighted_mean(answer, rake(sample, TARGETS).weights)
        hits += found.low <= 0.4 <= found.high
        plain += answer.mean()
    assert plain / 200 == pytest.approx(0.32, abs=0.01)
    assert 0.92 <= hits / 200 <= 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=2, max_size=30))
def test_equal_weights_are_the_plain_mean(values):
    assert weighted_mean(np.array(values), np.ones(len(values))) == pytest.approx(
        mean_interval(values), abs=1e-9
    )


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({"sex": {"f": 0.5, "m": 0.4, "x": 0.1}}, r"survey_targets: sex: nobody asked is x; merge"),
        ({"sex": {"f": 1.0}}, r"sex: m is in the survey but has no target"),
        ({"sex": {"f": 1.0, "m": 0.0}}, r"sex: m must be above 0"),
        ({"region": {"north": 1.0}}, r"region is no column of the survey"),
    ],
)
def test_a_category_on_one_side_only_is_named(targets, message):
    with pytest.raises(SettingsError, match=message):
        rake(pd.DataFrame({"sex": ["f", "m"]}), targets)


def test_a_gap_in_a_margin_is_named():
    with pytest.raises(DataError, match="sex is missing for 1 people"):
        rake(pd.DataFrame({"sex": ["f", "m", None]}), {"sex": {"f": 0.5, "m": 0.5}})
