"""A person's yes or no about a pair of accounts binds on the next run, is logged, and goes back."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from coterie import sourcing
from coterie.lake.spreadsheets.pairs import read_pairs, write_pairs
from coterie.sourcing.identity.linking import account_labels, account_pseudonyms
from coterie.study import DataError

KEY, JULY, AUGUST, SEPTEMBER = b"k", date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)


def accounts_of(names, **stated):
    """Accounts of one shop that state nothing but what is said."""
    empty = dict.fromkeys(["email", "phone", "crm_id", "name"])
    return pd.DataFrame({"platform": "shop", "account": list(names)} | empty | stated)


def named(accounts):
    return dict(
        zip(accounts["account"], account_pseudonyms(account_labels(accounts), KEY), strict=True)
    )


def pairs_of(accounts, *scored):
    """Score pairs of accounts by hand."""
    names, places = named(accounts), {name: n for n, name in enumerate(accounts["account"])}
    rows = [(places[a], places[b], names[a], names[b], p) for a, b, p in scored]
    columns = ["left", "right", "account_a", "account_b", "match_probability"]
    return pd.DataFrame(rows, columns=columns)


def said(accounts, *answers):
    names = named(accounts)
    rows = [(names[a], names[b], same) for a, b, same in answers]
    return pd.DataFrame(rows, columns=["account_a", "account_b", "same_person"])


def people(linked):
    """Who is one person, by the names of their accounts."""
    return sorted("".join(sorted(part)) for _, part in linked.groupby("person_id")["account"])


def test_a_yes_joins_what_likeness_did_not_and_taking_it_back_parts_them():
    accounts = accounts_of("abc")
    pairs = pairs_of(accounts, ("a", "b", 0.5))
    yes = said(accounts, ("b", "a", True))
    before = sourcing.link_accounts(accounts, pairs, key=KEY)
    joined = sourcing.link_accounts(accounts, pairs, key=KEY, reviewed=yes)
    after = sourcing.link_accounts(accounts, pairs, key=KEY)
    assert [people(linked) for linked in (before, joined, after)] == [
        ["a", "b", "c"],
        ["ab", "c"],
        ["a", "b", "c"],
    ]
    assert joined["link_rule"].tolist() == ["review", "review", "single"]
    history = None
    for linked, day in ((before, JULY), (joined, AUGUST), (after, SEPTEMBER)):
        history = sourcing.link_history(linked, history, key=KEY, as_of=day)
    changes = sourcing.link_changes(history, SEPTEMBER).set_index("change")["accounts"]
    assert changes["split"] == 1
    by_review = history[history["link_rule"] == "review"]
    assert by_review["valid_from"].min() == pd.Timestamp(AUGUST)


@pytest.mark.parametrize("chain", [False, True])
def test_a_no_keeps_apart_what_likeness_would_join_also_by_a_chain(chain):
    accounts = accounts_of("abc")
    scored = [("a", "b", 0.9), ("b", "c", 0.95)] if chain else [("a", "c", 0.99)]
    pairs = pairs_of(accounts, *scored)
    no = said(accounts, ("a", "c", False))
    free = sourcing.link_accounts(accounts, pairs, key=KEY)
    bound = sourcing.link_accounts(accounts, pairs, key=KEY, reviewed=no)
    assert people(free) == (["abc"] if chain else ["ac", "b"])
    assert people(bound) == (["a", "bc"] if chain else ["a", "b", "c"])


def test_an_exact_key_joins_against_a_no_and_the_queue_says_so():
    accounts = accounts_of("ab", email="ana@example.org")
    pairs = pairs_of(accounts, ("a", "b", 0.99))
    no = said(accounts, ("a", "b", False))
    linked = sourcing.link_accounts(accounts, pairs, key=KEY, reviewed=no)
    queue = sourcing.review_queue(pairs, linked, reviewed=no, key=KEY)
    assert people(linked) == ["ab"]
    assert queue["answer"].tolist() == ["no"]
    assert "an exact key joins them" in queue["reason"].iloc[0]


def test_what_was_answered_waits_no_more_and_stays_in_the_log():
    accounts = accounts_of("abcd")
    pairs = pairs_of(accounts, ("a", "b", 0.5), ("a", "c", 0.4))
    told = said(accounts, ("a", "b", True), ("c", "d", False))
    linked = sourcing.link_accounts(accounts, pairs, key=KEY, reviewed=told)
    queue = sourcing.review_queue(pairs, linked, reviewed=told, key=KEY)
    answers = queue["answer"].where(queue["answer"].notna(), "").tolist()
    assert answers == ["", "yes", "no"]
    assert np.isnan(queue["match_probability"].iloc[1])


def test_the_sheet_keeps_answers_and_refuses_words_that_are_none(tmp_path):
    file, queue = tmp_path / "pairs.csv", pairs_of(accounts_of("ab"), ("a", "b", 0.5))
    queue = queue.assign(reason="unsure")
    assert write_pairs(file, queue) == 1
    assert read_pairs(file, renamed={}).empty
    file.write_text(file.read_text().replace("unsure,", "unsure,Yes "))
    assert (
        write_pairs(
            file, queue.rename(columns={"account_a": "account_b", "account_b": "account_a"})
        )
        == 0
    )
    (row,) = read_pairs(file, renamed={queue["account_a"][0]: "p_new"}).to_dict("records")
    assert row == {"account_a": "p_new", "account_b": queue["account_b"][0], "same_person": True}
    file.write_text(file.read_text().replace("Yes", "perhaps"))
    with pytest.raises(DataError, match="yes, no or empty"):
        read_pairs(file, renamed={})
