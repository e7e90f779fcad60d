"""What 07 says about rules, without a run."""

import pandas as pd

from coterie.rules import Qualified, rule_columns
from coterie.views import rules as view
from coterie.views.note import Note

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
    page = view.vocabulary(rule_columns(["purchase_probability"])).as_raw_html()
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
