"""Numbers as exports write them: which mark is the decimal one is decided for a whole column."""

import ibis
import ibis.expr.types as ir

from coterie.study import SettingsError

PLAIN = r"^[+-]?\d+(?:\.(?:\d{1,2}|\d{4,}))?$"
NUMBER = (  # a sign, a currency before or after, digits in groups; brackets or a last minus: less
    r"^(?:[+-]|[(])? ?(?:[€$£¥₹]|[A-Z]{3})? ?[+-]? ?(?:\d[\d.,'’ ]*|[.,]\d+)"
    r" ?(?:[€$£¥₹]|[A-Z]{3})?(?:-|[)])?$"
)
BLANKS = "[\u00a0\u2007\u2009\u202f\t]+"
COMMA_IS_DECIMAL = r",(?:\d{1,2}|\d{4,})\D*$|\.\d{3},\d|\.\d{3}\.\d{3}|\D0,\d|^0,\d"
POINT_IS_DECIMAL = r"\.(?:\d{1,2}|\d{4,})\D*$|,\d{3}\.\d|,\d{3},\d{3}|\D0\.\d|^0\.\d"
EITHER = r"^\D*[1-9]\d{0,2}[.,]\d{3}\D*$"  # 1.250 and 1,250


def find_decimal(text: ir.StringValue, rows: ir.Table, where: str, entry: dict) -> str:
    """Find the decimal mark of a column from all its values.

    Where only numbers like 1.250 or 1,250 stand, a point is decimal and a comma is not, as in
    English; in a file whose fields are separated by semicolons neither is certain.

    Raises
    ------
    SettingsError
        When the column cannot be read one way only.
    """
    if stated := entry.get("decimal", ""):
        return stated
    number = tidied(text)
    kinds = {"comma": COMMA_IS_DECIMAL, "point": POINT_IS_DECIMAL, "either": EITHER}
    sums = {name: number.re_search(pattern).sum() for name, pattern in kinds.items()}
    found = rows.filter(number.re_search(NUMBER)).aggregate(**sums).to_pandas().iloc[0].fillna(0)
    advice = f'say which in {where}.decimal, like  decimal: ",".'
    if found["comma"] and found["point"]:
        raise SettingsError(
            f"{where}: some numbers have a decimal comma and others a decimal point; "
            f"export it again, or {advice}"
        )
    unclear = found["either"] and not found["comma"] and not found["point"]
    if unclear and entry.get("separator") == ";":
        raise SettingsError(
            f"{where}: every number like 1.250 can be one and a quarter or over a thousand; "
            f"{advice}"
        )
    return "," if found["comma"] else "."


def is_plain(text: ir.StringValue) -> ir.BooleanValue:
    """Say whether text is a number without groups whose decimal mark can only be a point."""
    return tidied(text).re_search(PLAIN)


def as_number(text: ir.StringValue, decimal: str) -> ir.StringValue:
    """Write a number plainly, its groups joined and its decimal mark a point; else as it stands.

    >>> text = ibis.memtable({"n": ["1.100,50", "+1 000", "(12,5)", "€ 7", "many"]})["n"]
    >>> as_number(text, ",").to_pandas().tolist()
    ['1100.50', '1000', '-12.5', '7', 'many']
    """
    if not decimal:
        return text
    number = tidied(text)
    digits = number.re_replace(rf"[^0-9{decimal}]", "").replace(decimal, ".")
    negative = number.re_search(r"^[^0-9]*-|^\(.*\)$|-$")
    signed = negative.ifelse(ibis.literal("-") + digits, digits)
    # a number in scientific notation is none of these, and stays as it stands
    return number.re_search(NUMBER).ifelse(signed, text)


def tidied(text: ir.StringValue) -> ir.StringValue:
    """Make every blank a plain one."""
    return text.re_replace(BLANKS, " ").strip()
