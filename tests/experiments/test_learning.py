"""Segments borrow from each other, and those that are alike are said to be."""

import numpy as np
import pandas as pd
import pytest

from coterie.experiments import shrink
from coterie.experiments.learning.shrinkage import COLUMNS, Shrunken, merge_advice, pulled
from experiments.worlds import spring_world as world


def segments(effects, error: float) -> pd.DataFrame:
    """Write effects of one arm as `shrink` sees them."""
    frame = pd.DataFrame({"effect": np.asarray(effects, dtype=float), "stderr": error})
    names = [f"S{i}" for i in range(len(frame))]
    return frame.assign(arm="treatment", segment=names, label=names)


@pytest.mark.parametrize("tau", [0.0, 0.03, 0.2])
def test_shrunken_effects_are_nearer_to_the_truth_than_raw_ones(tau):
    rng, raw, shrunken = np.random.default_rng(0), [], []
    for _ in range(300):
        truth = 0.05 + tau * rng.standard_normal(6)
        group = segments(truth + 0.03 * rng.standard_normal(6), 0.03)
        found = pulled(group)
        raw.append(np.mean((group["effect"] - truth) ** 2))
        shrunken.append(np.mean((found["shrunken"] - truth) ** 2))
    assert np.mean(shrunken) < np.mean(raw) * (0.75 if tau < 0.1 else 1.01)


def test_without_differences_all_are_pulled_to_one_mean_and_with_large_ones_none_is():
    alike = pulled(segments([0.1, 0.2], 0.1))
    assert alike["shrunken"].tolist() == pytest.approx([0.15, 0.15])
    apart = pulled(segments([0.1, 0.2], 0.0001))
    assert apart["shrunken"].tolist() == pytest.approx([0.1, 0.2], abs=1e-5)


@pytest.mark.parametrize(("gap", "least", "most"), [(0.0, 0.8, 1.0), (0.05, 0.0, 0.1)])
def test_equal_segments_are_merged_and_different_ones_are_not(gap, least, most):
    rng, merged = np.random.default_rng(1), 0
    error = 0.05 / 2.93 / np.sqrt(2)  # what two one-sided tests take to find equality in 4 of 5
    for _ in range(1000):
        found = segments(np.array([0.1, 0.1 + gap]) + error * rng.standard_normal(2), error)
        merged += len(merge_advice(Shrunken(found), within=0.05))
    assert least <= merged / 1000 <= most


def test_without_segments_nothing_is_advised():
    assert merge_advice(Shrunken(pd.DataFrame(columns=COLUMNS)), within=0.05).empty


def test_the_segments_of_a_report_are_pulled_together_and_strata_are_not():
    report = world()
    found = shrink(report)
    assert list(found.table) == COLUMNS
    assert found.table["segment"].tolist() == ["S1", "S2"]
    raw, near = found.table["effect"], found.table["shrunken"]
    assert raw.min() < near.min() < near.max() < raw.max()
    assert found.pvalue < 0.01
    assert shrink(report._replace(names={})).table.empty
