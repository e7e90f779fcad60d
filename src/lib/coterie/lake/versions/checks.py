"""What is checked before a table or finding is stored."""

import hashlib
import hmac
import math
from functools import reduce
from operator import or_
from typing import NamedTuple

import ibis
from pandera.errors import SchemaErrors

from coterie.contracts import Contract, schema_difference
from coterie.study import DataError, stage_of

# what the checks of contracts/tables.yml ask, by pandera's names
HOLDS = {
    "isin": lambda values, limits: values.isin(list(limits["allowed_values"])),
    "greater_than_or_equal_to": lambda values, limits: values >= limits["min_value"],
    "greater_than": lambda values, limits: values > limits["min_value"],
    "less_than": lambda values, limits: values < limits["max_value"],
    "in_range": lambda values, limits: values.between(limits["min_value"], limits["max_value"]),
}


class Finding(NamedTuple):
    """One result: its value, its 95 % interval where it has one, its grade of evidence."""

    value: object
    low: float | None = None
    high: float | None = None
    evidence: str = "D"


def as_finding(value: object, evidence: str) -> Finding:
    """Give a plain value, or a value with its interval, the stage's grade.

    >>> as_finding((0.8, 0.7, 0.9), "C")
    Finding(value=0.8, low=0.7, high=0.9, evidence='C')
    """
    if isinstance(value, Finding):
        return value
    return (
        Finding(*value, evidence=evidence)
        if isinstance(value, tuple)
        else Finding(value, evidence=evidence)
    )


def plain(value: object) -> object:
    """Turn a numpy scalar into the Python one that JSON knows; not-a-number becomes nothing."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and math.isnan(value) else value


def in_short(value: object) -> str:
    """Write a finding for a reader: four digits, a dash for nothing.

    >>> in_short(0.0439834), in_short(158090), in_short("natural"), in_short(float("nan"))
    ('0.04398', '158,090', 'natural', '—')
    """
    value = plain(value)
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"
    return "—" if value is None else str(value)


def check_columns(contract: Contract, name: str, table: ibis.Table) -> None:
    """Raise a readable `DataError` when a column is missing, or is text instead of numbers."""
    schema = table.schema()
    if missing := [column for column in contract.types if column not in schema]:
        new = [column for column in schema.names if column not in contract.types]
        beside = f" Not in the contract: {', '.join(new)}." if new else ""
        lost = ", ".join(missing)
        raise DataError(
            f"table {name}: column {lost} is missing; the contract asks for it.{beside}"
        )
    for column, kind in contract.types.items():
        if schema[column].is_string() and kind != "string":
            raise DataError(f"table {name}: column {column} is text; the contract asks for {kind}.")


def as_contracted(contract: Contract, table: ibis.Table) -> ibis.Table:
    """Give a stored table its contract's types.

    Raises
    ------
    DataError
        With the difference, line by line, when it was written under other columns.
    """
    words = {column: str(kind) for column, kind in table.schema().items()}
    same = {column: kind for column, kind in contract.types.items() if column in words}
    as_text = [n for n, kind in same.items() if (words[n] == "string") != (kind == "string")]
    if as_text or len(same) < len(contract.types):
        known = words | {column: kind for column, kind in same.items() if column not in as_text}
        lines = "\n  ".join(schema_difference(contract.types, known))
        raise DataError(
            f"table {contract.table} was stored under other columns than its contract has now:\n  "
            f"{lines}\nRun {stage_of(contract.stage)} again, which writes it."
        )
    return table.cast(contract.types)


def check_contract(contract: Contract, name: str, table: ibis.Table) -> None:
    """Raise a readable `DataError` when a table breaks its contract, without naming a value."""
    found = table.aggregate(n_rows=table.count(), doubted=in_doubt(contract, table)).to_pandas()
    n_rows = int(found["n_rows"][0])
    if n_rows == 0:
        return  # pandera calls any check on an empty table failed
    try:
        if found["doubted"][0]:  # pandera asks twice a column, and takes a second for a wide table
            contract.schema.validate(table, lazy=True)
    except SchemaErrors as errors:
        broken = sorted(
            {
                f"{e.schema.name} fails {getattr(e.check, 'error', e.check)}"
                for e in errors.schema_errors
            }
        )
        raise DataError(f"table {name}: {'; '.join(broken[:3])}.") from None
    keys = list(contract.key)
    if keys and (repeats := n_rows - table.select(keys).distinct().count().execute()):
        raise DataError(
            f"table {name}: {repeats} rows repeat a {' + '.join(keys)} that must be unique."
        )


def in_doubt(contract: Contract, table: ibis.Table) -> ibis.expr.types.BooleanScalar:
    """Ask in one query whether any column may break its contract: all that pandera would ask."""
    doubts = [ibis.literal(False)]
    for name, column in contract.schema.columns.items():
        values = table[name]
        if not column.nullable:
            doubts.append(values.isnull().any())
            if values.type().is_floating():
                doubts.append(values.isnan().any())
        doubts += [(~HOLDS[check.name](values, check.statistics)).any() for check in column.checks]
    return reduce(or_, [doubt.fill_null(False) for doubt in doubts])


def pseudonym(key: bytes, text: str) -> str:
    """Name a person by a keyed hash: equal input, equal name, and no way back without the key.

    >>> pseudonym(b"key", "mail:ana@example.org") == pseudonym(b"key", "mail:ana@example.org")
    True
    """
    return "p_" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:16]
