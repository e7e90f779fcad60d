"""A rule on a table: one boolean expression, true, false or unknown for each person."""

from functools import reduce
from operator import and_, eq, ge, gt, le, lt, ne, or_

import ibis
import ibis.expr.types as ir

from coterie.rules.syntax import Both, Compare, Known, Node, Not, OneOf

OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "!=": ne}


def compile_rule(tree: Node, people: ir.Table) -> ir.BooleanValue:
    """Turn a rule into an expression over people.

    Missing is not false: a comparison with something missing is unknown, and so is its opposite.
    `unknown and false` is false, `unknown or true` is true (Kleene's logic, that of SQL).

    >>> people = ibis.memtable({"frequency": [5, 1, None]})
    >>> rule = Not(Compare("frequency", ">", 4.0))
    >>> compile_rule(rule, people).execute().tolist()
    [False, True, None]
    """
    match node := tree:
        case Compare(column, operator, value):
            return OPERATORS[operator](people[column], ibis.literal(value))
        case OneOf(column, values):
            return people[column].isin(list(values))
        case Known(column):
            return people[column].notnull()
        case Not(part):
            return ~compile_rule(part, people)
    parts = [compile_rule(part, people) for part in node.parts]
    return reduce(and_ if isinstance(node, Both) else or_, parts)
