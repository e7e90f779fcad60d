"""A no is heard in files that give something else: acts, columns nobody mapped, messages."""

import json

import pytest
from exporting import ASKED, CUSTOMERS, Export, customer, write

ACTS = {
    "path": "acts.csv",
    "gives": "events",
    "platform": "shop",
    "columns": {"account": "id", "at": "day", "verb": "event"},
}
YES = ASKED | {"path": "yes.csv"}
DAY = "2026-05-01"


def exported(folder, entries, *, n_people, customers=None, about=None):
    """Export people who all said yes, after what other files add; who is in the files.

    `about` is what the map says of the file of customers besides.
    """
    people = customers or [customer(n) for n in range(n_people)]
    write(folder, "customers.csv", people)
    said = [{"id": f"C{n}", "ok": "yes", "day": "2026-01-01"} for n in range(n_people)]
    write(folder, "yes.csv", said)
    found = Export(folder, CUSTOMERS | (about or {}), YES, *entries)
    return found, {n for n in range(n_people) if found.holds(f"p{n}@example.org")}


REFUSING = [
    *("unsubscribe", "Unsubscribed", "opt_out", "opt-out", "Spam Complaint", "spamreport"),
    *("Marked Email as Spam", "hard bounce", "HardBounce", "bounce", "group_unsubscribe"),
    *("Unsubscribed from Email Marketing", "users.messages.email.Unsubscribe", "complaint"),
    *("emailUnSubscribe", "consent withdrawn", "revoked_consent", "do_not_contact", "cleaned"),
    *("erasure request", "gdpr_delete", "abgemeldet", "désabonnement", "Widerspruch", "STOP"),
]
OTHER = ["open", "click", "soft bounce", "group_resubscribe", "delivered", "purchase", "not spam"]


def test_an_act_that_refuses_is_a_no_and_its_hash_is_in_no_file(tmp_path):
    words = [*REFUSING, *OTHER]
    rows = [{"id": f"C{n}", "day": DAY, "event": word} for n, word in enumerate(words)]
    write(tmp_path, "acts.csv", rows)
    found, held = exported(tmp_path, [ACTS], n_people=len(words))
    assert [words[n] for n in sorted(held)] == OTHER
    assert found.check.passed
    assert found.check.n_said_no == len(REFUSING)
    assert found.consents.files.set_index("file").loc["acts.csv", "n_no"] == len(REFUSING)


def test_the_self_check_hears_acts_by_itself(tmp_path):
    write(tmp_path, "acts.csv", [{"id": "C1", "day": DAY, "event": "unsubscribe"}])
    heard, _ = exported(tmp_path, [ACTS], n_people=2)
    deaf, everybody = exported(tmp_path, [], n_people=2)  # the acts are in no map
    assert everybody == {0, 1}
    check = heard.check_of(heard.raw, deaf.files)
    assert not check.passed
    assert check.n_opt_outs > 0


BY_CONTENT = {"account": "id", "at": "day", "verb": "=open", "content_type": "kind"}
PLACES = [  # what an entry of acts says otherwise, and its row, which is a no of N
    ({}, {"day": "2027-01-01", "event": "unsubscribe"}),  # after as_of
    ({}, {"day": "no day", "event": "unsubscribe"}),
    ({"where": [{"column": "event", "is": "open"}]}, {"event": "opt_out"}),
    ({"verbs": {"E7": "unsubscribe"}}, {"event": "E7"}),
    ({"verbs": {"unsubscribe": "like"}}, {"event": "unsubscribe"}),
    ({"columns": ACTS["columns"] | {"verb": "=optout"}}, {"event": ""}),
    ({}, {"id": "U9", "event": "opt_out", "mail": "PN@example.org"}),
    ({}, {"id": "U9", "event": "spam", "to": "Ana <pN@example.org>"}),
    ({}, {"id": "U9", "event": "sms", "status": "Unsubscribed", "email": "pN@example.org"}),
    ({}, {"event": "change", "new_value": "opted out"}),
    ({}, {"event": "open", "do_not_contact": "x"}),
    ({}, {"event": "open", "unsubscribed_at": DAY}),
    ({"columns": BY_CONTENT}, {"event": "", "kind": "list-unsubscribe"}),
    ({}, {"id": "T7", "event": "STOP", "msisdn": "1650253000N"}),
]


