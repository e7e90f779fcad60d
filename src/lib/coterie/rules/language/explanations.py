"""Why somebody qualifies under a rule, or what keeps them out and what would change it."""

from collections.abc import Iterator, Mapping
from math import ceil, floor
from typing import NamedTuple

from coterie.rules.language.checking import Rule
from coterie.rules.language.columns import WHOLE, Column, column_of
from coterie.rules.language.english import amount, in_english, label
from coterie.rules.language.replay import holds
from coterie.rules.language.syntax import Compare, Either, Known, Member, Node, Not, OneOf, When
from coterie.study import DataError


class Reason(NamedTuple):
    """One clause that decides about one person."""

    clause: str  # in English
    value: str  # what the person has there, with its unit; "missing" where there is nothing
    change: str  # what would turn the clause round
    text: str  # the sentence


def why_in(rule: Rule, row: Mapping[str, object], columns: Mapping[str, Column]) -> list[Reason]:
    """Say why somebody qualifies: the clauses that together decide it, in the rule's own order.

    Raises
    ------
    DataError
        When the person does not qualify.
    """
    if holds(rule.tree, row) is not True:
        raise DataError(f"Nobody qualifies under {rule.name} so; ask why_out.")
    found = _deciding(rule.tree, row, wanted=True)
    return [_reason(leaf, row, columns, yes=yes, out=False) for leaf, yes in found]


def why_out(rule: Rule, row: Mapping[str, object], columns: Mapping[str, Column]) -> Reason:
    """Say what keeps somebody out: the first clause that fails, its value, what would change it.

    Raises
    ------
    DataError
        When the person qualifies.

    >>> from datetime import date
    >>> from coterie.rules.language.checking import read_rule
    >>> from coterie.rules.language.columns import rule_columns
    >>> columns = rule_columns()
    >>> rule = read_rule("loyal", "frequency > 4", columns, as_of=date(2026, 7, 1))
    >>> why_out(rule, {"frequency": 3}, columns).text
    'orders: more than 4 does not hold: it is 3; it would with 5 or more.'
    """
    if holds(rule.tree, row) is True:
        raise DataError(f"The person qualifies under {rule.name}; ask why_in.")
    leaf, yes = next(_deciding(rule.tree, row, wanted=False))
    return _reason(leaf, row, columns, yes=yes, out=True)


def _deciding(
    tree: Node, row: Mapping[str, object], *, wanted: bool, truth: bool = True
) -> Iterator[tuple[Node, bool]]:
    """Walk to the clauses that make a rule hold, or keep it from holding.

    With each goes whether the rule wants it true. Under a `not` a part holds by being false, so its
    `truth` is the opposite there, and so is what is wanted of its clauses.
    """
    match tree:
        case Not(part):
            for leaf, yes in _deciding(part, row, wanted=wanted, truth=not truth):
                yield leaf, not yes
            return
        case Member(_, part):
            yield from _deciding(part, row, wanted=wanted, truth=truth)
            return
        case Compare() | When() | OneOf() | Known():
            yield tree, True
            return
    alike = [part for part in tree.parts if (holds(part, row) is truth) == wanted]
    enough_is_one = isinstance(tree, Either) == (wanted == truth)
    for part in alike[:1] if enough_is_one else alike:
        yield from _deciding(part, row, wanted=wanted, truth=truth)


def _reason(
    leaf: Node, row: Mapping[str, object], columns: Mapping[str, Column], *, yes: bool, out: bool
) -> Reason:
    """Put one clause, its value and what would turn it round into words."""
    column = column_of(leaf.column, columns)
    value = row[leaf.column]
    shown = "missing" if value is None else amount(value, column)
    clause = in_english(leaf if yes else Not(leaf), columns)
    change = _turned(leaf, column, to=yes if out else not yes)
    if value is None and not isinstance(leaf, Known):
        text = f"{clause} cannot be told: {label(leaf.column, columns)} is missing."
        return Reason(clause, shown, f"{change}, once it is known", text)
    verb = "does not hold" if out else "holds"
    turn = "it would with" if out else "it would not with"
    return Reason(clause, shown, change, f"{clause} {verb}: it is {shown}; {turn} {change}.")


def _turned(leaf: Node, column: Column, *, to: bool) -> str:
    """Name the values for which a clause is true, or false."""
    match leaf:
        case Compare(_, ("=" | "!=") as sign, value):
            return amount(value, column) if (sign == "=") == to else _other(amount(value, column))
        case Compare(_, operator, value):
            return _range(operator, value, column, to=to)
        case When(_, operator, day):
            since = (operator == "since") == to
            return f"one on {day} or later" if since else f"the last one before {day}"
        case OneOf(_, values):
            listed = " or ".join(amount(value, column) for value in values)
            return listed if to else _other(listed)
    return "any value" if to else "none"


def _other(text: str) -> str:
    """Name everything else."""
    return f"anything but {text}"


def _range(operator: str, value: float, column: Column, *, to: bool) -> str:
    """Name the nearest values for which an inequality is true, or false."""
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    sign = operator if to else opposite[operator]
    if column.kind != WHOLE:
        words = {"<": "less than {}", "<=": "{} or less", ">": "more than {}", ">=": "{} or more"}
        return words[sign].format(amount(value, column))
    nearest = {"<": ceil(value) - 1, "<=": floor(value), ">": floor(value) + 1, ">=": ceil(value)}
    words = "{} or less" if sign in ("<", "<=") else "{} or more"
    return words.format(amount(float(nearest[sign]), column))
