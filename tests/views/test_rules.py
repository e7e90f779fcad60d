"""What 07 says about rules, without a run."""

from datetime import date

import pandas as pd

from coterie.rules import Migration, Qualified, Refreshed, Triggered, rule_columns
from coterie.rules.lists.by_hand import ByHand
from coterie.rules.triggers.batch import COLUMNS
from coterie.views.forms.note import Note
from coterie.views.rules import eligibility as view

TABLE = pd.DataFrame(
    {
        "rule": ["loyal", "rare", "nearly all"],
        "expression": ["frequency > 4", "frequency > 90", "frequency < 90"],
        "english": ["orders: more than 4", "orders: more than 90", "orders: less than 90"],
        "n_people": [300, 12, 990],
        "n_unknown": [0, 20, 400],
    }
)
FOUND = Qualified(TABLE, n_people=1000, n_any=995)
NOTHING = Qualified(TABLE.head(0), n_people=1000, n_any=0)


def test_a_rule_for_few_people_or_for_all_but_few_is_not_counted_on_the_page():
    assert view.safe_counts(FOUND, min_people=50)["rule"].tolist() == ["loyal"]
    title = view.qualifying(FOUND).get_title(loc="left")
    assert title == "loyal holds for 30% of people; 2 too small to show"
    assert FOUND.any_share() == "too few people to say"


def test_the_unknown_are_shown_unless_they_are_few():
    page = view.unknowns(FOUND).as_raw_html()
    assert "1 of 3 rules can be told for everybody" in page
    assert "40%" in page
    assert page.count("too few to show") == 1


def test_rules_are_shown_as_written_and_as_understood():
    page = view.readings(FOUND).as_raw_html()
    assert "3 rules read without a doubt" in page
    assert "orders: more than 4" in page


def test_the_vocabulary_holds_no_protected_attribute_and_no_guess():
    page = view.vocabulary(
        rule_columns({"purchase_probability": "share", "lifetime_value": "money"})
    ).as_raw_html()
    assert "purchase_probability" in page
    assert "gender" not in page
    assert "inferred_" not in page


def test_without_rules_the_page_says_how_to_write_one():
    shown = [view.readings(NOTHING), view.qualifying(NOTHING), view.unknowns(NOTHING)]
    assert all("under `07_rules`" in note.reason for note in shown)
    assert isinstance(view.by_segment(pd.DataFrame(columns=["rule", "share"])), Note)


def test_a_picture_by_segment_names_the_largest_share_it_shows():
    shares = pd.DataFrame(
        {"rule": ["loyal", "loyal"], "segment": ["S1", "S2"], "share": [0.25, 0.5]}
    )
    assert (
        view.by_segment(shares).get_title(loc="left") == "loyal: 50% of S2, the most of those shown"
    )


def test_few_people_on_a_list_are_not_told():
    states = pd.DataFrame(
        {"rule": ["loyal", "rare"], "n_people": [300, 12], "n_entered": [60, 0], "n_left": [3, 12]}
    ).assign(stale=[False, True], why=["", "the data are old"])
    changes = pd.DataFrame({"cause": ["act"] * 70 + ["time"] * 80})
    found = Refreshed(None, changes, states, date(2026, 6, 24))
    page = view.lists(found, min_people=50).as_raw_html()
    assert "47% by an act" in page
    assert page.count("too few to show") == 3
    few = found._replace(changes=changes.tail(100))
    assert few.by_act_share(min_people=50) == "too few people to say"
    note = view.freshness(found, ByHand((), 2)).reason
    assert note.startswith("**Stale: rare (the data are old).**")
    assert "2 more have ended" in note


def test_triggers_are_shown_as_understood_and_few_meetings_are_not_told():
    rows = [("often", "3 views within 1 day", "at the third", 900, 300, 0, 60)]
    rows += [("hardly", "first add", "at the first", 70, 12, 0, 0)]
    found = Triggered(pd.DataFrame(rows, columns=COLUMNS))
    assert "at the third" in view.triggers(found).as_raw_html()
    page = view.met(found, min_people=50).as_raw_html()
    assert "2 of 2 triggers were met" in page
    assert page.count("too few to show") == 2
    nothing = Triggered(found.table.head(0))
    assert view.triggers(nothing) == view.met(nothing) == view.NO_TRIGGER


def test_who_moved_and_what_keeps_out_say_so_where_nothing_can_be_shown():
    empty = pd.DataFrame(columns=["before", "now", "n_people", "share"])
    assert "Too few" in view.migration(Migration(empty, 90, 0, 0)).reason
    cells = pd.DataFrame({"before": [1], "now": [2], "n_people": [80], "share": [0.8]})
    title = view.migration(Migration(cells, 90, 100, 20)).get_title(loc="left")
    assert title == "20% of buyers stand where they stood 90 days ago"
    stops = pd.DataFrame({"rule": ["x"], "clause": ["orders: 0"], "n_people": [9], "share": [1.0]})
    assert "100% of those outside fail first" in view.obstacles(stops).as_raw_html()
    assert isinstance(view.obstacles(stops.head(0)), Note)
