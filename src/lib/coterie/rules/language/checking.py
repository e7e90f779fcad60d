"""Whether a rule makes sense: its columns exist, its values fit, its units can be converted."""

from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from lark import Token

from coterie.rules.language.columns import NUMBER, TEXT, Column, over_days
from coterie.rules.language.syntax import (
    DEEPEST,
    Both,
    Compare,
    Either,
    Known,
    Member,
    Node,
    Not,
    OneOf,
    Recent,
    When,
    Written,
    parse,
    rule_error,
)
from coterie.study import SettingsError

# unit of a column -> what may be written, and what one of it is worth there
UNITS = {
    "days": {"minute": 1 / 1440, "hour": 1 / 24, "day": 1.0, "week": 7.0},
    "hours": {"minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0},
    "share": {"%": 0.01},
}
NAME_LENGTH = 60
MOST_NAMED = 5  # named rules within named rules
LARGEST = 10**15  # whole numbers up to it are exact in every engine
CENTURY = 36_525  # days


class Rule(NamedTuple):
    """A rule that was read and makes sense."""

    name: str
    expression: str  # as written
    tree: Node  # columns exist, values have the columns' own units


def read_rules(
    written: Mapping[str, str], columns: Mapping[str, Column], *, as_of: date
) -> list[Rule]:
    """Read all rules of a study file, name by name; the first that makes no sense is an error."""
    return [
        read_rule(name, rule, columns, as_of=as_of, named=written) for name, rule in written.items()
    ]


def read_rule(
    name: str,
    rule: str,
    columns: Mapping[str, Column],
    *,
    as_of: date,
    named: Mapping[str, str] | None = None,
    within: tuple[str, ...] = (),
) -> Rule:
    """Read one rule, like `purchases in 30 days > 4 and last_purchase < 1 week`.

    Comparisons are < <= > >= = and !=, lists `segment in (S1, S2)`, moments `last_purchase since
    2026-05-01` (from the first instant of that day, UTC) and `before`, other rules
    `member of "loyal"`; the empty is found by `is missing`. They are joined by `and`, `or`, `not`
    and parentheses. Columns measured in time take units, shares take %. A measured number is never
    exactly equal to anything, so = is for text and counts.

    Parameters
    ----------
    as_of
        The day on which the rule is applied; dates are counted from it.
    named
        The other rules, for `member of`; five levels deep and never in a circle.
    within
        The rules that led here, outermost first.

    Raises
    ------
    SettingsError
        Showing the rule with a caret under the place it makes no sense at, and what would.

    >>> from coterie.rules.language.columns import rule_columns
    >>> read_rule("back", "recency_days < 2 weeks", rule_columns(), as_of=date(2026, 7, 1)).tree
    Compare(column='recency_days', operator='<', value=14.0)
    """
    if not isinstance(name, str) or not 0 < len(name) <= NAME_LENGTH or '"' in name:
        raise SettingsError(
            f"07_rules.rules: a rule's name is a text of 1 to {NAME_LENGTH} characters without "
            f"double quotes; put a number in quotes."
        )
    if not isinstance(rule, str):
        raise SettingsError(f"07_rules.rules.{name}: write the rule as a text in quotes.")
    check = Check(name, rule, columns, as_of=as_of, named=named or {}, within=(*within, name))
    return Rule(name, " ".join(rule.split()), check.node(parse(rule, name=name), 0))


def columns_in(tree: Node) -> Iterator[str]:
    """Walk through the columns that a rule speaks of, other rules' included."""
    match tree:
        case Both(parts) | Either(parts):
            for part in parts:
                yield from columns_in(part)
        case Not(part) | Member(_, part):
            yield from columns_in(part)
        case _:
            yield tree.column


class Check:
    """Checks the tree of one rule, and knows where to put the caret."""

    def __init__(
        self,
        name: str,
        rule: str,
        columns: Mapping[str, Column],
        *,
        as_of: date,
        named: Mapping[str, str],
        within: tuple[str, ...] = (),
    ) -> None:
        self.name, self.rule, self.columns = name, rule, columns
        self.as_of, self.named, self.within = as_of, named, within

    def error(self, at: int, hint: str) -> SettingsError:
        """Show the rule with a caret under a place, counted from 0 through all its lines."""
        return rule_error(self.rule, self.name, at + 1, hint)

    def node(self, node: Node, depth: int) -> Node:
        """Check a part of the rule and what is in it."""
        if depth > DEEPEST:
            raise self.error(0, f"is nested deeper than {DEEPEST} levels; write two rules")
        match node:
            case Not(part):
                return Not(self.node(part, depth + 1))
            case Both(parts) | Either(parts):
                return type(node)(tuple(self.node(part, depth + 1) for part in parts))
            case Member(token):
                return self.member(token)
        return self.clause(node)

    def clause(self, node: Compare | When | OneOf | Known) -> Node:
        """Check what speaks of one column."""
        match node:
            case Compare(Recent() as recent, operator, written):
                column = self.column(recent.column)
                key = over_days(column.name, self.days(recent, column))
                return Compare(key, operator, self.compared(column, operator, written))
            case Compare(token, operator, written):
                column = self.column(token)
                return Compare(column.name, operator, self.compared(column, operator, written))
            case When(token, operator, day):
                return self.when(token, operator, day)
            case OneOf(token, values):
                column = self.column(token)
                return OneOf(column.name, tuple(self.compared(column, "=", v) for v in values))
        return Known(self.column(node.column).name)

    def column(self, token: Token) -> Column:
        """Find a column by its name, or name those that are spelt alike."""
        if token in self.columns:
            return self.columns[token]
        advice = spelt_alike(token.lower(), self.columns, "see the list on the page")
        raise self.error(token.start_pos, f"no column {str(token)!r} for rules; {advice}")

    def days(self, recent: Recent, column: Column) -> float:
        """Read over how many days a column counts acts."""
        if column.measure is None or column.measure.how not in ("count", "value"):
            hint = f"{column.name} is not counted over days; leave out `in` and the days"
            raise self.error(recent.within.text.start_pos, hint)
        days = self.number(column._replace(unit="days"), recent.within)
        if not 0 < days <= CENTURY:
            hint = "write more than 0 days, and at most a hundred years of them"
            raise self.error(recent.within.text.start_pos, hint)
        return days

    def when(self, token: Token, operator: str, written: Token) -> When:
        """Read a moment and the day it is asked about."""
        column = self.column(token)
        if not column.since_moment:
            raise self.error(token.start_pos, f"{column.name} is no moment; compare it with <")
        try:
            day = date.fromisoformat(written)
        except ValueError:
            raise self.error(written.start_pos, f"there is no day {written}") from None
        return When(column.name, str(operator), day, (self.as_of - day).days)

    def member(self, token: Token) -> Member:
        """Read another rule by its name."""
        name, at = unquoted(token), token.start_pos
        if name not in self.named:
            advice = spelt_alike(name, self.named, "write it under 07_rules.rules")
            raise self.error(at, f"no rule {name!r}; {advice}")
        if name in self.within:
            circle = " → ".join((*self.within[self.within.index(name) :], name))
            raise self.error(at, f"rules go round in a circle: {circle}")
        if len(self.within) > MOST_NAMED:
            raise self.error(at, f"rules stand within rules deeper than {MOST_NAMED} levels")
        rule = read_rule(
            name,
            self.named[name],
            self.columns,
            as_of=self.as_of,
            named=self.named,
            within=self.within,
        )
        return Member(name, rule.tree)

    def compared(self, column: Column, operator: str, written: Written) -> object:
        """Read a value in the column's own kind and unit."""
        exact = operator in ("=", "!=")
        text = written.text.type in ("TEXT", "WORD")
        at = written.text.start_pos
        if text != (column.kind == TEXT):
            wanted = "a text in quotes" if column.kind == TEXT else "a number"
            raise self.error(at, f"{column.name} is compared with {wanted}")
        if text and not exact:
            raise self.error(at, f"{column.name} is text; write =, != or in")
        if column.kind == NUMBER and exact:
            hint = f"{column.name} is measured, hardly ever exactly equal; write >= or <="
            raise self.error(at, hint)
        return self.text(column, written) if text else self.number(column, written)

    def text(self, column: Column, written: Written) -> str:
        """Read a text; where the values are known, one of them."""
        value = unquoted(written.text)
        if column.values and value not in column.values:
            advice = spelt_alike(value, column.values, f"there are {', '.join(column.values)}")
            raise self.error(written.text.start_pos, f"no {column.label} {value!r}; {advice}")
        return value

    def number(self, column: Column, written: Written) -> float:
        """Read a number, its unit turned into the column's."""
        value = float(written.text)
        if abs(value) > LARGEST:
            raise self.error(written.text.start_pos, f"write a number of at most {LARGEST:,}")
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


def spelt_alike(word: str, known: Mapping | tuple, otherwise: str) -> str:
    """Suggest what was probably meant.

    >>> spelt_alike("loial", ("loyal", "lost"), "see the page")
    'did you mean loyal'
    """
    close = get_close_matches(word, known, n=3, cutoff=0.6)
    return f"did you mean {' or '.join(close)}" if close else otherwise


def unquoted(token: Token) -> str:
    """Take the quotes off a text; a bare word has none."""
    return str(token)[1:-1] if token.type == "TEXT" else str(token)
