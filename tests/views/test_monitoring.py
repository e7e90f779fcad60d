"""What notebook 11 says names the latest week, the alerts, and whether segments hold."""

import pandas as pd

from coterie.monitoring import HUMANS, Movement
from coterie.monitoring.movement import flows, migration
from coterie.views import monitoring as view
from coterie.views.forms.note import Note

WEEKS = pd.to_datetime(["2026-06-01", "2026-06-08"])
FACTS = pd.concat(
    pd.DataFrame({"period": WEEKS, "segment": name, "kpi": "conversion", "value": [0.1, value]})
    for name, value in (("all", 0.2), (HUMANS, 0.25), ("S1", 0.3), ("S2", 0.15))
).assign(low=0.05, high=0.4)
TURNS = pd.DataFrame({"segment": ["S3"], "event": ["new"]})
BEFORE = pd.Series(["S1"] * 300 + ["S2"] * 200)
AFTER = pd.Series(["S1"] * 100 + ["S2"] * 390 + ["S3"] * 10)
MOVED = Movement(migration(BEFORE, AFTER, limit=0.2), flows(BEFORE, AFTER))


def title(axes):
    return axes.get_title("left")


def test_the_title_is_the_primary_indicator_of_everybody_in_the_last_week():
    axes = view.everybody(FACTS, primary="conversion")
    assert title(axes) == "conversion 20.0% (5.0% to 40.0%) in the last whole week"
    names = [line.get_label() for line in axes.lines]
    assert names == ["conversion", "conversion, without bots"]


def test_no_whole_week_is_an_answer():
    assert "no whole week" in view.everybody(FACTS.head(0), primary="conversion").reason
    assert "50 people" in view.by_segment(FACTS.head(2), primary="conversion").reason


def test_the_segment_that_was_highest_is_named():
    axes = view.by_segment(FACTS, primary="conversion")
    assert title(axes) == "S1 was highest in conversion over the 2 weeks"
    assert len(axes.lines) == 2


def test_alerts_are_counted_among_the_lines_tested():
    row = {"segment": ["S1"], "kpi": ["conversion"], "value": [0.3], "expected": [0.1]}
    found = pd.DataFrame(row | {"pvalue_adjusted": [0.01]})
    assert repr(view.alerts(found, n_tested=9)) == "1 of 9 lines alert in the last whole week"
    assert "9 lines were tested" in view.alerts(found.head(0), n_tested=9).reason


def test_a_movement_over_the_limit_asks_for_a_refit_and_small_segments_stay_hidden():
    html = view.movement(MOVED, TURNS, alpha=0.05).as_raw_html()
    assert "More than the limit (S3 new): refit before the next campaign." in html
    assert "S1" in html
    assert ">S3</td>" not in html
    calm = Movement(migration(BEFORE, BEFORE, limit=0.2), flows(BEFORE, BEFORE))
    held = view.movement(calm, TURNS.head(0), alpha=0.05).as_raw_html()
    assert "Within the limit: the segments hold (every segment was kept)." in held


def test_a_first_run_has_nothing_to_compare_with():
    first = Movement(None, flows(BEFORE, AFTER))
    assert isinstance(view.movement(first, TURNS, alpha=0.05), Note)
    assert first.share is None
    assert not first.exceeds(0.05)
