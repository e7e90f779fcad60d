"""What a rule may speak of: behaviours, the segment and scores; no inferred or protected trait."""

from collections.abc import Sequence
from typing import NamedTuple

import ibis.expr.types as ir

from coterie import contracts

TEXT, WHOLE, NUMBER = "text", "whole", "number"
KINDS = {"string": TEXT, "int64": WHOLE, "float64": NUMBER}
PLACES = ("segment", "segment_name", "tier", "membership")
SHARE = "share"


class Column(NamedTuple):
    """A column that rules may name."""

    name: str
    kind: str  # text, whole or number
    unit: str  # days, hours, money, share, count, ...; empty for text
    meaning: str  # from the contract


def rule_columns(scores: Sequence[str] = ()) -> dict[str, Column]:
    """List the columns a rule may name; `scores` are the names of scores.

    Inferred traits and protected attributes are left out on purpose: who qualifies should be
    explained by what people did. A segment may rest on inferred interests in part.

    >>> rule_columns(["purchase_probability"])["purchase_probability"].unit
    'share'
    """
    columns = _described(contracts.Behaviour, set(contracts.Behaviour.types) - {"person_id"})
    columns += _described(contracts.Segments, set(PLACES))
    value = contracts.Scores.meanings["value"]
    columns += [Column(name, NUMBER, SHARE, value) for name in scores]
    return {column.name: column for column in columns}


def people_table(
    behaviour: ir.Table, segments: ir.Table, scores: ir.Table, *, names: Sequence[str] = ()
) -> ir.Table:
    """Put what rules may speak of side by side: one row a person with any behaviour.

    Who has no segment or no score has nothing there, which no comparison turns into a number.
    """
    table = _joined(behaviour, segments.select("person_id", *PLACES))
    for name in names:
        own = scores.filter(scores["score"] == name)
        table = _joined(table, own.select("person_id", own["value"].name(name)))
    return table


def _joined(table: ir.Table, more: ir.Table) -> ir.Table:
    """Add columns to people."""
    return table.left_join(more, "person_id").drop("person_id_right")


def _described(contract: contracts.Contract, names: set[str]) -> list[Column]:
    """Describe some columns of a table; every share has the unit share."""
    written = contracts.TABLES[contract.table]["columns"]
    rows = []
    for name in contract.types:
        if name in names:
            share = isinstance(written[name], dict) and written[name].get("type") == "share"
            unit = SHARE if share else contract.units.get(name, "")
            kind = KINDS[contract.types[name]]
            rows.append(Column(name, kind, unit, contract.meanings[name]))
    return rows
