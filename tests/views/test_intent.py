"""What 07 says of intent and engagement, without a run."""

from datetime import date

import pandas as pd

from coterie.rules import Grid
from coterie.rules.grid.thresholds import Thresholds
from coterie.rules.grid.trial import CELL
from coterie.statistics import UNKNOWN, Interval
from coterie.views.forms.note import Note
from coterie.views.rules import intent as view

ROWS = [
    (thresholds, intent, engagement, n, hits, hits / n, hits / n - 0.05, hits / n + 0.05, lift)
    for thresholds in ("default", "chosen")
    for intent, engagement, n, hits, lift in [
        ("low", "low", 2000, 200, 0.8),
        ("low", "high", 90, 20, 1.8),
        ("high", "low", 300, 60, 1.6),
        ("high", "high", 200, 80, 3.2),
    ]
]
TABLE = pd.DataFrame(ROWS, columns=CELL)
FOUND = Grid(
    TABLE, Thresholds(10.0, 6, 14), Interval(0.01, 0.005, 0.015), UNKNOWN, date(2026, 6, 3), ""
)


def test_the_grid_names_the_cell_that_converts_most_and_hides_one_of_few():
    drawn = view.grid(FOUND, min_people=50)
    assert drawn.get_title(loc="left") == (
        "Intent high, engagement high: 40% converted, 3.2 times everybody"
    )
    assert [text.get_text() for text in drawn.texts] == ["10", "—", "20", "40"]


def test_chosen_thresholds_are_said_to_be_confirmed_only_if_they_are():
    assert "The chosen thresholds are confirmed" in view.thresholds(FOUND).as_raw_html()
    doubted = FOUND._replace(gain=Interval(0.01, -0.005, 0.025))
    page = view.thresholds(doubted).as_raw_html()
    assert "The defaults stand" in page
    assert "a session over 5 minutes and 3 pages" in page
    assert (FOUND.in_force, doubted.in_force) == ("chosen", "default")


def test_few_are_not_told_and_a_study_without_a_grid_says_why():
    assert view.thresholds(FOUND, min_people=150).as_raw_html().count("too few to show") == 2
    none = FOUND._replace(why_not="no basket is logged")
    notes = [view.grid(none), view.thresholds(none), view.grid(FOUND, min_people=900)]
    assert all(isinstance(note, Note) for note in notes)
    assert none.gain_told == "no basket is logged"
