"""Every row is kept or set aside with a reason, and equal keys are one person."""

from datetime import date

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts, sourcing
from coterie.disclosure import redact
from coterie.lake import LINE, SourceFile
from coterie.lake.reading.delimited import RAGGED
from coterie.sourcing.columns import map_rows
from coterie.sourcing.identity import exact_key
from coterie.sourcing.quarantine import check_rows, sort_rows
from coterie.study import DataError, SettingsError

AS_OF = date(2026, 7, 1)
KINDS = ("accounts", "events", "posts", "exposures", "consents", "labels")
GARBAGE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
TIMES = st.sampled_from(
    [
        "2026-06-01",
        "2026-06-01T10:00:00+02:00",
        "2026-07-01",
        "1999-12-31",
        "31.12.2025",
        "1735689600",
        "",
    ]
)
EVENT = st.fixed_dictionaries(
    {
        "account": st.sampled_from(["ana", "bo", " ", None]) | GARBAGE,
        "verb": st.sampled_from(["like", "purchase", "", None]),
        "at": TIMES | GARBAGE | st.none(),
        "value": st.sampled_from(["3.5", "-2", "nan", "inf", "1e400", "", None]) | GARBAGE,
    }
)
PROFILE = st.fixed_dictionaries(
    {
        "account": st.sampled_from(["ana", "bo", None]),
        "followers": st.sampled_from(["12", "1.5", "-3", "inf", "1e30", None]) | GARBAGE,
        "birth_year": st.sampled_from(["1990", "1990.6", "1066", "3000", None]) | GARBAGE,
        "email": st.sampled_from(["ana@b.org", "ANA@b.org", "none", None]) | GARBAGE,
        "phone": st.sampled_from(["+1 650 253 0000", "0", None]) | GARBAGE,
    }
)


def source(rows, gives, *, name="f.csv", platform="x", broken=(), verbs=None, columns=None):
    """Make a file as `lake.read_files` would have read it."""
    rows = pd.DataFrame(rows)
    columns = columns or {column: column for column in rows.columns}
    table = pa.table(
        {
            c: pa.array(rows[c].astype(object).where(rows[c].notna(), None), pa.string())
            for c in rows
        }
    )
    table = table.append_column(LINE, pa.array(range(2, len(rows) + 2), pa.int64()))
    entry = {
        "path": name,
        "gives": gives,
        "platform": platform,
        "columns": columns,
        "verbs": verbs or {},
        "sum_by": "",
    }
    return SourceFile(name, entry, ibis.memtable(table), dict.fromkeys(broken, RAGGED))


def sort(*sources):
    return {kind: sort_rows(check_rows(list(sources), kind, as_of=AS_OF)) for kind in KINDS}


def kept(rows, gives, **options):
    return sort(source(rows, gives, **options))[gives].kept.order_by("row").to_pandas()


def reasons(rows, gives):
    found = sort(source(rows, gives))[gives].quarantined.order_by("row").to_pandas()
    return dict(zip(found["row"], found["reason"], strict=True))


def act(**changes):
    return {"account": "ana", "verb": "like", "at": "2026-06-01", "value": None} | changes


@settings(max_examples=4, deadline=None)
@given(
    st.lists(EVENT, min_size=1, max_size=20), st.lists(st.integers(50, 60), unique=True, max_size=3)
)
def test_every_row_read_is_kept_or_set_aside_whatever_stands_in_it(rows, broken):
    raw = source(rows, "events", broken=broken)
    sorted_rows = {"events": sort_rows(check_rows([raw], "events", as_of=AS_OF))}
    summary, quarantine, _ = sourcing.reconcile([raw], sorted_rows)
    assert summary["rows_read"][0] == len(rows) + len(broken)
    assert summary["rows_kept"][0] + summary["rows_quarantined"][0] == summary["rows_read"][0]
    assert len(quarantine) == summary["rows_quarantined"].sum()
    assert not quarantine.duplicated(["file", "row"]).any()
    assert set(quarantine) == set(contracts.Quarantine.types)
    entered = sorted_rows["events"].kept.to_pandas()
    assert entered["at"].lt(pd.Timestamp(AS_OF)).all()
    assert entered["account"].str.strip().str.len().gt(0).all()
    assert entered["value"].abs().fillna(0).lt(float("inf")).all()


