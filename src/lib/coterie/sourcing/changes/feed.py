"""Change feeds: inserts, updates and deletes become a history, however they arrive in batches."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

OPEN = ("valid_from", "valid_to")
NOTHING = "\x1f-"  # stands for an empty value, which equals only another


class State(NamedTuple):
    """What a feed has told so far: every change once, and the history that follows from them."""

    changes: (
        ir.Table
    )  # the key's columns, op, at, the values; seq where the feed numbers its changes
    history: ir.Table  # the key's columns, the values, valid_from, valid_to (empty: holds still)


def history(changes: ir.Table, *, key: Sequence[str]) -> ir.Table:
    """Say what held from when to when, from a feed of changes in any order.

    A change carries the whole row as it is afterwards, as change capture gives it. What repeats
    counts once. Of several at the same moment the last by `seq` counts; where the feed has none, a
    deletion, else the largest values: the order of arrival decides nothing. An update of what is
    not there inserts it, and one that changes nothing is no change.

    Returns
    -------
    The key's columns, the values, `valid_from` and `valid_to`; empty where it still holds.

    >>> rows = {
    ...     "id": ["a", "a", "a"],
    ...     "op": ["insert", "update", "delete"],
    ...     "town": ["Rome", "Bonn", None],
    ... }
    >>> at = [datetime(2026, 1, day) for day in (1, 5, 9)]
    >>> found = history(ibis.memtable(rows | {"at": at}), key=["id"]).order_by("valid_from")
    >>> found.select("town", "valid_to").to_pandas().values.tolist()
    [['Rome', Timestamp('2026-01-05 00:00:00')], ['Bonn', Timestamp('2026-01-09 00:00:00')]]
    """
    key = list(key)
    values = values_of(changes, key)
    gone = changes["op"] == "delete"
    texts = [ibis.coalesce(changes[name].cast("string"), NOTHING) for name in values]
    image = gone.ifelse("delete", ibis.literal("\x1f").join([ibis.literal("row"), *texts]))
    ordered = changes.distinct().mutate(image=image, gone=gone)
    latest = [ibis.desc("seq")] if "seq" in changes.columns else []
    latest += [ibis.desc("gone"), ibis.desc("image")]
    last = ordered.mutate(
        place=ibis.row_number().over(group_by=[*key, "at"], order_by=latest)
    ).filter(ibis._.place == 0)
    by_key = ibis.window(group_by=key, order_by="at")
    before = last.mutate(before=last["image"].lag().over(by_key))
    moved = before.filter(before["before"].isnull() | (before["before"] != before["image"]))
    until = moved.mutate(valid_from=moved["at"], valid_to=moved["at"].lead().over(by_key))
    return until.filter(until["op"] != "delete").select(*key, *values, *OPEN)


def values_of(changes: ir.Table, key: Sequence[str]) -> list[str]:
    """List the columns of a feed that are neither its key nor say what happened when."""
    return [name for name in changes.columns if name not in (*key, "op", "at", "seq")]


def begin(changes: ir.Table, *, key: Sequence[str]) -> State:
    """Start from a first batch."""
    return State(changes.distinct(), history(changes, key=key))


def apply_batch(state: State, batch: ir.Table, *, key: Sequence[str]) -> State:
    """Take in one more batch; only the history of what it speaks of is made anew.

    The state after all batches is the same however a feed is cut into them, in whatever order they
    come, and when one comes twice.
    """
    key = list(key)
    touched = batch.select(*key).distinct()
    told = batch.select(state.changes.columns).cast(state.changes.schema())
    changes = ibis.union(state.changes, told).distinct()
    anew = history(changes.semi_join(touched, key), key=key)
    untouched = state.history.anti_join(touched, key)
    anew = anew.select(untouched.columns).cast(untouched.schema())
    return State(changes, ibis.union(untouched, anew))


def replay(batches: Iterable[ir.Table], *, key: Sequence[str]) -> State:
    """Take in batch after batch, each state computed before the next comes."""
    first, *others = batches
    state = begin(first, key=key)
    for batch in others:
        after = apply_batch(state, batch, key=key)
        state = State(after.changes.cache(), after.history.cache())
    return state


def valid_at(history: ir.Table, moment: datetime) -> ir.Table:
    """Take the rows that held at a moment: from `valid_from` on, until just before `valid_to`."""
    at = ibis.timestamp(moment.isoformat())
    until = history["valid_to"]
    holds = (history["valid_from"] <= at) & (until.isnull() | (until > at))
    return history.filter(holds).drop(*OPEN)


def changes_between(
    before: ir.Table, after: ir.Table, *, key: Sequence[str], at: datetime
) -> ir.Table:
    """Say which changes lead from one snapshot to the next, as a feed dated `at`.

    >>> old = ibis.memtable({"id": ["a", "b"], "town": ["Rome", "Bonn"]})
    >>> new = ibis.memtable({"id": ["b", "c"], "town": ["Kiel", "Lyon"]})
    >>> feed = changes_between(old, new, key=["id"], at=datetime(2026, 1, 1))
    >>> feed.order_by("id").select("id", "op").to_pandas().values.tolist()
    [['a', 'delete'], ['b', 'update'], ['c', 'insert']]
    """
    key = list(key)
    before = before.select(after.columns)
    stamped = {"at": ibis.timestamp(at.isoformat())}
    fresh = after.anti_join(before, key).mutate(op=ibis.literal("insert"), **stamped)
    lost = before.anti_join(after, key).mutate(op=ibis.literal("delete"), **stamped)
    known = after.semi_join(before, key)
    other = ibis.difference(known, before).mutate(op=ibis.literal("update"), **stamped)
    return ibis.union(fresh, other, lost)
