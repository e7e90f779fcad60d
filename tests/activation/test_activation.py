"""Keys are written as the platforms publish, and nobody is exported against a rule."""

import hashlib

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import activation, contracts
from coterie.activation.keys import PLATFORMS, normalise
from coterie.activation.suppression import partly_sensitive, standing_holdout, without_lift

PEOPLE = [f"p{i}" for i in range(400)]


def keys_for(people, platforms=("meta",)):
    rows = [
        (person, platform, "email", f"{person}-{platform}")
        for person in people
        for platform in platforms
    ]
    return pd.DataFrame(rows, columns=["person_id", "platform", "kind", "key"])


def segments_of(people, segment="S1"):
    return pd.DataFrame({"person_id": list(people), "segment": segment})


@pytest.mark.parametrize(
    ("raw", "kind", "platform", "normal"),
    [
        ("John_Smith@gmail.com", "email", "meta", "john_smith@gmail.com"),
        ("(650)555-1212", "phone", "meta", "16505551212"),
        (
            "cloudy.sanfrancisco+shopping@gmail.com",
            "email",
            "google",
            "cloudysanfrancisco@gmail.com",
        ),
        ("user.name+NYC@Example.com", "email", "google", "user.name+nyc@example.com"),
        ("(800)555-0100", "phone", "google", "+18005550100"),
        ("jane+promo@gmail.com", "email", "meta", "jane+promo@gmail.com"),
        (" A.B@GoogleMail.com ", "email", "google", "ab@googlemail.com"),
        ("A.B@gmail.com", "email", "linkedin", "a.b@gmail.com"),
        ("(650)555-1212", "phone", "linkedin", None),
        ("not an address", "email", "meta", None),
        ("+@gmail.com", "email", "google", None),
        ("12", "phone", "google", None),
    ],
)
def test_an_identifier_is_written_as_the_platform_publishes(raw, kind, platform, normal):
    assert normalise(raw, kind=kind, platform=platform) == normal


@pytest.mark.parametrize(
    ("kind", "raw", "digest"),
    [
        (
            "email",
            "John_Smith@gmail.com",
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ),
        (
            "phone",
            "(650)555-1212",
            "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176",
        ),
    ],
)
def test_the_hashes_that_meta_publishes_come_out(kind, raw, digest):
    vault = pd.DataFrame({"person_id": ["ana"], "kind": [kind], "identifier": [raw]})
    assert activation.hashed_keys(vault, platforms=["meta"])["key"].tolist() == [digest]


def test_a_number_without_a_country_takes_the_given_region():
    assert normalise("030 901820", kind="phone", platform="google", region="DE") == "+4930901820"


def test_normalising_twice_changes_nothing():
    for platform in PLATFORMS:
        once = normalise(" Ana.Li+x@Gmail.com ", kind="email", platform=platform)
        assert normalise(once, kind="email", platform=platform) == once


def test_no_raw_identifier_is_left_in_the_keys():
    vault = pd.DataFrame(
        {"person_id": ["ana"], "kind": ["email"], "identifier": ["ana@example.org"]}
    )
    keys = activation.hashed_keys(vault, platforms=list(PLATFORMS))
    assert set(keys["key"]) == {hashlib.sha256(b"ana@example.org").hexdigest()}
    assert "@" not in keys.to_csv()


def test_the_holdout_is_the_one_that_08_drew_and_no_campaign_s_control():
    rows = [("p1", "standing holdout", "held out"), ("p2", "standing holdout", "addressed")]
    rows += [("p3", "spring", "held out")]
    assigned = pd.DataFrame(rows, columns=["person_id", "experiment", "arm"])
    assert standing_holdout(ibis.memtable(assigned)).tolist() == ["p1"]


def test_a_segment_is_left_out_when_every_arm_that_was_tried_says_so():
    rows = [
        ("S1", "do not act", "A"),
        ("S1", "do not act", "A"),
        ("S1", "cannot tell", "C"),  # a campaign that was no experiment says nothing
        ("S2", "do not act", "A"),
        ("S2", "cannot tell", "A"),
        ("all", "do not act", "A"),
    ]
    decided = pd.DataFrame(rows, columns=["segment", "decision", "evidence"])
    assert without_lift(ibis.memtable(decided)) == {"S1"}


