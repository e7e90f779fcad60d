"""What rules may ask of a company: the same on people who work there and on companies."""

import ibis
import ibis.expr.types as ir

from coterie.rules.companies.rollup import Companies
from coterie.rules.language.columns import COMPANY


def with_companies(people: ir.Table, companies: Companies) -> ir.Table:
    """Add to people what is known of the company they work for; nothing where they name none.

    A study without companies adds no column, so that a rule on one is an error and not empty.
    """
    if not companies.n_companies:
        return people
    homes = companies.homes.select("company_key", person_home="person_id")
    own = homes.join(companies_table(companies), "company_key").drop("company_key")
    joined = people.left_join(own, people["person_id"] == own["person_home"])
    return joined.drop("person_home")


def companies_table(companies: Companies) -> ir.Table:
    """Lay companies out for rules: key, and the columns that rules may name."""
    return ibis.memtable(companies.table[["company_key", *COMPANY]])
