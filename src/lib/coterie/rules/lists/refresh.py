"""Dynamic lists: what a refresh changed and why, and what stands when a rule cannot be asked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.rules.language.checking import Rule, columns_in, read_rule
from coterie.rules.language.columns import Column, column_of
from coterie.rules.language.expressions import compile_rule
from coterie.rules.language.replay import Act, holds, replayed
from coterie.rules.lists.people import with_acts
from coterie.study import SettingsError

HELD = "its rule cannot be asked any more, so who was on it at the last refresh still is"
LATE = "the last event is of {until}, {days} days before the list's own day"

NOTHING = "no event is known from before the list's own day"

LIST_COLUMNS = {
    **{"rule": "str", "expression": "str", "as_of": "datetime64[us]"},
    **{"data_until": "datetime64[us]", "n_people": "int64", "n_entered": "int64"},
    **{"n_left": "int64", "stale": "bool", "why": "str"},
}


class Readable(NamedTuple):
    """The rules that can be asked today, and those of which the last list stands."""

    rules: list[Rule]
    held: dict[str, str]  # name -> expression, as it was when the list was good


def readable_rules(
    written: Mapping[str, str],
    columns: Mapping[str, Column],
    *,
    as_of: date,
    last_good: Mapping[str, str],
) -> Readable:
    """Read the rules of a study file; one that was good at the last refresh may hold its list.

    A rule may name a segment or a score that this run does not have. If the same words made a list
    before, that list stands and is stale; in every other case the rule is wrong, and an error.

    Parameters
    ----------
    last_good
        The expression of every list of the last refresh.
    """
    rules, held = [], {}
    for name, rule in written.items():
        try:
            rules.append(read_rule(name, rule, columns, as_of=as_of, named=written))
        except SettingsError:
            if not isinstance(rule, str) or last_good.get(name) != " ".join(rule.split()):
                raise
            held[name] = last_good[name]
    return Readable(rules, held)


def from_acts_alone(rule: Rule, columns: Mapping[str, Column]) -> bool:
    """Say whether a rule asks of nothing but the event log, so that any day can be asked about."""
    return all(column_of(key, columns).measure is not None for key in columns_in(rule.tree))


def earlier_members(
    rules: Sequence[Rule],
    people: ir.Table,
    events: ir.Table,
    past: ir.Table | None,
    *,
    columns: Mapping[str, Column],
    earlier: date,
) -> ir.Table:
    """List who was on each list at an earlier refresh.

    Rules that rest on the event log alone are asked about that day; of the others the list that
    was written then is read, and where there is none nobody is known to have been on it.
    """
    own = {rule.name: rule for rule in rules if from_acts_alone(rule, columns)}
    then = [
        read_rule(rule.name, rule.expression, columns, as_of=earlier, named=named_in(rules))
        for rule in own.values()
    ]
    everybody = people.select("person_id")
    asked = with_acts(everybody, events, then, columns=columns, as_of=earlier)
    parts = [
        asked.filter(compile_rule(rule.tree, asked)).select("person_id", rule=ibis.literal(name))
        for name, rule in zip(own, then, strict=True)
    ]
    nobody = everybody.limit(0).mutate(rule=ibis.literal(""))
    kept = [past.filter(past["rule"].notin(list(own)))] if past is not None else []
    return ibis.union(nobody, *parts, *kept)


def named_in(rules: Sequence[Rule]) -> dict[str, str]:
    """Name the expressions of rules, for those that stand in others."""
    return {rule.name: rule.expression for rule in rules}


def list_changes(before: ir.Table, now: ir.Table, *, known: Sequence[str]) -> ir.Table:
    """List who entered and who left each list that was known before: `person_id, rule, change`."""
    lists = list(known)
    old, new = before.filter(before["rule"].isin(lists)), now.filter(now["rule"].isin(lists))
    entered = new.anti_join(old, ["person_id", "rule"]).mutate(change=ibis.literal("entered"))
    left = old.anti_join(new, ["person_id", "rule"]).mutate(change=ibis.literal("left"))
    return ibis.union(entered, left)


def with_causes(
    changes: pd.DataFrame,
    events: ir.Table,
    rules: Sequence[Rule],
    *,
    columns: Mapping[str, Column],
    earlier: date,
    as_of: date,
) -> pd.DataFrame:
    """Say of everybody who entered or left which act it was, or that only time passed.

    Adds `cause` (act, time, or other where a rule asks more than the event log) and `event_id`.
    The acts of those who changed are replayed one by one, as the list sees them today: the act is
    the last one without which the person would stand where they stood before it.
    """
    asked = {rule.name: rule for rule in rules if from_acts_alone(rule, columns)}
    own = changes[changes["rule"].isin(asked)]
    acts = acts_of(events, own["person_id"].unique().tolist(), as_of=as_of)
    since = datetime.combine(earlier, datetime.min.time())
    found = [
        cause_of(asked[rule], acts.get(person, []), columns=columns, since=since, as_of=as_of)
        for person, rule in own[["person_id", "rule"]].itertuples(index=False)
    ]
    told = pd.DataFrame(found, columns=["cause", "event_id"], index=own.index, dtype=object)
    return changes.join(told).fillna({"cause": "other"})


def cause_of(
    rule: Rule, acts: Sequence[Act], *, columns: Mapping[str, Column], since: datetime, as_of: date
) -> tuple[str, str | None]:
    """Find the act that brought somebody onto a list, or off it; none where time alone did.

    >>> from coterie.rules.language.columns import rule_columns
    >>> day, columns = date(2026, 7, 1), rule_columns(verbs=["purchase"])
    >>> rule = read_rule("loyal", "purchases >= 2", columns, as_of=day)
    >>> acts = [Act(f"e{n}", datetime(2026, 6, 10 + n), "purchase") for n in range(3)]
    >>> cause_of(rule, acts, columns=columns, since=datetime(2026, 6, 11), as_of=day)
    ('act', 'e1')
    """

    def stands(upto: int) -> bool:
        row = replayed(rule.tree, acts[:upto], {}, columns=columns, as_of=as_of)
        return holds(rule.tree, row) is True

    n_old = sum(act.at < since for act in acts)
    now = stands(len(acts))
    turning = [upto for upto in range(n_old, len(acts)) if stands(upto) != now]
    return ("act", acts[turning[-1]].event_id) if turning else ("time", None)


def acts_of(events: ir.Table, people: list[str], *, as_of: date) -> dict[str, list[Act]]:
    """Read the acts of a few people before a day, each person's in order of time."""
    end = datetime.combine(as_of, datetime.min.time())
    asked = events.filter(events["person_id"].isin(people), events["at"] < ibis.literal(end))
    rows = asked.select("person_id", "event_id", "at", "verb", "value").order_by("at", "event_id")
    found: dict[str, list[Act]] = {}
    for row in rows.to_pyarrow().to_pylist():
        found.setdefault(row.pop("person_id"), []).append(Act(**row))
    return found


