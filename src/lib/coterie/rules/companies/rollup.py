"""People put together by company: who is known there, which roles are missing, how far it is."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.contracts import Companies as Contract
from coterie.rules.companies.employers import find_employers, most_stated
from coterie.rules.companies.firmographics import COLUMNS, NO_REGISTER, read_firmographics
from coterie.rules.companies.roles import roles_of, wanted_roles
from coterie.rules.companies.stages import buying_stages, company_acts

HOMES = {"person_id": "string", "company_key": "string", "known_by": "string"}
ACTS = {"company_key": "str", "active_people": "int64", "last_act": "datetime64[us]"}
ACTS |= {"buying_stage": "str"}


class Companies(NamedTuple):
    """The companies that people say they work for, or write from."""

    table: pd.DataFrame  # one row a company, see the contract `companies`
    homes: ir.Table  # who works where, see the contract `company_staff`
    roles: tuple[str, ...]  # the roles that a company should be known to fill
    n_unmatched: int  # companies of the firmographics where nobody is known
    n_unread: int  # rows and cells of the register that could not be read

    @property
    def n_companies(self) -> int:
        """Count the companies."""
        return len(self.table)

    @property
    def n_with_gaps(self) -> int:
        """Count the companies of whose people no one fills some role."""
        return int((self.table["role_coverage"] < 1).sum())


def roll_up(
    people: ir.Table,
    events: ir.Table,
    domains: ir.Table,
    *,
    as_of: date,
    firmographics: Sequence[object] = (),
    register: pd.DataFrame = NO_REGISTER,
    unwanted_roles: Sequence[str] = (),
    days: int = 90,
    domain_people: int = 3,
) -> Companies:
    """Put people together by the company they state or write from, and say how far each one is.

    Who does neither belongs to none. A company of whose people nobody states a job title has
    no role coverage: missing is not none.

    Parameters
    ----------
    domains
        `person_id`, `email_domain`: whose address says for whom they work.
    firmographics
        What the study file knows of companies beside their people, see `read_firmographics`.
    register
        What a register says of companies, as text; none where there is none.
    unwanted_roles
        Buying roles that a company has not to fill.
    days
        How long an act counts for the buying stage.
    domain_people
        People from which a domain is a company where nobody names one, see `find_employers`.

    Raises
    ------
    SettingsError
        When a role, or what is known of a company, cannot be read.
    """
    roles = wanted_roles(unwanted_roles)
    read = read_firmographics(firmographics, register)
    found = find_employers(people, domains, read.table, domain_people=domain_people)
    homes = ibis.memtable(found.staff[list(HOMES)], schema=HOMES)
    grouped = found.staff.groupby("company_key")
    known = grouped.agg(company=("company", most_stated), company_people=("person_id", "size"))
    coverage = role_coverage(found.staff, roles)
    acts = company_acts(events, homes, as_of=as_of, days=days)
    acts = acts.assign(buying_stage=buying_stages(acts)).astype(ACTS).set_index("company_key")
    named = known.index.to_series().map(lambda key: found.firms.get(key, key))
    firms = read.table.drop(columns="company").set_index("company_key")
    own = firms.reindex(named).set_axis(known.index).astype(COLUMNS)
    mail = found.domains.rename("email_domain").reindex(known.index).astype("str")
    table = known.join([coverage, acts, own, mail]).reset_index()
    n_unmatched = len(firms.index.difference(named))
    return Companies(table[list(Contract.types)], homes, tuple(roles), n_unmatched, read.n_unread)


def role_coverage(staff: pd.DataFrame, wanted: list[str]) -> pd.DataFrame:
    """Say by company which roles somebody fills, which are missing, and the share of those filled.

    Returns `roles` and `missing_roles`, comma between, and `role_coverage`, on `company_key`; all
    three are empty where nobody states a job title.
    """
    titled = staff.dropna(subset="job_title")
    filled = {title: roles_of(title) for title in titled["job_title"].unique()}
    rows = [
        (key, {role for title in own for role in filled[title] if role in wanted})
        for key, own in titled.groupby("company_key")["job_title"]
    ]
    found = pd.DataFrame(rows, columns=["company_key", "filled"]).set_index("company_key")["filled"]
    return pd.DataFrame(
        {
            "roles": found.map(lambda has: ", ".join(r for r in wanted if r in has)),
            "missing_roles": found.map(lambda has: ", ".join(r for r in wanted if r not in has)),
            "role_coverage": found.map(lambda has: len(has) / len(wanted)),
        }
    ).astype({"roles": "str", "missing_roles": "str", "role_coverage": "float64"})
