"""A rule by hand: one person's acts read one by one, in plain Python, to check the engine by.

Nothing here knows of tables or SQL, so that what the engine says can be held against it. It is
also what explains a rule to the person it is about.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import eq, ge, gt, le, lt, ne
from typing import NamedTuple

from coterie.rules.language.checking import columns_in
from coterie.rules.language.columns import Column, column_of, days_of
from coterie.rules.language.syntax import Both, Compare, Known, Member, Node, Not, OneOf, When

SIGNS = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "!=": ne}
SECONDS_A_DAY = 86_400


class Act(NamedTuple):
    """One event of one person."""

    event_id: str
    at: datetime  # UTC, without a zone
    verb: str
    value: float | None = None


def holds(tree: Node, row: Mapping[str, object]) -> bool | None:
    """Say whether a rule holds for one person: true, false, or None where it cannot be told.

    >>> holds(Compare("frequency", ">", 4.0), {"frequency": None}) is None
    True
    """
    match tree:
        case Not(part):
            found = holds(part, row)
            return None if found is None else not found
        case Member(_, part):
            return holds(part, row)
        case Known(key):
            return row[key] is not None
        case Compare() | When() | OneOf():
            return None if row[tree.column] is None else _told(tree, row[tree.column])
    found = [holds(part, row) for part in tree.parts]
    decisive = not isinstance(tree, Both)
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def measure(
    acts: Sequence[Act], key: str, *, columns: Mapping[str, Column], as_of: date
) -> float | None:
    """Count, sum or time one person's acts before `as_of`, one after the other.

    >>> from coterie.rules.language.columns import rule_columns
    >>> acts = [Act("e1", datetime(2026, 6, 29, 12), "purchase", 4.5)]
    >>> known = {"columns": rule_columns(verbs=["purchase"]), "as_of": date(2026, 7, 1)}
    >>> measure(acts, "last_purchase", **known), measure(acts, "purchases in 1 days", **known)
    (1.5, 0)
    """
    how, verb = column_of(key, columns).measure
    midnight, days = datetime(as_of.year, as_of.month, as_of.day), days_of(key)
    end = midnight.replace(tzinfo=UTC).timestamp()
    begin = None if days is None else midnight - timedelta(days=days)
    count, millionths, first, last = 0, 0, None, None
    for act in acts:
        second = act.at.replace(tzinfo=UTC).timestamp()
        too_old = begin is not None and act.at < begin
        if act.verb != verb or second >= end or too_old:
            continue
        count += 1
        millionths += round((act.value or 0) * 10**6)
        first = second if first is None else min(first, second)
        last = second if last is None else max(last, second)
    if how in ("count", "value"):
        return count if how == "count" else millionths / 10**6
    moment = last if how == "last" else first
    return None if moment is None else (end - moment) / SECONDS_A_DAY


def replayed(
    tree: Node,
    acts: Sequence[Act],
    row: Mapping[str, object],
    *,
    columns: Mapping[str, Column],
    as_of: date,
) -> dict[str, object]:
    """Complete what is known of a person with what a rule asks of the acts."""
    keys = [key for key in columns_in(tree) if column_of(key, columns).measure is not None]
    counted = {key: measure(acts, key, columns=columns, as_of=as_of) for key in keys}
    return {**row, **counted}


def _told(tree: Compare | When | OneOf, value: object) -> bool:
    """Compare a value that is there."""
    match tree:
        case Compare(_, operator, wanted):
            return SIGNS[operator](value, wanted)
        case When(_, operator, _, days):
            return value <= days if operator == "since" else value > days
    return value in tree.values
