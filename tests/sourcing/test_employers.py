"""A business address says for whom somebody works; one at a free mail provider says nothing."""

import pandas as pd
import pytest

from coterie.sourcing import email_domains
from coterie.sourcing.employers import LISTED, PROVIDERS, is_business

FREE = ["gmail.com", "GoogleMail.com", "yahoo.co.uk", "web.de", "gmx.net", "qq.com", "mail.ru"]
FREE += ["hotmail.fr", "outlook.com.br", "x.privaterelay.appleid.com", "example.org"]
BUSINESS = [
    "acme.example",
    "mail.acme.co.uk",
    "orange.com",
    "web.acme.example",
    "m\u00fcller.example",
]


@pytest.mark.parametrize("domain", FREE)
def test_a_free_mail_provider_is_nobodys_employer(domain):
    linked = pd.DataFrame({"person_id": ["p"], "email": [f"somebody@{domain}"]})
    assert email_domains(linked).empty


@pytest.mark.parametrize("domain", BUSINESS)
def test_a_business_address_gives_its_domain_and_nothing_of_the_address(domain):
    linked = pd.DataFrame({"person_id": ["p", "p"], "email": [f"Ana.B@{domain.upper()}", None]})
    assert email_domains(linked).to_numpy().tolist() == [["p", domain]]


@pytest.mark.parametrize(
    "text", ["", "nobody", "@", "a@b", "a@b c.example", "a@.example", "a@x..y"]
)
def test_what_is_no_address_gives_no_domain(text):
    assert email_domains(pd.DataFrame({"person_id": ["p"], "email": [text]})).empty


def test_a_study_names_further_providers():
    linked = pd.DataFrame({"person_id": ["p"], "email": ["a@mail.village.example"]})
    assert len(email_domains(linked)) == 1
    assert email_domains(linked, free_mail=["Village.example"]).empty


def test_no_address_at_all_is_an_empty_table():
    none = pd.DataFrame({"person_id": ["p"], "email": [None]}, dtype="str")
    assert list(email_domains(none).columns) == ["person_id", "email_domain"]
    assert email_domains(none).empty


def test_the_list_of_providers_is_dated_and_each_stands_once():
    assert str(LISTED["checked"]).startswith("2026-")
    written = [domain for some in LISTED["providers"].values() for domain in some]
    assert sorted(written) == sorted(PROVIDERS)
    assert not [domain for domain in written if is_business(domain)]
