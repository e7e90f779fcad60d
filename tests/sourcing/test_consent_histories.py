"""Random histories of consent: whoever once said no is in no written file.

Everybody has an address, some a phone, a handle at x, a second address. The oracle knows who is who
and who ever said no; it uses no code of the project.
"""

import hashlib

import pytest
from exporting import ASKED, CUSTOMERS, Export, customer, write
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

NO_WORDS = ["no", "FALSE", "0", "opted-out", "Unsubscribed", " denied "]
YES_WORDS = ["yes", "TRUE", "1", "opted_in", "Subscribed"]
DAYS = ["2026-01-05", "2026-06-30T23:00:00Z", "2026-07-01", "2027-02-02", "soon", ""]
FORMS = ["id", "email", "EMAIL", "plus", "phone", "handle", "md5", "sha256", "second", "unmapped"]
ANSWER = st.tuples(
    st.sampled_from(["plain", "plain", "turned", "stated"]),
    st.sampled_from(FORMS),
    st.booleans(),
    st.integers(0, 5),
    st.sampled_from(DAYS),
)
PERSON = st.fixed_dictionaries(
    {
        "phone": st.booleans(),
        "handle": st.booleans(),
        "second": st.booleans(),
        "here": st.sampled_from([True, True, True, False]),
        "shares": st.booleans(),
        "history": st.lists(ANSWER, max_size=4),
    }
)
ENTRIES = {
    "plain": ASKED["columns"] | {"granted": "ok"},
    "turned": ASKED["columns"] | {"granted": "Opted out"},
    "stated": ASKED["columns"] | {"granted": {"column": "flag", "no_values": ["true", "1"]}},
}
WHO = ("email", "phone", "hash")


def identifiers(n, person):
    """Everything a person is known by; some share a house's telephone with the next."""
    mail = f"p{n}@example.org" if n % 3 else f"p.{n}@gmail.com"
    number = 2530000 + (n - n % 2 if person["shares"] else n)
    return {
        "id": f"C{n}",
        "email": mail,
        "EMAIL": f" {mail.upper()}",
        "plus": mail.replace("@", "+news@"),
        "phone": f"+1650{number}" if person["phone"] else "",
        "handle": f"fan_{n}" if person["handle"] else "",
        "second": f"second{n}@example.net" if person["second"] else "",
        "md5": hashlib.md5(mail.encode()).hexdigest(),
        "sha256": hashlib.sha256(mail.encode()).hexdigest(),
        "unmapped": mail,
    }


def answer_row(known, answer):
    """Write one answer: in which file, under which key, in which words."""
    kind, form, yes, pick, day = answer
    shown = known[form] or known["id"]
    if not known[form]:
        form = "id"
    column = {"EMAIL": "email", "plus": "email", "second": "email", "md5": "hash"}.get(form, form)
    column = {"sha256": "hash", "handle": "who", "unmapped": "spare"}.get(column, column)
    row = dict.fromkeys(["id", "email", "phone", "hash", "who", "spare"], "") | {"day": day}
    row[column] = shown
    words = YES_WORDS if yes else NO_WORDS
    if kind == "plain":
        return row | {"ok": words[pick % len(words)]}
    if kind == "turned":
        return row | {
            "Opted out": ["false", "", "no"][pick % 3]
            if yes
            else ["true", "1", day or "x"][pick % 3]
        }
    return row | {"flag": ["false", "", "0"][pick % 3] if yes else ["true", "1"][pick % 2]}


