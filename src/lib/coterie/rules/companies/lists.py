"""Companies that a rule names, for platforms that take lists of companies."""

from collections.abc import Sequence

import ibis
import pandas as pd

from coterie.contracts import CompanyLists as Contract
from coterie.rules.companies.columns import companies_table
from coterie.rules.companies.rollup import Companies
from coterie.rules.language.checking import Rule, columns_in
from coterie.rules.language.columns import COMPANY
from coterie.rules.language.expressions import compile_rule

COLUMNS = list(Contract.types)


def company_lists(rules: Sequence[Rule], companies: Companies) -> pd.DataFrame:
    """List the companies under each rule that asks of companies alone: one row a rule and company.

    A rule that also asks what somebody did is about people and lists no company. Where the rule
    cannot tell, because something is missing, the company is not on the list.
    """
    asked = [rule for rule in rules if set(columns_in(rule.tree)) <= set(COMPANY)]
    table = companies_table(companies)
    parts = [
        table.filter(compile_rule(rule.tree, table)).select(
            "company_key", rule=ibis.literal(rule.name)
        )
        for rule in asked
    ]
    nobody = table.limit(0).select("company_key", rule=ibis.literal(""))
    found = ibis.union(nobody, *parts).to_pandas()
    listed = found.merge(companies.table, on="company_key")[COLUMNS]
    return listed.sort_values(["rule", "company_key"], ignore_index=True)
