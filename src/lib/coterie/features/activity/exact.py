"""Sums that are the same in any order of rows.

They go over whole numbers, since a sum of fractions is not.
"""

import ibis.expr.types as ir

BILLION = 10**9


def billionths(value: ir.NumericValue) -> ir.IntegerColumn:
    """Write a number as whole billionths.

    >>> import ibis
    >>> int(billionths(ibis.literal(0.25)).execute())
    250000000
    """
    return (value * BILLION).round().cast("int64")


def n_log_n(counts: ir.IntegerColumn) -> ir.IntegerScalar:
    """Add up n log2 n over the parts of a whole, in billionths; `entropy` needs it."""
    return billionths(counts * counts.log2()).sum()


def entropy(n: ir.IntegerValue, spent: ir.IntegerValue) -> ir.FloatingValue:
    """Measure in bits how evenly `n` events spread over parts, from their `n_log_n`.

    It is 0 for one part, 1 for two alike.

    References
    ----------
    Shannon (1948), "A Mathematical Theory of Communication", Bell System Technical Journal 27.
    """
    return n.log2() - spent / BILLION / n