def lay_out_world(folder, people, *, everybody):
    """Write a world's files; who is not `here` yet is left out of the first export."""
    known = [identifiers(n, person) for n, person in enumerate(people)]
    rows = [
        {"id": one["id"], "email": one["email"], "phone": one["phone"], "book": one["id"]}
        for one, person in zip(known, people, strict=True)
        if everybody or person["here"]
    ]
    seconds = [
        {"id": one["id"] + "-2", "email": one["second"], "phone": "", "book": one["id"]}
        for one, person in zip(known, people, strict=True)
        if one["second"] and (everybody or person["here"])
    ]
    handles = [{"who": one["handle"], "mail": one["email"]} for one in known if one["handle"]]
    write(folder, "customers.csv", rows + seconds or [customer(999)])
    write(folder, "x.csv", handles or [{"who": "nobody", "mail": ""}])
    entries = [CUSTOMERS]
    entries.append(
        CUSTOMERS
        | {"path": "x.csv", "platform": "x", "columns": {"account": "who", "email": "mail"}}
    )
    answers = [
        (answer[0], answer_row(one, answer))
        for one, person in zip(known, people, strict=True)
        for answer in person["history"]
    ]
    for kind, columns in ENTRIES.items():
        by_handle = [row for file, row in answers if file == kind and row["who"]]
        others = [row for file, row in answers if file == kind and not row["who"]]
        if by_handle:
            write(folder, f"{kind}-x.csv", by_handle)
            there = {"path": f"{kind}-x.csv", "platform": "x"}
            entries.append(ASKED | there | {"columns": columns | {"account": "who"}})
        if others:
            write(folder, f"{kind}.csv", others)
            mapped = columns | {name: name for name in WHO}
            entries.append(ASKED | {"path": f"{kind}.csv", "columns": mapped})
    return known, entries


UNKNOWABLE = {"id", "phone", "second"}  # keys that only the customers' file joins to a person


def refused(person, one, *, everybody):
    """Tell whether somebody said no under a key that some file joins to an address of theirs."""
    forms = {form if one[form] else "id" for _, form, yes, *_ in person["history"] if not yes}
    return bool(forms if everybody or person["here"] else forms - UNKNOWABLE)


def exported_noes(known, people, found, *, everybody):
    """Find who once said no and yet is in a written file, without any code of the project."""
    hit = []
    for one, person in zip(known, people, strict=True):
        said_no = refused(person, one, everybody=everybody)
        texts = {one["email"], one["email"].replace("p.", "p")}
        if everybody or person["here"]:  # else no file says what else is theirs
            texts |= {one["second"], one["phone"], one["phone"].lstrip("+")} - {""}
        digests = {hashlib.sha256(text.encode()).hexdigest() for text in texts}
        if said_no and digests & found.hashes:
            hit.append(one["id"])
    return hit


SEEN = {"histories": 0, "noes": 0, "exported": 0, "open": 0}


def try_world(folder, people):
    """Export a world twice, the second time with late arrivals, and see that no no was missed."""
    known, entries = lay_out_world(folder, people, everybody=False)
    first = Export(folder, *entries)
    assert exported_noes(known, people, first, everybody=False) == []
    assert first.check.n_opt_outs == 0
    known, entries = lay_out_world(folder, people, everybody=True)
    accounts_only = [entry for entry in entries if entry["gives"] == "accounts"]
    yes_only = [{"id": one["id"], "ok": "yes", "day": "2026-01-01"} for one in known]
    write(folder, "later.csv", yes_only)  # the files of noes are gone, everybody says yes
    later = ASKED | {"path": "later.csv"}
    second = Export(folder, *accounts_only, later, before=first.consents.suppressions)
    assert exported_noes(known, people, second, everybody=True) == []
    SEEN["histories"] += len(people)
    SEEN["noes"] += sum(any(not answer[2] for answer in one["history"]) for one in people)
    SEEN["exported"] += len(first.hashes) + len(second.hashes)
    SEEN["open"] += first.consents.n_unreadable == 0


NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]  # a world is a world
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=3, deadline=None, phases=NO_SHRINKING, suppress_health_check=QUIET)
@given(st.lists(PERSON, min_size=12, max_size=30))
def test_nobody_with_a_no_in_a_random_history_is_exported(tmp_path_factory, people):
    try_world(tmp_path_factory.mktemp("world"), people)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, phases=NO_SHRINKING, suppress_health_check=QUIET)
@given(st.lists(PERSON, min_size=15, max_size=40))
def test_nobody_is_exported_over_two_thousand_random_histories(tmp_path_factory, people):
    try_world(tmp_path_factory.mktemp("world"), people)


@pytest.mark.slow
def test_the_random_histories_are_many_and_not_all_silent():
    assert SEEN["histories"] >= 2000
    assert SEEN["noes"] >= 500
    assert SEEN["exported"] >= 500
    assert SEEN["open"] >= 100  # worlds whose files stopped no export
