"""An experiment is believed only when it may be."""

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie import contracts
from coterie.experiments.checking.checks import Checks, check
from coterie.experiments.deciding.aggregates import aggregate
from coterie.experiments.deciding.effects import estimate
from coterie.experiments.design.plan import Metric
from experiments.worlds import CONVERSION, PLAN, exposures_of, report_of, units_of

PAST = PLAN._replace(primary=CONVERSION._replace(covariate_days=90))
THREE = PLAN._replace(arms={"control": 1.0, "a": 1.0, "b": 1.0})


def checked(units: pd.DataFrame, plan=PLAN, **state) -> Checks:
    sums = aggregate(ibis.memtable(units), plan)
    return check(sums, estimate(sums, plan), plan, **({"randomised": True} | state))


def draw(plan=PLAN, *, n=3000, seed=0) -> pd.DataFrame:
    return units_of(np.random.default_rng(seed), plan, n=n)


def failed(found: Checks) -> set[str]:
    return set(found.table.loc[~found.table["passed"], "check"])


def test_a_sound_experiment_is_of_grade_a_and_every_check_is_a_row():
    found = checked(draw(PAST), PAST)
    assert (found.grade, failed(found), found.complete) == ("A", set(), True)
    assert set(found.table) == set(contracts.Checks.types)
    wanted = {"randomised", "arms", "sizes", "mixed", "horizon", "missing", "past"}
    assert set(found.table["check"]) == wanted


def test_a_campaign_of_which_nobody_says_that_chance_chose_is_no_experiment():
    found = checked(draw(), randomised=False)
    assert found.grade == "C"
    assert "`randomised` in the column map" in found.reasons[0]


def test_people_lost_from_one_arm_end_the_experiment():
    units = draw()
    lost = units[(units["arm"] == "treatment") | (np.arange(3000) % 5 > 0)]
    found = checked(lost)
    assert (found.grade, "sizes" in failed(found)) == ("C", True)


def test_people_lost_from_one_of_three_arms_end_it_too():
    units = draw(THREE)
    found = checked(units[(units["arm"] != "b") | (np.arange(3000) % 5 > 0)], THREE)
    assert (found.grade, failed(found)) == ("C", {"sizes"})
    assert checked(draw(THREE), THREE).grade == "A"


def test_people_lost_in_one_segment_only_are_found_there():
    units = draw(n=6000)
    gone = (units["arm"] == "control") & (units["segment"] == "S2") & (np.arange(6000) % 2 > 0)
    table = checked(units[~gone]).table
    wrong = table[(table["check"] == "sizes") & ~table["passed"]]
    assert "S2" in set(wrong["segment"])
    assert set(wrong["segment"]) <= {"S2", "all"}


def test_a_wrong_plan_fails_closed():
    assert checked(draw(), PLAN._replace(arms={"control": 1.0, "treatment": 1.0})).grade == "C"


def test_an_arm_that_the_plan_does_not_have_is_counted_and_named():
    units = draw()
    units.loc[:29, "arm"] = "Z"
    found = checked(units)
    row = found.table[found.table["check"] == "arms"].iloc[0]
    assert (row["statistic"], row["reason"]) == (30, "the plan has no arm Z: 30 people")
    assert found.grade == "C"
    excluded = PLAN._replace(arms=PLAN.arms | {"Z": 0.03}, exclusions=("Z",))
    found = checked(units, excluded)
    assert "left out as planned Z: 30 people" in set(found.table["reason"])
    assert found.grade == "A"


def test_without_control_there_is_nothing_to_compare():
    units = draw()
    found = checked(units[units["arm"] != "control"])
    assert "nobody is in control: 0 people" in set(found.table["reason"])


def test_arms_that_are_all_unknown_are_one_check_that_names_both_faults():
    found = checked(draw().assign(arm="Z"))
    assert not found.table.duplicated(["experiment", "check", "segment"]).any()
    reason = found.table.set_index("check").loc["arms", "reason"]
    assert "the plan has no arm Z: 3,000 people; nobody is in control, treatment" in reason


@pytest.mark.parametrize(("share", "grade"), [(0.005, "A"), (0.05, "B")])
def test_many_people_in_two_arms_leave_a_reservation(share, grade):
    assert checked(draw(), n_mixed=int(3000 * share)).grade == grade


def test_who_has_not_had_the_horizon_is_counted_and_ends_nothing():
    units = draw()
    units.loc[:99, "y0"] = np.nan
    found = checked(units)
    assert (found.grade, found.complete) == ("A", False)
    assert "100 of 3,000 people have not had their 28 days yet" in " ".join(found.table["reason"])


def test_outcomes_that_a_file_leaves_open_are_counted_by_name():
    plan = PLAN._replace(primary=Metric("visit"), secondaries=(Metric("spend", "mean"),))
    units = draw(plan)
    units.loc[:99, "y1"] = np.nan
    found = checked(units, plan)
    told = "outcomes are missing and not counted: spend of 100 people"
    assert (told in set(found.table["reason"]), found.grade, found.complete) == (True, "B", True)


def test_an_arm_that_was_picked_by_the_past_is_no_draw():
    units = draw(PAST)
    rng = np.random.default_rng(1)
    often = rng.random(3000) < 0.55 + 0.25 * (units["x0"] > 0)
    units["arm"] = np.where(often, "treatment", "control")
    assert "past" in failed(
        checked(units, PAST._replace(arms={"control": 0.37, "treatment": 0.63}))
    )


def test_an_outcome_that_cannot_have_changed_and_differs_ends_the_experiment():
    plan = PLAN._replace(negative_control=Metric("placebo", verb="open"))
    units = draw(plan)
    assert checked(units, plan).grade == "A"
    treated = units["arm"] == "treatment"
    units.loc[treated, "y1"] = np.maximum(units["y1"], np.random.default_rng(2).random(3000) < 0.1)
    assert failed(checked(units, plan)) == {"negative control"}


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("n_assigned", -5, "counts below 0 in 1 rows, more outcomes than people in 1 rows"),
        ("n_people", 9_999, "more outcomes than people in 1 rows"),
        ("sum_y", np.nan, "sums that are no number in 1 rows"),
        ("sum_yy", 0.0, "squares too small for their sum in 1 rows"),
    ],
)
def test_sums_that_cannot_be_are_named_and_end_the_experiment(column, value, said):
    sums = aggregate(ibis.memtable(draw()), PLAN)
    row = sums.index[sums["segment"] != "all"][0]
    sums[column] = sums[column].astype(float)
    sums.loc[row, column] = value
    found = check(sums, estimate(sums, PLAN), PLAN, randomised=True)
    assert found.grade == "C"
    assert f"sums that cannot be: {said}" in found.reasons


@pytest.mark.parametrize("split", [True, False])
def test_clusters_with_people_in_several_arms_were_not_drawn_by_cluster(split):
    plan = PLAN._replace(cluster="company", arms={"control": 1.0, "treatment": 1.0})
    place = np.arange(800)
    arms = (place if split else place // 4) % 2
    people = {f"p{i}": ("control", "treatment")[arms[i]] for i in place}
    companies = pd.DataFrame({"person_id": [*people], "company": [f"c{i // 4}" for i in place]})
    report = report_of(
        exposures_of(people), [("p1", "2026-05-03", "purchase", 1.0)], plan, people=companies
    )
    row = report.checks.set_index("check").loc["clusters"]
    assert (row["passed"], report.grades["spring"]) == (not split, "B" if split else "A")
    assert row["reason"].startswith(f"{200 * split} of 200 clusters have people in several arms")