def last_refresh(past: pd.DataFrame, *, as_of: date, refresh_days: int) -> date:
    """Say on which day the lists were refreshed before: the last run's, else some days ago."""
    days = [day.date() for day in pd.to_datetime(past["as_of"]) if day.date() < as_of]
    return max(days) if days else as_of - timedelta(days=refresh_days)


def lateness(data_until: datetime, *, as_of: date, max_age_days: int) -> str:
    """Say why the data are too old for a list; empty where they are not.

    >>> lateness(datetime(2026, 6, 1), as_of=date(2026, 7, 1), max_age_days=7)
    "the last event is of 2026-06-01, 30 days before the list's own day"
    """
    if pd.isna(data_until):
        return NOTHING
    days = (as_of - data_until.date()).days
    return LATE.format(until=f"{data_until:%Y-%m-%d}", days=days) if days > max_age_days else ""


def list_states(
    read: Readable,
    members: pd.DataFrame,
    changes: pd.DataFrame,
    past: pd.DataFrame,
    *,
    as_of: date,
    data_until: datetime,
    max_age_days: int,
) -> pd.DataFrame:
    """Say of every list how many are on it, how many came and went, and whether it is stale.

    A list is stale when its rule cannot be asked any more, or when the data end too long before
    its day. Nobody may be addressed by a stale list.
    """
    late = lateness(data_until, as_of=as_of, max_age_days=max_age_days)
    sizes = members["rule"].value_counts()
    moved = changes.groupby(["rule", "change"]).size() if len(changes) else {}
    then = past.set_index("rule")["as_of"] if len(past) else {}
    expressions = {rule.name: rule.expression for rule in read.rules} | read.held
    rows = [
        {
            "rule": name,
            "expression": expression,
            "as_of": then[name] if name in read.held else pd.Timestamp(as_of),
            "data_until": pd.Timestamp(data_until),
            "n_people": int(sizes.get(name, 0)),
            "n_entered": int(moved.get((name, "entered"), 0)),
            "n_left": int(moved.get((name, "left"), 0)),
            "stale": name in read.held or bool(late),
            "why": HELD if name in read.held else late,
        }
        for name, expression in expressions.items()
    ]
    return pd.DataFrame(rows, columns=[*LIST_COLUMNS]).astype(LIST_COLUMNS)
