"""How likely are structureless people to show groups as separate? Monte Carlo, one at a time."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from coterie.segments.selection.replicates import Replicate

PILOT = 9  # replicates that give every figure its scale, and count for nothing else
ENOUGH = 5  # replicates as separate as ours, from which no more are drawn
BATCH = 10  # replicates at a time


class PValue(NamedTuple):
    """A Monte Carlo p-value, and how fine it is."""

    value: float
    draws: int  # structureless replicates behind it

    @property
    def resolution(self) -> float:
        """The smallest value that so many draws can give.

        >>> PValue(0.01, 99).resolution
        0.01
        """
        return 1 / (self.draws + 1)


class Null(NamedTuple):
    """One kind of structureless data: its p-value, and some replicates to compare with."""

    pvalue: PValue
    replicates: list[Replicate]


def sequential_pvalue(
    real: Replicate,
    draw: Callable[[int], Replicate],
    measure: Callable[[Replicate], np.ndarray],
    *,
    at_most: int,
    run_all: Callable,
) -> Null:
    """Draw structureless replicates until five are as separate as ours, or there are enough.

    The p-value is of the best figure among all, so it allows for having looked at many. Where
    groups are hopeless five replicates come soon; where it matters draws go on, and the p-value
    gets as small as they allow. The pilot sets one scale for all, ours too; given it, ours and the
    replicates are exchangeable when people were drawn from that null. For a null that takes its
    correlations and columns from these people it is a bootstrap's.

    References
    ----------
    Besag and Clifford (1991), "Sequential Monte Carlo p-values", Biometrika 78. Gandy (2009),
    "Sequential implementation of Monte Carlo tests with uniformly bounded resampling risk",
    JASA 104.
    """
    pilot = run_all([partial(draw, number) for number in range(PILOT)])
    scale = np.array([measure(replicate) for replicate in pilot])
    spread = scale.std(axis=0)
    spread = np.where(spread > 1e-12, spread, np.inf)

    def best(replicate: Replicate) -> float:
        return float(((measure(replicate) - scale.mean(axis=0)) / spread).max())

    ours = best(real)
    kept = list(pilot)
    as_separate: list[bool] = []
    while len(as_separate) < at_most and sum(as_separate) < ENOUGH:
        begin = PILOT + len(as_separate)
        more = min(BATCH, at_most - len(as_separate))
        made = run_all([partial(draw, begin + number) for number in range(more)])
        as_separate += [best(replicate) >= ours for replicate in made]
        kept += made
    return Null(stopped_pvalue(as_separate), kept)


def stopped_pvalue(as_separate: Sequence[bool]) -> PValue:
    """Give the p-value of draws that stop at the fifth that is as separate as ours.

    >>> stopped_pvalue([True] * 6), stopped_pvalue([False] * 99)
    (PValue(value=1.0, draws=5), PValue(value=0.01, draws=99))
    """
    counts = np.cumsum(as_separate)
    if len(counts) and counts[-1] >= ENOUGH:
        draws = int(np.searchsorted(counts, ENOUGH)) + 1
        return PValue(ENOUGH / draws, draws)
    return PValue((1 + int(sum(as_separate))) / (len(as_separate) + 1), len(as_separate))
