"""Quarantine: every row of every file may enter, or is set aside with a reason; none is lost."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import ibis
import ibis.expr.types as ir

from coterie.lake import SourceFile
from coterie.sourcing.columns import KEYS, REQUIRED, map_rows
from coterie.sourcing.consent.answers import reject_answer
from coterie.sourcing.identifiers import is_placeholder, is_scientific
from coterie.sourcing.money import check_money, money_checks, unit_value
from coterie.sourcing.sorted_rows import SortedRows

LOST = ": a spreadsheet rounded it, export it again as text"
EARLIEST = date(2000, 1, 1)  # before any of these platforms existed


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
        checks += [(rows["at"].isnull(), "time missing or unreadable"), *beyond(rows, as_of=as_of)]
    if gives == "events":
        checks += money_checks(rows)
    if gives == "accounts":
        year = rows["birth_year"].try_cast("int64")
        impossible = year.isnull() | ~year.between(1900, as_of.year)
        checks.append((rows["birth_year"].notnull() & impossible, "impossible birth year"))
    if gives == "sums":
        checks += [
            (rows[name].notnull() & rows[name].try_cast("float64").isnull(), f"{name} is no number")
            for name in ("units", "total", "squares")
        ]
    if gives == "exposures":
        checks += [
            (rows["dated"] & rows["at"].isnull(), "time missing or unreadable"),
            *beyond(rows, as_of=as_of),
        ]
    return ibis.cases(*checks, else_=ibis.null("string"))


def beyond(rows: ir.Table, *, as_of: date) -> list[tuple]:
    """Refuse times that no platform can have seen, and those that nothing here may see."""
    return [
        (rows["at"] < ibis.timestamp(EARLIEST.isoformat()), "time before 2000"),
        (rows["at"] >= ibis.timestamp(as_of.isoformat()), "time on or after as_of"),
    ]


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
    noted = kept.filter(kept["noted"].notnull()).group_by("file", "noted").agg(rows=ibis._.count())
    kept = kept.drop("noted")
    if "unit_value" in kept.columns:
        kept = kept.mutate(value=kept["value"].try_cast("float64") * kept["unit_value"]).drop(
            "unit_value"
        )
    aside = checked.filter(checked["reason"].notnull()).select("file", "row", "reason")
    return SortedRows(kept, aside, noted)


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
