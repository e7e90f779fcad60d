"""Every no is heard, whatever it is keyed by, whenever it was given, whatever its file is like."""

import hashlib

import ibis
import pandas as pd
import pytest
import yaml
from exporting import ASKED, CUSTOMERS, Export, customer, write

from coterie import activation, contracts, sourcing
from coterie.lake.rereading.plain_reading import read_map_plainly
from coterie.sourcing.consent.answers import answer_of, plain_word, plain_words, polarity_of
from coterie.sourcing.consent.keys import refusal_keys
from coterie.study import SettingsError
from coterie.views import activation as view


def asked(folder, rows, entry=ASKED, customers=None, **options):
    """Export three customers, all of whom said yes, after what `rows` add."""
    people = customers or [customer(n) for n in range(3)]
    write(folder, "customers.csv", people)
    write(
        folder, "yes.csv", [{"id": row["id"], "ok": "yes", "day": "2026-01-01"} for row in people]
    )
    write(folder, entry["path"], rows)
    return Export(folder, CUSTOMERS, ASKED | {"path": "yes.csv"}, entry, **options)


def test_a_no_keyed_by_an_address_that_no_account_states_binds_its_owner(tmp_path):
    # crm contacts say no by e-mail; the crm's own accounts are in no file
    entry = ASKED | {"platform": "mailing", "columns": ASKED["columns"] | {"account": "who"}}
    found = asked(tmp_path, [{"who": " P1@Example.ORG", "ok": "no", "day": "2026-02-01"}], entry)
    assert not found.holds("p1@example.org")
    assert found.holds("p0@example.org")
    assert found.linked["person_id"].nunique() == 3  # and no empty person was made
    assert found.check.passed


@pytest.mark.parametrize("day", ["2026-07-01", "31/02/2026 25:61", ""])
def test_a_no_binds_whenever_it_was_given_and_whatever_its_date_looks_like(tmp_path, day):
    found = asked(tmp_path, [{"id": "C1", "ok": "no", "day": day}])
    assert not found.holds("p1@example.org")
    assert found.holds("p2@example.org")


OPT_OUT_COLUMNS = [
    *("Unsubscribed from all email", "hs_email_optout", "Opted out", "Do not contact", "DND"),
    *("email_opt_out", "HasOptedOutOfEmail", "DoNotCall", "unsubscribed_at", "Suppressed"),
    *("consent_withdrawn", "Abgemeldet", "no_marketing", "Marketing Opt-Out", "Do Not Email"),
]


@pytest.mark.parametrize("column", OPT_OUT_COLUMNS)
def test_the_name_of_a_column_tells_that_true_means_no(column):
    words = ["true", "1", "Yes", "2026-05-01 10:00", "unsubscribed", "", "false", "0", "subscribed"]
    read = answer_of(
        ibis.memtable({"word": words})["word"],
        polarity_of({"path": "f.csv", "columns": {"granted": column}}),
    )
    assert read.to_pandas().tolist() == ["no"] * 5 + ["silent"] * 4


@pytest.mark.parametrize("column", ["opt_in", "Accepts Email Marketing", "consent", "newsletter"])
def test_the_name_of_a_column_that_asks_for_a_yes_turns_nothing_round(column):
    words = ibis.memtable({"word": ["true", "no"]})["word"]
    usual = polarity_of({"path": "f.csv", "columns": {"granted": column}})
    assert answer_of(words, usual).to_pandas().tolist() == ["yes", "no"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("Unsubscribed from all email", "true"), ("unsubscribed_at", "2026-05-01")],
)
def test_in_a_column_of_opt_outs_true_means_no(tmp_path, column, value):
    entry = ASKED | {"columns": ASKED["columns"] | {"granted": column}}
    rows = [{"id": "C1", column: value, "day": "2026-02-01"}, {"id": "C2", column: "", "day": ""}]
    found = asked(tmp_path, rows, entry)
    assert [found.holds(f"p{n}@example.org") for n in range(3)] == [True, False, True]
    assert found.check.passed


