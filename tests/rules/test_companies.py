"""People roll up to the companies they state, and a rule names companies beside people."""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.rules import REGISTER, company_lists, roll_up, rule_columns, with_companies
from coterie.rules.companies.firmographics import read_firmographics
from coterie.rules.companies.names import company_key
from coterie.rules.companies.rollup import Companies
from coterie.rules.language.checking import read_rules
from coterie.rules.lists.qualifying import members
from coterie.study import SettingsError

AS_OF = date(2026, 7, 1)
ROLES = ["decision maker", "budget holder", "buyer", "technology"]
SPELLINGS = ("{}", "{} GmbH", "THE {} ", "{}, Inc.", "{} AG & Co. KG")
TITLES = {  # what a planted person holds -> a title that says so
    "decision maker": "Managing Director",
    "budget holder": "Controller",
    "buyer": "Einkäuferin",
    "technology": "Software Engineer",
    "": "Poet",
}
# stage -> verb and days before the day of the last act; who has none was never seen
ACTS = {
    **{"customer": ("purchase", 89), "considering": ("add", 10), "interested": ("like", 10)},
    **{"aware": ("view", 10), "lapsed": ("purchase", 91), "quiet": None},
}
PEOPLE = {"person_id": "string", "company": "string", "job_title": "string"}
MAILS = {"person_id": "string", "email_domain": "string"}
EVENTS = {"person_id": "string", "at": "timestamp", "verb": "string"}


