"""Where goal, segment and content do not meet is found, and who does what follows from it."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie import contracts, objectives
from coterie.objectives.mapping import NO_CONTENT, OVERLOOKED, UNMEASURED, UNSEEN
from coterie.objectives.stakeholders import stakeholder_map
from coterie.study import SettingsError
from coterie.wording import NOT_ACTIONABLE

DAY = date(2026, 7, 1)
GOALS = pd.DataFrame(
    {
        "goal": ["Sell more often", "Be passed on", "Be loved"],
        "kpi": ["conversion", "advocacy", ""],
        "measure": ["reach", "rise", ""],
        "target": [0.2, 0.1, np.nan],
        "content": ["", "video", ""],
    }
)


def planted() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Plant who buys much and reacts to nothing (S1), the rest (S2), and who sees nothing (S3)."""
    people = [(f"p{n}", f"S{1 + n // 100}") for n in range(300)]
    rows = []
    for n, (person, segment) in enumerate(people):
        if segment == "S1":
            rows += [(person, "purchase", None, 90.0 + n % 9), (person, "view", "image", None)]
            rows += [(person, "like", "image", None)] * (n % 10 == 0)
        if segment == "S2":
            rows += [(person, "view", "video", None), (person, "like", "video", None)]
            rows += [(person, "purchase", None, 20.0)] * (n % 10 == 0)
    events = pd.DataFrame(rows, columns=["person_id", "verb", "content_type", "value"])
    events = events.assign(at=pd.Timestamp("2026-06-20"), platform="x")
    return events, pd.DataFrame(people, columns=["person_id", "segment"])


FACTS = pd.DataFrame(
    {
        "kpi": "conversion",
        "segment": ["S1", "S2"],
        "period": pd.Timestamp("2026-06-22"),
        "numerator": [100, 10],
        "denominator": [100, 100],
    }
)


@pytest.fixture(scope="module")
def mapped():
    events, segments = (ibis.memtable(frame) for frame in planted())
    return objectives.map_objectives(GOALS, FACTS, events, segments, as_of=DAY)


def test_a_segment_that_is_worth_much_and_reacts_little_is_a_gap(mapped):
    gaps = mapped.table.set_index(["goal", "segment"])["gap"]
    assert (gaps.xs("S1", level="segment") == OVERLOOKED).all()
    assert gaps["Sell more often", "S2"] == ""


def test_content_that_reaches_nobody_there_is_a_gap(mapped):
    gaps = mapped.table.set_index(["goal", "segment"])["gap"]
    assert gaps["Sell more often", "S3"] == NO_CONTENT
    assert gaps["Be passed on", "S3"] == UNSEEN
    assert gaps["Be loved", "S2"] == UNMEASURED
    assert mapped.n_gaps == 3


def test_a_level_is_reached_or_not_and_a_rise_is_for_an_experiment_to_say(mapped):
    rows = mapped.table.set_index(["goal", "segment"])
    assert rows.loc[("Sell more often", "S1"), "reached"] == "yes"
    assert rows.loc[("Sell more often", "S2"), "reached"] == "no"
    assert (rows.loc["Be passed on", "reached"] == "unknown").all()
    assert list(mapped.table) == list(contracts.ObjectiveMap.types)


def test_segments_with_few_people_are_left_out():
    events, segments = planted()
    few = segments.assign(segment=segments["segment"].where(segments.index > 20, "S9"))
    found = objectives.map_objectives(
        GOALS, FACTS, ibis.memtable(events), ibis.memtable(few), as_of=DAY
    )
    assert "S9" not in set(found.table["segment"])


def test_a_log_that_names_no_content_has_no_gaps_of_content():
    events, segments = planted()
    bare = ibis.memtable(events).mutate(content_type=ibis.null("string"))
    found = objectives.map_objectives(GOALS, FACTS, bare, ibis.memtable(segments), as_of=DAY)
    assert not found.content_known
    assert set(found.table["gap"]) == {OVERLOOKED, UNMEASURED, ""}


def test_future_acts_change_nothing(mapped):
    events, segments = planted()
    later = events.assign(at=pd.Timestamp("2026-07-01"), verb="like")
    both = ibis.memtable(pd.concat([events, later]))
    again = objectives.map_objectives(GOALS, FACTS, both, ibis.memtable(segments), as_of=DAY)
    pd.testing.assert_frame_equal(again.table, mapped.table)


CLEARED = pd.DataFrame(
    {"segment": ["S1", "S2", "S3"], "segment_name": ["Quiet buyers", "Fans", "Unseen"]}
).assign(cleared=[True, True, False])
DECISIONS = pd.DataFrame({"segment": ["all", "S2"], "decision": ["act", "act"]})


@pytest.fixture(scope="module")
def conditions(mapped):
    voices = pd.DataFrame({"segment": ["S2"], "n_waiting": [60]})
    voices = voices.assign(n_advocates=0, n_detractors=0)
    platforms = pd.DataFrame({"segment": ["S1", "S2"], "platform": ["x", "x"]})
    return objectives.segment_conditions(mapped.table, CLEARED, DECISIONS, voices, platforms)


def test_every_segment_has_an_action_for_every_role_or_is_said_to_have_none(conditions):
    found = stakeholder_map(conditions, {})
    assert list(found) == list(contracts.Stakeholders.types)
    assert len(found) == found["role"].nunique() * 3 == 9
    assert found[["action", "why"]].ne("").all(axis=None)
    said = found.set_index(["role", "segment"])["action"]
    assert said["marketing", "S1"] == "Try image on x in a small experiment first"
    assert said["marketing", "S2"] == "Address with video on x"
    assert said["sales", "S1"].startswith("Speak to them in person")
    assert said["service", "S2"] == "Answer those who wait"
    assert said["marketing", "S3"] == said["sales", "S3"] == NOT_ACTIONABLE


def test_the_study_file_comes_first_but_clears_nobody(conditions):
    roles = {"marketing": {"S2": "Invite them", "all": "Greet them"}, "press": {"Fans": "Tell"}}
    said = stakeholder_map(conditions, roles).set_index(["role", "segment"])["action"]
    assert said["marketing", "S2"] == "Invite them"
    assert said["marketing", "S1"] == "Greet them"
    assert said["marketing", "S3"] == NOT_ACTIONABLE
    assert said["press", "S2"] == "Tell"
    assert said["press", "S1"] == NOT_ACTIONABLE


@pytest.mark.parametrize("said", ["Call them", {"S7": "Call them"}, {"S1": 3}])
def test_actions_for_nobody_are_an_error(conditions, said):
    with pytest.raises(SettingsError, match=r"11_monitoring\.roles\.sales"):
        stakeholder_map(conditions, {"sales": said})


def test_two_roles_cannot_have_one_page(conditions):
    with pytest.raises(SettingsError, match="names must differ in letters"):
        stakeholder_map(conditions, {"Sales!": {"all": "Call them"}})
