"""From where on somebody counts as engaged, or as intending to buy, and which border tells most."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

MINUTES, PAGES, BASKET_DAYS = (1.0, 2.0, 5.0, 10.0, 20.0), (2, 3, 4, 6, 8), (7, 14, 30, 60)


class Thresholds(NamedTuple):
    """The borders of the grid."""

    minutes: float = 5.0  # engaged: a session longer than this ...
    pages: int = 3  # ... and of at least so many pages
    basket_days: int = 30  # intent: a basket left standing in so many days

    def __str__(self) -> str:
        """Write the borders as a page does."""
        return (
            f"a session over {self.minutes:g} minutes and {self.pages} pages; "
            f"a basket left within {self.basket_days} days"
        )


class Cells(NamedTuple):
    """Where people stand in the grid, one entry a person."""

    engaged: np.ndarray
    intent: np.ndarray

    @property
    def number(self) -> np.ndarray:
        """Number the cells: 0 neither, 1 engaged alone, 2 intent alone, 3 both."""
        return self.engaged + 2 * self.intent


def candidates(*, lookback_days: int) -> Iterator[Thresholds]:
    """List the borders that are tried, the default ones first; no further back than the record."""
    yield Thresholds()
    for minutes, pages, days in product(MINUTES, PAGES, BASKET_DAYS):
        if days <= lookback_days and (minutes, pages, days) != Thresholds():
            yield Thresholds(minutes, pages, days)


def place(signals: pd.DataFrame, borders: Thresholds) -> Cells:
    """Place people in the grid.

    >>> signals = pd.DataFrame({"pages_2": [3, 2], "basket_days": [None, 29.0]})
    >>> place(signals, Thresholds()).number.tolist()
    [1, 2]
    """
    pages = signals[f"pages_{MINUTES.index(borders.minutes)}"]
    left = signals["basket_days"].astype(float)
    return Cells(
        (pages >= borders.pages).to_numpy(dtype=int), (left <= borders.basket_days).to_numpy(int)
    )


def information(number: np.ndarray, converted: np.ndarray) -> float:
    """Measure how much a cell tells of whether somebody converts, in bits a person.

    References
    ----------
    Quinlan (1986), "Induction of Decision Trees", Machine Learning 1: information gain.

    >>> yes = np.array([1, 1, 0, 0])
    >>> information(np.array([3, 3, 0, 0]), yes), information(np.array([3, 0, 3, 0]), yes)
    (1.0, 0.0)
    """
    n = np.bincount(number, minlength=4)
    hits = np.bincount(number, converted, minlength=4)
    within = (n * entropy(hits / np.maximum(n, 1))).sum() / max(len(number), 1)
    return float(entropy(converted.mean()) - within) if len(number) else 0.0


def entropy(share: np.ndarray) -> np.ndarray:
    """Measure the uncertainty of a yes or no, in bits."""
    share = np.clip(share, 1e-12, 1 - 1e-12)
    found = -(share * np.log2(share) + (1 - share) * np.log2(1 - share))
    return np.where((share < 1e-9) | (share > 1 - 1e-9), 0.0, found)


def best(signals: pd.DataFrame, converted: np.ndarray, *, lookback_days: int) -> Thresholds:
    """Choose the borders whose cells tell most of conversion; of equal ones the default."""
    tried = list(candidates(lookback_days=lookback_days))
    told = [information(place(signals, borders).number, converted) for borders in tried]
    return tried[int(np.argmax(np.round(told, 9)))]
