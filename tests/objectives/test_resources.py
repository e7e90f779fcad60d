"""Variants and tests are as good as every other way to spend the same, tried one by one."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from coterie import objectives
from coterie.objectives.budget import allocate, sampling_variance
from coterie.objectives.granularity import Resources, cover
from coterie.study import SettingsError


def best_by_hand(benefits: np.ndarray, *, most: int) -> float:
    """Try every set of leaves whose content could be made; each leaf takes its best."""
    n = len(benefits)
    best = -np.inf
    for size in range(1, most + 1):
        for made in map(list, combinations(range(n), size)):
            served = benefits[:, made].max(axis=1)
            served[made] = benefits[made, made]  # who has content of their own is served by it
            best = max(best, served.sum())
    return best


def best_with_floor(benefits: np.ndarray, people: np.ndarray, *, least: int) -> float:
    """Try every way to serve every leaf, and keep those whose variants reach enough people."""
    n, best = len(benefits), -np.inf
    for served in product(range(n), repeat=n):
        own = all(served[by] == by for by in set(served))
        reach = np.bincount(served, people, minlength=n)
        if own and all(reach[by] >= least for by in set(served)):
            best = max(best, benefits[range(n), served].sum())
    return best


def world(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw leaves with their people, and how much of each another's content has."""
    mixes = rng.dirichlet(np.full(8, 0.5), n)
    people = rng.integers(60, 3000, n).astype(float)
    overlap = np.minimum(mixes[:, None], mixes[None]).sum(axis=2)
    return overlap * people[:, None], people


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


def drawn_strata(rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segment": ["S1", "S2", "S3"],
            "n_people": rng.integers(20, 400, 3),
            "spread": rng.uniform(0.05, 0.5, 3),
        }
    )


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
        first, second = np.meshgrid(*(np.arange(1, n + 1) for n in most[:2]))
        tried = np.stack([first, second, total - first - second], axis=-1).reshape(-1, 3)
        tried = tried[(tried >= np.maximum(floor, 1)).all(axis=1) & (tried <= most).all(axis=1)]
        parts = (strata["n_people"] / strata["n_people"].sum() * strata["spread"]).to_numpy() ** 2
        best = (parts / tried).sum(axis=1).min()
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
