"""Everything that rules may speak of, side by side: one row a person."""

from collections.abc import Mapping, Sequence
from datetime import date

import ibis.expr.types as ir

from coterie.rules.language.checking import Rule, columns_in
from coterie.rules.language.columns import PLACES, RFM, Column
from coterie.rules.language.measures import with_measures
from coterie.rules.lists.rfm import rfm_scores


def people_table(
    behaviour: ir.Table, segments: ir.Table, scores: ir.Table, *, names: Sequence[str] = ()
) -> ir.Table:
    """Put what was worked out about people side by side: one row a person with any behaviour.

    Who has no segment or no score has nothing there, which no comparison turns into a number.
    """
    table = _joined(behaviour, segments.select("person_id", *PLACES))
    for name in names:
        own = scores.filter(scores["score"] == name)
        table = _joined(table, own.select("person_id", own["value"].name(name)))
    return table


def with_acts(
    people: ir.Table,
    events: ir.Table,
    rules: Sequence[Rule],
    *,
    columns: Mapping[str, Column],
    as_of: date,
) -> ir.Table:
    """Add what some rules ask of the event log before a day, and nothing that none asks."""
    keys = {key for rule in rules for key in columns_in(rule.tree)}
    table = with_measures(people, events, keys, columns=columns, as_of=as_of)
    if keys & set(RFM):
        table = _joined(table, rfm_scores(events, as_of=as_of))
    return table


def _joined(table: ir.Table, more: ir.Table) -> ir.Table:
    """Add columns to people."""
    return table.left_join(more, "person_id").drop("person_id_right")
