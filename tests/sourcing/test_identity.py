"""Who is one person: keys, the guard, groups within limits, links as history."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import sourcing
from coterie.sourcing.identity.clusters import group_accounts
from coterie.sourcing.identity.history import links_on
from coterie.sourcing.identity.keys import exact_key
from coterie.sourcing.identity.names import handle_letters, split_name
from coterie.sourcing.identity.records import comparable_records

KEY = b"k"
DAY = date(2026, 7, 1)


def accounts_of(rows, platform="shop"):
    frame = pd.DataFrame(rows, columns=["email", "phone", "crm_id", "name"], dtype=object)
    return frame.assign(platform=platform, account=[f"u{n}" for n in range(len(frame))])


# keys


def test_the_address_of_a_desk_joins_nobody():
    accounts = accounts_of([{"email": "Info@shop.org"}, {"email": "info@shop.org "}])
    assert sourcing.link_accounts(accounts, key=KEY)["person_id"].nunique() == 2


def test_fifteen_customers_of_an_agency_are_fifteen_people(real_data):
    folder = real_data("cases/22-shared-mailbox") / "input"
    customers = pd.read_csv(folder / "customers.csv", dtype=str)
    accounts = customers.assign(platform="shop", account=customers["customer_id"])
    accounts = accounts.assign(phone=None, crm_id=None)
    linked = sourcing.link_accounts(accounts, key=KEY)
    guard = sourcing.guard_merges(accounts, linked)
    shared = linked[linked["email"] == linked["email"].mode()[0]]
    assert shared["person_id"].nunique() == len(shared) == guard.table["accounts"].iloc[0] == 15
    assert guard.largest == 1


def test_no_number_of_another_country_is_a_valid_one_here(real_data):
    folder = real_data("cases/20-phones-without-country-code") / "input"
    phones = pd.read_csv(folder / "customers.csv", dtype=str)["phone"]
    assert len(phones) == 420
    assert not [phone for phone in phones if exact_key("phone", phone, region="US")]
    assert exact_key("phone", "650 253 0000", region="US") == "+16502530000"


def test_the_largest_person_is_counted_and_a_household_is_suspected():
    rows = [{"email": "home@x.org", "name": name} for name in ("Ana Li", "Bo Li", "Cy Li")]
    accounts = accounts_of([*rows, {"email": "d@x.org", "name": "Di Mo"}])
    guard = sourcing.guard_merges(accounts, sourcing.link_accounts(accounts, key=KEY))
    assert (guard.largest, guard.largest_rule) == (3, "email")
    assert guard.table["found"].tolist() == [0, 0, 0, 1]
    assert guard.sizes.values.tolist() == [[1, 1], [3, 1]]


def test_a_nickname_makes_no_household():
    rows = [{"email": "w@x.org", "name": name} for name in ("William Li", "Bill Li")]
    accounts = accounts_of(rows)
    guard = sourcing.guard_merges(accounts, sourcing.link_accounts(accounts, key=KEY))
    assert guard.table["found"].sum() == 0


def test_a_name_stated_in_two_columns_reads_like_one_stated_in_one():
    whole = accounts_of([{"name": "Beth Van Duyne"}])
    apart = accounts_of([{}]).assign(given_name="Beth", surname="Van Duyne")
    columns = ["given_name", "alias"]
    first, second = (comparable_records(one).loc[0, columns].tolist() for one in (whole, apart))
    assert first == second == ["beth", "elizabethvanduyne"]


@given(st.text(max_size=30))
def test_any_text_is_read_as_a_name_or_a_handle_or_as_nothing(text):
    assert all(part is None or part.isascii() for part in split_name(text))
    letters = handle_letters(text)
    assert letters is None or letters.isalpha()


# groups within limits

PAIRS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from([0.86, 0.9, 0.99])), max_size=14
)


def groups_of(pairs, platform, **limits):
    frame = pd.DataFrame(pairs, columns=["left", "right", "match_probability"])
    frame = frame.astype({"left": int, "right": int, "match_probability": float})
    names = np.array(platform, dtype=object)
    return group_accounts(frame, np.arange(len(names)), platform=names, **limits)


@settings(max_examples=80, deadline=None)
@given(PAIRS, st.lists(st.sampled_from("abc"), min_size=8, max_size=8), st.integers(2, 4))
def test_no_group_breaks_a_limit_and_the_order_of_pairs_changes_nothing(pairs, platform, most):
    limits = {"one_account": ["a", "b"], "max_accounts": most}
    found = groups_of(pairs, platform, **limits)
    for group in np.unique(found.group):
        members = [platform[n] for n in np.flatnonzero(found.group == group)]
        assert len(members) <= most
        assert members.count("a") <= 1
        assert members.count("b") <= 1
    again = groups_of(pairs[::-1], platform, **limits)
    assert (found.group[:, None] == found.group).tolist() == (
        again.group[:, None] == again.group
    ).tolist()


def test_equally_sure_pairs_that_cannot_both_hold_are_both_left_out():
    tied = groups_of([(0, 2, 0.9), (1, 2, 0.9)], ["x", "x", "crm"], one_account=["x"])
    assert tied.refused.tolist() == [True, True]
    sure = groups_of([(0, 2, 0.9), (1, 2, 0.95)], ["x", "x", "crm"], one_account=["x"])
    assert sure.group.tolist() == [0, 1, 1]


def test_what_exact_keys_joined_no_limit_takes_apart():
    accounts = accounts_of([{"email": "a@x.org"}] * 3, platform="x")
    linked = sourcing.link_accounts(accounts, key=KEY, one_account=["x"])
    assert linked["n_accounts"].tolist() == [3, 3, 3]


# history


def linked_as(people):
    frame = pd.DataFrame({"account": list(people), "person_id": list(people.values())})
    return frame.assign(platform="x", link_rule="email", match_probability=np.nan)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=6))
def test_every_state_that_ever_was_can_be_brought_back(states):
    history, days = None, []
    for n, state in enumerate(states):
        people = {f"a{i}": f"p_{person}" for i, person in enumerate(state)}
        days.append((DAY + timedelta(days=n), people))
        history = sourcing.link_history(linked_as(people), history, key=KEY, as_of=days[-1][0])
    account = sourcing.link_history(
        linked_as({f"a{i}": f"a{i}" for i in range(4)}), None, key=KEY, as_of=DAY
    )
    names = dict(zip(account["account_id"], account["person_id"], strict=True))
    for day, people in days:
        then = links_on(history, day)
        assert dict(zip(then["account_id"].map(names), then["person_id"], strict=True)) == people
    assert not history.duplicated(["account_id", "person_id", "valid_from"]).any()


def test_a_merge_and_a_split_are_counted_as_such():
    first = sourcing.link_history(
        linked_as({"a": "p_1", "b": "p_2", "c": "p_3"}), None, key=KEY, as_of=DAY
    )
    later, last = DAY + timedelta(days=30), DAY + timedelta(days=60)
    merged = sourcing.link_history(
        linked_as({"a": "p_1", "b": "p_1", "c": "p_3"}), first, key=KEY, as_of=later
    )
    assert sourcing.link_changes(merged, later)["accounts"].tolist() == [1, 0, 0]
    split = sourcing.link_history(
        linked_as({"a": "p_1", "b": "p_2", "c": "p_3"}), merged, key=KEY, as_of=last
    )
    assert sourcing.link_changes(split, last)["accounts"].tolist() == [0, 1, 0]


def test_nothing_moved_leaves_the_history_as_it_was():
    people = linked_as({"a": "p_1", "b": "p_2"})
    first = sourcing.link_history(people, None, key=KEY, as_of=DAY)
    again = sourcing.link_history(people, first, key=KEY, as_of=DAY + timedelta(days=9))
    columns = ["account_id", "person_id", "valid_from"]
    assert again.sort_values(columns)[columns].values.tolist() == (
        first.sort_values(columns)[columns].values.tolist()
    )
    assert again["valid_to"].isna().all()


def test_a_history_goes_on_under_a_new_key():
    people = linked_as({"a": "p_1"})
    first = sourcing.link_history(people, None, key=KEY, as_of=DAY)
    new = people.assign(person_id="p_new")
    today = sourcing.link_history(new, None, key=b"other", as_of=DAY)
    renamed = {first["account_id"][0]: today["account_id"][0], "p_1": "p_new"}
    later = DAY + timedelta(days=1)
    history = sourcing.link_history(new, first, key=b"other", as_of=later, renamed=renamed)
    assert len(history) == 1
    assert history["valid_to"].isna().all()
    lost = sourcing.link_history(new, first, key=b"other", as_of=later)
    assert len(lost) == 2


@pytest.mark.parametrize("table", ["links", "review_pairs"])
def test_what_is_kept_of_links_fits_its_contract(table):
    from coterie import contracts

    contract = contracts.contract(table)
    history = sourcing.link_history(linked_as({"a": "p_1"}), None, key=KEY, as_of=DAY)
    pairs = pd.DataFrame({"left": [0], "right": [1], "match_probability": [0.6]})
    pairs = pairs.assign(account_a="p_a", account_b="p_b")
    linked = linked_as({"a": "p_1", "b": "p_2"})
    made = {"links": history, "review_pairs": sourcing.review_queue(pairs, linked)}[table]
    assert set(made) == set(contract.types)
    assert len(made) == 1
