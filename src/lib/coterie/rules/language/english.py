"""What was understood: a rule read back in English, and the English read back into the rule."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np
from lark import Lark, Token, UnexpectedInput, v_args

from coterie.parsing import find_stop
from coterie.rules.language.checking import UNITS, Check, Rule
from coterie.rules.language.columns import SHARE, TEXT, Column, column_of, days_of
from coterie.rules.language.syntax import (
    Both,
    Compare,
    Either,
    Known,
    Member,
    Node,
    Not,
    OneOf,
    Recent,
    Tree,
    When,
    Written,
    rule_error,
)
from coterie.wording import unit_words

COMPARED = {"<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least "}
COMPARED |= {"=": "", "!=": "not "}
GRAMMAR = r"""
either: both (" or " both)*
both: part (" and " part)*
?part: negation | comparison | dated | choice | known | missing | member | "(" either ")"
negation: "not (" either ")"
comparison: LABEL ": " [OPERATOR] value -> comparison
    | LABEL " in the last " NUMBER UNIT ": " [OPERATOR] value -> recent
dated: LABEL ": " WHEN DATE
choice: LABEL ": one of " value (", " value)*
known: LABEL ": known"
missing: LABEL ": missing"
member: "member of " TEXT
value: NUMBER [UNIT | WORDS] | TEXT

OPERATOR: "less than " | "at most " | "more than " | "at least " | "not "
WHEN: "before " | "since "
DATE.4: /\d{4}-\d{2}-\d{2}/
NUMBER.3: /-?\d+(\.\d+)?/
UNIT.3: / %| days| hours/
WORDS.2: /{words}/
TEXT: /"[^"]*"|'[^']*'/
LABEL: /{labels}/
"""
EXPECTED = {"LABEL": "a column as the page calls it", "NUMBER": "a number", "TEXT": "a text"}


def in_english(tree: Node, columns: Mapping[str, Column]) -> str:
    """Read a rule back; what is itself joined stands in parentheses.

    >>> from coterie.rules.language.columns import rule_columns
    >>> rule = Both((Compare("frequency", ">", 4.0), Compare("weekend_share", ">=", 0.25)))
    >>> in_english(rule, rule_columns())
    'orders: more than 4 and active on the weekend: at least 25 %'
    """
    match tree:
        case Not(Known(key)):
            return f"{label(key, columns)}: missing"
        case Not(part):
            return f"not ({in_english(part, columns)})"
        case Both(parts):
            return " and ".join(_inside(part, columns) for part in parts)
        case Either(parts):
            return " or ".join(_inside(part, columns) for part in parts)
        case Member(name):
            return f'member of "{name}"'
    return f"{label(tree.column, columns)}: {_asked(tree, column_of(tree.column, columns))}"


def label(key: str, columns: Mapping[str, Column]) -> str:
    """Write what a rule speaks of as its author would say it."""
    days = days_of(key)
    over = "" if days is None else f" in the last {plain(days)} days"
    return column_of(key, columns).label + over


def amount(value: object, column: Column) -> str:
    """Write a value with its unit, so exactly that it can be read back.

    >>> amount(0.07, Column("x", "number", "share", "", "x"))
    '7 %'
    """
    if column.kind == TEXT:
        return f'"{value}"' if '"' not in value else f"'{value}'"
    if column.unit == SHARE:
        percent = f"{100 * value:.10g}"
        exact = "e" not in percent and float(percent) * UNITS[SHARE]["%"] == value
        return f"{percent} %" if exact else plain(value)
    return f"{plain(value)}{' days' if column.unit == 'days' else unit_words(column.name)}"


def read_english(
    text: str, columns: Mapping[str, Column], *, as_of: date, named: Mapping[str, str]
) -> Rule:
    """Read the English of a rule back into the rule, by another grammar than the rule's own.

    Raises
    ------
    SettingsError
        With a caret under the place that is not the English of any rule.

    >>> from coterie.rules.language.columns import rule_columns
    >>> day = date(2026, 7, 1)
    >>> read_english("orders: more than 4", rule_columns(), as_of=day, named={}).tree
    Compare(column='frequency', operator='>', value=4.0)
    """
    try:
        tree = _parser(tuple((c.label, c.name) for c in columns.values())).parse(text)
    except UnexpectedInput as error:
        stop = find_stop(text, error, EXPECTED)
        hint = f"expected {', '.join(stop.expected) or 'other words'}"
        raise rule_error(text, "in English", stop.column, hint) from None
    check = Check("in English", text, columns, as_of=as_of, named=named)
    return Rule("in English", text, check.node(tree, 0))


def plain(value: float) -> str:
    """Write a number in digits alone, as few as tell it from every other.

    >>> plain(14.0), plain(1e-7), plain(0.1)
    ('14', '0.0000001', '0.1')
    """
    return np.format_float_positional(value, trim="-")


def _inside(part: Node, columns: Mapping[str, Column]) -> str:
    """Read back a part of a longer rule."""
    text = in_english(part, columns)
    return f"({text})" if isinstance(part, Both | Either) else text


def _asked(tree: Node, column: Column) -> str:
    """Read back what is asked of one column."""
    match tree:
        case Compare(_, operator, value):
            return COMPARED[operator] + amount(value, column)
        case When(_, operator, day):
            return f"{operator} {day}"
        case OneOf(_, values):
            return f"one of {', '.join(amount(value, column) for value in values)}"
    return "known"


@v_args(inline=True)
class _English(Tree):
    """Turn English into the nodes that the rule's own grammar makes."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self.names = names
        self.signs = {words: sign for sign, words in COMPARED.items()}

    def value(self, text: Token, unit: Token | None = None) -> Written:
        """Read a value; the words of a unit that cannot be chosen say nothing."""
        chosen = unit is not None and unit.type == "UNIT"
        return Written(text, unit.update(value=unit.strip()) if chosen else None)

    def comparison(self, column: Token, words: Token | None, value: Written) -> Compare:
        """Read a comparison."""
        return Compare(self.named(column), self.signs[words or ""], value)

    def recent(
        self, column: Token, number: Token, unit: Token, words: Token | None, value: Written
    ) -> Compare:
        """Read a comparison of what happened in the last days."""
        recent = Recent(self.named(column), self.value(number, unit))
        return Compare(recent, self.signs[words or ""], value)

    def dated(self, column: Token, operator: Token, day: Token) -> When:
        """Read a moment and a day."""
        return When(self.named(column), operator.strip(), day, 0)

    def choice(self, column: Token, *values: Written) -> OneOf:
        """Read a list."""
        return OneOf(self.named(column), values)

    def known(self, column: Token) -> Known:
        """Read that something is known."""
        return Known(self.named(column))

    def missing(self, column: Token) -> Not:
        """Read that something is missing."""
        return Not(Known(self.named(column)))

    def named(self, column: Token) -> Token:
        """Turn a label into its column."""
        return column.update(value=self.names[column])


@cache
def _parser(labels: tuple[tuple[str, str], ...]) -> Lark:
    """Make the parser of the English of some columns."""
    names = dict(labels)
    words = {unit_words(name) for name in names.values()} - {"", " days", " hours"}
    grammar = GRAMMAR.replace("{words}", _any_of(words or {"-"}))
    grammar = grammar.replace("{labels}", _any_of(names))
    return Lark(
        grammar, start="either", parser="lalr", lexer="contextual", transformer=_English(names)
    )


def _any_of(words: Mapping | set) -> str:
    """Write a pattern that finds any of some words, the longest first."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word).replace("/", r"\/") for word in longest)