def test_the_first_reason_in_the_order_is_the_one_written_down():
    rules = {"said no": ["p0"], "unhappy": ["p0", "p1"]}
    found = activation.decide_exports(
        segments_of(PEOPLE), rules=rules, keys=keys_for(PEOPLE[:-1]), platforms=["meta"]
    )
    reasons = found.table.set_index("person_id")["reason"]
    assert reasons[["p0", "p1", "p2", "p399"]].tolist() == [
        "said no",
        "unhappy",
        "",
        "no usable key",
    ]
    assert set(found.table.columns) == set(contracts.Audiences.types)


def test_an_audience_under_the_platform_minimum_is_not_exported():
    found = activation.decide_exports(
        segments_of(PEOPLE[:99]), rules={}, keys=keys_for(PEOPLE), platforms=["meta"]
    )
    assert set(found.table["reason"]) == {"audience too small for the platform"}
    enough = activation.decide_exports(
        segments_of(PEOPLE[:100]), rules={}, keys=keys_for(PEOPLE), platforms=["meta"]
    )
    assert set(enough.table["decision"]) == {"export"}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sets(st.sampled_from(PEOPLE)), max_size=4), st.sets(st.sampled_from(PEOPLE)))
def test_nobody_is_both_suppressed_and_exported(blocked, keyless):
    rules = {f"rule {i}": people for i, people in enumerate(blocked)}
    keys = keys_for([person for person in PEOPLE if person not in keyless])
    found = activation.decide_exports(
        segments_of(PEOPLE), rules=rules, keys=keys, platforms=["meta", "linkedin"]
    )
    table = found.table
    exported = set(table.loc[table["decision"] == "export", "person_id"])
    assert not exported & (set().union(*blocked) | keyless)
    assert len(table) == 2 * len(PEOPLE)
    assert ((table["reason"] == "") == (table["decision"] == "export")).all()
    in_files = {
        key.split("-")[0]
        for file in activation.audience_files(found, keys=keys).values()
        for key in file["email"]
    }
    assert in_files == exported


def test_rows_of_a_file_are_sorted_by_hash_and_hold_nothing_else():
    decisions = activation.decide_exports(
        segments_of(PEOPLE), rules={}, keys=keys_for(PEOPLE[::-1]), platforms=["meta"]
    )
    files = activation.audience_files(decisions, keys=keys_for(PEOPLE[::-1]))
    assert list(files) == ["meta_S1"]
    assert list(files["meta_S1"].columns) == ["email", "phone"]
    assert files["meta_S1"]["email"].is_monotonic_increasing


def test_two_people_who_share_an_address_are_one_row():
    keys = keys_for(PEOPLE).assign(
        key=np.where(np.arange(len(PEOPLE)) < 2, "same", keys_for(PEOPLE)["key"])
    )
    decisions = activation.decide_exports(
        segments_of(PEOPLE), rules={}, keys=keys, platforms=["meta"]
    )
    assert len(activation.audience_files(decisions, keys=keys)["meta_S1"]) == len(PEOPLE) - 1


def test_small_cells_and_what_would_give_them_away_are_left_out():
    rules = {"said no": PEOPLE[:3], "unhappy": PEOPLE[3:100]}
    found = activation.decide_exports(
        segments_of(PEOPLE), rules=rules, keys=keys_for(PEOPLE), platforms=["meta"]
    )
    shown = activation.count_by_reason(found)
    assert shown["reason"].tolist() == ["exported"]
    assert shown["n_people"].tolist() == [300]


def test_nobody_to_address_is_an_answer():
    found = activation.decide_exports(
        segments_of(PEOPLE), rules={"no": PEOPLE}, keys=keys_for([]), platforms=["meta"]
    )
    assert activation.audience_files(found, keys=keys_for([])) == {}


def records_of(sensitivity, shares):
    """Make records of two segments and of ana's shares; what the rule does not read is empty."""
    empty = dict.fromkeys(activation.Records._fields)
    clearances = {"segment": ["S1", "S2"], "sensitivity": sensitivity}
    members = {"person_id": "ana", "segment": ["S1", "S2"], "share": shares}
    tables = {"clearances": clearances, "memberships": members}
    memtables = {name: ibis.memtable(pd.DataFrame(rows)) for name, rows in tables.items()}
    return activation.Records(**empty | memtables)


def test_who_is_by_three_tenths_in_a_special_segment_is_left_out():
    special = ["ordinary", "special"]
    assert partly_sensitive(records_of(special, [0.7, 0.3])).tolist() == ["ana"]
    assert partly_sensitive(records_of(special, [0.71, 0.29])).tolist() == []


def test_without_a_special_segment_nobody_may_belong_to_one():
    found = partly_sensitive(records_of(["ordinary", "ordinary"], [0.5, 0.5]))
    assert found.tolist() == []
