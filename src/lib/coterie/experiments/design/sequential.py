"""Looks before the end: whenever somebody likes, or a few that were planned (group-sequential)."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import optimize, stats

from coterie.experiments.design.plan import Plan

EARLY_SHARE = 0.2  # of alpha, spent on looks before the end; the rest is left for the end
NODES = 200  # of the integration over everything that an experiment may have shown so far
FAR = 8.5  # standard errors beyond which nothing need be integrated
RULES = {
    "obrien-fleming": "O'Brien-Fleming-type spending, Lan-DeMets",
    "pocock": "Pocock-type spending, Lan-DeMets",
}


def early_alpha(alpha: float, looks: int) -> float:
    """Say how much of the error may be spent before the end; nothing where nobody may look.

    >>> round(early_alpha(0.05, 28), 3), early_alpha(0.05, 1)
    (0.01, 0.0)
    """
    return alpha * EARLY_SHARE if looks > 1 else 0.0


def final_alpha(plan: Plan) -> float:
    """Say how much of an arm's error is left to the end, where the looks come as planned.

    >>> from coterie.experiments.design.plan import Metric
    >>> once = Plan("a", "g", "o", {"control": 1, "b": 1}, Metric("visit"), 0.05)
    >>> final_alpha(once), final_alpha(once._replace(looks=4))
    (0.05, 0.04)
    >>> round(final_alpha(once._replace(looks=4, spending="obrien-fleming")), 3)
    0.044
    """
    alpha = plan.alpha / len(plan.treatments)
    if not plan.spending:
        return alpha - early_alpha(alpha, plan.looks)
    shares = tuple((np.arange(plan.looks) + 1) / plan.looks)
    spent = tuple(spent_alpha(share, alpha=alpha, spending=plan.spending) for share in shares)
    return nominal(boundaries(shares, spent)[-1])


def nominal(boundary: float) -> float:
    """Give the two-sided p-value at which a boundary, in standard errors, is met."""
    return float(2 * stats.norm.sf(boundary))


def stop_rule(plan: Plan) -> str:
    """Say in words when a plan may be decided on."""
    end = f"the last person assigned has had {plan.primary.horizon_days} days"
    if plan.looks == 1:
        return f"when {end}; no decision before"
    if plan.spending:
        return f"at {plan.looks} looks, the last when {end} ({RULES[plan.spending]})"
    return f"at any of {plan.looks} looks (confidence sequence), or when {end}"


def spent_alpha(share: float, *, alpha: float, spending: str) -> float:
    """Say how much of the error may be spent by the time that this share of people has been seen.

    References
    ----------
    Lan and DeMets (1983), "Discrete sequential boundaries for clinical trials", Biometrika 70.

    >>> round(spent_alpha(0.5, alpha=0.05, spending="obrien-fleming"), 5)
    0.00305
    >>> round(spent_alpha(0.5, alpha=0.05, spending="pocock"), 5)
    0.03101
    """
    if share >= 1:
        return alpha
    if spending == "pocock":
        return float(alpha * np.log(1 + (np.e - 1) * share))
    return float(4 * stats.norm.sf(stats.norm.isf(alpha / 4) / np.sqrt(share)))


@lru_cache(maxsize=1000)
def boundaries(seen: tuple[float, ...], spent: tuple[float, ...]) -> tuple[float, ...]:
    """Find how many standard errors from 0 an effect must lie at each look.

    Parameters
    ----------
    seen
        People at each look; only their ratios matter.
    spent
        The error that may have been spent by each look, both sides together.

    References
    ----------
    Armitage, McPherson and Rowe (1969), "Repeated significance tests on accumulating data", JRSS A
    132: the recursion; Jennison and Turnbull (2000), Group Sequential Methods, chapters 2, 7, 19.

    >>> shares = (0.2, 0.4, 0.6, 0.8, 1.0)
    >>> spent = tuple(spent_alpha(t, alpha=0.05, spending="obrien-fleming") for t in shares)
    >>> [round(bound, 3) for bound in boundaries(shares, spent)]
    [4.877, 3.357, 2.68, 2.29, 2.031]
    """
    found, reached, before = [], START, 0.0
    for now, total, gone in zip(seen, spent, (0.0, *spent), strict=False):
        step = np.sqrt(now - before)
        bound = bound_of(reached, step, np.sqrt(now), total - gone)
        found.append(bound)
        reached, before = carried(reached, step, np.sqrt(now) * min(bound, FAR)), now
    return tuple(found)


START = (np.zeros(1), np.ones(1))  # where an experiment may stand, and how likely: at 0, surely


def left_at(reached: tuple, step: float, edge: float) -> float:
    """Say how likely a path first leaves the band of half-width `edge` at the next look."""
    places, weights = reached
    out = stats.norm.sf((edge - places) / step) + stats.norm.cdf((-edge - places) / step)
    return float(weights @ out)


def bound_of(reached: tuple, step: float, scale: float, error: float) -> float:
    """Find the boundary that is first crossed with this probability; inf where none may be."""
    if error < left_at(reached, step, scale * FAR):
        return float("inf")
    return float(
        optimize.brentq(lambda b: left_at(reached, step, b * scale) - error, 0.0, FAR, xtol=1e-10)
    )


def carried(reached: tuple, step: float, edge: float) -> tuple[np.ndarray, np.ndarray]:
    """Carry what has not left the band on to the next look."""
    places, weights = reached
    nodes, share = np.polynomial.legendre.leggauss(NODES)
    there = nodes * edge
    density = stats.norm.pdf((there[:, None] - places) / step) / step
    return there, density @ weights * share * edge


def crossing(bounds: Sequence[float], seen: Sequence[float]) -> np.ndarray:
    """Say how likely each look is the first at which chance alone crosses its boundary.

    >>> crossing([1.959964], [1.0]).round(4).tolist()
    [0.05]
    """
    found, reached, before = [], START, 0.0
    for bound, now in zip(bounds, seen, strict=True):
        edge, step = bound * np.sqrt(now), np.sqrt(now - before)
        found.append(left_at(reached, step, edge))
        reached, before = carried(reached, step, edge), now
    return np.array(found)


def sequence_factor(share: np.ndarray | float, *, alpha: float) -> np.ndarray | float:
    """Say how many standard errors wide an interval must be on each side to hold at every look.

    `share` is how much of the planned people has been seen; the intervals are narrowest,
    relative to one look, when all have.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), "Time-uniform central limit theory and
    asymptotic confidence sequences", Annals of Statistics 52: theorem 2.2.

    >>> round(float(sequence_factor(1.0, alpha=0.05)), 2)
    3.04
    """
    aimed = -2 * np.log(alpha)
    narrowest = aimed + np.log(aimed + 1)
    seen = np.maximum(share, 1e-9) * narrowest
    return np.sqrt(2 * (seen + 1) / seen * np.log(np.sqrt(seen + 1) / alpha))