@settings(max_examples=8, deadline=None)
@given(st.lists(PROFILE, min_size=1, max_size=12))
def test_people_fit_their_contract_whatever_the_profiles_say(rows):
    sorted_rows = {
        kind: rows for kind, rows in sort(source(rows, "accounts")).items() if kind == "accounts"
    }
    accounts = sourcing.all_accounts(sorted_rows)
    if accounts.empty:
        return
    linked = sourcing.link_accounts(accounts, key=b"k")
    people = sourcing.people_table(
        linked, pd.DataFrame({"person_id": [], "first_seen": pd.to_datetime([])})
    )
    table = ibis.memtable(people).select(*contracts.People.types).cast(contracts.People.types)
    contracts.People.schema.validate(table)
    assert people["person_id"].is_unique


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (act(account=" "), "no account"),
        (act(verb=None), "no verb"),
        (act(at="soon"), "time missing or unreadable"),
        (act(at="1999-12-31"), "time before 2000"),
        (act(at="2026-07-01"), "time on or after as_of"),
        (act(at="2026-07-01T01:00:00+02:00"), None),
        (act(at="2026-06-30T23:00:00-02:00"), "time on or after as_of"),
        (act(value="much"), "value is not a number"),
        (act(value="nan"), None),
        (act(value="NULL"), None),
        (act(value="inf"), "value is not a number"),
        (act(account="[deleted]"), "no account (placeholder)"),
        (act(value="-1"), None),
        (act(verb="purchase", value="-1"), "negative value on a purchase"),
        (act(verb="refund", value="-1"), None),
    ],
)
def test_the_first_reason_that_holds_is_given(row, reason):
    assert reasons([row], "events").get(2) == reason


@pytest.mark.parametrize(
    ("kind", "row", "reason"),
    [
        ("accounts", {"account": "a", "birth_year": "1890"}, "impossible birth year"),
        ("accounts", {"account": "a", "birth_year": "2027"}, "impossible birth year"),
        ("accounts", {"account": "a", "birth_year": "1980"}, None),
        ("posts", {"account": "a", "post_id": "1", "at": "2026-01-01", "text": ""}, "no text"),
        ("labels", {"name": "topic", "label": None}, "no label"),
        (
            "exposures",
            {"account": "a", "campaign": "c", "arm": "b", "at": "yesterday"},
            "time missing or unreadable",
        ),
        ("exposures", {"account": "a", "campaign": "c", "arm": "b", "at": "2026-01-01"}, None),
        ("exposures", {"account": "a", "campaign": "c", "arm": ""}, "no arm"),
    ],
)
def test_each_kind_has_reasons_of_its_own(kind, row, reason):
    assert reasons([row], kind).get(2) == reason


def test_of_equal_rows_the_first_stays_also_across_files():
    late = source([act(), act(at="2026-06-02")], "events", name="late.csv")
    found = sort(source([act(), act()], "events"), late)["events"]
    assert sorted(found.kept.select("file", "row").to_pandas().values.tolist()) == [
        ["f.csv", 2],
        ["late.csv", 3],
    ]
    assert set(found.quarantined.to_pandas()["reason"]) == {"repeats an earlier row"}


def test_times_become_utc_words_ours_and_literals_count():
    columns = {"account": "account", "verb": "verb", "at": "at", "content_type": "=video"}
    rows = kept(
        [act(at="2026-06-01T10:00:00+02:00", verb="fav")],
        "events",
        verbs={"fav": "like"},
        columns=columns,
    )
    assert rows["at"].tolist() == [pd.Timestamp("2026-06-01 08:00")]
    assert rows[["verb", "platform_verb", "content_type"]].values.tolist() == [
        ["like", "fav", "video"]
    ]


