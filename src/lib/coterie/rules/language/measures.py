"""What a rule asks of the event log, in the engine: one pass over the acts, one row a person."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir

from coterie.rules.language.columns import Column, column_of, days_of
from coterie.windows import as_of_window, days_before

MILLION = 10**6  # money is summed in whole millionths, so that no order of rows changes a sum


def with_measures(
    people: ir.Table,
    events: ir.Table,
    keys: Iterable[str],
    *,
    columns: Mapping[str, Column],
    as_of: date,
) -> ir.Table:
    """Add to people what rules ask of their acts before `as_of`.

    Who never did a thing did it 0 times; the time since it is missing, which is not 0 and not
    long ago.

    >>> import pandas as pd
    >>> from coterie.rules.language.columns import rule_columns
    >>> at = pd.to_datetime(["2026-06-01 00:00", "2026-06-29 12:00"])
    >>> log = {"person_id": ["ana", "ana"], "verb": "purchase", "value": [3.0, 4.5], "at": at}
    >>> people = ibis.memtable({"person_id": ["ana", "bo"]})
    >>> asked = ["purchases in 7 days", "last_purchase"]
    >>> options = {"columns": rule_columns(verbs=["purchase"]), "as_of": date(2026, 7, 1)}
    >>> table = with_measures(people, ibis.memtable(log), asked, **options).order_by("person_id")
    >>> table.to_pandas().values.tolist()
    [['ana', 1.5, 1], ['bo', nan, 0]]
    """
    wanted = {key: column_of(key, columns) for key in sorted(set(keys))}
    measured = {key: column for key, column in wanted.items() if column.measure is not None}
    if not measured:
        return people
    seen = as_of_window(events, as_of=as_of)
    verbs = sorted({column.measure.verb for column in measured.values()})
    done = seen.filter(seen["verb"].isin(verbs))
    sums = {
        f"m{at}": _measured(done, key, column, as_of)
        for at, (key, column) in enumerate(measured.items())
    }
    found = done.group_by("person_id").agg(**sums).rename(person_id_done="person_id")
    joined = people.left_join(found, people["person_id"] == found["person_id_done"])
    values = {
        key: _filled(joined[f"m{at}"], column) for at, (key, column) in enumerate(measured.items())
    }
    return joined.select(*people.columns, **values)


def _measured(done: ir.Table, key: str, column: Column, as_of: date) -> ir.Scalar:
    """Reduce a person's acts to one number."""
    how, verb = column.measure
    asked, days = done["verb"] == verb, days_of(key)
    if days is not None:
        first = datetime.combine(as_of, time.min) - timedelta(days=days)
        asked &= done["at"] >= ibis.timestamp(first.isoformat())
    if how == "count":
        return done.count(where=asked)
    if how == "value":
        return (done["value"] * MILLION).round().cast("int64").sum(where=asked)
    at = done["at"].max(where=asked) if how == "last" else done["at"].min(where=asked)
    return days_before(at, as_of)


def _filled(value: ir.Value, column: Column) -> ir.Value:
    """Say 0 of whoever never did a thing, and nothing of when."""
    match column.measure.how:
        case "count":
            return value.fill_null(0).cast("int64")
        case "value":
            return value.fill_null(0) / MILLION
    return value
