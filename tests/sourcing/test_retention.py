"""Rules say what may be kept, and what was deleted does not come in again."""

from datetime import date

import ibis
import pandas as pd
import pytest

from coterie.lake import Gone, mark_of
from coterie.sourcing.retention import due_rows, keep_within, rules_of
from coterie.sourcing.retention.rules import FILE
from coterie.sourcing.sorted_rows import SortedRows
from coterie.study import SettingsError

KEY = b"key"
TODAY = date(2026, 7, 1)
ACT = {"file": "string", "row": "int64", "platform": "string", "account": "string"}
ACT |= {"at": "timestamp"}
PROFILE = ACT | {"email": "string", "phone": "string", "crm_id": "string"}


def rows(schema, *given):
    """Make kept rows of one kind, none of them quarantined."""
    frame = pd.DataFrame(given, columns=list(schema))
    frame["at"] = pd.to_datetime(frame["at"])
    aside = {"file": "string", "row": "int64", "reason": "string"}
    return SortedRows(ibis.memtable(frame, schema=schema), ibis.memtable([], schema=aside))


@pytest.fixture
def read():
    """Rows of three people: Ana acts still, Bo long stopped, Cy never began."""
    acts = rows(
        ACT,
        ("e.csv", 2, "x", "ana", "2026-06-01"),
        ("e.csv", 3, "x", "ana", "2020-01-01"),
        ("e.csv", 4, "x", "bo", "2020-01-01"),
    )
    posts = rows(
        ACT | {"text": "string"},
        ("p.csv", 2, "x", "ana", "2026-06-01", "now"),
        ("p.csv", 3, "x", "ana", "2024-01-01", "then"),
    )
    accounts = rows(
        PROFILE,
        ("a.csv", 2, "x", "ana", None, "ana@b.org", None, None),
        ("a.csv", 3, "x", "bo", None, None, "+1 415 555 0100", None),
        ("a.csv", 4, "crm", "7", None, " ANA@b.org", None, "c7"),
        ("a.csv", 5, "x", "cy", None, None, None, None),
    )
    kinds = {"events": acts, "posts": posts, "accounts": accounts}
    return kinds | {"exposures": rows(ACT), "consents": rows(ACT), "labels": rows(ACT)}


def kept(read, gone):
    """Say which rows stay and why the others do not."""
    found = keep_within(read, rules=rules_of(), gone=gone)
    stay = {
        kind: set(found[kind].kept["row"].to_pandas()) for kind in ("events", "posts", "accounts")
    }
    aside = [part.quarantined.to_pandas() for part in found.values()]
    reasons = pd.concat(aside).set_index(["file", "row"])["reason"].to_dict()
    return found, stay, reasons


def test_before_anything_was_deleted_the_rows_stay_as_they_are(read):
    found = keep_within(read, rules=rules_of(), gone=Gone(None, frozenset(), frozenset(), KEY))
    assert all(found[kind] is read[kind] for kind in read)


def test_old_rows_stay_out_and_old_words_are_emptied(read):
    found, stay, reasons = kept(read, Gone(TODAY, frozenset(), frozenset(), KEY))
    assert stay["events"] == {2}
    assert reasons == {("e.csv", 3): "past its retention", ("e.csv", 4): "past its retention"}
    words = found["posts"].kept.order_by("row")["text"].to_list()
    assert words == ["now", ""]


def test_a_deleted_account_stays_out_unless_it_did_something_since(read):
    expired = frozenset(mark_of(KEY, "x", who) for who in ("ana", "bo"))
    _, stay, reasons = kept(read, Gone(TODAY, frozenset(), expired, KEY))
    assert stay["accounts"] == {2, 4, 5}
    assert reasons["a.csv", 3] == "past its retention"


def test_an_act_too_old_for_its_person_to_be_kept_brings_nobody_back(read):
    gone = Gone(TODAY, frozenset(), frozenset({mark_of(KEY, "x", "ana")}), KEY)
    found = keep_within(read, rules=rules_of({"people": 20}), gone=gone)
    assert set(found["accounts"].kept["row"].to_pandas()) == {3, 4, 5}
    assert found["events"].kept.count().execute() == 0


def test_who_was_erased_stays_out_by_any_identifier(read):
    erased = frozenset({mark_of(KEY, "email", "Ana@B.org"), mark_of(KEY, "phone", "4155550100")})
    _, stay, reasons = kept(read, Gone(None, erased, frozenset(), KEY))
    assert stay == {"events": set(), "posts": set(), "accounts": {5}}
    assert set(reasons.values()) == {"erased on request"}


def test_what_is_due_is_counted_by_rule(read):
    tables = {"events": read["events"].kept, "posts": read["posts"].kept}
    due = due_rows(tables, rules_of({"words": 30}), today=TODAY).set_index("rule")
    assert due["due"].to_dict() == {"events": 2, "posts": 0, "words": 1}
    assert due.loc["events", "rows"] == 3


def test_every_rule_says_where_it_comes_from_and_where_that_was_read():
    for entry in FILE["rules"]:
        assert set(entry["because"]) <= set(FILE["sources"])
        assert entry["then"] in ("delete", "aggregate", "blank", "refit")
    assert all(source["url"].startswith("https://") for source in FILE["sources"].values())


@pytest.mark.parametrize(
    "given", [{"unheard": 3}, {"posts": 0}, {"posts": "long"}, {"posts": True}]
)
def test_a_rule_or_a_number_of_days_that_makes_no_sense_is_named(given):
    with pytest.raises(SettingsError, match=next(iter(given))):
        rules_of(given)


def test_the_rule_of_an_api_holds_where_a_study_names_it():
    assert "youtube-api" not in {rule.rule for rule in rules_of()}
    chosen = {rule.rule: rule for rule in rules_of({"youtube-api": 30})}["youtube-api"]
    table = ibis.memtable(
        pd.DataFrame({"platform": ["youtube", "x"], "at": pd.to_datetime(["2026-01-01"] * 2)})
    )
    due = due_rows({"posts": table}, [chosen], today=TODAY)
    assert due["due"].tolist() == [1]
