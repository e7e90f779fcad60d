"""Moves between segments are forecast only where something beats "they stay where they are"."""

import numpy as np
import pandas as pd

from coterie import scores
from coterie.scores.migration import CLASSIFIER, MARKOV, STAY, migration_matrix, moves_of


def three_days(*, seed: int, pull: float, n: int = 1500, leave: float = 0.15):
    """Let people change segment twice; with `pull`, a behaviour tells who is about to."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"p{i}" for i in range(n)], name="person_id")
    days, behaviours = [pd.Series(rng.choice(["S1", "S2", "S3"], n), index=index)], []
    for _ in range(2):
        restless = rng.normal(size=n)
        chance = leave + pull * (restless > 1)
        away = {"S1": "S2", "S2": "S3", "S3": "S1"}
        moves = rng.random(n) < chance
        days.append(days[-1].map(away).where(moves, days[-1]))
        behaviours.append(pd.DataFrame({"person_id": index, "frequency": restless}))
    return days, behaviours


def test_persistence_wins_where_moves_are_rare_and_cannot_be_told():
    found = scores.compare_migration(*three_days(seed=1, pull=0.0), resamples=50)
    assert found.best == STAY
    assert 0.12 < found.moved.value < 0.18
    accuracy = found.measures[found.measures["measure"] == "accuracy"].set_index("forecast")
    assert accuracy.loc[MARKOV, "value"] == accuracy.loc[STAY, "value"]
    assert found.saved[MARKOV].low > 0  # it knows where to, if they move


def test_the_classifier_wins_where_a_behaviour_tells_who_is_about_to_move():
    found = scores.compare_migration(*three_days(seed=2, pull=0.8), resamples=50)
    assert found.best == CLASSIFIER
    assert found.gains[CLASSIFIER].low > 0.05


def test_a_chain_wins_where_nearly_everybody_of_a_segment_moves_on():
    found = scores.compare_migration(*three_days(seed=3, pull=0.0, leave=0.8), resamples=50)
    assert found.gains[MARKOV].low > 0.4


def test_with_few_moves_or_one_segment_nothing_is_compared():
    days, behaviours = three_days(seed=4, pull=0.0, leave=0.01)
    found = scores.compare_migration(days, behaviours)
    assert found.reason == "fewer than 100 people changed segment in each of two windows"
    assert found.measures.empty
    assert np.isnan(found.moved.value)  # of few, no share is told
    assert found.best == "not compared"
    one = [day.map(lambda _: "S1") for day in days]
    alone = scores.compare_migration(one, behaviours)
    assert alone.reason == "there are no two segments to move between"


def test_the_matrix_adds_up_and_knows_only_people_of_both_days():
    days, _ = three_days(seed=5, pull=0.0)
    moves = moves_of(days[0], days[1].iloc[100:])
    matrix = migration_matrix(moves)
    assert matrix["n_people"].sum() == 1400
    assert np.allclose(matrix.groupby("from_segment")["share"].sum(), 1)


def test_the_order_of_people_does_not_matter():
    days, behaviours = three_days(seed=6, pull=0.5)
    one = scores.compare_migration(days, behaviours, resamples=20)
    mixed = [day.sample(frac=1, random_state=1) for day in days]
    other = scores.compare_migration(
        mixed, [rows.sample(frac=1, random_state=2) for rows in behaviours], resamples=20
    )
    pd.testing.assert_frame_equal(one.measures, other.measures)
