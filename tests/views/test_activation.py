"""What 10 says about who is left out, who is exported and the files, without a run."""

import pandas as pd
import pytest

from coterie import activation
from coterie.activation import Decisions, Outbox
from coterie.views import activation as view
from coterie.views.forms.note import Note

PEOPLE = [f"p{number}" for number in range(400)]
SEGMENTS = pd.DataFrame({"person_id": PEOPLE, "segment": "S1"})
KEYS = pd.DataFrame(
    {"person_id": PEOPLE, "platform": "meta", "kind": "email", "key": PEOPLE}, dtype=object
)


def decide(platforms: list[str], **rules: list[str]) -> Decisions:
    return activation.decide_exports(SEGMENTS, rules=rules, keys=KEYS, platforms=platforms)


def reached(decisions: Decisions) -> object:
    return view.reach(activation.count_by_reason(decisions, min_people=50), decisions)


def outbox_of(decisions: Decisions) -> Outbox:
    files = activation.audience_files(decisions, keys=KEYS)
    fingerprints = dict.fromkeys(files, "0123456789abcdef")
    return activation.list_outbox(
        decisions, files, fingerprints=fingerprints, by_list={}, passed=True
    )


def test_a_rule_for_few_people_is_shown_without_its_number():
    rules = {"said no": PEOPLE[:60], "unhappy posts": PEOPLE[:49], "never asked": []}
    counts = activation.count_by_rule(SEGMENTS["person_id"], rules)
    page = view.people_by_rule(counts, min_people=50).as_raw_html()
    assert "A person may fall under several rules" in page
    assert "Groups under 50 people are not shown." in page
    assert all(rule in page for rule in rules)
    assert ">60<" in page
    assert ">49<" not in page
    assert page.count("—") == 2  # nobody is a dash too


def test_people_exported_to_several_platforms_count_once():
    twice = KEYS.assign(platform="google")
    decisions = activation.decide_exports(
        SEGMENTS, rules={}, keys=pd.concat([KEYS, twice]), platforms=["meta", "google"]
    )
    title = reached(decisions._replace(n_people=1400)).get_title(loc="left")
    assert title == "400 of 1,400 people are exported to at least one platform"


def test_each_platform_has_a_bar_a_reason():
    axes = reached(decide(["meta", "linkedin"], unhappy=PEOPLE[:100]))
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [
        "linkedin: no usable key",
        "linkedin: unhappy",
        "meta: exported",
        "meta: unhappy",
    ]
    assert axes.get_xlabel() == "people, first reason only"


def test_a_reason_of_few_people_and_what_gives_it_away_have_no_bar():
    axes = reached(decide(["meta"], no=PEOPLE[:3], unhappy=PEOPLE[3:100]))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["meta: exported"]


def test_where_every_group_is_small_no_bar_is_drawn():
    few = activation.decide_exports(SEGMENTS.head(20), rules={}, keys=KEYS, platforms=["meta"])
    assert reached(few) == Note("Every group is too small to be shown.")


@pytest.mark.parametrize("platforms", [["meta"], []], ids=["all said no", "no platform"])
def test_with_nobody_exported_the_page_says_why_there_is_no_file(platforms):
    note = view.outbox(outbox_of(decide(platforms, no=PEOPLE)))
    assert note.reason == (
        "**No file lies ready**: no cleared segment has enough addressable people for a platform,"
        " or a check above did not pass."
    )


def test_where_all_said_no_nobody_is_exported():
    title = reached(decide(["meta"], no=PEOPLE)).get_title(loc="left")
    assert title == "0 of 400 people are exported to at least one platform"


def test_files_are_listed_as_ready_and_never_as_sent():
    page = view.outbox(outbox_of(decide(["meta"]))).as_raw_html()
    assert "Files in the outbox: 1; nothing was sent" in page
    assert "meta_S1" in page
    assert "0123456789ab<" in page


def test_an_export_against_a_rule_would_be_told():
    assert view.uncleared(2).reason == "Exported from a segment that is not cleared: **2**."


def checked(found: tuple = (), unread: tuple = ()) -> activation.SelfCheck:
    """Make a self-check that found these keys in files, and could not read those."""
    return activation.SelfCheck(
        n_said_no=1200,
        n_looked_for=9000,
        n_in_files=400,
        found=pd.DataFrame(found, columns=["file", "n_keys"]),
        unread=pd.DataFrame(unread, columns=["file", "problem"]),
    )


def test_a_check_that_found_nobody_says_among_how_many_it_looked():
    said = view.self_check(checked()).reason
    assert "although they said no: **0**" in said
    assert "1,200 rows of the raw files say no" in said
    assert "9,000 hashes of theirs were looked for among 400" in said


def test_a_check_that_found_somebody_says_that_all_files_are_gone():
    said = view.self_check(checked(found=[("meta_S1", 3)])).reason
    assert said.startswith("**All files were deleted**: 3 keys of people who said no")


def test_a_check_that_could_not_read_a_file_names_it_and_finds_nothing_in_it():
    said = view.self_check(checked(unread=[("asked.csv", "2 lines are no rows")])).reason
    assert "**All files were deleted**" in said
    assert "(asked.csv: 2 lines are no rows)" in said


def test_what_did_not_pass_the_check_is_exported_to_nobody():
    decided = decide(["meta"])
    assert decided.n_exported == 400
    settled = activation.apply_check(decided, checked(found=[("meta_S1", 1)]))
    assert settled.n_exported == 0
    assert set(settled.table["reason"]) == {"withheld by the self-check"}
    assert activation.apply_check(decided, checked()) is decided
    files = activation.audience_files(decided, keys=KEYS)
    fingerprints = dict.fromkeys(files, "0123456789abcdef")
    assert (
        activation.list_outbox(
            settled, files, fingerprints=fingerprints, by_list={}, passed=True
        ).n_files
        == 0
    )


def test_a_consent_file_that_may_hide_a_no_is_named_with_its_rows():
    said = view.unread_consents({"crm/consents.csv": 3}).reason
    assert "**Nobody is exported**: 3 rows" in said
    assert "3 of crm/consents.csv" in said
    assert view.unread_consents({}).reason == "Every row of every consent file was understood."


def test_of_company_lists_it_is_said_what_was_written_and_what_was_not():
    rows = pd.DataFrame({"companyname": ["Acme", "Alder"]})
    found = activation.CompanyFiles({"linkedin_companies_big": rows}, {"linkedin_companies_big": 3},
                                    {"small": "audience too small for the platform"})  # fmt: skip
    said = view.company_lists(found).reason
    assert "**No file of companies for small (audience too small for the platform).**" in said
    assert "1 file, 2 of the 3 companies on their lists" in said
    none = view.company_lists(activation.CompanyFiles({}, {}, {})).reason
    assert none == "No company list is asked for by name."
