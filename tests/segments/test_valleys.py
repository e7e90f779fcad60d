"""A valley between groups is learned in one half of the people and tested in the other."""

import numpy as np
import pytest
from generators import draw
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.segments.preparation.imputation import impute
from coterie.segments.preparation.sampling import learning_sample
from coterie.segments.preparation.space import project
from coterie.segments.preparation.ties import spread_ties
from coterie.segments.selection.algorithms import FAMILIES
from coterie.segments.selection.criteria.valley import find_valley, learn_axis, look
from coterie.segments.selection.halves import confirm, split_people
from coterie.segments.selection.missingness import missing_share
from coterie.segments.selection.significance import PValue, stopped_pvalue
from coterie.segments.selection.verdict import BRIDGED, OPEN


def confirmed(kind, k, *, family="k-means, all columns", n=300, seed=0):
    values = draw(kind, seed, n=n).values
    halves = split_people(values, at_most=800, seed=seed)
    groups = tuple(
        FAMILIES[family](project(values[rows]), range(2, k + 1), seed)[k] for rows in halves.learned
    )
    return confirm(halves, groups, k)


@pytest.mark.parametrize("kind", ["one column", "one column, turned"])
def test_two_groups_far_apart_in_one_column_have_a_valley_however_the_people_are_turned(kind):
    found = confirmed(kind, 2)
    assert found.n_apart == 2
    assert max(found.valley_pvalue, found.dip_pvalue) < 0.001
    assert found.halves_agree > 0.9


@pytest.mark.parametrize("kind", ["horseshoe", "heavy and light users", "zero-inflated counts"])
@pytest.mark.parametrize("k", [2, 4])
def test_pieces_of_a_continuum_have_none_and_are_one(kind, k):
    assert confirmed(kind, k).n_apart == 1


@pytest.mark.parametrize("k", [2, 3])
def test_pieces_of_a_circle_are_joined_though_an_arc_looks_two_humped_from_the_side(k):
    found = confirmed("hours on a circle", k, n=3000)
    assert found.n_apart < k or found.bridge_density > BRIDGED


@pytest.mark.parametrize("seed", [4, 14])
def test_pieces_of_a_spiral_are_joined_by_a_way_along_it(seed):
    found = confirmed("spiral", 2, family="k-means", seed=seed)
    assert found.bridge_density > OPEN


def test_hardly_anybody_stands_on_the_way_between_groups():
    assert confirmed("unequal spreads", 4).bridge_density <= OPEN


def test_a_small_group_has_a_valley_around_it_though_the_dip_cannot_see_it():
    found = confirmed("small group", 4, family="mixture, tied, all columns", n=600)
    assert found.n_apart == 4
    assert found.dip_pvalue > 0.05


def test_long_bands_are_held_whole_by_mixtures_that_count_by_bic():
    found = confirmed("long bands", 3, family="mixture, tied, all columns")
    assert found.n_apart == 3


def test_a_group_cut_in_two_is_merged_and_the_others_stay_apart():
    drawn = draw("round", 2, n=600)  # three groups
    halves = split_people(drawn.values, at_most=800, seed=0)
    upper = drawn.values[:, 0] > np.median(drawn.values[drawn.truth == 0, 0])
    cut = np.where((drawn.truth == 0) & upper, 3, drawn.truth)
    found = confirm(halves, tuple(cut[rows] for rows in halves.learned), 4)
    assert found.n_apart == 3


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999))
def test_one_hump_is_no_valley_wherever_the_axis_was_learned(seed):
    rng = np.random.default_rng(seed)
    learned, asked = rng.lognormal(0, 0.5, (2, 200, 3))
    cut = np.quantile(learned[:, 0], rng.uniform(0.2, 0.8))
    axis = learn_axis(learned, learned[:, 0] < cut, learned[:, 0] >= cut)
    assert find_valley([look(axis, asked)]).pvalue > 0.0005


def test_a_column_of_ties_has_no_gap_of_its_own():
    answers = (np.arange(200) % 2).astype(float)[:, None]
    spread = np.sort(spread_ties(answers, np.array([True]), seed=0).ravel())
    assert np.diff(spread)[60:140].max() < 0.05


def test_what_is_unknown_is_drawn_around_what_the_known_say():
    rng = np.random.default_rng(0)
    one = rng.standard_normal(400)
    values = np.column_stack([one, one + 0.1 * rng.standard_normal(400)])
    gaps = values.copy()
    gaps[:150, 1] = np.nan
    filled = impute(gaps)
    np.testing.assert_array_equal(filled[150:], values[150:])
    assert np.corrcoef(filled[:150].T)[0, 1] > 0.95
    assert len(np.unique(filled[:150, 1])) > 140  # a median would put all on one spot


def test_people_far_out_are_learned_from_more_often_and_nobody_twice():
    standard = np.zeros((2000, 2))
    standard[:, 1] = np.random.default_rng(0).standard_normal(2000)
    standard[:40, 0] = 8.0
    rows = learning_sample(standard, at_most=200, seed=0)
    assert len(set(rows.tolist())) == 200
    assert (rows < 40).sum() > 15


def test_a_grouping_of_gaps_is_known_as_such():
    drawn = draw("missing blocks", 0).values
    gaps = np.isnan(drawn).any(axis=1).astype(int)
    assert missing_share(gaps, drawn) == 1.0
    assert missing_share(np.arange(300) % 3, drawn) < 0.2


def test_a_p_value_stops_at_the_fifth_that_is_as_separate_and_says_how_fine_it_is():
    assert stopped_pvalue([True, False] * 20) == PValue(5 / 9, 9)
    fine = stopped_pvalue([False] * 199)
    assert fine.value == fine.resolution == 0.005
