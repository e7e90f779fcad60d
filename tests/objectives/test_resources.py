"""Variants and tests are as good as every other way to spend the same, tried one by one."""

import numpy as np
import pandas as pd
import pytest

from coterie import objectives
from coterie.objectives.budget import allocate, sampling_variance
from coterie.objectives.granularity import Resources, cover
from coterie.study import SettingsError
from objectives.brute_force import (
    best_by_hand,
    best_with_floor,
    drawn_strata,
    least_variance,
    world,
)


@pytest.mark.parametrize("n", [1, 2, 5, 8, 12])
def test_no_set_of_variants_reaches_more(n):
    rng = np.random.default_rng(n)
    for most in {1, n // 3 or 1, n // 2 or 1, n}:
        benefits, people = world(rng, n)
        served = cover(benefits, people, Resources(max_variants=most))
        assert len(set(served)) <= most
        assert benefits[range(n), served].sum() >= best_by_hand(benefits, most=most) * (1 - 1e-6)


def test_no_way_to_reach_enough_people_with_every_variant_reaches_more():
    rng = np.random.default_rng(0)
    for _ in range(4):
        benefits, people = world(rng, 5)
        least = int(people.sum() / 2.5)
        served = cover(benefits, people, Resources(min_people=least))
        reach = np.bincount(served, people, minlength=5)
        assert (reach[np.unique(served)] >= least).all()
        found = benefits[range(5), served].sum()
        assert found >= best_with_floor(benefits, people, least=least) * (1 - 1e-6)


def test_money_limits_variants_as_much_as_hands_do():
    benefits, people = world(np.random.default_rng(3), 6)
    limits = {"max_variants": 5, "variant_cost": 300.0, "budget": 1000.0}
    assert len(set(cover(benefits, people, Resources(**limits)))) == 3
    with pytest.raises(SettingsError, match="raise content_budget or lower variant_cost"):
        cover(benefits, people, Resources(variant_cost=300.0, budget=200.0))


def test_segments_that_take_the_same_share_a_variant_without_being_told_to():
    mixes = pd.DataFrame({"video": [0.9, 0.9, 0.1], "text": [0.1, 0.1, 0.9]}, index=list("abc"))
    leaves = pd.DataFrame({"segment": list("abc"), "n_people": [90, 80, 70]})
    merged = objectives.merge_leaves(mixes, leaves, Resources())
    assert merged.n_variants == 2
    assert merged.kept_share == pytest.approx(1)


def test_no_other_allocation_knows_the_whole_much_better():
    rng = np.random.default_rng(0)
    for _ in range(20):
        strata = drawn_strata(rng)
        total = int(rng.integers(30, min(140, strata["n_people"].sum())))
        found = allocate(strata, total=total, floor_share=0.2)
        floor, most = found["floor"].to_numpy(), strata["n_people"].to_numpy()
        assert found["people"].sum() == total
        assert (floor <= found["people"]).all()
        assert (found["people"] <= most).all()
        best = least_variance(strata, floor, total=total)
        assert sampling_variance(strata, found["people"]) <= 1.05 * best


def test_the_floor_tests_what_size_and_spread_would_leave_out():
    strata = pd.DataFrame({"segment": ["S1", "S2"], "n_people": [9000, 90], "spread": [0.5, 0.01]})
    alone = allocate(strata, total=1000)["people"]
    with_floor = allocate(strata, total=1000, floor_share=0.1)["people"]
    assert alone.tolist() == [1000, 0]
    assert with_floor.tolist() == [950, 50]


def test_more_people_than_there_are_tests_everybody():
    strata = pd.DataFrame({"segment": ["S1", "S2"], "n_people": [70, 30], "spread": [0.4, 0.2]})
    assert allocate(strata, total=500, floor_share=0.3)["people"].tolist() == [70, 30]
    assert allocate(strata.head(0), total=500)["people"].tolist() == []
