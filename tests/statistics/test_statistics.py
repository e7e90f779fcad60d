"""Intervals and corrections agree with the libraries and the laws they come from."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from coterie.statistics import fdr, holm, mean_interval, overlap_matrix, share_interval

COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
PVALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)
LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(COUNTS)
def test_a_share_has_the_wilson_interval_that_statsmodels_gives(counts):
    value, low, high = share_interval(*counts)
    assert value == counts[0] / counts[1]
    assert (low, high) == pytest.approx(proportion_confint(*counts, method="wilson"), abs=1e-9)
    assert 0 <= low <= high <= 1


@given(COUNTS)
def test_the_share_of_the_others_is_the_mirror_image(counts):
    successes, trials = counts
    one, other = share_interval(successes, trials), share_interval(trials - successes, trials)
    assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low), abs=1e-9)


def test_no_trials_give_no_share():
    assert np.isnan(share_interval(0, 0)).all()


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_a_mean_has_the_t_interval_that_scipy_gives(values):
    interval = mean_interval(values)
    error = stats.sem(values)
    ends = (
        stats.t.interval(0.95, len(values) - 1, np.mean(values), error)
        if error > 0
        else [np.mean(values)] * 2
    )
    assert interval == pytest.approx((np.mean(values), *ends), rel=1e-9, abs=1e-6)


def test_nine_and_a_half_in_ten_intervals_hold_the_mean():
    draws = np.random.default_rng(0).normal(3.0, 2.0, (2000, 12))
    held = [low <= 3.0 <= high for _, low, high in map(mean_interval, draws)]
    assert 0.94 <= np.mean(held) <= 0.96


def test_what_is_missing_is_left_out_and_one_value_has_no_interval():
    assert mean_interval([1.0, np.nan, 3.0]) == mean_interval([1.0, 3.0])
    assert np.isnan(mean_interval([4.0, np.nan])).tolist() == [False, True, True]
    assert np.isnan(mean_interval([])).all()


@given(PVALUES)
def test_correction_agrees_with_scipy_and_statsmodels(pvalues):
    assert fdr(pvalues) == pytest.approx(stats.false_discovery_control(pvalues))
    assert fdr(pvalues) == pytest.approx(multipletests(pvalues, method="fdr_bh")[1], abs=1e-12)


@given(PVALUES)
def test_holm_adjusts_each_p_value_for_those_that_are_not_smaller(pvalues):
    order = sorted(range(len(pvalues)), key=pvalues.__getitem__)
    largest, adjusted = 0.0, [0.0] * len(pvalues)
    for left, place in zip(range(len(pvalues), 0, -1), order, strict=True):
        largest = max(largest, min(1.0, left * pvalues[place]))
        adjusted[place] = largest
    assert holm(pvalues) == pytest.approx(adjusted)


@given(PVALUES, st.randoms())
def test_correction_never_helps_and_does_not_mind_the_order(pvalues, random):
    order = random.sample(range(len(pvalues)), len(pvalues))
    adjusted = fdr(pvalues)
    assert (adjusted >= np.array(pvalues) - 1e-12).all()
    assert fdr(np.array(pvalues)[order]) == pytest.approx(adjusted[order])


def test_nothing_tested_needs_no_correction():
    assert fdr([]).tolist() == []


def test_false_discoveries_stay_under_their_rate_when_nothing_is_true():
    draws = np.random.default_rng(1).random((1000, 10))
    assert np.mean([(fdr(row) < 0.05).any() for row in draws]) < 0.07


@settings(max_examples=60)
@given(LABELS)
def test_overlap_is_what_counting_gives(pairs):
    one, other = map(np.array, zip(*pairs, strict=True))
    table = overlap_matrix(one, other)
    for row, left in enumerate(np.unique(one)):
        for column, right in enumerate(np.unique(other)):
            both, either = (
                ((one == left) & (other == right)).sum(),
                ((one == left) | (other == right)).sum(),
            )
            assert table[row, column] == pytest.approx(both / either)
    assert overlap_matrix(other, one) == pytest.approx(table.T)


@given(LABELS)
def test_a_grouping_overlaps_itself_wholly(pairs):
    one = [left for left, _ in pairs]
    assert overlap_matrix(one, one) == pytest.approx(np.eye(len(set(one))))