def test_a_column_of_opt_outs_gives_no_yes(tmp_path):
    write(tmp_path, "customers.csv", [customer(n) for n in range(3)])
    write(tmp_path, "asked.csv", [{"id": f"C{n}", "Opted out": "false"} for n in range(3)])
    columns = {"account": "id", "purpose": "=advertising", "granted": "Opted out"}
    found = Export(tmp_path, CUSTOMERS, ASKED | {"columns": columns})
    assert not found.hashes
    assert found.consents.files[["n_yes", "n_no", "n_silent"]].values.tolist() == [[0, 0, 3]]


def test_the_column_map_may_state_what_the_values_mean(tmp_path):
    granted = {"column": "state", "yes_values": ["Active"], "no_values": ["gone", "true"]}
    entry = ASKED | {"columns": ASKED["columns"] | {"granted": granted}}
    rows = [{"id": f"C{n}", "state": word, "day": ""} for n, word in enumerate(["GONE", "true"])]
    found = asked(tmp_path, rows, entry)
    assert [found.holds(f"p{n}@example.org") for n in range(3)] == [False, False, True]


@pytest.mark.parametrize("granted", ["not_unsubscribed", "opt_in_out", "never_opted_out"])
def test_a_name_that_can_be_read_both_ways_is_refused(granted):
    with pytest.raises(SettingsError, match=r"f.csv\).columns.granted: .* both ways; write"):
        polarity_of({"path": "f.csv", "columns": {"granted": granted}})


def test_a_file_of_opt_outs_cannot_say_yes_for_everybody():
    with pytest.raises(SettingsError, match="named after opt-outs"):
        polarity_of({"path": "unsubscribed.csv", "columns": {"granted": "=yes"}})
    assert polarity_of({"path": "unsubscribed.csv", "columns": {"granted": "=no"}}).no


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"id": "C1", "ok": "perhaps", "day": "2026-02-01"}, "a word nobody understands"),
        ({"id": "", "ok": "no", "day": "2026-02-01"}, "nobody to be known by"),
    ],
)
def test_a_row_that_may_hide_a_no_stops_exports_and_is_counted(tmp_path, row, why):
    found = asked(tmp_path, [row])
    files = found.consents.files.set_index("file")
    assert files["n_unreadable"].to_dict() == {"yes.csv": 0, "asked.csv": 1}, why
    assert not found.hashes


def test_a_broken_line_of_a_consent_file_stops_exports(tmp_path):
    write(tmp_path, "customers.csv", [customer(n) for n in range(3)])
    (tmp_path / "asked.csv").write_text("id,ok,day\nC0,yes,2026-01-01\nC1,no\n")
    found = Export(tmp_path, CUSTOMERS, ASKED)
    assert found.consents.n_unreadable == 1
    assert not found.hashes
    assert not found.check.passed  # the other path sees it too
    assert found.check.unread["problem"].tolist() == ["1 lines are no rows"]


@pytest.mark.parametrize(
    ("purpose", "exported"),
    [("advertising", False), ("email", False), ("whatever", False), ("", False), ("service", True)],
)
def test_a_no_to_any_purpose_but_ones_own_orders_is_a_no_to_audiences(tmp_path, purpose, exported):
    entry = ASKED | {"columns": ASKED["columns"] | {"purpose": "what"}}
    found = asked(tmp_path, [{"id": "C1", "ok": "no", "day": "2026-01-01", "what": purpose}], entry)
    assert found.holds("p1@example.org") == exported
    assert found.check.passed


