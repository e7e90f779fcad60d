"""Experiments are believed only when they may be, and segments are compared with what chance
keeps.
"""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie import validation
from coterie.validation.experiments import check_sample_ratio
from coterie.validation.ruling import decide_by_rule
from coterie.validation.stability import compare_placements

DAY = pd.Timestamp("2026-05-01")


def arms(rng, *, n=1500, lift=0.0, base=0.1, share=2 / 3, split=True):
    """Draw an experiment whose covariate explains part of the outcome."""
    treated = rng.random(n) < share
    segment = rng.choice(["S1", "S2", "S3"], n)
    habit = rng.poisson(0.4, n)
    chance = base + 0.1 * (habit > 0) + lift * treated
    return pd.DataFrame(
        {
            "campaign": "spring",
            "randomised": True,
            "arm": np.where(treated, "treatment", "control"),
            "conversion": (rng.random(n) < chance).astype(float),
            "value": rng.gamma(2, 10, n),
            "before": habit.astype(float),
            "segment": segment if split else "S1",
        }
    )


def graded(assigned, **options):
    return check_sample_ratio(assigned, **options).set_index("campaign")["evidence"]


def outcomes_of(acts, *, as_of=date(2026, 7, 1)):
    exposures = pd.DataFrame(
        {"person_id": ["ana", "bo"], "campaign": "spring", "arm": ["treatment", "control"]}
    )
    events = pd.DataFrame(acts, columns=["person_id", "at", "value"]).assign(verb="purchase")
    found = validation.campaign_outcomes(
        ibis.memtable(exposures.assign(randomised=True, at=DAY)),
        ibis.memtable(events.assign(at=pd.to_datetime(events["at"], format="ISO8601"))),
        verb="purchase",
        as_of=as_of,
    )
    return found.to_pandas().set_index("person_id")


def test_a_purchase_at_the_very_start_counts_and_one_at_the_very_end_does_not():
    found = outcomes_of([("ana", "2026-05-01 00:00", 5.0), ("bo", "2026-05-29 00:00", 7.0)])
    assert found["conversion"].to_dict() == {"ana": 1.0, "bo": 0.0}
    assert found["value"].to_dict() == {"ana": 5.0, "bo": 0.0}


def test_a_purchase_on_the_cut_off_day_is_invisible():
    found = outcomes_of([("ana", "2026-05-10", 5.0)], as_of=date(2026, 5, 10))
    assert found.loc["ana", "conversion"] == 0


def test_what_happened_before_the_assignment_is_a_covariate_and_no_outcome():
    found = outcomes_of([("ana", "2026-04-30 23:59", 5.0), ("ana", "2026-04-01", 5.0)])
    assert found.loc["ana", ["conversion", "value", "before"]].tolist() == [0, 0, 1]


def test_everyone_assigned_counts_once_even_without_any_act():
    found = outcomes_of([("ana", "2026-05-02", 1.0), ("ana", "2026-05-03", 2.0)])
    assert sorted(found.index) == ["ana", "bo"]
    assert found.loc["ana", "value"] == 3.0


@pytest.mark.slow
def test_the_sample_ratio_check_passes_nearly_every_fair_draw():
    rng = np.random.default_rng(0)
    grades = [graded(arms(rng, n=600))["spring"] for _ in range(100)]
    assert grades.count("C") <= 1  # 0.1 % expected


def test_people_lost_from_one_arm_end_the_experiment():
    assigned = arms(np.random.default_rng(0), n=3000)
    lost = assigned[(assigned["arm"] == "treatment") | (np.arange(3000) % 5 > 0)]
    assert graded(lost)["spring"] == "C"


def test_a_campaign_without_lots_is_never_an_experiment():
    found = check_sample_ratio(arms(np.random.default_rng(0)).assign(randomised=False))
    assert found["evidence"].tolist() == ["C"]
    assert found["srm_pvalue"].isna().all()


def test_a_wrong_plan_fails_closed():
    assert graded(arms(np.random.default_rng(0)), treatment_per_control=1.0)["spring"] == "C"


