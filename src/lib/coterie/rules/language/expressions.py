"""A rule on a table: one boolean expression, true, false or unknown for each person."""

from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_

import ibis.expr.types as ir

from coterie.rules.language.syntax import (
    Both,
    Compare,
    Either,
    Known,
    Member,
    Node,
    Not,
    OneOf,
    When,
)

OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "!=": ne}


def compile_rule(tree: Node, people: ir.Table) -> ir.BooleanValue:
    """Turn a rule into an expression over people.

    Missing is not false: a comparison with something missing is unknown, and so is its opposite.
    `unknown and false` is false, `unknown or true` is true (Kleene's logic, that of SQL).

    >>> import ibis
    >>> people = ibis.memtable({"frequency": [5, 1, None]})
    >>> rule = Not(Compare("frequency", ">", 4.0))
    >>> compile_rule(rule, people).execute().tolist()
    [False, True, None]
    """
    match node := tree:
        case Member(_, part):
            return compile_rule(part, people)
        case Not(part):
            return ~compile_rule(part, people)
        case Both(parts) | Either(parts):
            compiled = [compile_rule(part, people) for part in parts]
            return reduce(and_ if isinstance(node, Both) else or_, compiled)
    return _clause(tree, people[tree.column])


def _clause(tree: Compare | When | OneOf | Known, column: ir.Value) -> ir.BooleanValue:
    """Ask one thing of one column."""
    match tree:
        case Compare(_, operator, value):
            return OPERATORS[operator](column, in_kind(value, column))
        case When(_, operator, _, days):
            return column <= days if operator == "since" else column > days
        case OneOf(_, values):
            return column.isin(list(values))
    return column.notnull()


def in_kind(value: object, column: ir.Value) -> object:
    """Write a whole number as one beside whole numbers, so that no row has to be turned round.

    >>> import ibis
    >>> in_kind(4.0, ibis.literal(7)), in_kind(4.5, ibis.literal(7)), in_kind("S1", ibis.literal(7))
    (4, 4.5, 'S1')
    """
    whole = isinstance(value, float) and value.is_integer() and column.type().is_integer()
    return int(value) if whole else value