@pytest.mark.parametrize(
    ("row", "exported"),
    [
        (("yes", "advertising", "", "2026-01-01"), True),
        (("yes", "advertising", "ads", "2026-01-01"), True),
        (("yes", "advertising", "sms", "2026-01-01"), False),
        (("yes", "email", "", "2026-01-01"), False),
        (("yes", "world peace", "", "2026-01-01"), False),
        (("yes", "advertising", "", "soon"), False),
        (("yes", "advertising", "", "2026-07-01"), False),
        (("pending", "advertising", "", "2026-01-01"), False),
        (("", "advertising", "", "2026-01-01"), False),
    ],
)
def test_a_yes_counts_only_when_it_is_plain_in_every_way(tmp_path, row, exported):
    write(tmp_path, "customers.csv", [customer(n) for n in range(2)])
    stated = dict(zip(("ok", "what", "how", "day"), row, strict=True))
    write(tmp_path, "asked.csv", [{"id": "C1"} | stated])
    columns = ASKED["columns"] | {"purpose": "what", "channel": "how"}
    found = Export(tmp_path, CUSTOMERS, ASKED | {"columns": columns})
    assert found.holds("p1@example.org") == exported
    assert found.consents.n_unreadable == 0
    stored = as_stored(found.consents.table, contracts.Consents)
    if exported:  # pandera calls any check on an empty table failed
        contracts.Consents.schema.validate(stored)


def as_stored(frame, contract):
    return ibis.memtable(frame).select(*contract.types).cast(contract.types)


def test_a_no_outlives_its_file_and_meets_who_comes_later(tmp_path):
    first, later = tmp_path / "first", tmp_path / "later"
    first.mkdir()
    later.mkdir()
    stranger = [{"id": "", "mail": "P7@example.org", "ok": "no", "day": ""}]
    entry = ASKED | {"columns": ASKED["columns"] | {"email": "mail"}}
    before = asked(first, stranger, entry)
    assert before.consents.n_waiting == 1
    people = [customer(n) for n in (6, 7)]
    write(later, "customers.csv", people)
    write(
        later, "asked.csv", [{"id": row["id"], "ok": "yes", "day": "2026-06-01"} for row in people]
    )
    found = Export(later, CUSTOMERS, ASKED, before=before.consents.suppressions)
    assert [found.holds("p6@example.org"), found.holds("p7@example.org")] == [True, False]
    again = Export(later, CUSTOMERS, ASKED, before=found.consents.suppressions)
    pd.testing.assert_frame_equal(again.consents.suppressions, found.consents.suppressions)


def test_a_no_outlives_the_account_it_was_given_for(tmp_path):
    first, later = tmp_path / "first", tmp_path / "later"
    first.mkdir()
    later.mkdir()
    before = asked(first, [{"id": "C1", "ok": "no", "day": ""}])
    back = [customer(9, email="P1@example.org"), customer(2)]  # the same address, a new account
    write(later, "customers.csv", back)
    write(later, "asked.csv", [{"id": row["id"], "ok": "yes", "day": "2026-06-01"} for row in back])
    found = Export(later, CUSTOMERS, ASKED, before=before.consents.suppressions)
    assert [found.holds("p1@example.org"), found.holds("p2@example.org")] == [False, True]
    again = Export(later, CUSTOMERS, ASKED, before=found.consents.suppressions)
    pd.testing.assert_frame_equal(again.consents.suppressions, found.consents.suppressions)


def test_whoever_shares_a_key_with_a_no_is_not_addressed_by_it(tmp_path):
    people = [customer(n, email="info@office.example") for n in range(25)]  # too many to be one
    found = asked(tmp_path, [{"id": "C1", "ok": "no", "day": ""}], customers=people)
    assert found.linked["person_id"].nunique() == 25
    assert not found.holds("info@office.example")
    assert found.check.passed


def test_an_address_in_a_column_nobody_mapped_binds_as_well(tmp_path):
    row = {"id": "HS-900", "E-mail": "p1@example.org", "ok": "no", "day": ""}
    found = asked(tmp_path, [row])
    assert not found.holds("p1@example.org")
    assert found.check.passed


def test_the_self_check_finds_what_the_decision_missed(tmp_path):
    found = asked(tmp_path, [{"id": "C1", "ok": "no", "day": ""}])
    assert found.check.passed
    missed = hashlib.sha256(b"p1@example.org").hexdigest()
    written = {"meta_S1": pd.DataFrame({"email": [missed, "0" * 64]})}
    raw = list(read_map_plainly(tmp_path, [CUSTOMERS, ASKED]))
    check = activation.check_written(raw, written)
    assert not check.passed
    assert check.found.values.tolist() == [["meta_S1", 1]]


