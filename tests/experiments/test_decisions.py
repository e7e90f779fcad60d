"""Four words, one gate, and no more false alarms than promised."""

import numpy as np
import pandas as pd
import pytest

from coterie import contracts
from coterie.experiments.checking.checks import COLUMNS, Checks
from coterie.experiments.deciding.decisions import Case, decide
from coterie.experiments.design.plan import Metric
from coterie.experiments.design.sequential import sequence_factor
from experiments.worlds import PLAN

ASKED = PLAN._replace(minimum_lift=0.02, secondaries=(Metric("value", "mean", "purchase"),))
DEMANDING = ASKED._replace(act_when="estimate >= minimum")
SOUND = Checks(pd.DataFrame(columns=COLUMNS).astype({"passed": bool}), complete=True)
JUDGED = {ASKED.id: Case(ASKED, SOUND)}
WAITING = SOUND._replace(complete=False)
PICKED = Checks(
    pd.DataFrame([["s", "randomised", "all", 0, 0, False, "C", "not drawn"]], columns=COLUMNS), True
)


def effects_of(*rows: tuple, plan=ASKED) -> pd.DataFrame:
    """Write effects as (metric, segment, effect, low, high, p) or with an arm at the end."""
    frame = pd.DataFrame(
        [(*row, "treatment") if len(row) == 6 else row for row in rows],
        columns=["metric", "segment", "effect", "low", "high", "pvalue", "arm"],
    )
    stderr = (frame["high"] - frame["low"]) / 3.92
    return frame.assign(experiment=plan.id, analysis="as assigned", stderr=stderr)


def words(*rows: tuple, plan=ASKED, checks=SOUND, **options) -> list[str]:
    found = decide(effects_of(*rows, plan=plan), {plan.id: Case(plan, checks, **options)})
    assert set(found) == set(contracts.Decisions.types)
    return found["decision"].tolist()


@pytest.mark.parametrize(
    ("found", "plain", "demanding"),
    [
        ((0.05, 0.03, 0.07, 0.001), "act", "act"),
        ((0.015, 0.005, 0.025, 0.01), "act", "cannot tell"),
        ((0.01, 0.005, 0.015, 0.01), "act", "do not act"),
        ((-0.05, -0.07, -0.03, 0.001), "do not act", "do not act"),
        ((0.03, -0.02, 0.08, 0.2), "cannot tell", "cannot tell"),
        ((0.0, -0.01, 0.01, 0.9), "do not act", "do not act"),
    ],
)
def test_the_rule_says_one_of_four_words(found, plain, demanding):
    row = ("conversion", "all", *found)
    assert words(row) == [plain]
    assert words(row, plan=DEMANDING) == [demanding]
    assert words(row, checks=WAITING) == ["too early"]
    assert words(row, checks=PICKED) == ["cannot tell"]


def test_a_rise_that_is_real_and_too_small_is_acted_on_with_the_reason_beside_it():
    reasons = [
        decide(effects_of(("conversion", "all", *row)), JUDGED)["reason"].item()
        for row in ((0.01, 0.005, 0.015, 0.01), (0.015, 0.005, 0.025, 0.01))
    ]
    assert reasons[0].endswith("wholly below the minimum: a rise worth acting on is excluded")
    assert reasons[1] == "beyond chance"


SEGMENT = ("conversion", "S1", 0.06, 0.03, 0.09, 0.0001)
MONEY = ("value", "all", 2.0, 1.0, 3.0, 0.0001)


def test_behind_a_closed_gate_nothing_says_act():
    closed = ("conversion", "all", 0.01, -0.01, 0.03, 0.3)
    assert words(closed, SEGMENT, MONEY) == ["cannot tell"] * 3
    opened = ("conversion", "all", 0.03, 0.01, 0.05, 0.004)
    assert words(opened, SEGMENT, MONEY) == ["act"] * 3


def test_behind_the_gate_p_values_are_adjusted_for_all_that_stand_there():
    gate = ("conversion", "all", 0.03, 0.01, 0.05, 0.0001)
    parts = [("conversion", f"S{i}", 0.05, 0.01, 0.09, 0.02) for i in range(6)]
    found = decide(effects_of(gate, *parts), JUDGED).set_index("segment")
    assert found.loc["all", "pvalue_adjusted"] == 0.0001
    assert found.loc["S0", "pvalue_adjusted"] == pytest.approx(0.12)
    assert set(found.drop("all")["reason"]) == {"not beyond chance, as one of several"}


def test_other_metrics_are_decided_for_everyone_by_their_own_minimum():
    gate = ("conversion", "all", 0.03, 0.01, 0.05, 0.0001)
    money = ("value", "all", 1.0, -0.5, 2.5, 0.2)
    assert words(gate, money, ("value", "S1", 9.0, 8.0, 10.0, 1e-9)) == ["act", "cannot tell"]
    dear = ASKED._replace(secondaries=(ASKED.secondaries[0]._replace(minimum=3.0),))
    assert words(gate, money, plan=dear) == ["act", "do not act"]


def test_several_arms_share_the_error():
    plan = ASKED._replace(arms={"control": 1.0, "a": 1.0, "b": 1.0})
    rows = [("conversion", "all", 0.03, 0.001, 0.06, 0.03, arm) for arm in ("a", "b")]
    found = decide(effects_of(*rows, plan=plan), {plan.id: Case(plan, SOUND)})
    assert found["pvalue_adjusted"].tolist() == [0.06, 0.06]
    assert set(found["decision"]) == {"cannot tell"}


def test_what_could_not_be_compared_is_said_and_not_passed_over():
    found = decide(effects_of().head(0), JUDGED)
    assert found[["decision", "reason"]].values.tolist() == [
        ["cannot tell", "too few people to compare"]
    ]
    still = ("conversion", "all", 0.0, np.nan, np.nan, np.nan)
    assert decide(effects_of(still), JUDGED)["reason"].tolist() == ["nothing varies"]


def test_before_the_end_only_what_holds_at_every_look_is_said():
    looking = ASKED._replace(looks=28)
    usual = ("conversion", "all", 0.05, 0.02, 0.08, 0.001)
    sure = ("conversion", "all", 0.05, 0.04, 0.06, 1e-12)
    assert words(usual, plan=looking, checks=WAITING, share_seen=0.3) == ["too early"]
    assert words(sure, SEGMENT, MONEY, plan=looking, checks=WAITING, share_seen=0.3) == [
        *("act", "too early", "too early")
    ]
    none = ("conversion", "all", -0.01, -0.02, -0.0, 0.05)
    assert words(none, plan=looking, checks=WAITING, share_seen=0.5) == ["do not act"]


def test_an_interval_for_every_look_is_wider_than_one_for_one_look_and_narrowest_at_the_end():
    factors = sequence_factor(np.array([0.05, 0.3, 1.0]), alpha=0.05)
    assert (np.diff(factors) < 0).all()
    assert factors[-1] > 1.96
