"""A draw is the same on any machine and in the engine, and moves nobody when people are added."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
from scipy import stats

from coterie import contracts
from coterie.experiments import assignment_table, hold_out, holdout_plan
from coterie.experiments.design.plan import Metric, Plan
from coterie.experiments.trials.assignment import bucket, bucket_column, draw_arms, with_groups

KEY = b"a key of this study"
PLAN = Plan("spring", "g", "o", {"control": 1, "b": 1, "c": 2}, Metric("visit"), 0.05)
PEOPLE = ibis.memtable({"person_id": [f"p_{i}" for i in range(20_000)]})
ARMS = draw_arms(PEOPLE, PLAN, key=KEY).to_pandas().set_index("person_id")["arm"]


def test_the_engine_draws_the_buckets_that_plain_python_draws():
    people = [f"p_{i}" for i in range(300)] + ["", "ä — 你", "a:b"]
    table = ibis.memtable({"person": people})
    drawn = bucket_column(table["person"], key=KEY, salt="spring").execute()
    assert drawn.tolist() == [bucket(person, key=KEY, salt="spring") for person in people]


def test_arms_have_the_planned_sizes_and_buckets_are_even():
    sizes = ARMS.value_counts()[list(PLAN.shares)]
    assert stats.chisquare(sizes, 20_000 * np.array(list(PLAN.shares.values()))).pvalue > 0.001
    buckets = bucket_column(PEOPLE["person_id"], key=KEY, salt="spring").execute()
    even = stats.chisquare(np.bincount(buckets // 100, minlength=100))
    assert even.pvalue > 0.001


def test_more_people_and_another_order_move_nobody():
    few = PEOPLE.order_by(ibis.desc("person_id")).limit(500)
    again = draw_arms(few, PLAN, key=KEY).to_pandas().set_index("person_id")["arm"]
    assert (again == ARMS[again.index]).all()


def test_another_salt_or_another_key_is_another_independent_draw():
    others = [
        draw_arms(PEOPLE, PLAN._replace(salt_id="fall"), key=KEY),
        draw_arms(PEOPLE, PLAN, key=b"another"),
    ]
    for other in others:
        arms = other.to_pandas().set_index("person_id")["arm"][ARMS.index]
        assert stats.chi2_contingency(pd.crosstab(ARMS, arms)).pvalue > 0.001


def test_the_standing_holdout_is_sticky_and_a_larger_one_keeps_the_people_of_the_smaller():
    small, large = (
        hold_out(
            PEOPLE, holdout_plan(PLAN, share=share, name="one"), key=KEY, since=date(2026, 6, 1)
        )
        .filter(ibis._.arm == "held out")
        .to_pandas()["person_id"]
        for share in (0.05, 0.1)
    )
    assert abs(len(small) / 20_000 - 0.05) < 0.005
    assert set(small) < set(large)
    control = set(ARMS.index[ARMS == "control"])
    assert abs(len(control & set(small)) / len(small) - 0.25) < 0.05  # drawn apart from campaigns


def test_assignments_state_the_chance_that_each_person_had():
    exposures = ibis.memtable(
        {
            "person_id": ["ana", "bo", "cy"],
            "arm": ["b", "c", "x"],
            "mixed": [False] * 3,
            "multi_exposed": [False] * 3,
        }
    ).mutate(at=ibis.timestamp("2026-05-01"))
    segments = ibis.memtable({"person_id": ["ana"], "segment": ["S1"]})
    table = assignment_table(
        {"spring": with_groups(exposures, segments=segments)}, {"spring": PLAN}
    )
    rows = table.order_by("person_id").to_pandas()
    assert set(rows) == set(contracts.Assignments.types)
    assert rows["propensity"].tolist() == [0.25, 0.5, 0.0]
    assert rows["segment"].fillna("").tolist() == ["S1", "", ""]
