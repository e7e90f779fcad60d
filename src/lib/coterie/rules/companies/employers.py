"""Who works where: by the company that somebody states, else by the domain they write from.

A domain speaks for the company that most of its people state, two at least, else for the one that
a register gives it. One whose people state several companies is a provider's, and nobody's.
"""

from collections.abc import Mapping
from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd

from coterie.rules.companies.names import company_key

STATED, BY_DOMAIN = "stated", "email domain"
STAFF = ["person_id", "company_key", "company", "job_title", "known_by"]
AGREE = 0.5  # share of those who state a company from which a domain is that company's
SHARED = 2  # people from which a domain is a company's: of one it might be their own


class Employers(NamedTuple):
    """Who works where, and which domains companies write from."""

    staff: pd.DataFrame  # `person_id`, `company_key`, `company`, `job_title`, `known_by`
    domains: pd.Series  # of each company that has one, by `company_key`: what most write from
    firms: Mapping[str, str]  # company -> the register's company, where only a domain joins them


def find_employers(
    people: ir.Table, domains: ir.Table, firms: pd.DataFrame, *, domain_people: int
) -> Employers:
    """Find out who works where.

    Parameters
    ----------
    domains
        `person_id`, `email_domain`: business addresses, free mail providers left out.
    firms
        What is known of companies, see `read_firmographics`.
    domain_people
        People from which a domain counts as a company of its own, where nobody names one: an own
        domain is often a family's.
    """
    rows = people.select("person_id", "company", "job_title").to_pandas()
    keys = {name: company_key(name) for name in rows["company"].dropna().unique()}
    keyed = rows.assign(company_key=rows["company"].map(keys).astype("str").fillna(""))
    stated = keyed[keyed["company_key"] != ""].assign(known_by=STATED)
    mail = domains.to_pandas().astype({"email_domain": "str"})
    by_domain = companies_of(mail, stated, firms, domain_people=domain_people)
    quiet = keyed[keyed["company_key"] == ""].merge(mail, on="person_id")
    found = quiet.assign(company_key=quiet["email_domain"].map(by_domain).astype("str"))
    written = found.dropna(subset="company_key")
    named = names_of(written["company_key"].unique(), stated, firms)
    companies = written["company_key"].map(named).astype("str")
    mailed = written.assign(company=companies, known_by=BY_DOMAIN)
    staff = pd.concat([stated[STAFF], mailed[STAFF]])
    most = most_written(staff, mail)
    owners = owners_of(firms)
    apart = most.loc[~most.index.isin(firms["company_key"]), "email_domain"]
    joined = {key: owner_of(domain, owners) for key, domain in apart.items()}
    return Employers(
        staff.sort_values("person_id", ignore_index=True),
        most.loc[most["n"] >= SHARED, "email_domain"],
        {key: firm for key, firm in joined.items() if firm},
    )


def most_written(staff: pd.DataFrame, mail: pd.DataFrame) -> pd.DataFrame:
    """Find the domain that most people of each company write from, the first of equals.

    Returns `email_domain` and `n` people, on `company_key`.
    """
    used = staff.merge(mail, on="person_id").groupby(["company_key", "email_domain"]).size()
    ordered = used.reset_index(name="n").sort_values("n", ascending=False, kind="stable")
    return ordered.drop_duplicates("company_key").set_index("company_key")


def companies_of(
    mail: pd.DataFrame, stated: pd.DataFrame, firms: pd.DataFrame, *, domain_people: int
) -> dict[str, str]:
    """Say of each domain whose it is; those that are nobody's are left out."""
    owners = owners_of(firms)
    said = stated.merge(mail, on="person_id")
    sizes = mail.groupby("email_domain").size()
    counts = said.groupby(["email_domain", "company_key"]).size().reset_index(name="n")
    stating = counts["n"] / counts.groupby("email_domain")["n"].transform("sum")
    several = (counts["n"] >= SHARED) | (
        counts["n"].to_numpy() / sizes.reindex(counts["email_domain"]).to_numpy() > AGREE
    )
    agreed = counts[(stating > AGREE) & several].set_index("email_domain")["company_key"]
    divided = set(counts.loc[stating <= AGREE, "email_domain"]) - set(agreed.index)
    own = {
        domain: domain
        for domain, n in sizes.items()
        if n >= domain_people and domain not in divided
    }
    known = {domain: owner_of(domain, owners) for domain in sizes.index}
    return own | {domain: firm for domain, firm in known.items() if firm} | agreed.to_dict()


def owners_of(firms: pd.DataFrame) -> dict[str, str]:
    """List whose each domain is, as far as the register gives it to one company alone."""
    single = firms.dropna(subset="domain").drop_duplicates("domain", keep=False)
    return dict(zip(single["domain"], single["company_key"], strict=True))


def owner_of(domain: str, owners: Mapping[str, str]) -> str:
    """Find whose a domain is, or the one that it is part of; empty where nobody's.

    >>> owner_of("mail.acme.example", {"acme.example": "acme"}), owner_of("example", {})
    ('acme', '')
    """
    parts = domain.split(".")
    above = [".".join(parts[at:]) for at in range(len(parts) - 1)]
    return next((owners[name] for name in above if name in owners), "")


def names_of(keys: list[str], stated: pd.DataFrame, firms: pd.DataFrame) -> dict[str, str]:
    """Name companies as their people do, else as the register does, else by their domain."""
    theirs = stated.groupby("company_key")["company"].agg(most_stated).to_dict()
    written = dict(zip(firms["company_key"], firms["company"], strict=True))
    return {key: theirs.get(key, written.get(key, key)) for key in keys}


def most_stated(names: pd.Series) -> str:
    """Choose the spelling that most people state, the first in the alphabet of several.

    >>> most_stated(pd.Series(["Acme", "ACME Ltd", "Acme"]))
    'Acme'
    """
    return names.value_counts().sort_index().idxmax()
