"""How a rule is written: its grammar, its tree, and what is said where it cannot be read."""

import re
from datetime import date
from typing import NamedTuple

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from coterie.parsing import Both, Either, Not, caret_error, find_stop
from coterie.study import SettingsError

GRAMMAR = r"""
either: both (_OR both)*
both: part (_AND part)*
?part: negation | comparison | dated | choice | exclusion | known | missing | member | inside
?inside: "(" either ")"
negation: _NOT part
comparison: NAME OPERATOR value -> comparison
    | NAME _IN NUMBER UNIT OPERATOR value -> recent
dated: NAME WHEN DATE
choice: NAME _IN "(" value ("," value)* ")"
exclusion: NAME _NOT _IN "(" value ("," value)* ")"
known: NAME _IS _KNOWN
missing: NAME _IS _MISSING
member: _MEMBER _OF (TEXT | WORD)
value: NUMBER [UNIT] | TEXT | WORD

_OR.2: /or\b/i
_AND.2: /and\b/i
_NOT.2: /not\b/i
_IN.2: /in\b/i
_IS.2: /is\b/i
_OF.2: /of\b/i
_KNOWN.2: /known\b/i
_MISSING.2: /missing\b/i
_MEMBER.2: /member(?=\s+of\b)/i
WHEN.2: /(before|since)\b/i
OPERATOR: "<=" | ">=" | "!=" | "<" | ">" | "="
DATE.4: /\d{4}-\d{2}-\d{2}\b/
NUMBER.3: /-?\d+(\.\d+)?/
UNIT.2: /%|(minutes?|hours?|days?|weeks?)\b/i
NAME: /[A-Za-z_]\w*/
WORD: /[A-Za-z_]\w*/
TEXT: /"[^"]*"|'[^']*'/
%ignore /\s+/
"""
LONGEST, DEEPEST = 500, 20
WORDS = {  # what the parser may wait for, in the words of a rule
    **{"NAME": "a column", "OPERATOR": "one of < <= > >= = !=", "NUMBER": "a number"},
    **{
        "TEXT": "a text in quotes",
        "WORD": "a text in quotes",
        "UNIT": "a unit like days",
        "LPAR": "(",
        "RPAR": ")",
    },
    **{"DATE": "a date like 2026-07-01", "WHEN": "before or since", "_MEMBER": "member of"},
    **{"COMMA": "a comma", "_AND": "and", "_OR": "or", "_NOT": "not", "_IN": "in", "_IS": "is"},
    **{"_KNOWN": "known", "_MISSING": "missing", "_OF": "of", "$END": "the end"},
}


class Compare(NamedTuple):
    """A column against one value: < <= > >= = or !=."""

    column: str
    operator: str
    value: object


class When(NamedTuple):
    """A moment against a day: before it, or since it began (UTC)."""

    column: str  # time since that moment, in days
    operator: str  # before or since
    day: date
    days: int  # from that day to the rule's own day


class OneOf(NamedTuple):
    """A column whose value is one of several."""

    column: str
    values: tuple


class Known(NamedTuple):
    """A column that has a value."""

    column: str


class Member(NamedTuple):
    """Whoever qualifies under another rule."""

    name: str
    tree: object


Node = Compare | When | OneOf | Known | Member | Not | Both | Either


class Written(NamedTuple):
    """A value as it stands in the rule."""

    text: Token  # digits, a text in its quotes, or a bare word
    unit: Token | None = None


class Recent(NamedTuple):
    """A column over the last so many days, as it stands in the rule."""

    column: Token
    within: Written


def parse(rule: str, *, name: str) -> Node:
    """Read a rule into its tree, columns and values still as they are written.

    >>> parse("frequency > 4", name="loyal").operator
    '>'
    """
    require_length(rule, name)
    try:
        return PARSER.parse(rule)
    except UnexpectedInput as error:
        raise _unreadable(rule, name, error) from None


def require_length(rule: str, name: str) -> None:
    """Refuse a rule that is too long to be read by anybody."""
    if len(rule) > LONGEST:
        hint = f"has {len(rule)} characters; write at most {LONGEST}, or two rules"
        raise SettingsError(f"07_rules.rules.{name}: {hint}.")


def rule_error(rule: str, name: str, column: int, hint: str) -> SettingsError:
    """Show the rule with a caret under a place, counted from 1."""
    return caret_error(f"07_rules.rules.{name}", rule, column, hint)


@v_args(inline=True)
class Tree(Transformer):
    """Turn what a grammar found into our nodes, while it is read."""

    def value(self, text: Token, unit: Token | None = None) -> Written:
        """Read a value and its unit."""
        return Written(text, unit)

    def comparison(self, column: Token, operator: Token, value: Written) -> Compare:
        """Read a comparison."""
        return Compare(column, str(operator), value)

    def recent(
        self, column: Token, number: Token, unit: Token, operator: Token, value: Written
    ) -> Compare:
        """Read a comparison of what happened in the last days."""
        return Compare(Recent(column, Written(number, unit)), str(operator), value)

    def dated(self, column: Token, operator: Token, day: Token) -> When:
        """Read a moment and a day."""
        return When(column, operator.lower(), day, 0)

    def choice(self, column: Token, *values: Written) -> OneOf:
        """Read an `in`."""
        return OneOf(column, values)

    def exclusion(self, column: Token, *values: Written) -> Not:
        """Read a `not in`."""
        return Not(OneOf(column, values))

    def known(self, column: Token) -> Known:
        """Read an `is known`."""
        return Known(column)

    def missing(self, column: Token) -> Not:
        """Read an `is missing`."""
        return Not(Known(column))

    def member(self, name: Token) -> Member:
        """Read a `member of`."""
        return Member(name, None)

    def negation(self, part: Node) -> Not:
        """Read a `not`."""
        return Not(part)

    def both(self, *parts: Node) -> Node:
        """Read what `and` joins, or its only part."""
        return Both(parts) if len(parts) > 1 else parts[0]

    def either(self, *parts: Node) -> Node:
        """Read what `or` joins, or its only part."""
        return Either(parts) if len(parts) > 1 else parts[0]


PARSER = Lark(GRAMMAR, start="either", parser="lalr", lexer="contextual", transformer=Tree())


def _unreadable(rule: str, name: str, error: UnexpectedInput) -> SettingsError:
    """Say where a rule stops making sense, and what could stand there."""
    stop = find_stop(rule, error, WORDS)
    at = stop.column - 1
    found = "the rule ends" if stop.ended else f"{_word_at(rule, at)!r} cannot stand here"
    hint = f"{found}; expected {', '.join(stop.expected)}{_advice(rule, at)}"
    return rule_error(rule, name, stop.column, hint)


def _word_at(rule: str, at: int) -> str:
    """Name the word that begins at a place."""
    return re.match(r"\w+|\S", rule[at:].lstrip())[0]


def _advice(rule: str, at: int) -> str:
    """Say what to write instead of what other languages write here."""
    habits = {"==": "=", "<>": "!=", "&": "and", "|": "or", "!": "not", "~": "not"}
    for wrong, right in habits.items():
        if rule[max(at - 1, 0) :].startswith(wrong) or rule[at:].startswith(wrong):
            return f"; write {right} for {wrong}"
    return "; write the column first" if rule[at : at + 1].isdigit() else ""