def planted(n: int, *, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Plant companies of which everything is known: their truth, their people, what these did."""
    rng = np.random.default_rng(seed)
    truth, people, events = [], [], []
    for at in range(n):
        name, stage = f"Größe {at}", list(ACTS)[at % len(ACTS)]
        held = [role for role in TITLES if rng.random() < 0.5]
        size = int(rng.integers(1, 500)) if rng.random() < 0.8 else None
        truth.append(
            (company_key(name), stage, {*held} - {""}, bool(held), size, max(len(held), 1))
        )
        for number, role in enumerate(held or [None]):
            person = f"p{at}-{number}"
            spelt = rng.choice(SPELLINGS).format(name if number % 2 else name.upper())
            people.append((person, spelt, TITLES.get(role)))
            if ACTS[stage] and (number == 0 or rng.random() < 0.3):
                verb, days = ACTS[stage]
                events.append((person, AS_OF - timedelta(days=days), verb))
    people += [("nobody", None, "Poet"), ("self", "Self-Employed", "Director")]
    events += [("nobody", AS_OF - timedelta(days=1), "purchase")]
    columns = ["company_key", "stage", "roles", "titled", "size", "n_people"]
    at = pd.to_datetime([event[1] for event in events])
    return (
        pd.DataFrame(truth, columns=columns),
        pd.DataFrame(people, columns=list(PEOPLE)),
        pd.DataFrame(events, columns=list(EVENTS)).assign(at=at),
    )


def rolled(
    people: pd.DataFrame, events: pd.DataFrame, firms: list | None = None, **options: object
) -> Companies:
    mails = pd.DataFrame(options.pop("mails", []), columns=list(MAILS))
    frames = [(people, PEOPLE), (events, EVENTS), (mails, MAILS)]
    tables = [ibis.memtable(frame, schema=schema) for frame, schema in frames]
    options = {"firmographics": firms or [], "unwanted_roles": ["user"]} | options
    return roll_up(*tables, as_of=AS_OF, **options)


def firms_of(truth: pd.DataFrame) -> list[dict]:
    known = truth.dropna(subset="size")
    return [{"company": row.company_key, "size": int(row.size_)} for row in known.rename(
        columns={"size": "size_"}).itertuples()]  # fmt: skip


def test_planted_companies_roles_and_stages_are_all_recovered():
    truth, people, events = planted(60, seed=1)
    found = rolled(people, events, firms_of(truth)).table.set_index("company_key")
    truth = truth.set_index("company_key")
    assert set(found.index) == set(truth.index)
    found = found.loc[truth.index]
    assert found["buying_stage"].tolist() == truth["stage"].tolist()
    assert found["company_people"].tolist() == truth["n_people"].tolist()
    assert found["employees"].fillna(-1).tolist() == truth["size"].fillna(-1).tolist()
    assert found["role_coverage"].isna().tolist() == (~truth["titled"]).tolist()
    for key in truth.index[truth["titled"]]:
        held = truth.at[key, "roles"]
        assert found.at[key, "role_coverage"] == len(held) / len(ROLES)
        assert {*filter(None, found.at[key, "roles"].split(", "))} == held
        assert {*filter(None, found.at[key, "missing_roles"].split(", "))} == {*ROLES} - held


def test_an_act_counts_for_the_stage_until_its_window_is_over():
    people = pd.DataFrame([("ana", "Acme", None)], columns=list(PEOPLE))
    stages = []
    for seconds in (-1, 0, 1):
        at = pd.Timestamp(AS_OF) - timedelta(days=90, seconds=seconds)
        events = pd.DataFrame([("ana", at, "purchase")], columns=list(EVENTS))
        stages += rolled(people, events).table["buying_stage"].tolist()
    future = pd.DataFrame([("ana", pd.Timestamp(AS_OF), "purchase")], columns=list(EVENTS))
    stages += rolled(people, future).table["buying_stage"].tolist()
    assert stages == ["customer", "customer", "lapsed", "quiet"]


CLAUSES = st.sampled_from(
    [
        *("employees > 50", "employees < 250", "employees is missing"),
        *("role_coverage < 0.5", "role_coverage is known", "company_people >= 3"),
        *("buying_stage in (customer, considering)", 'company != "Größe 3"'),
    ]
)
RULES = st.recursive(
    CLAUSES,
    lambda rule: st.one_of(
        rule.map("not ({})".format),
        st.tuples(rule, st.sampled_from(["and", "or"]), rule).map(
            "({0[0]}) {0[1]} ({0[2]})".format
        ),
    ),
    max_leaves=4,
)
TRUTH, WHO, DID = planted(30, seed=2)
FOUND = rolled(WHO, DID, firms_of(TRUTH))
COLUMNS = rule_columns(verbs=["purchase"], companies=True)


@settings(max_examples=25, deadline=None)
@given(rule=RULES)
def test_a_rule_lists_a_company_exactly_when_it_lists_all_its_people(rule):
    read = read_rules({"x": rule}, COLUMNS, as_of=AS_OF)
    everybody = with_companies(ibis.memtable(WHO[["person_id"]]), FOUND)
    on_it = set(members(read, everybody).to_pandas()["person_id"])
    homes = FOUND.homes.to_pandas()
    listed = set(company_lists(read, FOUND)["company_key"])
    assert on_it - {"nobody", "self"} == set(
        homes.loc[homes["company_key"].isin(listed), "person_id"]
    )


def test_the_rule_of_the_brief_names_the_companies_that_it_should():
    read = read_rules({"x": "employees > 50 and role_coverage < 0.5"}, COLUMNS, as_of=AS_OF)
    wanted = TRUTH[(TRUTH["size"] > 50) & (TRUTH["roles"].map(len) < 2) & TRUTH["titled"]]
    assert 0 < len(wanted) < len(TRUTH)
    assert set(company_lists(read, FOUND)["company_key"]) == set(wanted["company_key"])


def test_a_rule_about_people_lists_no_company():
    read = read_rules({"x": "employees > 1 and purchases > 0"}, COLUMNS, as_of=AS_OF)
    assert company_lists(read, FOUND).empty


def test_a_study_without_companies_has_no_column_to_ask_about():
    none = rolled(WHO.assign(company=None), DID)
    people = ibis.memtable(WHO[["person_id"]])
    assert none.n_companies == 0
    assert with_companies(people, none).columns == ("person_id",)
    with pytest.raises(SettingsError, match="no column 'employees'"):
        read_rules({"x": "employees > 50"}, rule_columns(), as_of=AS_OF)


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([{"company": "Acme"}, {"company": "ACME Ltd."}], "entry 2, ACME Ltd.: there is one"),
        ([{"company": "n/a"}], "no name of a company"),
        ([{"company": "Acme", "size": -1}], "look at size"),
        (["Acme"], "entry 1"),
    ],
)
def test_what_is_known_of_companies_is_read_or_refused(entries, says):
    with pytest.raises(SettingsError, match=says):
        rolled(WHO, DID, entries)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller & Söhne GmbH", "Muller und Sohne"),
        ("ACME, Inc.", "acme"),
        ("Alder Foods S.p.A.", "The Alder Foods"),
        ("Blue Kite Labs Pty. Ltd.", "blue-kite  labs"),
        ("Kraft AG & Co. KGaA", "Kraft"),
    ],
)
def test_spellings_of_one_company_are_one(one, other):
    assert company_key(one) == company_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Acme Foods", "Acme Steel"), ("Alder", "Adler")])
def test_companies_that_are_spelt_alike_stay_apart(one, other):
    assert company_key(one) != company_key(other)


REGISTER_ROWS = [  # as a file has them: company, domain, industry, employees, revenue, country
    ("ACME Ltd.", "https://www.acme.example/", "software", "1,200", "12500000.50", "DE"),
    ("Größe", None, "software", "51-200", "1,250", "AT"),  # a range, and an unclear comma
    ("acme", None, "steel", "9", None, None),  # a second time
    (None, None, "steel", "9", None, None),  # names nobody
    ("Alder", None, " Software ", "300", None, None),
]


def register(rows: list[tuple] = REGISTER_ROWS) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(REGISTER), dtype="str")


def test_a_register_is_read_and_what_cannot_be_is_counted():
    read = read_firmographics([{"company": "Alder", "employees": 12}], register())
    table = read.table.set_index("company_key")
    assert table["employees"].fillna(-1).to_dict() == {
        "alder": 12, "acme": 1200, company_key("Größe"): -1}  # fmt: skip
    assert table.loc["acme", ["revenue", "domain", "country"]].tolist() == [
        12_500_000.5, "acme.example", "DE"]  # fmt: skip
    assert read.n_unread == 4


def test_a_firmographic_rule_finds_companies_of_a_register():
    who = [("ana", "Acme", None), ("bo", "ALDER GmbH", None), ("cy", "Größe", None)]
    people = pd.DataFrame(who, columns=list(PEOPLE))
    found = rolled(people, DID.head(0), register=register())
    rule = {"x": 'employees > 200 and industry = "software"', "y": "revenue >= 1000000"}
    read = read_rules(rule, rule_columns(companies=True), as_of=AS_OF)
    listed = company_lists(read, found)
    assert listed[["rule", "company_key"]].to_numpy().tolist() == [["x", "acme"], ["y", "acme"]]
    assert listed.loc[0, "employees"] == 1200


def staff(stated: dict[str, str | None], mails: dict[str, str], **options: object) -> dict:
    """Say who works where: by what they state, their domains and a register."""
    people = pd.DataFrame([(who, firm, None) for who, firm in stated.items()], columns=[*PEOPLE])
    found = rolled(people, DID.head(0), mails=list(mails.items()), **options)
    return dict(found.homes.select("person_id", "company_key").to_pandas().to_numpy())


def test_who_states_nothing_works_where_the_domain_they_write_from_says():
    stated = {"ana": "Acme GmbH", "bo": "Acme", "cy": None, "di": None, "ed": "Alder"}
    mails = dict.fromkeys(["ana", "bo", "cy"], "acme.example") | {"ed": "acme.example"}
    assert staff(stated, mails) == {"ana": "acme", "bo": "acme", "cy": "acme", "ed": "alder"}
    told = rolled(
        pd.DataFrame([(who, firm, None) for who, firm in stated.items()], columns=[*PEOPLE]),
        DID.head(0),
        mails=list(mails.items()),
    ).table.set_index("company_key")
    assert told["email_domain"].fillna("").to_dict() == {"acme": "acme.example", "alder": ""}
    assert told["company_people"].to_dict() == {"acme": 3, "alder": 1}


def test_a_domain_whose_people_state_several_companies_is_nobodys():
    stated = {"ana": "Acme", "bo": "Alder", "cy": None, "di": None, "ed": None, "flo": None}
    mails = dict.fromkeys(stated, "provider.example")
    assert staff(stated, mails) == {"ana": "acme", "bo": "alder"}


def test_one_person_does_not_speak_for_a_whole_domain():
    stated = {"ana": "Yoga Studio"} | dict.fromkeys("abcd")
    mails = dict.fromkeys(stated, "big.example")
    found = staff(stated, mails)
    assert found.pop("ana") == "yoga studio"
    assert found == dict.fromkeys("abcd", "big.example")
    assert staff({"ana": "Acme", "a": None}, dict.fromkeys(["ana", "a"], "big.example")) == {
        "ana": "acme"
    }


def test_a_domain_nobody_explains_is_a_company_from_three_people_on():
    nobody = dict.fromkeys("abcd")
    assert staff(nobody, {"a": "x.example", "b": "x.example", "c": "y.example"}) == {}
    mails = dict.fromkeys("abc", "x.example") | {"d": "y.example"}
    assert staff(nobody, mails) == dict.fromkeys("abc", "x.example")
    assert staff(nobody, mails, domain_people=4) == {}


def test_a_register_says_whose_a_domain_is_and_a_part_of_it_too():
    rows = register([("Acme Holding", "acme.example", "software", "900", None, None)])
    mails = {"ana": "mail.acme.example", "bo": "acme.example", "cy": "notacme.example"}
    stated = {"ana": None, "bo": "Acme", "cy": None}
    assert staff(stated, mails, register=rows) == {"ana": "acme holding", "bo": "acme"}
    people = pd.DataFrame([("bo", "Acme", None)], columns=[*PEOPLE])
    found = rolled(people, DID.head(0), mails=[("bo", "acme.example")], register=rows)
    assert found.table[["company_key", "employees"]].to_numpy().tolist() == [["acme", 900]]
    assert found.table["email_domain"].isna().all()  # of one person it might be their own
    assert found.n_unmatched == 0


def employers_planted(seed: int) -> tuple[list[tuple], list[tuple], dict[str, str]]:
    """Plant people of 60 companies and of a provider on no list; some name a former employer."""
    rng = np.random.default_rng(seed)
    people, mails, truth = [], [], {}
    for at in range(60):
        for number in range(int(rng.integers(3, 9))):
            who, stale = f"p{at}-{number}", rng.random() < 0.1
            named = f"Größe {(at + 7) % 60 if stale else at}" if rng.random() < 0.4 else None
            people.append((who, named, None))
            mails.append((who, f"größe-{at}.example"))
            truth[who] = company_key(named or f"Größe {at}")
    for number in range(200):
        named = f"Größe {rng.integers(60)}" if rng.random() < 0.3 else None
        people.append((f"q{number}", named, None))
        mails.append((f"q{number}", "village-mail.example"))
        truth |= {f"q{number}": company_key(named)} if named else {}
    return people, mails, truth


def test_planted_employers_are_found_by_domain_and_a_providers_people_have_none():
    people, mails, truth = employers_planted(seed=3)
    found = rolled(pd.DataFrame(people, columns=list(PEOPLE)), DID.head(0), mails=mails)
    told = dict(found.homes.select("person_id", "company_key").to_pandas().to_numpy())
    named = {row[0] for row in people if row[1]}
    assert {who: told[who] for who in named} == {who: truth[who] for who in named}
    by_domain = set(told) - named
    assert not [who for who in by_domain if who.startswith("q")]
    own = {who: f"größe-{who[1:].split('-')[0]}.example" for who in by_domain}
    right = np.mean([told[who] in (truth[who], own[who]) for who in by_domain])
    assert (len(by_domain) > 150, right > 0.95) == (True, True)