def test_a_no_in_a_file_of_acts_binds_whatever_else_its_row_is(tmp_path):
    entries = []
    for n, (changes, row) in enumerate(PLACES):
        stated = {name: cell.replace("N", str(n % 10)) for name, cell in row.items()}
        stated |= {"mail": f"P{n}@example.org"} if "mail" in row else {}
        filled = {"id": f"C{n}", "day": DAY} | {
            name: cell.replace("pN", f"p{n}") for name, cell in (row | stated).items()
        }
        write(tmp_path, f"acts-{n}.csv", [filled])
        entries.append(ACTS | changes | {"path": f"acts-{n}.csv"})
    n_people = len(PLACES) + 2
    people = [customer(n, phone=f"+1650253000{n % 10}" * (n == 13)) for n in range(n_people)]
    found, held = exported(tmp_path, entries, n_people=n_people, customers=people)
    assert held == {len(PLACES), len(PLACES) + 1}
    assert found.check.passed
    assert found.check.n_said_no == len(PLACES)


FLAGS = {  # a column of customers that nobody mapped, its cells, and who of them may be exported
    "do_not_contact": (["", "x", "false"], [0, 2]),
    "HasOptedOutOfEmail": (["FALSE", "TRUE", "FALSE"], [0, 2]),
    "Accepts Email Marketing": (["yes", "no", ""], [0, 2]),
    "Accepts SMS Marketing": (["no", "no", "no"], [0, 1, 2]),  # not asked is no refusal
    "email_status": (["active", "unsubscribed", "soft bounced"], [0, 2]),
    "loyalty_status": (["gold", "none", "silver"], [0, 1, 2]),
}


def test_a_no_in_a_column_of_customers_that_nobody_mapped_is_heard(tmp_path):
    people, expected = [], set()
    for column, (cells, kept) in FLAGS.items():
        expected |= {len(people) + place for place in kept}
        people += [customer(len(people) + i, **{column: c}) for i, c in enumerate(cells)]
    people = [dict.fromkeys(FLAGS, "") | person for person in people]
    found, held = exported(tmp_path, [], n_people=len(people), customers=people)
    assert held == expected
    assert found.check.passed


def test_a_message_that_is_nothing_but_stop_and_a_flag_deep_in_json_are_heard(tmp_path):
    words = ["STOP", "do not stop making these", "unsubscribe!"]
    rows = [{"id": f"C{n}", "n": n, "day": DAY, "said": text} for n, text in enumerate(words)]
    write(tmp_path, "texts.csv", rows)
    columns = {"account": "id", "post_id": "n", "at": "day", "text": "said"}
    texts = {"path": "texts.csv", "gives": "posts", "platform": "shop", "columns": columns}
    records = [
        {"user": {"id": f"C{n}"}, "day": DAY, "event": "open", "prefs": {"unsubscribed": n == 3}}
        for n in range(3, 5)
    ]
    (tmp_path / "acts.ndjson").write_text("\n".join(map(json.dumps, records)))
    nested = {"account": "user.id", "at": "day", "verb": "event"}
    acts = ACTS | {"path": "acts.ndjson", "columns": nested}
    found, held = exported(tmp_path, [texts, acts], n_people=5)
    assert held == {1, 4}
    assert found.check.passed


def test_an_entry_of_consents_says_what_a_column_means_itself(tmp_path):
    people = [customer(n, no_mail=flag) for n, flag in enumerate(["", "x", "y"])]
    columns = {"account": "id", "purpose": "=service", "granted": "no_mail"}
    entry = ASKED | {"path": "customers.csv", "columns": columns}
    found, held = exported(tmp_path, [entry], n_people=3, customers=people)
    assert held == {0, 1, 2}
    assert found.check.passed


@pytest.mark.parametrize(("event", "n_unreadable"), [("open", 0), ("unsubscribe", 1)])
def test_a_broken_line_of_acts_stops_exports_only_where_somebody_refuses(
    tmp_path, event, n_unreadable
):
    (tmp_path / "acts.csv").write_text(f"id,day,event\nC1,{DAY},{event}\nC2,{DAY}\n")
    found, held = exported(tmp_path, [ACTS], n_people=3)
    assert found.consents.n_unreadable == n_unreadable
    assert (held == set()) == (n_unreadable > 0)
    assert found.check.passed == (n_unreadable == 0)
