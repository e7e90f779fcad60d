"""How long data may be kept: dated rules by table, field and platform, and what is past them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd
import yaml

from coterie.study import SettingsError

FILE = yaml.safe_load((Path(__file__).parent / "retention.yml").read_text(encoding="utf-8"))
NO_CHANGES = MappingProxyType({})


class Rule(NamedTuple):
    """One rule: what expires after how many days, what becomes of it, and who says so."""

    rule: str
    tables: tuple[str, ...]
    fields: tuple[str, ...]  # empty: the whole row
    platform: str  # empty: every one
    age_of: str  # at, last_act or run
    keep_days: int
    then: str  # delete, aggregate, blank or refit
    because: tuple[str, ...]  # keys of the file's `sources`
    set_by: str  # house or terms

    def cut_off(self, today: date) -> datetime:
        """Return the first moment that may still be kept.

        >>> rules_of()[0].cut_off(date(2026, 7, 1))
        datetime.datetime(2023, 7, 2, 0, 0)
        """
        return datetime.combine(today - timedelta(days=self.keep_days), datetime.min.time())


def rules_of(changes: Mapping[str, int] = NO_CHANGES) -> list[Rule]:
    """List the rules that hold for a study; `changes` are its own days by rule.

    An optional rule holds where `changes` names it.

    >>> [(rule.rule, rule.keep_days) for rule in rules_of({"words": 30})][2]
    ('words', 30)

    Raises
    ------
    SettingsError
        When a rule is unknown, or its days are no whole number above 0.
    """
    known = [entry["rule"] for entry in FILE["rules"]]
    for name, days in changes.items():
        where = f"02_sourcing.retention.{name}"
        if name not in known:
            raise SettingsError(f"{where}: no such rule; there are {', '.join(known)}.")
        if not isinstance(days, int) or isinstance(days, bool) or days < 1:
            raise SettingsError(f"{where}: how many days to keep, a whole number above 0.")
    holding = [e for e in FILE["rules"] if not e.get("optional") or e["rule"] in changes]
    return [made_rule(entry, changes) for entry in holding]


def made_rule(entry: dict, changes: Mapping[str, int]) -> Rule:
    """Read one rule of the file, with the study's own number of days."""
    return Rule(
        entry["rule"],
        tables=tuple(entry["table"].split(", ")),
        fields=tuple(entry.get("field", "").split(", ")) if entry.get("field") else (),
        platform=entry.get("platform", ""),
        age_of=entry["age_of"],
        keep_days=changes.get(entry["rule"], entry["keep_days"]),
        then=entry["then"],
        because=tuple(entry["because"]),
        set_by=entry["set_by"],
    )


def rules_for(rules: list[Rule], table: str, *, of_rows: bool = True) -> list[Rule]:
    """Choose the rules of one table: those of whole rows, or those of fields."""
    return [rule for rule in rules if table in rule.tables and of_rows is not bool(rule.fields)]


def is_due(rows: ir.Table, rule: Rule, *, today: date) -> ir.BooleanValue:
    """Say of each dated row whether a rule forbids to keep it today.

    >>> rows = ibis.memtable({"at": pd.to_datetime(["2020-01-01", "2026-06-30"])})
    >>> rows.mutate(due=is_due(rows, rules_of()[0], today=date(2026, 7, 1)))["due"].to_list()
    [True, False]
    """
    old = rows["at"] < ibis.timestamp(rule.cut_off(today).isoformat())
    return old & (rows["platform"] == rule.platform) if rule.platform else old


def due_rows(tables: Mapping[str, ir.Table], rules: list[Rule], *, today: date) -> pd.DataFrame:
    """Count, by rule, the dated rows that may not be kept today, and those that are read.

    Returns
    -------
    `rule`, `table`, `field`, `platform`, `keep_days`, `then`, `set_by`, `rows`, `due`; one row a
    rule and table that is given.
    """
    found = []
    for rule in rules:
        for name in (n for n in rule.tables if n in tables and rule.age_of == "at"):
            rows = tables[name]
            counts = rows.agg(rows=rows.count(), due=is_due(rows, rule, today=today).sum())
            n_rows, n_due = counts.to_pandas().iloc[0]
            named = (rule.rule, name, ", ".join(rule.fields), rule.platform)
            days = (rule.keep_days, rule.then, rule.set_by)
            found.append((*named, *days, int(n_rows), int(n_due or 0)))
    columns = ["rule", "table", "field", "platform", "keep_days", "then", "set_by", "rows", "due"]
    return pd.DataFrame(found, columns=columns)