def test_a_literal_may_also_say_when():
    columns = {"account": "user", "purpose": "=advertising", "granted": "ok", "at": "=2026-01-02"}
    rows = kept([{"user": "ana", "ok": "yes"}], "consents", columns=columns)
    assert rows["at"].tolist() == [pd.Timestamp("2026-01-02")]


@pytest.mark.parametrize(
    ("gives", "columns", "says"),
    [
        ("followers", {"account": "u"}, "'followers' is none of accounts, events"),
        ("accounts", {"account": "u", "shoe_size": "s"}, "shoe_size is none of account, at"),
        ("events", {"account": "u", "at": "t"}, "verb is missing; events need it"),
    ],
)
def test_a_wrong_column_map_is_named_with_what_is_allowed(gives, columns, says):
    raw = source([{"u": "a", "s": "9", "t": "x"}], gives, columns=columns)
    with pytest.raises(SettingsError, match=says) as error:
        map_rows([raw], "accounts")
    assert "f.csv" in str(error.value)


def test_one_file_may_give_several_kinds_and_each_reading_is_accounted_for():
    contacts = {"user": ["ana", None], "ok": ["yes", "no"], "at": ["2026-01-01", "2026-01-02"]}
    asked = {"account": "user", "purpose": "=advertising", "granted": "ok", "at": "at"}
    raw = [
        source(contacts, "accounts", columns={"account": "user"}),
        source(contacts, "consents", columns=asked),
        source(contacts, "consents", columns=asked | {"purpose": "=research"}),
    ]
    summary, quarantine, _ = sourcing.reconcile(raw, sort(*raw))
    shown = summary[["gives", "rows_read", "rows_kept", "rows_quarantined"]]
    assert shown.values.tolist() == [["accounts", 2, 1, 1], ["consents", 4, 2, 2]]
    assert set(summary) == set(contracts.Sources.types)
    assert len(quarantine) == 3


def test_as_of_before_all_data_is_said_so():
    with pytest.raises(DataError, match="as_of"):
        sourcing.link_accounts(
            sourcing.all_accounts(sort(source([act(at="2027-01-01")], "events"))), key=b"k"
        )


KEYS = st.fixed_dictionaries(
    {
        "email": st.sampled_from([None, "a@x.org", "A@X.org ", "b@x.org", "nobody"]),
        "phone": st.sampled_from([None, "+1 650 253 0000", "+16502530000", "+49 151 2345678"]),
        "crm_id": st.sampled_from([None, "7", "8"]),
    }
)


def accounts_of(rows):
    frame = pd.DataFrame(rows, columns=["email", "phone", "crm_id"], dtype=object)
    return frame.assign(platform="x", account=[f"u{n}" for n in range(len(frame))], name=None)


def people_of(accounts, **options):
    return sourcing.link_accounts(accounts, key=b"k", **options).set_index("account")["person_id"]


@settings(max_examples=15, deadline=None)
@given(st.lists(KEYS, min_size=1, max_size=12), st.randoms())
def test_the_order_of_rows_changes_no_person(rows, random):
    accounts = accounts_of(rows)
    shuffled = accounts.iloc[random.sample(range(len(rows)), len(rows))]
    assert people_of(accounts).to_dict() == people_of(shuffled).to_dict()


@settings(max_examples=15, deadline=None)
@given(st.lists(KEYS, min_size=1, max_size=12))
def test_people_are_the_connected_groups_and_nothing_else(rows):
    people = people_of(accounts_of(rows))
    keys = [{(k, exact_key(k, v)) for k, v in row.items() if v and exact_key(k, v)} for row in rows]
    group = list(range(len(rows)))
    for _ in rows:  # spread the smallest number along shared keys until it stands everywhere
        group = [
            min(group[j] for j in range(len(rows)) if j == i or keys[i] & keys[j])
            for i in range(len(rows))
        ]
    for i in range(len(rows)):
        for j in range(len(rows)):
            assert (people.iloc[i] == people.iloc[j]) == (group[i] == group[j])


