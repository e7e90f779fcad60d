"""Sizes come from power, the largest floor binds, and a rule cannot change behind anyone's back."""

from datetime import datetime

import ibis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from coterie import contracts
from coterie.objectives import (
    Rule,
    decision_rule,
    indicators,
    people_per_arm,
    power_curve,
    size_floors,
)

RULE = Rule("g", "o", "m", base_rate=0.1, minimum_lift=0.02, horizon_days=28)


@pytest.mark.parametrize(("lift", "people"), [(0.003, 53181), (0.006, 13886)])
def test_sample_sizes_are_those_of_statsmodels(lift, people):
    assert people_per_arm(0.03, lift) == people


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 0.6), st.floats(0.01, 0.3))
def test_the_size_is_that_of_the_formula_in_cohen(base, lift):
    effect = 2 * np.arcsin(np.sqrt(base + lift)) - 2 * np.arcsin(np.sqrt(base))
    size = 2 * ((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) / effect) ** 2
    assert people_per_arm(base, lift) == pytest.approx(size, rel=0.01, abs=1.5)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.02, 0.5), st.floats(0.01, 0.2))
def test_a_smaller_lift_more_power_and_fewer_false_alarms_all_take_more_people(base, lift):
    people = people_per_arm(base, lift)
    assert people_per_arm(base, lift / 2) > people
    assert people_per_arm(base, lift, power=0.9) >= people
    assert people_per_arm(base, lift, alpha=0.01) >= people


def test_an_experiment_of_that_size_finds_the_lift_as_often_as_promised():
    base, lift, rng = 0.12, 0.10, np.random.default_rng(0)
    n = people_per_arm(base, lift)
    control, treatment = rng.binomial(n, base, 4000) / n, rng.binomial(n, base + lift, 4000) / n
    pooled = (control + treatment) / 2
    z = (treatment - control) / np.sqrt(2 * pooled * (1 - pooled) / n)
    assert np.mean(np.abs(z) > stats.norm.ppf(0.975)) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(
    ("base", "lift"), [(0.0, 0.1), (1.0, 0.1), (0.95, 0.1), (0.1, 0.0), (0.1, -0.05), (-0.1, 0.2)]
)
def test_rates_outside_of_what_is_possible_are_refused(base, lift):
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        people_per_arm(base, lift)


def test_a_curve_counts_both_arms_and_falls():
    people = power_curve(0.12, [0.05, 0.1, 0.15])["people"]
    assert people.is_monotonic_decreasing
    assert people[1] == 2 * people_per_arm(0.12, 0.1)


def test_floors_fit_their_contract_and_state_the_defaults():
    floors = size_floors(people_for_power=400)
    assert dict(zip(floors["rule"], floors["people"], strict=True)) == {
        "power": 400,
        "platform": 300,
        "privacy": 50,
    }
    assert list(floors) == list(contracts.Floors.types)


def test_one_indicator_decides_and_must_be_among_them():
    known = indicators({"conversion": "purchase", "advocacy": "announce"}, primary="advocacy")
    assert known["role"].tolist() == ["secondary", "primary"]
    assert set(known) == set(contracts.Kpis.types)
    with pytest.raises(ValueError, match="'reach' is not among the indicators conversion"):
        indicators({"conversion": "purchase"}, primary="reach")


@pytest.mark.parametrize(
    "change", [{"minimum_lift": 0.03}, {"metric": "n"}, {"horizon_days": 7}, {"alpha": 0.1}]
)
def test_a_changed_rule_has_a_new_fingerprint_and_date(change):
    first = decision_rule(RULE, now=datetime(2026, 1, 1))
    again = decision_rule(
        RULE._replace(**change), now=datetime(2026, 2, 1), earlier=ibis.memtable(first)
    )
    assert again["rule_hash"][0] != first["rule_hash"][0]
    assert again["registered_at"].dt.month.tolist() == [2]
    assert set(first) == set(contracts.DecisionRule.types)


def test_an_unchanged_rule_keeps_its_first_date_through_any_number_of_runs():
    rule = decision_rule(RULE, now=datetime(2026, 1, 1))
    for month in (2, 3, 4):
        rule = decision_rule(RULE, now=datetime(2026, month, 1), earlier=ibis.memtable(rule))
    assert rule["registered_at"].dt.month.tolist() == [1]
