"""Weeks are counted exactly, alerts know their own noise, and movements add up."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts, monitoring
from coterie.monitoring import movement

MONDAYS = pd.date_range("2026-01-05", periods=26, freq="7D")


def line(done, people, *, segment="S1", kpi="conversion"):
    counts = pd.DataFrame(
        {"period": MONDAYS[: len(done)], "segment": segment, "kpi": kpi, "numerator": done}
    )
    return counts.assign(denominator=people, value=counts["numerator"] / people)


def noisy_lines(rng, *, n_lines=12, people=400, spread=0.15, shift=1.0):
    """Draw lines whose weekly rate itself varies, and multiply the first line's last week."""
    lines = []
    for number in range(n_lines):
        rate = np.clip(0.2 * np.exp(spread * rng.standard_normal(26)), 0, 1)
        rate[-1] *= shift if number == 0 else 1.0
        lines.append(line(rng.binomial(people, rate), people, segment=f"S{number + 1}"))
    return pd.concat(lines)


def weekly(acts, *, as_of=date(2026, 1, 26), min_people=1, people=("ana", "bo"), bots=(), weeks=26):
    events = pd.DataFrame(acts, columns=["person_id", "at"]).assign(verb="purchase")
    members = pd.DataFrame(
        {"person_id": list(people), "segment": ["S1"] + ["S2"] * (len(people) - 1)}
    )
    kpis = pd.DataFrame({"kpi": ["conversion"], "numerator_verb": ["purchase"]})
    tables = (
        ibis.memtable(events.assign(at=pd.to_datetime(events["at"], format="ISO8601"))),
        ibis.memtable(members),
        ibis.memtable(kpis),
        ibis.memtable(
            pd.DataFrame({"person_id": list(people), "tagged": [who in bots for who in people]})
        ),
    )
    found = monitoring.weekly_counts(
        *tables, as_of=as_of, min_people=min_people, weeks=weeks
    ).to_pandas()
    return found.set_index(["segment", "period"]).sort_index()


ACTS = [
    ("ana", "2026-01-01"),  # Thursday: its week began before the data did
    ("ana", "2026-01-05"),
    ("ana", "2026-01-11 23:59"),
    ("bo", "2026-01-12"),
    ("bo", "2026-01-21"),
    ("bo", "2026-01-26"),  # the cut-off day
]


def test_only_whole_weeks_are_counted_and_each_person_once():
    found = weekly(ACTS)
    assert sorted({period.day for _, period in found.index}) == [5, 12, 19]
    assert found.loc["S1", "numerator"].tolist() == [1, 0, 0]
    assert found.loc["S2", "numerator"].tolist() == [0, 1, 1]
    assert found.loc["all", "numerator"].tolist() == [1, 1, 1]
    assert found.loc["all", "denominator"].tolist() == [2, 2, 2]


def test_everybody_is_shown_without_bots_too_unless_they_are_few():
    assert monitoring.HUMANS not in weekly(ACTS).index
    found = weekly(ACTS, bots=["bo"]).loc[monitoring.HUMANS]
    assert found["numerator"].tolist() == [1, 0, 0]
    assert found["denominator"].tolist() == [1, 1, 1]
    assert monitoring.HUMANS not in weekly(ACTS, bots=["bo"], min_people=2).index


@pytest.mark.parametrize("day", range(22, 29))  # 22 January 2026 is a Thursday
def test_there_are_never_more_weeks_than_asked_for(day):
    every_week = [("ana", f"2026-01-{d:02d}") for d in range(1, 29)]
    assert len(weekly(every_week, as_of=date(2026, 1, day), weeks=2).loc["all"]) == 2


def test_future_acts_change_no_count():
    assert weekly(ACTS).equals(weekly([*ACTS, ("ana", "2026-02-03"), ("bo", "2026-01-27")]))


def test_a_week_that_the_cut_off_day_breaks_is_left_out():
    assert max(period.day for _, period in weekly(ACTS, as_of=date(2026, 1, 25)).index) == 12


def test_groups_under_min_people_are_left_out():
    assert set(weekly(ACTS, min_people=2).index.get_level_values("segment")) == {"all"}


def test_facts_have_the_columns_of_their_contract():
    facts = monitoring.with_intervals(weekly(ACTS).reset_index())
    assert set(facts.columns) == set(contracts.KpiFacts.types)
    assert facts["value"].between(facts["low"], facts["high"]).all()


def test_no_weeks_at_all_are_an_answer():
    empty = monitoring.with_intervals(weekly(ACTS, as_of=date(2026, 1, 6)).reset_index())
    assert empty.empty
    assert monitoring.check_weeks(empty).empty


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_quiet_and_noisy_lines_alike_seldom_raise_a_false_alarm(spread):
    rng = np.random.default_rng(0)
    alarms = [
        (monitoring.check_weeks(noisy_lines(rng, spread=spread))["pvalue_adjusted"] < 0.05).any()
        for _ in range(60)
    ]
    assert sum(alarms) <= 8  # 5 % expected; less than one in the four weekly runs of a month


def test_a_week_that_halves_is_noticed():
    rng = np.random.default_rng(1)
    found = [
        monitoring.check_weeks(noisy_lines(rng, people=1500, spread=0.05, shift=0.5))
        for _ in range(30)
    ]
    assert (
        sum((tests.set_index("segment")["pvalue_adjusted"] < 0.05)["S1"] for tests in found) >= 28
    )


def test_a_line_that_was_always_restless_needs_more_to_alert():
    calm, restless = [40] * 25 + [70], [20, 60] * 12 + [20, 70]
    tests = monitoring.check_weeks(
        pd.concat([line(calm, 400), line(restless, 400, segment="S2")])
    ).set_index("segment")
    assert tests.loc["S1", "pvalue"] < 0.01 < tests.loc["S2", "pvalue"]


def test_a_line_of_zeros_raises_no_alarm():
    assert monitoring.check_weeks(line([0] * 26, 400))["pvalue"].item() > 0.5


def test_a_short_past_is_not_tested():
    assert monitoring.check_weeks(line([10] * 12, 100)).empty
    assert len(monitoring.check_weeks(line([10] * 13, 100))) == 1


def test_nobody_moves_between_two_runs_on_the_same_data():
    same = pd.Series({"ana": "S1", "bo": "S2"})
    assert movement.migration(same, same).value == 0
    assert movement.migration(same, same).pvalue == 1


def test_a_migration_far_over_the_limit_is_no_accident():
    before = pd.Series(["S1"] * 500)
    after = pd.Series(["S2"] * 200 + ["S1"] * 300)
    moved = movement.migration(before, after, limit=0.2)
    assert moved.value == 0.4
    assert moved.pvalue < 1e-6


memberships = st.dictionaries(st.integers(0, 30), st.sampled_from(["S1", "S2", "S3"]))


@settings(max_examples=60, deadline=None)
@given(memberships, memberships)
def test_entries_minus_exits_is_the_net_change(before, after):
    flows = movement.flows(pd.Series(before, dtype=object), pd.Series(after, dtype=object))
    assert (flows["before"] + flows["entries"] - flows["exits"] == flows["after"]).all()
    assert flows["after"].sum() == len(after)
