"""What notebook 02 says adds up, and hides what few people share."""

import pandas as pd
import pytest

from coterie.sourcing import Reconciliation
from coterie.sourcing.identity import Explanation, Guard
from coterie.views import sourcing as view
from coterie.views.forms.note import Note

SOURCES = pd.DataFrame(
    {
        "file": ["a.csv", "b.csv"],
        "gives": ["events", "posts"],
        "rows_read": [100, 1000],
        "read_as": ["utf-8, commas", "parquet"],
        "rows_kept": [90, 990],
        "rows_merged": [0, 9],
        "rows_quarantined": [10, 1],
    }
)
QUARANTINE = pd.DataFrame(
    {"file": ["a.csv"] * 10 + ["b.csv"], "row": range(11), "reason": ["no verb"] * 10 + ["no at"]}
)
FOUND = Reconciliation(SOURCES, QUARANTINE)


def test_rows_read_are_those_kept_and_those_set_aside():
    shown = view.reconciliation(FOUND)
    assert repr(shown) == ("1,100 rows read = 1,080 kept + 9 merged or left out + 11 set aside")
    assert "Of 2 files: no row is lost." in shown.as_raw_html()


def test_a_lost_row_is_said_out_loud():
    lost = Reconciliation(SOURCES.assign(rows_kept=[88, 990]), QUARANTINE)
    assert lost.n_lost == 2
    assert "2 rows are unaccounted for" in view.reconciliation(lost).as_raw_html()


def test_the_worst_file_is_on_top_of_the_files_with_rows_set_aside():
    axes = view.set_aside(FOUND)
    assert axes.get_title("left") == "11 of 1,100 rows (1.0%) were set aside"
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a.csv", "b.csv"]


def test_what_became_of_a_row_is_shown_by_name_and_nothing_is_an_answer():
    row = ["b.csv", "posts", "merged", "has the post_id of another post", 9]
    notes = pd.DataFrame([row], columns=["file", "gives", "fate", "note", "rows"])
    shown = view.row_notes(FOUND._replace(notes=notes))
    assert repr(shown) == "9 rows say nothing of their own, and why"
    assert "has the post_id of another post" in shown.as_raw_html()
    assert isinstance(view.row_notes(FOUND), Note)
    assert "utf-8, commas" in view.by_file(FOUND).as_raw_html()


def test_reasons_are_counted_and_none_is_an_answer():
    assert repr(view.reasons(FOUND)) == "2 reasons put rows aside"
    none = Reconciliation(SOURCES, QUARANTINE.head(0))
    assert view.reasons(none) == Note("**No row was set aside.**")


@pytest.mark.parametrize(("floor", "shown"), [(10, ["single", "email", "phone"]), (50, ["single"])])
def test_a_key_that_joins_few_people_is_not_shown(floor, shown):
    rules = pd.DataFrame(
        {"link_rule": ["single", "email", "phone"], "people": [900, 60, 12], "accounts": 1}
    )
    axes = view.people_by_key(rules, n_accounts=1100, n_people=972, min_people=floor)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == shown
    assert axes.get_title("left") == "1,100 accounts are 972 people"


def test_no_events_are_an_answer():
    weekly = pd.DataFrame({"week": pd.to_datetime(["2026-06-01"]), "platform": "x", "events": 5})
    axes = view.activity(weekly, n_events=5, last=pd.Timestamp("2026-06-03"))
    assert axes.get_title("left") == "5 events, the last on 03 June 2026"
    assert isinstance(view.activity(weekly.head(0), n_events=0, last=pd.NaT), Note)


FEEDS = pd.DataFrame(
    {
        "api": ["x", "mastodon"],
        "resource": ["posts", "hashtag"],
        "records": [1200, 0],
        "dead_letters": [2, 0],
        "last_success": [pd.Timestamp("2026-06-30 04:00"), pd.NaT],
        "stale_since": [pd.Timestamp("2026-06-30 04:00"), pd.NaT],
        "complete": [False, False],
        "reason": ["it did not answer in time, 6 times in a row", "never fetched"],
    }
)


def test_a_feed_that_did_not_come_in_is_said_with_the_moment_it_is_stale_since():
    shown = view.feeds(FEEDS)
    html = shown.as_raw_html()
    assert repr(shown) == "0 of 2 resources of APIs are complete"
    assert "stale since 30 June 2026, 04:00 UTC" in html
    assert "1 never fetched; 2 entries were no record" in html
    assert "1,200" in html


def test_feeds_that_are_complete_say_so_and_a_study_without_apis_says_that():
    complete = FEEDS.head(1).assign(complete=True, stale_since=pd.NaT, reason="")
    assert repr(view.feeds(complete)) == "1 of 1 resources of APIs are complete"
    assert isinstance(view.feeds(FEEDS.head(0)), Note)


GUARD = Guard(
    pd.DataFrame({"reason": ["desk"], "found": [1], "accounts": [15]}),
    pd.DataFrame({"n_accounts": [1, 4], "people": [10, 1]}),
    largest=4,
    largest_rule="phone",
)
STEPS = pd.DataFrame(
    {"field": ["before looking", "birth_date"], "level": ["", "same year"], "bits": [-9.0, 12.0]}
)
WHY = Explanation(STEPS.assign(total=STEPS["bits"].cumsum()), match_probability=8 / 9)


def test_the_largest_person_is_named_by_its_size():
    shown = view.over_merges(GUARD)
    assert repr(shown) == "The largest person is 4 accounts, joined by one phone number"
    alone = view.over_merges(GUARD._replace(largest=1, largest_rule="single"))
    assert repr(alone) == "The largest person has one account only"


def test_the_evidence_on_a_link_is_drawn_step_by_step():
    axes = view.evidence(WHY)
    assert axes.get_title("left").endswith("right with 89%; birth date speaks loudest for it")
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [
        "before looking",
        "birth date: same year",
    ]
    assert [bar.get_x() + bar.get_width() for bar in axes.patches] == [-9.0, 3.0]
    assert repr(view.evidence_table(WHY)) == "3.0 bits are a probability of 88.9%"
    assert isinstance(view.evidence(None), Note)
    assert isinstance(view.evidence_table(None), Note)


def test_pairs_that_wait_are_counted_and_never_named():
    queue = pd.DataFrame({"match_probability": [0.4, 0.6, None], "reason": "unsure"})
    queue["answer"] = [None, None, "yes"]
    shown = view.review(queue.assign(account_a="p_1", account_b="p_2"))
    assert repr(shown) == "2 pairs of accounts wait for a person's word; 1 have it"
    assert "p_1" not in shown.as_raw_html()
    assert isinstance(view.review(queue[:0]), Note)


def test_links_that_moved_are_counted():
    changes = pd.DataFrame({"change": ["merged", "split"], "accounts": [3, 0]})
    assert repr(view.link_changes(changes, first=False)) == "3 accounts changed their person"
    assert isinstance(view.link_changes(changes, first=True), Note)
    assert isinstance(view.link_changes(changes.assign(accounts=0), first=False), Note)
