"""People beside structureless replicates of themselves: p-values, and recovery alike."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.segments.selection.nulls import make_nulls, structureless_within
from coterie.segments.selection.replicates import Entry, Replicate, fit_entries
from coterie.segments.selection.significance import Null, sequential_pvalue
from coterie.segments.selection.stability import worst_recovery
from coterie.segments.selection.verdict import STABLE, comes_back

PLAIN = "k-means"  # always takes part in the p-value
FEW_GROUPS = 4  # numbers of groups up to which structureless data are grouped in any case
FEW_DRAWS = 19  # where nothing is at stake: no grouping was confirmed, or the null only explains
RESAMPLED = 3  # structureless replicates that are resampled, as often as people are
TRIED = 5  # groupings of either kind, natural or finer, resampled until one comes back


class Nulls(NamedTuple):
    """Makes, groups and resamples structureless replicates of some people."""

    values: np.ndarray  # (n, p) people that p-values are taken of
    learned: np.ndarray  # (m, p) people that recovery is measured on
    ks: Sequence[int]
    n_axes: int
    seed: int
    draws: int  # replicates at most, where something is at stake
    resamples: int
    run_all: Callable

    def draw(self, hopeful: Sequence[Entry], families: Sequence[str]) -> dict[str, Null]:
        """Give the p-value by null, of the plainest algorithm and that of the best grouping."""
        plain = PLAIN if PLAIN in families else families[0]
        asked = list(dict.fromkeys([plain, *(family for family, _ in hopeful[:1])]))
        # a few more than the best has: further numbers cost time and decide nothing
        most = max([FEW_GROUPS, *(k + 1 for _, k in hopeful[:1])])
        ks = [k for k in self.ks if k <= most] or self.ks
        fit = partial(
            fit_entries, families=asked, ks=ks, n_axes=self.n_axes, seed=self.seed, quick=True
        )
        real = fit(self.values)
        found = {}
        for kind, make in make_nulls(self.values).items():
            at_stake = kind == "one-humped" and bool(hopeful)
            if kind != "one-humped" and not hopeful:
                continue  # there is nothing to explain
            found[kind] = sequential_pvalue(
                real,
                partial(draw_one, make=make, fit=fit, seed=self.seed),
                partial(Replicate.separation, families=asked, ks=ks),
                at_most=self.draws if at_stake else min(self.draws, FEW_DRAWS),
                run_all=self.run_all,
            )
        return found

    def recover(
        self,
        hopeful: Sequence[Entry],
        natural: Sequence[bool],
        entries: Sequence[Entry],
        *,
        granted: np.ndarray,
    ) -> np.ndarray:
        """Measure recovery of the likeliest groupings, and the largest of three null replicates.

        They are tried in order until one comes back. Finer ones are held against replicates that
        have the natural groups and nothing inside these. (entries, 2), missing for the others.
        """
        figures = np.full((len(entries), 2), np.nan)
        n_tried = {True: 0, False: 0}
        for entry, apart in zip(hopeful, natural, strict=True):
            if n_tried[apart] == TRIED:
                continue
            n_tried[apart] += 1
            own, null = self.recovery(entry, np.zeros_like(granted) if apart else granted)
            figures[entries.index(entry)] = own, null
            if comes_back(own, null, natural=apart):
                break
        return figures

    def recovery(self, entry: Entry, granted: np.ndarray) -> tuple[float, float]:
        """Measure how well a grouping comes back, and the best of replicates where it might."""
        options = {"n_axes": self.n_axes, "seed": self.seed, "resamples": self.resamples}
        measure = partial(worst_recovery, entry=entry, **options)
        own = self.run_all([partial(measure, self.learned)])[0]
        if own < STABLE:
            return own, np.nan
        make = structureless_within(self.learned, granted)
        tables = [make(1000 * number + self.seed) for number in range(RESAMPLED)]
        return own, max(self.run_all([partial(measure, table) for table in tables]))


def draw_one(number: int, *, make: Callable, fit: Callable, seed: int) -> Replicate:
    """Make one structureless replicate and group it."""
    return fit(make(1000 * number + seed + 1))


def null_silhouettes(entries: Sequence[Entry], replicates: Sequence[Replicate]) -> pd.DataFrame:
    """Give the largest and the usual silhouette of null replicates, where these were asked."""
    widths = [[each.silhouette.get(entry, np.nan) for each in replicates] for entry in entries]
    table = pd.DataFrame(widths)
    return pd.DataFrame(
        {"null_silhouette": table.max(axis=1), "usual_silhouette": table.median(axis=1)}
    )
