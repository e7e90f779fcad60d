"""Whether a rule makes sense: its columns exist, its values fit, its units can be converted."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from lark import Token

from coterie.rules.columns import NUMBER, TEXT, Column
from coterie.rules.syntax import (
    DEEPEST,
    Both,
    Compare,
    Either,
    Known,
    Node,
    Not,
    OneOf,
    Written,
    parse,
    rule_error,
)
from coterie.study import SettingsError

# unit of a column -> what may be written, and what one of it is worth there
UNITS = {
    "days": {"hour": 1 / 24, "day": 1.0, "week": 7.0},
    "hours": {"minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0},
    "share": {"%": 0.01},
}
NAME_LENGTH = 60


class Rule(NamedTuple):
    """A rule that was read and makes sense."""

    name: str
    expression: str  # as written
    tree: Node  # columns exist, values have the columns' own units


def read_rules(written: Mapping[str, str], columns: Mapping[str, Column]) -> list[Rule]:
    """Read all rules of a study file, name by name; the first that makes no sense is an error."""
    return [read_rule(name, rule, columns) for name, rule in written.items()]


def read_rule(name: str, rule: str, columns: Mapping[str, Column]) -> Rule:
    """Read one rule, like `frequency > 4 and recency_days < 30 days`.

    Comparisons are < <= > >= = and !=, lists `segment in ("S1", "S2")`, the empty is found by
    `is missing`; they are joined by `and`, `or`, `not` and parentheses. Columns measured in time
    take units, shares take %. A measured number is never exactly equal to anything, so = is for
    text and counts.

    Raises
    ------
    SettingsError
        Showing the rule with a caret under the place it makes no sense at, and what would.

    >>> from coterie.rules.columns import rule_columns
    >>> read_rule("back", "recency_days < 2 weeks", rule_columns()).tree
    Compare(column='recency_days', operator='<', value=14.0)
    """
    if not isinstance(name, str) or not 0 < len(name) <= NAME_LENGTH:
        raise SettingsError(
            f"07_rules.rules: a rule's name is a text of 1 to {NAME_LENGTH} characters; "
            f"put a number in quotes."
        )
    if not isinstance(rule, str):
        raise SettingsError(f"07_rules.rules.{name}: write the rule as a text in quotes.")
    tree = parse(rule, name=name)
    return Rule(name, " ".join(rule.split()), _Check(name, rule, columns).node(tree, 0))


class _Check:
    """Checks the tree of one rule, and knows where to put the caret."""

    def __init__(self, name: str, rule: str, columns: Mapping[str, Column]) -> None:
        self.name, self.rule, self.columns = name, rule, columns

    def error(self, at: int, hint: str) -> SettingsError:
        """Show the rule with a caret under a place, counted from 0 through all its lines."""
        return rule_error(self.rule, self.name, at + 1, hint)

    def node(self, node: Node, depth: int) -> Node:
        """Check a part of the rule and what is in it."""
        if depth > DEEPEST:
            raise self.error(0, f"is nested deeper than {DEEPEST} levels; write two rules")
        match node:
            case Compare(token, operator, written):
                column = self.column(token)
                return Compare(column.name, operator, self.compared(column, operator, written))
            case OneOf(token, values):
                column = self.column(token)
                return OneOf(column.name, tuple(self.compared(column, "=", v) for v in values))
            case Known(token):
                return Known(self.column(token).name)
            case Not(part):
                return Not(self.node(part, depth + 1))
            case Both(parts):
                return Both(tuple(self.node(part, depth + 1) for part in parts))
            case Either(parts):
                return Either(tuple(self.node(part, depth + 1) for part in parts))

    def column(self, token: Token) -> Column:
        """Find a column by its name, or name those that are spelt alike."""
        if token in self.columns:
            return self.columns[token]
        close = get_close_matches(token.lower(), self.columns, n=3, cutoff=0.6)
        advice = f"did you mean {' or '.join(close)}" if close else "see the list on the page"
        raise self.error(token.start_pos, f"no column {str(token)!r} for rules; {advice}")

    def compared(self, column: Column, operator: str, written: Written) -> object:
        """Read a value in the column's own kind and unit."""
        exact = operator in ("=", "!=")
        text = written.text.type == "TEXT"
        at = written.text.start_pos
        if text != (column.kind == TEXT):
            wanted = "a text in quotes" if column.kind == TEXT else "a number"
            raise self.error(at, f"{column.name} is compared with {wanted}")
        if text and not exact:
            raise self.error(at, f"{column.name} is text; write =, != or in")
        if column.kind == NUMBER and exact:
            hint = f"{column.name} is measured, hardly ever exactly equal; write >= or <="
            raise self.error(at, hint)
        return str(written.text)[1:-1] if text else self.number(column, written)

    def number(self, column: Column, written: Written) -> float:
        """Read a number, its unit turned into the column's."""
        value = float(written.text)
        if written.unit is None:
            return value
        allowed = UNITS.get(column.unit, {})
        word = str(written.unit).lower()
        unit = word.removesuffix("s")
        if unit not in allowed:
            units = ", ".join(f"{name}s".replace("%s", "%") for name in allowed)
            hint = f"write {units}" if allowed else "write the number alone"
            raise self.error(
                written.unit.start_pos, f"{column.name} is not measured in {word}; {hint}"
            )
        return value * allowed[unit]