def test_the_self_check_does_not_pass_without_the_files(tmp_path):
    raw = list(read_map_plainly(tmp_path, [CUSTOMERS, ASKED]))
    check = activation.check_written(raw, {})
    assert not check.passed
    assert set(check.unread["problem"]) == {"not there any more"}


def test_words_are_read_alike_by_the_engine_and_by_hand():
    words = [" Opted-Out ", "Désabonné", "NO", "-", "", "double  opt_in", "não"]
    frame = ibis.memtable({"n": list(range(len(words))), "word": words})
    by_engine = frame.mutate(plain=plain_words(frame["word"])).order_by("n").to_pandas()["plain"]
    assert by_engine.tolist() == [plain_word(word) for word in words]
    usual = polarity_of({"path": "f.csv", "columns": {"granted": "ok"}})
    read = frame.mutate(said=answer_of(frame["word"], usual)).order_by("n").to_pandas()["said"]
    assert read.tolist() == ["no", "no", "no", "silent", "silent", "yes", "no"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("email", "Ana.B+x@gmail.com"), ("email", "anab@googlemail.com")),
        (("email", "Ana <ANA@b.org>"), ("account", "ana@b.org")),
        (("email", "mailto:ana@b.org"), ("email", "ana+news@b.org")),
        (("phone", "(650) 253-0000"), ("phone", "+1 650 253 0000")),
        (("phone", "0049 30 901820"), ("phone", "+49 (0)30 901820")),
        (("account", "https://instagram.com/Ana_B/"), ("account", "@ana_b")),
        (("account", "101.0"), ("account", "101")),
    ],
)
def test_two_spellings_of_one_identifier_share_a_key(one, other):
    keys = [refusal_keys(kind, text, platform="x") for kind, text in (one, other)]
    assert keys[0] & keys[1]


@pytest.mark.parametrize("text", ["", " ", "(not set)", "nan", "[deleted]", "000-000-0000", "none"])
def test_nobody_is_nobody(text):
    assert not refusal_keys("phone", text)
    assert not refusal_keys("email", text)


def read_case(case):
    """Read the entries of a case's corrected column map."""
    corrected = yaml.safe_load((case / "corrected_map.yml").read_text(encoding="utf-8"))
    return corrected["02_sourcing"]["files"]


def test_contacts_with_true_under_unsubscribed_said_no_and_the_others_did_not(real_data):
    case = real_data("cases/14-opt-out-column-true-means-no")
    found = Export(case / "input", *read_case(case))
    counts = found.consents.files.iloc[0]
    assert counts[["n_yes", "n_no", "n_silent", "n_unreadable"]].tolist() == [0, 140, 280, 0]
    assert found.consents.n_refused == 140
    assert not found.hashes  # not to say no is no yes
    assert found.check.n_said_no == 140


def test_numbers_of_other_countries_address_nobody_and_the_page_says_why(real_data):
    case = real_data("cases/20-phones-without-country-code")
    found = Export(case / "input", *read_case(case))
    assert not found.hashes
    vault = sourcing.vault_table(found.linked)
    numbers = activation.check_numbers(vault)
    assert numbers.n_valid == 0
    assert "set `10_activation.region`" in view.phone_numbers(numbers).reason


def test_one_no_of_a_shared_mailbox_speaks_for_all_who_share_it(real_data):
    case = real_data("cases/22-shared-mailbox")
    found = Export(case / "input", *read_case(case))
    assert not found.holds("orders@agency.example")
    assert found.hashes  # other customers said yes
    assert found.check.passed


def test_the_self_check_leaves_acts_and_posts_alone(tmp_path):
    write(tmp_path, "customers.csv", [customer(1)])
    events = CUSTOMERS | {"gives": "events", "path": "not-even-there.csv"}
    assert [file.name for file in read_map_plainly(tmp_path, [events, CUSTOMERS])] == [
        "customers.csv"
    ]


def test_without_any_consent_file_nobody_is_bound_and_nobody_exported(tmp_path):
    write(tmp_path, "customers.csv", [customer(1)])
    found = Export(tmp_path, CUSTOMERS)
    assert found.consents.table.empty
    assert found.consents.suppressions.empty
    assert not found.hashes
