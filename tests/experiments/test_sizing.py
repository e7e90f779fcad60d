"""Sizes are those of R and of known calculators, and what is promised is kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from coterie.experiments import people_needed, power_curve, size
from coterie.experiments.design.plan import Metric, Plan
from coterie.experiments.design.sizing import chance_to_act, people_per_arm
from coterie.statistics import share_differences

PLAN = Plan("spring", "g", "o", {"control": 1, "b": 1}, Metric("visit"), 0.05)
DEMANDING = PLAN._replace(act_when="estimate >= minimum")


def test_pooled_is_power_prop_test_of_r():
    # power.prop.test(p1 = .20, p2 = .25, power = .8), and the two examples of its help page
    assert people_per_arm(0.2, 0.05) == pytest.approx(1093.739, abs=1e-3)
    assert people_per_arm(0.5, 0.25, power=0.9) == pytest.approx(76.7, abs=0.05)
    wide = PLAN._replace(minimum_lift=0.25)
    assert chance_to_act(0.25, 50, 50, wide, base_rate=0.5) == pytest.approx(0.740, abs=5e-4)


def test_base_is_the_calculator_of_evan_miller():
    assert round(people_per_arm(0.2, 0.05, convention="base")) == 1030


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_arcsine_is_that_of_statsmodels(ratio):
    effect = proportion_effectsize(0.25, 0.2)
    theirs = NormalIndPower().solve_power(effect, alpha=0.05, power=0.8, ratio=ratio)
    ours = people_per_arm(0.2, 0.05, ratio=ratio, convention="arcsine")
    assert ours == pytest.approx(theirs, rel=1e-4)


@pytest.mark.parametrize(
    ("base", "lift"), [(0.0, 0.1), (1.0, 0.1), (0.95, 0.1), (0.1, 0.0), (0.1, -0.05), (-0.1, 0.2)]
)
def test_rates_outside_of_what_is_possible_are_refused(base, lift):
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        people_per_arm(base, lift)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.02, 0.5), st.floats(0.01, 0.2))
def test_a_smaller_lift_more_power_and_fewer_false_alarms_all_take_more_people(base, lift):
    people = people_per_arm(base, lift)
    assert people_per_arm(base, lift / 2) > people
    assert people_per_arm(base, lift, power=0.9) > people
    assert people_per_arm(base, lift, alpha=0.01) > people


def test_unequal_arms_take_more_people_and_so_do_several():
    equal = people_needed(PLAN, base_rate=0.12)
    assert people_needed(PLAN._replace(arms={"control": 1, "b": 2}), base_rate=0.12) > equal
    three = PLAN._replace(arms={"control": 1, "b": 1, "c": 1})
    assert people_needed(three, base_rate=0.12) > 1.5 * equal


@pytest.mark.parametrize("plan", [PLAN, DEMANDING], ids=lambda plan: plan.act_when)
def test_the_plan_acts_on_its_minimum_as_often_as_its_size_says(plan):
    sized = size(plan, base_rate=0.2).iloc[0]
    rng, n = np.random.default_rng(0), int(sized["n_control"])
    control, arm = rng.binomial(n, 0.2, 20_000), rng.binomial(n, 0.25, 20_000)
    found = share_differences(arm, n, control, n)
    acts = (found.pvalue < plan.alpha) & (found.difference > 0)
    if plan.act_when == "estimate >= minimum":
        acts &= found.difference >= plan.minimum_lift
    assert acts.mean() == pytest.approx(sized["p_act"], abs=0.02)


def test_who_also_asks_for_the_minimum_acts_on_it_in_half_of_cases_however_many_people():
    few, many = (size(DEMANDING, base_rate=0.2, people={"all": n}) for n in (2_188, 200_000))
    assert few["p_act"].item() == pytest.approx(0.5, abs=0.01)
    assert many["p_act"].item() == pytest.approx(0.5, abs=0.01)
    assert 0.05 < many["mde"].item() < few["mde"].item()


def test_the_lift_acted_on_as_often_as_wanted_is_that():
    row = size(PLAN, base_rate=0.2, people={"S1": 900}).iloc[0]
    n = (row["n_control"], row["n_arm"])
    assert chance_to_act(row["mde"], *n, PLAN, base_rate=0.2) == pytest.approx(0.8, abs=1e-6)


def test_a_curve_counts_all_arms_and_falls():
    people = power_curve(PLAN, base_rate=0.12, lifts=[0.05, 0.1, 0.15])["people"]
    assert people.is_monotonic_decreasing
    assert people[1] == 2 * np.ceil(people_per_arm(0.12, 0.1))


def test_the_score_interval_is_the_published_one():
    # Newcombe (1998), Statistics in Medicine 17, table II, method 6 (Miettinen-Nurminen)
    found = share_differences(
        np.array([56, 9]), np.array([70, 10]), np.array([48, 3]), np.array([80, 10])
    )
    assert found.low.round(4).tolist() == [0.0528, 0.17]
    assert found.high.round(4).tolist() == [0.3382, 0.8406]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_an_interval_excludes_zero_exactly_where_the_p_value_says_so(n, m, data):
    x, y = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    found = share_differences(*map(np.array, ([x], [n], [y], [m])))
    excluded = found.low[0] > 1e-9 or found.high[0] < -1e-9
    near = abs(found.pvalue[0] - 0.05) < 1e-6
    assert near or excluded == (found.pvalue[0] < 0.05)
    assert -1 <= found.low[0] <= found.difference[0] <= found.high[0] <= 1


def test_the_p_value_is_that_of_chi_squared_without_correction():
    table = np.array([[56, 14], [48, 32]])
    theirs = stats.chi2_contingency(table, correction=False).statistic
    found = share_differences(*map(np.array, ([56], [70], [48], [80])))
    ours = stats.norm.isf(found.pvalue[0] / 2) ** 2
    assert ours == pytest.approx(theirs * 149 / 150, rel=1e-9)
