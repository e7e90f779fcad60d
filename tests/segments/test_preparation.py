"""People become rows and points: who counts, what counts, and what bad input becomes."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.segments.preparation.matrix import (
    columns_like,
    feature_matrix,
    person_features,
    sample_people,
)
from coterie.segments.preparation.space import LIMIT, columns, fit_space, points, project
from coterie.study import DataError

RNG = np.random.default_rng(0)


def people(values, **more):
    frame = pd.DataFrame(values).add_prefix("x")
    frame.insert(0, "person_id", [f"p_{number:04d}" for number in range(len(frame))])
    return frame.assign(fitted=True, **more)


def test_bots_and_the_almost_unseen_shape_nothing_but_are_kept():
    behaviour = ibis.memtable({"person_id": ["bot", "new", "ana"], "n_events": [900, 5, 15]})
    traits = ibis.memtable({"person_id": ["ana"], "trait": ["inferred_sentiment"], "value": [0.2]})
    bots = ibis.memtable({"person_id": ["bot", "new", "ana"], "tagged": [True, False, False]})
    found = person_features(behaviour, traits, bots).to_pandas().set_index("person_id")
    assert found["fitted"].to_dict() == {"bot": False, "new": False, "ana": True}
    assert found.loc["ana", "inferred_sentiment"] == 0.2


def test_without_any_trait_people_are_described_by_their_behaviour_alone():
    behaviour = ibis.memtable({"person_id": ["ana", "bo"], "n_events": [15, 1]})
    traits = ibis.memtable({"person_id": ["ana"], "trait": ["inferred_sentiment"], "value": [0.2]})
    bots = ibis.memtable({"person_id": ["ana", "bo"], "tagged": [False, False]})
    found = person_features(behaviour, traits.limit(0), bots)
    assert found.columns == ("person_id", "n_events", "fitted")
    rows = found.order_by("person_id").to_pandas().to_numpy().tolist()
    assert rows == [["ana", 15, True], ["bo", 1, False]]


def test_a_sample_has_the_quiet_and_the_busy_in_proportion_and_does_not_change_from_day_to_day():
    frame = pd.DataFrame(
        {"person_id": [f"p{n}" for n in range(5000)], "n_events": RNG.lognormal(3, 1, 5000)}
    )
    sample, again = (
        sample_people(ibis.memtable(frame), at_most=1000).to_pandas() for _ in range(2)
    )
    assert len(sample) == 1000
    assert set(sample["person_id"]) == set(again["person_id"])
    tenths = np.searchsorted(
        np.quantile(frame["n_events"], np.arange(0.1, 1, 0.1)), sample["n_events"]
    )
    assert np.bincount(tenths).min() >= 99


def test_too_few_people_are_said_so():
    with pytest.raises(DataError, match=r"49 people are too few.*it takes 50"):
        feature_matrix(people(RNG.random((49, 3))))
    assert len(feature_matrix(people(RNG.random((50, 3)))).person_id) == 50


def test_people_who_are_all_alike_are_said_so():
    with pytest.raises(DataError, match="no column differs"):
        feature_matrix(people(np.ones((60, 3))))


def test_the_order_of_rows_and_the_names_of_people_change_nothing():
    table = people(RNG.random((80, 3)))
    shuffled, renamed = (
        table.sample(frac=1, random_state=1),
        table.assign(person_id=table["person_id"][::-1].to_numpy()),
    )
    first = feature_matrix(table)
    for other in (shuffled, renamed):
        np.testing.assert_array_equal(feature_matrix(other).values, first.values)


def test_left_out_columns_describe_people_and_do_not_shape_groups():
    matrix = feature_matrix(
        people(RNG.random((50, 3)), inferred_intent_praise=RNG.random(50)),
        leave_out=["x0", "inferred_intent_*"],
    )
    assert matrix.columns == ["x1", "x2"]
    assert {"x0", "inferred_intent_praise"} <= set(matrix.traits)
    assert columns_like(matrix.traits, ["x*"]) == ["x0", "x1", "x2"]


def test_words_become_columns_so_categories_alone_are_enough():
    table = people(np.ones((60, 1)), plan=["free", "paid", "team"] * 20, city=["a", "b"] * 30)
    matrix = feature_matrix(table)
    assert matrix.columns == ["plan_free", "plan_paid", "plan_team", "city_a", "city_b"]
    assert np.isfinite(project(matrix.values).points).all()


def test_what_is_missing_gets_the_median_and_that_it_was_missing_is_kept():
    values = RNG.random((60, 2))
    values[:20, 0] = np.nan
    matrix = feature_matrix(people(values))
    assert matrix.missing["x0"] == pytest.approx(1 / 3)
    assert matrix.traits["x0_known"].mean() == pytest.approx(2 / 3)
    assert "x0_known" not in matrix.columns
    space = fit_space(matrix.values)
    unknown = columns(space, np.array([[np.nan, 0.5]]))
    np.testing.assert_allclose(
        unknown, columns(space, np.array([[np.nanmedian(values[:, 0]), 0.5]]))
    )


def test_a_column_that_hardly_anybody_has_shapes_nothing():
    values = RNG.random((100, 2))
    values[4:, 0] = np.nan
    assert feature_matrix(people(values)).columns == ["x1"]


@given(st.floats(0.01, 1000), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_units_change_no_point(unit, seed):
    values = np.random.default_rng(seed).lognormal(2, 1, (60, 3))
    scaled = values * [unit, 1, 1]
    np.testing.assert_allclose(project(scaled).points, project(values).points, atol=1e-8)


def test_skew_is_tamed_by_measure_and_extremes_are_cut():
    values = np.column_stack([RNG.lognormal(2, 1.5, 500), RNG.standard_normal(500)])
    values[0] = [1e12, -1e12]
    space = fit_space(values)
    assert space.typical[0] > 0 == space.typical[1]
    standard = columns(space, values)
    assert np.abs(standard).max() <= LIMIT
    assert abs(standard[:, 0].mean()) < 0.1


def test_infinite_values_count_as_missing():
    values = RNG.random((50, 2))
    values[3, 0] = np.inf
    assert np.isfinite(project(values).points).all()


@pytest.mark.parametrize("shape", [(50, 1), (60, 500)])
def test_one_feature_and_five_hundred_features_make_points(shape):
    found = project(np.random.default_rng(1).random(shape))
    assert np.isfinite(found.points).all()
    assert found.points.shape[1] <= shape[1]


def test_an_axis_has_a_sign_of_its_own():
    values = RNG.standard_normal((100, 4)) @ np.diag([4, 3, 2, 1])
    space = fit_space(values)
    assert (
        np.take_along_axis(space.rotation, np.abs(space.rotation).argmax(axis=0)[None], axis=0) > 0
    ).all()
    np.testing.assert_allclose(points(space, values), project(values).points)
