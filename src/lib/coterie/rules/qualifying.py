"""Who qualifies: all rules applied to all people at once."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.rules.checking import Rule
from coterie.rules.columns import Column
from coterie.rules.english import in_english
from coterie.rules.expressions import compile_rule

COLUMNS = ["rule", "expression", "english", "n_people", "n_unknown"]


class Qualified(NamedTuple):
    """What the rules say about people."""

    table: pd.DataFrame  # one row a rule: rule, expression, english, n_people, n_unknown
    n_people: int  # people who were asked about

    @property
    def n_rules(self) -> int:
        """Count the rules."""
        return len(self.table)


def qualify(rules: Sequence[Rule], people: ir.Table, *, columns: Mapping[str, Column]) -> Qualified:
    """Count by rule how many people qualify, and about how many the rule cannot tell.

    >>> from coterie.rules import read_rules, rule_columns
    >>> people = ibis.memtable({"person_id": ["ana", "bo", "cy"], "frequency": [5, 1, None]})
    >>> rules = read_rules({"loyal": "frequency > 4"}, rule_columns())
    >>> qualify(rules, people, columns=rule_columns()).table.loc[0, COLUMNS[3:]].tolist()
    [1, 1]
    """
    asked = people.mutate(**{f"rule_{at}": r for at, r in enumerate(_compiled(rules, people))})
    sums = {"everyone": asked.count()}
    for at in range(len(rules)):
        holds = asked[f"rule_{at}"]
        sums |= {f"yes_{at}": holds.sum(), f"unknown_{at}": holds.isnull().sum()}
    counts = asked.aggregate(**sums).to_pandas().iloc[0].fillna(0)
    rows = [
        (*rule[:2], in_english(rule.tree, columns), counts[f"yes_{at}"], counts[f"unknown_{at}"])
        for at, rule in enumerate(rules)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    kinds = dict.fromkeys(COLUMNS[:3], "str") | dict.fromkeys(COLUMNS[3:], "int64")
    return Qualified(table.astype(kinds), int(counts["everyone"]))


def members(rules: Sequence[Rule], people: ir.Table) -> ir.Table:
    """List who qualifies under which rule; nobody about whom a rule cannot tell is among them."""
    parts = [
        people.filter(holds).select("person_id", rule=ibis.literal(rule.name))
        for rule, holds in zip(rules, _compiled(rules, people), strict=True)
    ]
    nobody = people.limit(0).select("person_id", rule=ibis.literal(""))
    return ibis.union(nobody, *parts)


def _compiled(rules: Sequence[Rule], people: ir.Table) -> list[ir.BooleanValue]:
    """Turn every rule into an expression over people."""
    return [compile_rule(rule.tree, people) for rule in rules]