def test_a_chain_of_different_keys_is_one_person_and_says_so():
    rows = [
        {"email": "a@x.org"},
        {"email": "a@x.org", "phone": "+16502530000"},
        {"phone": "+16502530000", "crm_id": "7"},
    ]
    linked = sourcing.link_accounts(accounts_of([*rows, {"crm_id": "9"}]), key=b"k")
    assert linked["n_accounts"].tolist() == [3, 3, 3, 1]
    assert linked["link_rule"].tolist() == ["several"] * 3 + ["single"]
    pair = sourcing.link_accounts(
        accounts_of([{"email": "a@x.org"}, {"email": "A@x.org"}]), key=b"k"
    )
    assert pair["link_rule"].tolist() == ["email", "email"]


@pytest.mark.parametrize(("sharers", "people"), [(4, 1), (5, 5)])
def test_a_key_that_too_many_state_joins_nobody(sharers, people):
    accounts = accounts_of([{"email": "front.desk@office.org"}] * sharers)
    assert people_of(accounts, max_accounts=4).nunique() == people


def test_person_ids_depend_on_the_key_and_show_nothing():
    accounts = accounts_of([{"email": "ana@x.org"}])
    one, other = (sourcing.link_accounts(accounts, key=key)["person_id"][0] for key in (b"k", b"l"))
    assert one != other
    assert "ana" not in one
    assert len(one) == 18


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        ("email", " Ana@Example.ORG ", "ana@example.org"),
        ("email", "ana at example", None),
        ("phone", "+1 (650) 253-0000", "+16502530000"),
        ("phone", "650 253 0000", None),
        ("crm_id", " 7 ", "7"),
        ("crm_id", "  ", None),
    ],
)
def test_identifiers_are_normalised(kind, text, key):
    assert exact_key(kind, text) == key


def test_the_first_profile_row_of_an_account_speaks_for_it_whatever_the_engine_returns():
    rows = [
        {"account": "ana", "region": region, "followers": n}
        for region, n in [("north", "5"), ("south", "9")]
    ]
    linked = sourcing.link_accounts(sourcing.all_accounts(sort(source(rows, "accounts"))), key=b"k")
    people = sourcing.people_table(linked, pd.DataFrame({"person_id": [], "first_seen": []}))
    assert people[["n_accounts", "region", "followers"]].values.tolist() == [[1, "north", 9]]


def test_the_vault_holds_every_raw_identifier_once_and_in_contract():
    accounts = accounts_of(
        [{"email": "ana@x.org", "phone": "+16502530000", "crm_id": "7"}] * 2
    ).assign(name="Ana B")
    vault = sourcing.vault_table(sourcing.link_accounts(accounts, key=b"k"))
    assert vault["kind"].value_counts().to_dict() == {
        "handle": 2,
        "email": 1,
        "phone": 1,
        "name": 1,
        "crm_id": 1,
    }
    contracts.Vault.schema.validate(ibis.memtable(vault))


LINKS = ibis.memtable({"platform": ["x", "x"], "account": ["ana", "bo"], "person_id": ["p1", "p2"]})


def posts(rows, brands=("acme",)):
    full = [{"at": "2026-06-01", "in_reply_to": None, "about_brand": None} | row for row in rows]
    table = sort(source(full, "posts"))["posts"].kept
    return sourcing.posts_table(table, LINKS, brands=brands, key=b"k").order_by(
        "post_id"
    ).to_pandas(), table


