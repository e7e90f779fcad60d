"""The little that is known of one person, pulled to everybody's mean."""

from typing import TypeVar

import ibis.expr.types as ir
import numpy as np
import pandas as pd

Values = TypeVar("Values", float, np.ndarray, pd.Series, pd.DataFrame, ir.NumericValue)


def shrink_to_mean(total: Values, n: Values, *, mean: Values | float, prior: float) -> Values:
    """Estimate a mean from a sum over `n` observations and `prior` imaginary ones at the mean.

    Who has few observations stays near everybody, who has many hardly moves; who has none is like
    everybody. Shares are means of 0 and 1, so `total` may be a count. Takes numbers, arrays, series
    and Ibis columns alike, and keeps their kind.

    References
    ----------
    Efron and Morris (1975), "Data analysis using Stein's estimator and its generalizations",
    JASA 70.

    >>> shrink_to_mean(np.array([1, 0]), np.array([1, 0]), mean=0.5, prior=2).round(2).tolist()
    [0.67, 0.5]
    """
    return (total + prior * mean) / (n + prior)


def shrunken_half_width(spread: Values, n: Values, *, prior: float) -> Values:
    """Measure half the normal 95 % interval of a shrunken mean, whose `prior` counts as seen.

    `spread` is the standard deviation of one observation.

    >>> shrunken_half_width(0.5, 2, prior=2)
    0.49
    """
    return 1.96 * spread / (n + prior) ** 0.5
