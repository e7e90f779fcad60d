"""The dictionary of features.

What each one means, and which columns of which tables it is computed from.
"""

from datetime import date

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd

from coterie import contracts
from coterie.features.activity.declared import FEATURES, behaviour
from coterie.wording import trait_label

KEYS = ("person_id", "who", "post_id")  # what rows are about, not what they say


def dictionary() -> pd.DataFrame:
    """List every feature with its label, meaning, unit, and the columns that it is computed from.

    The columns are read off the expression itself, so that they cannot be out of date; those that
    only choose rows (the window, say) are not listed.

    >>> dictionary().set_index("feature").loc["spend", ["unit", "reads"]].tolist()
    ['money', 'events.value, events.verb']
    """
    stored = (
        ibis.table(table.types, name=table.table)
        for table in (contracts.Events, contracts.Posts, contracts.People)
    )
    plan, words = behaviour(*stored, as_of=date(2000, 1, 2)), contracts.Behaviour
    rows = [
        (
            name,
            trait_label(name),
            words.meanings[name],
            words.units[name],
            ", ".join(sources(plan, name)),
        )
        for name in FEATURES
    ]
    return pd.DataFrame(rows, columns=["feature", "label", "meaning", "unit", "reads"])


def sources(table: ir.Table, column: str) -> list[str]:
    """Trace a column to the stored columns it is computed from.

    >>> events = ibis.table({"person_id": "string", "value": "float64"}, name="events")
    >>> spent = events.group_by("person_id").agg(spend=events["value"].sum())
    >>> sources(spent.mutate(half=spent["spend"] / 2), "half")
    ['events.value']
    """
    found, seen, todo = set(), set(), [ops.Field(table.op(), column)]
    while todo:
        field = todo.pop()
        if field not in seen:
            seen.add(field)
            stored, behind = step_back(field)
            found |= stored
            todo += [other for other in behind if other.name not in KEYS]
    return sorted(found)


def step_back(field: ops.Field) -> tuple[set[str], list[ops.Field]]:
    """Take one step from a column towards storage.

    What is found there, and which columns it is made of.

    What rows are grouped by, or looked up by in a join, counts as read; what merely filters them
    does not.
    """
    relation = field.rel
    if isinstance(relation, ops.JoinReference | ops.Filter | ops.Sort | ops.Limit | ops.Distinct):
        return set(), [ops.Field(relation.parent, field.name)]
    if isinstance(relation, ops.InMemoryTable):
        return set(), []  # constants of ours
    if isinstance(relation, ops.PhysicalTable):
        return {f"{relation.name}.{field.name}"}, []
    value = relation.values[field.name]
    behind = (
        [value] if isinstance(value, ops.Field) else list(value.find(ops.Field, filter=ops.Value))
    )
    counted = set()
    for star in value.find(ops.CountStar, filter=ops.Value):
        stored, grouped = origin(star.arg)
        counted.add(f"{stored} (rows)")
        behind += grouped
    if isinstance(relation, ops.Aggregate) and field.name not in relation.groups:
        behind += [
            f for group in relation.groups.values() for f in group.find(ops.Field, filter=ops.Value)
        ]
    if isinstance(relation, ops.JoinChain):
        used = {field.rel for field in behind}
        looked_up = [
            predicate
            for link in relation.rest
            if link.table in used
            for predicate in link.predicates
        ]
        behind += [
            f for predicate in looked_up for f in predicate.find(ops.Field, filter=ops.Value)
        ]
    return counted, behind


def origin(relation: ops.Relation) -> tuple[str, list[ops.Field]]:
    """Name the stored table whose rows a relation passes on.

    Beside it stands what they were grouped by on the way.
    """
    grouped = []
    while not isinstance(relation, ops.PhysicalTable):
        groups = relation.groups.values() if isinstance(relation, ops.Aggregate) else ()
        grouped += [field for group in groups for field in group.find(ops.Field, filter=ops.Value)]
        relation = relation.first.parent if isinstance(relation, ops.JoinChain) else relation.parent
    return relation.name, grouped
