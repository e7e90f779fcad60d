"""What 08 says of contamination, without a run."""

import pandas as pd
import pytest
from experiments.test_contamination import DELIVERY, arrived, read, spring, winter
from experiments.test_interaction import found_in, units
from experiments.worlds import PLAN, exposures_of, report_of

from coterie.experiments import Report, overlap
from coterie.views.experiments import contamination as view
from coterie.views.forms.note import Note


@pytest.fixture(scope="module")
def disturbed() -> Report:
    return read(spring(), winter())


@pytest.fixture(scope="module")
def nothing() -> Report:
    return report_of(exposures_of({"ana": "control"}).head(0), [])


def test_the_matrix_has_a_row_an_arm_and_segment_and_hides_small_groups(disturbed):
    found = overlap(disturbed.campaigns, campaign="spring")
    axes = view.overlap(disturbed, found, min_people=50)
    assert axes.get_title(loc="left") == "25% of spring were treated by another campaign as well"
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["arm control", "arm treatment", "segment S1", "segment S2"]
    numbers = {text.get_text() for text in view.overlap(disturbed, found, min_people=200).texts}
    assert "—" in numbers


def test_effects_with_people_left_out_are_no_longer_randomised_and_say_so(disturbed):
    page = view.sensitivity(disturbed).as_raw_html()
    assert "Leaving people out moves the effect by at most +5.0 points" in page
    assert "no longer randomised" in page
    assert "only the first line is the effect" in page


def test_whom_the_message_reached_is_told_by_arm():
    report = read(spring(), plan=PLAN._replace(delivery=DELIVERY), acts=arrived(0.2))
    said = view.delivered(report, min_people=50).reason
    assert "control: **20.0%** of 400, treatment: **90.0%** of 800" in said
    assert "too few to say" in view.delivered(report, min_people=500).reason


def test_content_for_a_segment_is_shown_with_the_difference_of_differences():
    page = view.suited(found_in(units(everywhere=0.0, there=0.1)), alpha=0.05).as_raw_html()
    assert "1 of 1 contents suit the segment that they were written for" in page
    assert "difference" in page


def test_without_campaigns_each_is_a_sentence(nothing):
    shown = [
        view.overlap(nothing, overlap({}, campaign=None), min_people=50),
        view.sensitivity(nothing),
        view.delivered(nothing, min_people=50),
        view.suited(nothing.suited, alpha=nothing.alpha),
        view.overlap(read(spring()), overlap({}, campaign=None), min_people=50),
    ]
    assert all(isinstance(note, Note) for note in shown)
    assert "Nobody in spring was in another campaign" in shown[-1].reason
    assert "(`delivery`)" in shown[2].reason
    assert isinstance(nothing.suited, pd.DataFrame)
