"""Who qualifies: all rules applied to all people at once."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.disclosure import suppress_within
from coterie.parsing import Both
from coterie.rules.language.checking import Rule
from coterie.rules.language.columns import Column
from coterie.rules.language.english import in_english
from coterie.rules.language.expressions import compile_rule
from coterie.rules.lists.by_hand import ByHand

NOTHING_BY_HAND = ByHand((), 0)
COLUMNS = ["rule", "expression", "english", "n_people", "n_unknown"]


class Qualified(NamedTuple):
    """What the rules say about people."""

    table: pd.DataFrame  # one row a rule: rule, expression, english, n_people, n_unknown
    n_people: int  # people who were asked about
    n_any: int  # people who qualify under at least one rule

    @property
    def n_rules(self) -> int:
        """Count the rules."""
        return len(self.table)

    @property
    def n_certain(self) -> int:
        """Count the rules that can be told for everybody."""
        return int((self.table["n_unknown"] == 0).sum())

    def any_share(self, *, min_people: int = 50) -> float | str:
        """Give the share of people who qualify at all, unless they, or the others, are few."""
        few = {self.n_any, self.n_people - self.n_any} & set(range(1, min_people))
        return "too few people to say" if few else self.n_any / max(self.n_people, 1)


def qualify(rules: Sequence[Rule], people: ir.Table, *, columns: Mapping[str, Column]) -> Qualified:
    """Count by rule how many people qualify, and about how many the rule cannot tell.

    >>> from coterie.rules.language.checking import read_rules
    >>> from coterie.rules.language.columns import rule_columns
    >>> people = ibis.memtable({"person_id": ["ana", "bo", "cy"], "frequency": [5, 1, None]})
    >>> from datetime import date
    >>> written = {"loyal": "frequency > 4"}
    >>> rules = read_rules(written, rule_columns(), as_of=date(2026, 7, 1))
    >>> qualify(rules, people, columns=rule_columns()).table.loc[0, COLUMNS[3:]].tolist()
    [1, 1]
    """
    holds = _compiled(rules, people)
    named = {f"rule_{at}": rule for at, rule in enumerate(holds)}
    asked = people.mutate(**named, rule_any=reduce(or_, holds, ibis.literal(False)))
    sums = {"everyone": asked.count(), "any": asked["rule_any"].sum()}
    for at in range(len(rules)):
        told = asked[f"rule_{at}"]
        sums |= {f"yes_{at}": told.sum(), f"unknown_{at}": told.isnull().sum()}
    counts = asked.aggregate(**sums).to_pandas().iloc[0].fillna(0)
    rows = [
        (*rule[:2], in_english(rule.tree, columns), counts[f"yes_{at}"], counts[f"unknown_{at}"])
        for at, rule in enumerate(rules)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    kinds = dict.fromkeys(COLUMNS[:3], "str") | dict.fromkeys(COLUMNS[3:], "int64")
    return Qualified(table.astype(kinds), int(counts["everyone"]), int(counts["any"]))


def members(
    rules: Sequence[Rule], people: ir.Table, *, by_hand: ByHand = NOTHING_BY_HAND
) -> ir.Table:
    """List who qualifies under which rule; nobody about whom a rule cannot tell is among them.

    Who was put on a list by hand is on it, who was taken off is not; `member of` asks the rule, and
    knows nothing of hands.
    """
    parts = [
        people.filter(_with_hands(holds.fill_null(False), people, rule, by_hand)).select(
            "person_id", rule=ibis.literal(rule.name)
        )
        for rule, holds in zip(rules, _compiled(rules, people), strict=True)
    ]
    nobody = people.limit(0).select("person_id", rule=ibis.literal(""))
    return ibis.union(nobody, *parts)


def _with_hands(
    holds: ir.BooleanValue, people: ir.Table, rule: Rule, by_hand: ByHand
) -> ir.BooleanValue:
    """Put people on a list, then take people off it."""
    on, off = (by_hand.of(rule.name, put=put) for put in (True, False))
    person = people["person_id"]
    added = holds | person.isin(on) if on else holds
    return added & ~person.isin(off) if off else added


def segment_shares(
    rules: Sequence[Rule], people: ir.Table, *, min_people: int = 50
) -> pd.DataFrame:
    """Say which share of each segment qualifies under each rule; small cells are left out.

    Returns `rule`, `segment`, `n_people`, `n_members` and `share`. A cell goes when its members, or
    the rest of the segment, are few; so does the next smallest, or the total would give it away.
    """
    if not rules:
        return pd.DataFrame(columns=["rule", "segment", "n_people", "n_members", "share"])
    placed = people.filter(people["segment"].notnull())
    held = [holds.fill_null(False).sum() for holds in _compiled(rules, placed)]
    sums = {f"n{at}": count for at, count in enumerate(held)}
    wide = placed.group_by("segment").agg(n_people=placed.count(), **sums).to_pandas()
    parts = [
        wide[["segment", "n_people"]].assign(rule=rule.name, n_members=wide[f"n{at}"])
        for at, rule in enumerate(rules)
    ]
    cells = pd.concat(parts).sort_values(["rule", "segment"], ignore_index=True)
    cells = cells[["rule", "segment", "n_people", "n_members"]]
    rest = cells["n_people"] - cells["n_members"]
    smaller = cells["n_members"].where((rest == 0) | (rest > cells["n_members"]), rest)
    kept = suppress_within(
        cells.assign(smaller=smaller), "rule", "smaller", min_people=min_people
    ).drop(columns="smaller")
    return kept.assign(share=kept["n_members"] / kept["n_people"]).reset_index(drop=True)


def _compiled(rules: Sequence[Rule], people: ir.Table) -> list[ir.BooleanValue]:
    """Turn every rule into an expression over people."""
    return [compile_rule(rule.tree, people) for rule in rules]


def obstacles(
    rules: Sequence[Rule], people: ir.Table, *, columns: Mapping[str, Column], min_people: int = 50
) -> pd.DataFrame:
    """Say what keeps people out: by rule, the clause that fails first, in the rule's own order.

    Returns `rule`, `clause`, `n_people` and `share` of those the rule keeps out. What cannot be
    told keeps out too. A rule of a single clause has no first one; small cells are left out, and
    the next smallest with them.
    """
    stops = [(rule.name, *stop) for rule in rules for stop in _stops(rule, people, columns)]
    if not stops:
        return pd.DataFrame(columns=["rule", "clause", "n_people", "share"])
    sums = people.aggregate(**{f"n{at}": stop[-1].sum() for at, stop in enumerate(stops)})
    counts = pd.DataFrame([stop[:2] for stop in stops], columns=["rule", "clause"])
    counts["n_people"] = sums.to_pandas().iloc[0].fillna(0).astype("int64").to_numpy()
    total = counts.groupby("rule")["n_people"].sum()
    kept = suppress_within(counts, "rule", "n_people", min_people=min_people)
    shares = kept["n_people"] / kept["rule"].map(total).clip(lower=1)
    return kept.assign(share=shares.astype(float))[["rule", "clause", "n_people", "share"]]


def _stops(
    rule: Rule, people: ir.Table, columns: Mapping[str, Column]
) -> list[tuple[str, ir.BooleanValue]]:
    """Say of each clause that `and` joins whom it is the first to stop."""
    parts = rule.tree.parts if isinstance(rule.tree, Both) else ()
    passed = ibis.literal(value=True)
    found = []
    for part in parts:
        holds = compile_rule(part, people).fill_null(False)
        found.append((in_english(part, columns), passed & ~holds))
        passed &= holds
    return found
