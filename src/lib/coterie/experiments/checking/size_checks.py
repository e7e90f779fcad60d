"""Whether arms have the sizes that the weights give them: people who got lost unequally."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special, stats

from coterie.experiments.deciding.aggregates import ALL
from coterie.experiments.design.plan import Plan
from coterie.statistics import holm

SIZES_ALPHA = 0.001  # of arms' sizes (Fabijan et al., KDD 2019)


def of_sizes(counts: np.ndarray, plan: Plan) -> tuple:
    """Ask whether all arms have the sizes that the weights give them."""
    statistic, pvalue = (float(part) for part in size_tests(counts, plan))
    passed = bool(pvalue >= SIZES_ALPHA)
    loss = detectable_loss(int(counts.sum()), min(plan.shares.values()))
    reason = f"arms have the planned sizes (a loss of {loss:.1%} in one would mostly be seen)"
    if not passed:
        reason = f"arms do not have the planned sizes (p = {pvalue:.2g}): people got lost unequally"
    return ("sizes", ALL, statistic, pvalue, passed, "C", reason)


def counts_by_arm(
    rows: pd.DataFrame, plan: Plan, *, by_cluster: bool = False
) -> dict[str, np.ndarray]:
    """Count what was drawn in each segment, one number an arm; everyone comes first."""
    counted = "n" if by_cluster else "n_assigned"  # arms of clusters were drawn by cluster
    places = {arm: place for place, arm in enumerate(plan.shares)}
    found = {ALL: np.zeros(len(places))}
    for segment, arm, n in zip(
        *(rows[name].tolist() for name in ("segment", "arm", counted)), strict=True
    ):
        there = found.setdefault(segment, np.zeros(len(places)))
        if arm in places:
            there[places[arm]] = n
    return found


def size_tests(counts: np.ndarray, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Test all arms' sizes against the weights at once; without people there is no p-value."""
    n = counts.sum(axis=-1)
    expected = n[..., None] * np.array(list(plan.shares.values()))
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = ((counts - expected) ** 2 / expected).sum(axis=-1)
    return statistic, special.chdtrc(len(plan.shares) - 1, statistic)


def detectable_loss(n: int, share: float, *, power: float = 0.8) -> float:
    """Say which part of one arm must get lost for the check of sizes to see it four times in five.

    >>> round(detectable_loss(10_000, 0.5), 3)
    0.083
    """
    if n == 0:
        return 1.0
    needed = stats.norm.isf(SIZES_ALPHA / 2) + stats.norm.ppf(power)
    return float(min(1.0, needed / np.sqrt(n * share * (1 - share))))


def of_segment_sizes(counts: Mapping[str, np.ndarray], plan: Plan) -> list[tuple]:
    """Ask the same in each segment; p-values are adjusted for their number (Holm)."""
    names = sorted(set(counts) - {ALL})
    if not names:
        return []
    statistics, pvalues = size_tests(np.array([counts[name] for name in names]), plan)
    rows = []
    for segment, statistic, pvalue in zip(names, statistics, holm(pvalues), strict=True):
        passed = bool(pvalue >= SIZES_ALPHA)
        reason = "arms have the planned sizes" if passed else f"{segment}: arms have other sizes"
        rows.append(("sizes", segment, statistic, pvalue, passed, "C", reason))
    return rows
