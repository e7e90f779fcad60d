"""A file of companies carries companies: no person, no stale list, and no list of few."""

import pandas as pd
import pytest

from coterie import activation
from coterie.activation.audiences import decide_exports
from coterie.study import SettingsError

FIRMS = [  # key, name as stated, its people, employees, domain
    ("acme", "Acme Ltd", 3, 250, "acme.example"),
    ("söhne", "Größe & Söhne", 2, None, None),
    ("one", "One", 1, 1, None),  # a company of one is a person
    ("unsized", "Unsized", 1, None, None),  # and this one may be
    ("ana meyer", "Ana Meyer", 2, 40, None),  # named after somebody in the vault
    ("mail", "mail ana@example.org", 2, 40, None),
    ("refusing", "Refusing plc", 2, 90, None),  # everybody known there said no
    ("divided", "Divided", 2, 90, "divided.example"),  # one of two did
]
COLUMNS = ["company_key", "company", "company_people", "employees", "domain"]
LISTED = pd.DataFrame(FIRMS, columns=COLUMNS)
LISTED = LISTED.assign(rule="big", industry="steel", country="DE", email_domain="mail.example")
LISTED = pd.concat([LISTED, LISTED.tail(1).assign(rule="few", employees=299)])
STAFF = pd.DataFrame(
    [("r1", "refusing"), ("r2", "refusing"), ("d1", "divided"), ("d2", "divided"), ("a", "acme")],
    columns=["person_id", "company_key"],
)
VAULT = pd.DataFrame(
    [("name", "ana meyer"), ("email", "ana@example.org"), ("handle", "divided")],
    columns=["kind", "identifier"],
)
STATES = pd.DataFrame({"rule": ["big", "few", "nobody", "diabetes"], "stale": False, "why": ""})
HEADER = (
    "companyname,companywebsite,companyemaildomain,linkedincompanypageurl,stocksymbol,industry,"
    "city,state,companycountry,zipcode"
)


def files(*wanted: str, states=STATES, unread=None, platforms=("meta", "linkedin")):
    return activation.company_files(
        LISTED,
        wanted=wanted,
        states=states,
        staff=STAFF,
        refused={"r1", "r2", "d1"},
        vault=VAULT,
        stopped=activation.reasons_to_stop(platforms, unread or {}),
    )


def test_the_file_has_every_column_of_the_template_and_the_companies_that_are_no_person():
    found = files("big")
    text = found.files["linkedin_companies_big"].to_csv(index=False).splitlines()
    assert text == [
        HEADER,
        "Acme Ltd,acme.example,mail.example,,,steel,,,DE,",
        "Divided,divided.example,mail.example,,,steel,,,DE,",
        "Größe & Söhne,,mail.example,,,steel,,,DE,",
    ]
    assert (found.listed, found.left_out) == ({"linkedin_companies_big": 8}, {})


def test_a_stale_list_a_small_one_and_a_telling_name_have_no_file():
    stale = STATES.assign(stale=STATES["rule"] == "big", why="the data are old")
    found = files("big", "few", "nobody", "diabetes", states=stale)
    assert found.files == {}
    assert found.left_out == {
        "big": "stale: the data are old",
        "few": "audience too small for the platform",  # 299 members, and 300 are wanted
        "nobody": "no company is on it; a rule that asks of people lists none",
        "diabetes": "its name says something that law protects",
    }


def test_where_a_no_may_be_hidden_or_nobody_wants_linkedin_there_is_no_file():
    assert files("big", unread={"consents.csv": 3}).files == {}
    assert "cannot be read whole" in files("big", unread={"consents.csv": 3}).left_out["big"]
    assert files("big", platforms=["meta"]).left_out == {"big": "linkedin is none of the platforms"}


def test_a_study_without_companies_has_no_file():
    found = activation.company_files(
        LISTED.head(0),
        wanted=[],
        states=STATES.head(0),
        staff=STAFF.head(0),
        refused=set(),
        vault=VAULT,
        stopped={},
    )
    assert (found.files, found.left_out) == ({}, {})


def test_a_list_that_there_is_not_is_an_error():
    with pytest.raises(SettingsError, match=r"10_activation.company_lists: no list 'bigg'"):
        files("bigg")


def test_the_manifest_names_companies_as_such_and_nothing_once_the_check_failed():
    found, nobody = files("big"), pd.DataFrame({"person_id": [], "segment": []}, dtype=str)
    keys = pd.DataFrame(columns=["person_id", "platform"], dtype=str)
    decided = decide_exports(nobody, rules={}, keys=keys, platforms=["linkedin"])
    prints = dict.fromkeys(found.files, "f" * 64)
    told = {"fingerprints": prints, "by_list": {}, "companies": found.files}
    kept = activation.list_outbox(decided, found.files, **told, passed=True)
    assert kept.table.iloc[0].tolist() == [
        *("linkedin_companies_big", "linkedin", "companies", 3, 3, "f" * 64)
    ]
    assert kept.n_companies == 3
    assert activation.list_outbox(decided, found.files, **told, passed=False).n_files == 0