@pytest.mark.slow
def test_intervals_cover_the_planted_lift_and_adjusting_narrows_them():
    rng, inside, narrower = np.random.default_rng(1), 0, 0
    for _ in range(50):
        assigned = arms(rng, lift=0.05, split=False)
        lifts = validation.compare_arms(assigned, grades=pd.Series({"spring": "A"})).set_index(
            ["metric", "segment"]
        )
        adjusted, plain = (
            lifts.loc[("conversion", "all")],
            lifts.loc[("conversion_unadjusted", "all")],
        )
        inside += adjusted["low"] <= 0.05 <= adjusted["high"]
        narrower += adjusted["high"] - adjusted["low"] < plain["high"] - plain["low"]
    assert inside >= 43  # of 50; 47 expected
    assert narrower >= 48


@pytest.mark.slow
def test_no_segment_is_called_lifted_in_nineteen_of_twenty_null_experiments():
    rng, alarms = np.random.default_rng(2), 0
    for _ in range(40):
        lifts = validation.compare_arms(arms(rng), grades=pd.Series({"spring": "A"}))
        parts = lifts[(lifts["metric"] == "conversion") & (lifts["segment"] != "all")]
        alarms += (parts["pvalue_adjusted"] < 0.05).any()
    assert alarms <= 5  # 2 expected


def test_adjusted_p_values_are_never_smaller_than_raw_ones():
    lifts = validation.compare_arms(
        arms(np.random.default_rng(3)), grades=pd.Series({"spring": "A"})
    )
    assert (lifts["pvalue_adjusted"] >= lifts["pvalue"] - 1e-12).all()


def test_without_campaigns_there_is_an_empty_table_and_no_error():
    nobody = arms(np.random.default_rng(0)).head(0)
    ratio = check_sample_ratio(nobody)
    assert ratio.empty
    assert validation.compare_arms(nobody, grades=ratio.set_index("campaign")["evidence"]).empty


def test_a_group_without_any_outcome_is_not_compared():
    silent = arms(np.random.default_rng(0)).assign(conversion=0.0, before=0.0)
    found = validation.compare_arms(silent, grades=pd.Series({"spring": "A"}))
    assert set(found["metric"]) == {"value"}


@pytest.mark.parametrize(
    ("lift", "low", "high", "pvalue", "word"),
    [
        (0.05, 0.03, 0.07, 0.001, "act"),
        (0.015, 0.005, 0.025, 0.01, "cannot tell"),
        (0.01, 0.005, 0.015, 0.01, "do not act"),
        (-0.05, -0.07, -0.03, 0.001, "do not act"),
        (0.03, -0.02, 0.08, 0.2, "cannot tell"),
    ],
)
def test_the_rule_says_one_of_three_words(lift, low, high, pvalue, word):
    assert decide_by_rule(lift, low, high, pvalue, minimum_lift=0.02, alpha=0.05) == word


@pytest.mark.parametrize("grade", ["A", "C"])
def test_a_ruling_is_of_the_grade_of_the_campaign_it_is_about(grade):
    assigned = arms(np.random.default_rng(0), lift=0.2)
    lifts = validation.compare_arms(assigned, grades=pd.Series({"spring": grade}))
    rule = pd.Series({"minimum_lift": 0.02, "alpha": 0.05, "registered_at": DAY})
    names = pd.Series({"S1": "Evening", "S2": "Weekend", "S3": "Quiet"})
    ruling = validation.apply_rule(lifts, rule, names=names, campaign="spring", started=DAY)
    assert ruling.evidence == ruling.lift[-1] == grade
    nothing = ruling._replace(campaign=None)
    assert (nothing.evidence, nothing.lift) == ("C", (None, None, None, "C"))


@pytest.mark.slow
def test_shuffled_people_keep_what_chance_keeps():
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(100):
        now, then = (
            pd.Series(rng.choice(["S1", "S2", "S3"], 300, p=[0.6, 0.3, 0.1])) for _ in range(2)
        )
        kept = compare_placements(now, then)
        inside += ((kept["low"] <= kept["null_share"]) & (kept["null_share"] <= kept["high"])).sum()
    assert inside >= 280  # of 300


def test_one_segment_keeps_everybody_and_so_does_chance():
    one = pd.Series("S1", index=["ana", "bo"])
    assert compare_placements(one, one)[["kept_share", "null_share"]].to_numpy().tolist() == [
        [1.0, 1.0]
    ]