def test_a_post_is_its_authors_or_its_brands_and_shows_no_identifier():
    found, _ = posts(
        [
            {"account": "ana", "post_id": "1", "text": "@acme mail ana@x.org or @bo_99"},
            {"account": "acme", "post_id": "2", "text": "@ana hello", "in_reply_to": "1"},
        ]
    )
    by_brand = found.set_index(found["brand"].fillna("nobody"))
    assert by_brand.loc["nobody", "text"] == "@acme mail <email> or <handle>"
    assert by_brand.loc["acme", "text"] == "<handle> hello"
    assert by_brand.loc["acme", "in_reply_to"] == by_brand.loc["nobody", "post_id"]
    assert by_brand.loc["nobody", "about_brand"] == "acme"


def test_a_brand_with_a_point_in_its_name_never_gives_a_person_away():
    found, _ = posts([{"account": "ana", "post_id": "1", "text": "thanks @hxm"}], brands=("h.m",))
    assert found["about_brand"].isna().all()
    found, _ = posts([{"account": "ana", "post_id": "1", "text": "thanks @H.M!"}], brands=("h.m",))
    assert found["about_brand"].tolist() == ["h.m"]


def test_events_are_the_acts_of_people_and_their_posts():
    _, written = posts(
        [
            {"account": "ana", "post_id": "1", "text": "hi"},
            {"account": "acme", "post_id": "2", "text": "yo"},
        ]
    )
    acts = sort(
        source([act(account="bo", value="2.5", verb="purchase"), act(account="stranger")], "events")
    )["events"].kept
    events = sourcing.events_table(acts, written, LINKS, key=b"k").order_by("person_id").to_pandas()
    assert events[["person_id", "verb"]].values.tolist() == [["p1", "create"], ["p2", "purchase"]]
    assert events["event_id"].is_unique
    assert set(events) == set(contracts.Events.types)


def test_the_first_arm_counts():
    rows = [
        {"account": "ana", "campaign": "c", "arm": arm, "at": at}
        for arm, at in [("control", "2026-06-02"), ("treatment", "2026-06-01")]
    ]
    found = sourcing.exposures_table(
        sort(source(rows, "exposures"))["exposures"].kept, LINKS
    ).to_pandas()
    assert found[["person_id", "arm", "randomised"]].values.tolist() == [["p1", "treatment", False]]


def test_labels_name_people_posts_and_campaigns():
    rows = [
        {"account": "ana", "post_id": None, "campaign": None, "name": "segment", "label": "s"},
        {"account": None, "post_id": "1", "campaign": None, "name": "topic", "label": "t"},
        {"account": None, "post_id": None, "campaign": "c", "name": "lift", "label": "0.1"},
    ]
    found = (
        sourcing.labels_table(sort(source(rows, "labels"))["labels"].kept, LINKS, key=b"k")
        .order_by("subject")
        .to_pandas()
    )
    assert found["subject"].tolist() == ["campaign", "person", "post"]
    written, _ = posts([{"account": "ana", "post_id": "1", "text": "hi"}])
    assert found["subject_id"].tolist() == ["c", "p1", written["post_id"][0]]


def test_brands_are_those_named_and_those_marked_as_no_person():
    rows = [
        {"account": a, "post_id": a, "at": "2026-06-01", "text": "t", "is_person": p}
        for a, p in [("acme", None), ("shop", "false"), ("ana", "true")]
    ]
    found = sourcing.brand_accounts(sort(source(rows, "posts"))["posts"].kept, ["acme"]).to_pandas()
    assert sorted(found["account"]) == ["acme", "shop"]


@pytest.mark.parametrize("engine", ["bigquery", "snowflake", "postgres"])
def test_redaction_compiles_for_every_engine(engine):
    table = ibis.table(dict(contracts.Posts.types), name="posts")
    assert (
        "REPLACE"
        in str(
            ibis.to_sql(table.select(text=redact(table["text"], keep=["acme"])), dialect=engine)
        ).upper()
    )
