"""What was understood: a rule read back in English, so that its author can object."""

from collections.abc import Mapping

from coterie.rules.columns import SHARE, TEXT, Column
from coterie.rules.syntax import Both, Compare, Either, Known, Node, Not, OneOf
from coterie.wording import trait_label, unit_words

COMPARED = {"<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least "}
COMPARED |= {"=": "", "!=": "not "}


def in_english(tree: Node, columns: Mapping[str, Column]) -> str:
    """Read a rule back; an `or` inside an `and` stands in parentheses.

    >>> from coterie.rules.columns import rule_columns
    >>> rule = Both((Compare("frequency", ">", 4.0), Compare("weekend_share", ">=", 0.25)))
    >>> in_english(rule, rule_columns())
    'orders: more than 4 and active on the weekend: at least 25 %'
    """
    match tree:
        case Not(Compare() | OneOf() | Not() | Both() | Either() as part):
            return f"not ({in_english(part, columns)})"
        case Both(parts):
            return " and ".join(_inside(part, columns) for part in parts)
        case Either(parts):
            return " or ".join(_inside(part, columns) for part in parts)
    return _single(tree, columns)


def _single(tree: Node, columns: Mapping[str, Column]) -> str:
    """Read back what speaks of one column."""
    match tree:
        case Compare(name, operator, value):
            return f"{trait_label(name)}: {COMPARED[operator]}{_value(value, columns[name])}"
        case OneOf(name, values):
            listed = [_value(value, columns[name]) for value in values]
            return f"{trait_label(name)}: {' or '.join(listed)}"
        case Known(name):
            return f"{trait_label(name)}: known"
        case Not(Known(name)):
            return f"{trait_label(name)}: missing"


def _inside(part: Node, columns: Mapping[str, Column]) -> str:
    """Read back a part of a longer rule; what is itself a list stands in parentheses."""
    text = in_english(part, columns)
    several = isinstance(part, OneOf) and len(part.values) > 1
    return f"({text})" if several or isinstance(part, Both | Either) else text


def _value(value: object, column: Column) -> str:
    """Write a value with its unit."""
    if column.kind == TEXT:
        return f'"{value}"'
    if column.unit == SHARE:
        return f"{100 * value:.10g} %"
    return f"{value:.10g}{unit_words(column.name)}"
