"""Quarantine: every row of every file may enter, or is set aside with a reason; none is lost."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.lake import SourceFile
from coterie.sourcing.columns import KEYS, REQUIRED, map_rows
from coterie.sourcing.consent.answers import reject_answer
from coterie.sourcing.identifiers import is_placeholder, is_scientific
from coterie.sourcing.money import check_money, money_checks, unit_value

LOST = ": a spreadsheet rounded it, export it again as text"
EARLIEST = date(2000, 1, 1)  # before any of these platforms existed


class SortedRows(NamedTuple):
    """Rows of one kind after the door: those that may enter, and those set aside."""

    kept: ir.Table
    quarantined: ir.Table  # file, row, reason


class Reconciliation(NamedTuple):
    """Every row of every file, either kept or quarantined; one row a file and kind it gives."""

    sources: pd.DataFrame  # file, gives, platform, rows_read, rows_kept, rows_quarantined, span
    quarantine: pd.DataFrame  # file, row, reason

    @property
    def n_read(self) -> int:
        """How many rows were read."""
        return int(self.sources["rows_read"].sum())

    @property
    def n_quarantined(self) -> int:
        """How many rows were set aside."""
        return len(self.quarantine)

    @property
    def n_lost(self) -> int:
        """How many rows were neither kept nor set aside: none, or something is wrong."""
        return self.n_read - int(self.sources["rows_kept"].sum()) - self.n_quarantined


def reject_reason(rows: ir.Table, gives: str, *, as_of: date) -> ir.StringValue:
    """Say why each row may not enter; missing where it may."""
    if gives == "consents":
        reasons = reject_answer(rows, as_of=as_of, earliest=EARLIEST)
        return ibis.cases(*reasons, else_=ibis.null("string"))
    checks = [(rows[name].isnull(), f"no {name}") for name in REQUIRED[gives] if name != "at"]
    if "account" in REQUIRED[gives]:
        checks.insert(0, (is_placeholder(rows["account"]), "no account (placeholder)"))
    for name in KEYS:
        if name in REQUIRED[gives]:
            checks.append((is_scientific(rows[name]), f"{name} in scientific notation{LOST}"))
    if "at" in REQUIRED[gives]:
        checks += [
            (rows["at"].isnull(), "time missing or unreadable"),
            (rows["at"] < ibis.timestamp(EARLIEST.isoformat()), "time before 2000"),
            (rows["at"] >= ibis.timestamp(as_of.isoformat()), "time on or after as_of"),
        ]
    if gives == "events":
        checks += money_checks(rows)
    if gives == "accounts":
        year = rows["birth_year"].try_cast("int64")
        impossible = year.isnull() | ~year.between(1900, as_of.year)
        checks.append((rows["birth_year"].notnull() & impossible, "impossible birth year"))
    if gives == "exposures":
        checks.append(
            (~rows["arm"].isin(["treatment", "control"]), "arm is neither treatment nor control")
        )
    return ibis.cases(*checks, else_=ibis.null("string"))


def check_rows(
    sources: list[SourceFile],
    gives: str,
    *,
    as_of: date,
    currency: str = "",
    rates: Mapping[str, float] = MappingProxyType({}),
) -> ir.Table:
    """Say of each row of one kind why it may not enter, in `reason`; missing where it may.

    Of rows equal in everything but their place, the first may. `currency` is the study's own;
    `rates` give the value of one unit of another. The answer is asked for twice by `sort_rows`, so
    cache it when the files are large.

    Raises
    ------
    SettingsError
        When an entry of the column map or a rate cannot be meant so; the message names the key.
    """
    rows = map_rows(sources, gives)
    content = [column for column in rows.columns if column not in ("file", "row", "noted")]
    if gives == "events":
        entries = [source.entry for source in sources if source.entry["gives"] == gives]
        check_money(entries, currency=currency, rates=rates)
        rows = rows.mutate(unit_value=unit_value(rows["currency"], currency=currency, rates=rates))
    rows = rows.mutate(reason=reject_reason(rows, gives, as_of=as_of))
    rank = ibis.row_number().over(group_by=content, order_by=["file", "row"])
    return rows.mutate(
        reason=ibis.coalesce(
            rows["reason"], (rank > 0).ifelse("repeats an earlier row", ibis.null("string"))
        )
    )


def sort_rows(checked: ir.Table) -> SortedRows:
    """Keep the good rows of one kind and set the others aside, each with its first reason.

    The value of an event is a number from here on, in the study's currency.
    """
    kept = checked.filter(checked["reason"].isnull()).drop("reason")
    if "unit_value" in kept.columns:
        kept = kept.mutate(value=kept["value"].try_cast("float64") * kept["unit_value"]).drop(
            "unit_value"
        )
    return SortedRows(
        kept, checked.filter(checked["reason"].notnull()).select("file", "row", "reason")
    )


def sort_all(
    sources: list[SourceFile],
    *,
    as_of: date,
    currency: str = "",
    rates: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, SortedRows]:
    """Check the rows of every kind once and sort them, as `check_rows` and `sort_rows` do."""
    money = {"currency": currency, "rates": rates}
    checked = {kind: check_rows(sources, kind, as_of=as_of, **money).cache() for kind in REQUIRED}
    return {kind: sort_rows(rows) for kind, rows in checked.items()}


def reconcile(sources: list[SourceFile], sorted_rows: dict[str, SortedRows]) -> Reconciliation:
    """Account for every row of every file, broken lines included.

    A file that gives several kinds is read once for each.
    """
    facts = [
        (s.name, s.entry["gives"], s.entry["platform"], s.rows.count().execute() + len(s.broken))
        for s in sources
    ]
    read = pd.DataFrame(facts, columns=["file", "gives", "platform", "rows_read"])
    frame = read.groupby(["file", "gives"], as_index=False, sort=False).agg(
        {"platform": "first", "rows_read": "sum"}
    )
    broken = [
        (s.name, line, "more or fewer fields than the header", s.entry["gives"])
        for s in sources
        for line in s.broken
    ]
    rejected = [pd.DataFrame(broken, columns=["file", "row", "reason", "gives"])]
    rejected += [
        rows.quarantined.to_pandas().assign(gives=kind) for kind, rows in sorted_rows.items()
    ]
    quarantine = pd.concat(
        [part for part in rejected if len(part)] or rejected[:1], ignore_index=True
    )
    span = {"rows_kept": ibis._.count(), "first_at": ibis._.at.min(), "last_at": ibis._.at.max()}
    spans = [
        rows.kept.group_by("file").agg(**span).to_pandas().assign(gives=kind)
        for kind, rows in sorted_rows.items()
    ]
    aside = quarantine.groupby(["file", "gives"]).size().rename("rows_quarantined").reset_index()
    for part in (pd.concat(spans), aside):
        frame = frame.merge(part, on=["file", "gives"], how="left")
    counts = ["rows_kept", "rows_quarantined"]
    frame = frame.assign(**frame[counts].fillna(0).astype(int))
    return Reconciliation(frame, quarantine.drop(columns="gives"))
