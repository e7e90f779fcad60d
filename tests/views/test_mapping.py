"""What notebook 11 says of the next round names its gaps, and has a page for every role."""

import pandas as pd

from coterie.objectives import Mapped, Merged
from coterie.objectives.mapping import OVERLOOKED
from coterie.views.monitoring import mapping as view

CELL = {"goal": "Sell more often", "segment": "S1", "n_people": 90, "kpi": "conversion"}
CELL |= {"value": 0.05, "target": 0.1, "reached": "no", "value_index": 180.0, "value_low": 140.0}
CELL |= {"engagement_index": 40.0, "engagement_high": 60.0, "content": "video"}
CELL |= {"reaction_rate": 0.1, "gap": OVERLOOKED}
ACTIONS = pd.DataFrame(
    {
        "role": ["marketing", "marketing", "press", "press"],
        "segment": ["S1", "S2", "S1", "S2"],
        "segment_name": ["Quiet <buyers>", "Fans", "Quiet <buyers>", "Fans"],
        "action": ["Show video", "not actionable", "Quote no numbers", "not actionable"],
        "why": ["they are worth it", "not cleared", "as the study file says", "not cleared"],
    }
)


def test_the_title_names_the_gaps_or_says_that_there_are_none():
    shown = view.objectives(Mapped(pd.DataFrame([CELL])))
    assert repr(shown) == "1 segment with a gap: high value, low engagement"
    whole = view.objectives(Mapped(pd.DataFrame([CELL | {"gap": ""}])))
    assert repr(whole) == "Every goal meets every segment without a gap"
    assert "No segment" in view.objectives(Mapped(pd.DataFrame([CELL]).head(0))).reason


def test_every_role_has_a_page_and_who_is_left_out_stands_on_it():
    pages = view.stakeholders(ACTIONS)
    assert repr(pages) == "2 roles, 1 segments for none"
    assert pages.html.count("<section") == 2
    assert "Quiet &lt;buyers&gt;" in pages.html
    assert pages.html.count("Not actionable: S2 (not cleared).") == 2
    assert "no segment" in view.stakeholders(ACTIONS.head(0)).reason


def test_what_shared_content_keeps_is_said():
    table = pd.DataFrame({"segment": ["S1", "S2"], "n_people": [80, 70]})
    merged = Merged(table.assign(variant="S1", shared=[1.0, 0.5]), 115.0, 150.0)
    assert repr(view.variants(merged)) == (
        "1 variant of content for 2 segments: 77% of what content of their own would reach"
    )
    assert "No cleared segment" in view.variants(Merged(table.head(0), 0.0, 0.0)).reason


def test_the_segment_with_most_people_in_the_test_is_named():
    table = pd.DataFrame({"segment": ["S1", "S2"], "n_people": [800, 90], "spread": [0.4, 0.2]})
    shown = view.next_test(table.assign(floor=30, people=[170, 30]))
    assert repr(shown) == "Of 200 people in the next test, 170 are of S1"
    assert "enough people" in view.next_test(table.head(0)).reason
