"""Money at the door: several currencies become one, and the lines of one order become one act."""

import math
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from coterie.study import SettingsError

TURNED = "positive refund, counted as money back"
MONEY_BACK = (
    r"(?i)refund|chargeback|charge.?back|void|revers|storn|cancel|^returns?$|^returned$|erstattung"
)
ACT = ["platform", "account", "at", "verb", "sum_by"]  # lines that agree in these are one act
TOO_LARGE = 1e11  # nobody's order in any currency; such numbers could not be added up exactly


def check_money(entries: list[dict], *, currency: str, rates: Mapping[str, float]) -> None:
    """Refuse rates that are no value of anything, and currencies without one to count in.

    Raises
    ------
    SettingsError
        Naming the key, and the entry of the column map that maps a currency.
    """
    for name, rate in rates.items():
        number = isinstance(rate, int | float) and not isinstance(rate, bool)
        if not number or not 0 < rate < math.inf:
            raise SettingsError(
                f"02_sourcing.rates.{name}: must be a number above 0, what one {name} is "
                f"worth in the study's currency; it is {rate!r}."
            )
    for entry in entries:
        if {"currency", "value"} <= set(entry["columns"]) and not currency:
            raise SettingsError(
                f"02_sourcing.currency: 02_sourcing.files (path: {entry['path']}) maps a "
                f"currency, so say which one the study counts in, like  currency: EUR."
            )


def unit_value(
    stated: ir.StringValue, *, currency: str, rates: Mapping[str, float]
) -> ir.FloatingValue:
    """Give the value of one unit of a currency in the study's; missing without a rate.

    A row that states no currency is taken to be in the study's own.

    >>> stated = ibis.memtable({"code": ["EUR", "usd", "GBP"]})["code"]
    >>> unit_value(stated, currency="USD", rates={"EUR": 1.25}).to_pandas().tolist()
    [1.25, 1.0, nan]
    """
    code = stated.upper()
    known = [(code == str(name).upper(), float(rate)) for name, rate in rates.items()]
    return ibis.cases(
        (code.isnull() | (code == currency.upper()), 1.0), *known, else_=ibis.null("float64")
    )


def money_checks(rows: ir.Table) -> list[tuple]:
    """List what may be wrong with the money of an act, each with the reason to give.

    A currency is named in the reason only when it looks like one: quarantine holds no values, and
    a wrong column could be anything.
    """
    amount, code = rows["value"].try_cast("float64"), rows["currency"].upper()
    shown = code.re_search(r"^[A-Z]{3}$").ifelse(code, ibis.literal("that is no three-letter code"))
    return [
        (
            rows["value"].notnull() & (amount.isnull() | amount.isnan() | amount.isinf()),
            "value is not a number",
        ),
        ((rows["verb"] == "purchase") & (amount < 0), "negative value on a purchase"),
        (
            amount.abs() * ibis.coalesce(rows["unit_value"], 1.0) >= TOO_LARGE,
            "value too large to add up",
        ),
        (
            rows["value"].notnull() & rows["unit_value"].isnull(),
            ibis.literal("currency ") + shown + ibis.literal(" has no rate in 02_sourcing.rates"),
        ),
    ]


def with_sign(columns: dict, entry: dict) -> tuple[ir.StringValue, ir.BooleanValue]:
    """Make the value of an act that takes money back negative, and say in which rows it was not.

    These are acts whose verb, ours or the platform's, says so, and those that the entry names.
    """
    verb, theirs, value = columns["verb"], columns["platform_verb"], columns["value"]
    back = verb.re_search(MONEY_BACK) | theirs.re_search(MONEY_BACK)
    if entry.get("sign"):
        back = back | verb.isin(entry["sign"]["negative_for"])
    turned = back.fill_null(False) & (value.try_cast("float64") > 0).fill_null(False)
    return turned.ifelse(ibis.literal("-") + value.re_replace(r"^\+", ""), value), turned


def number_copies(lines: ir.Table, *, summed: bool) -> ir.IntegerValue:
    """Number the equal lines of one file from 0, so that each counts.

    An order may list the same article twice. In another file they are repeats, the first of the
    first and the second of the second. A line that does not say which order it belongs to gets 0,
    and repeats an equal one; so does every row when nothing is `summed`.
    """
    if not summed:
        return ibis.literal(0, "int64")
    content = [lines[column] for column in lines.columns if column != "row"]
    return (
        lines["sum_by"]
        .notnull()
        .ifelse(ibis.row_number().over(group_by=content, order_by=lines["row"]), 0)
    )


def add_up(acts: ir.Table) -> ir.Table:
    """Make one event of the lines of each order: their values add up, to nine decimals.

    Where the lines of an order differ in another column, the first in the alphabet speaks for it. A
    line that does not say which order it belongs to is an act of its own.
    """
    columns = [*ACT[:-1], "platform_verb", "object_id", "content_type", "value"]
    lines = acts.filter(acts["sum_by"].notnull())
    first = {name: lines[name].min() for name in ("platform_verb", "object_id", "content_type")}
    total = lines["value"].cast("decimal(38, 9)").sum().cast("float64")
    orders = lines.group_by(ACT).agg(**first, value=total)
    return ibis.union(acts.filter(acts["sum_by"].isnull()).select(columns), orders.select(columns))
