"""Is there a valley between two groups? Learned on some people, tested on others."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from diptest import diptest
from scipy import stats

# A valley counts from this: its people stand at most this densely, beside the thinner side.
SHALLOW = 0.8
WIDTHS = (0.1, 0.2, 0.35, 0.5)  # of a valley, as shares of the way between two middles
HOPELESS = 0.2  # p-value from which nothing more is asked


class Axis(NamedTuple):
    """The line on which two groups lie furthest apart, and where the valley should be."""

    weights: np.ndarray  # (p,) from columns to the line; the middles of both come to 0 and 1
    start: float
    bend: np.ndarray  # (p,) to a second line, along which people bow out between the groups
    scale: float  # deviation within a group on the first line
    left: tuple[float, float]  # where half of the first group stands
    valley: tuple[float, float]
    right: tuple[float, float]


class Seen(NamedTuple):
    """Other people of either group, on that line and in that plane."""

    at: np.ndarray  # (m,)
    beside: np.ndarray  # (m,) on the second line
    counts: np.ndarray  # (3,) people left, in the valley, right
    widths: np.ndarray  # (3,) of the three stretches
    part: np.ndarray  # (m,) 0 left, 1 valley, 2 right, -1 elsewhere


class Valley(NamedTuple):
    """What speaks for a valley between two groups."""

    pvalue: float  # of counts as uneven, were the valley no shallower than 0.8
    dip_pvalue: float  # Hartigan's


def learn_axis(columns: np.ndarray, one: np.ndarray, other: np.ndarray) -> Axis:
    """Find the line that separates two groups best, and its emptiest stretch.

    Parameters
    ----------
    columns
        (n, p) people to learn from.
    one, other
        (n,) whether a person is in the first, in the second group.

    References
    ----------
    Fisher (1936), "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7.
    """
    first, second = columns[one], columns[other]
    within = scatter(first) + scatter(second)
    within = within / max(len(first) + len(second) - 2, 1)
    within += (len(within) / (len(first) + len(second)) * np.trace(within) / len(within) + 1e-9) * (
        np.eye(len(within))
    )
    weights = np.linalg.solve(within, second.mean(axis=0) - first.mean(axis=0))
    middles = np.median(first @ weights), np.median(second @ weights)
    length = max(middles[1] - middles[0], 1e-12)
    weights = weights / length
    start = middles[0] / length
    at = [first @ weights - start, second @ weights - start]
    left, right = core(at[0]), core(at[1])
    valley = emptiest(np.sort(np.concatenate(at)), left, right)
    scale = float(np.sqrt(weights @ within @ weights))
    bend = bow(np.vstack([first, second]), np.concatenate(at))
    return Axis(weights, start, bend, scale, left, valley, right)


def bow(columns: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Find the direction in which people between two ends stand off the straight line: (p,).

    On a bent continuum, such as a circle, the two ends of an arc look dense from the side.

    >>> angle = np.linspace(0, np.pi, 50)
    >>> towards = bow(np.column_stack([np.cos(angle), np.sin(angle)]), np.cos(angle))
    >>> bool(abs(towards[0]) < 1e-6 < towards[1])
    True
    """
    x = at - at.mean()
    line = x / max(x @ x, 1e-12)
    away = columns - columns.mean(axis=0)
    away = away - np.outer(x, line @ away)
    curve = x**2 - (x**2).mean()
    curve = curve - x * (line @ curve)
    direction = -(curve @ away)
    direction = direction / max(np.linalg.norm(direction), 1e-12)
    return direction / max((away @ direction).std(), 1e-12)


def scatter(points: np.ndarray) -> np.ndarray:
    """Sum the products of deviations from the mean: (p, p)."""
    away = points - points.mean(axis=0)
    return away.T @ away


def core(at: np.ndarray) -> tuple[float, float]:
    """Give the ends between which the middle half stands, of few people most."""
    ends = (25, 75) if len(at) >= 20 else (10, 90)
    low, high = np.percentile(at, ends)
    return float(low), float(max(high, low + 1e-6))


def emptiest(
    at: np.ndarray, left: tuple[float, float], right: tuple[float, float]
) -> tuple[float, float]:
    """Find the stretch between two cores in which people stand thinnest.

    >>> low, high = emptiest(np.array([0.0, 0.1, 0.2, 0.9, 1.0]), (0.0, 0.2), (0.9, 1.0))
    >>> bool(0.2 < low < high < 0.9)
    True
    """
    room = max(right[0] - left[1], 1e-3)
    begin = min(left[1], right[0])
    best = (np.inf, (begin, begin + room))
    for width in WIDTHS:
        half = 0.5 * width * min(1.0, room / 0.5)
        for middle in np.linspace(begin + half, begin + room - half, 15):
            low, high = middle - half, middle + half
            inside = np.searchsorted(at, high) - np.searchsorted(at, low)
            # one more person than there are, so that a narrow gap does not win by chance
            best = min(best, ((inside + 1) / (high - low), (low, high)))
    return best[1]


def look(axis: Axis, columns: np.ndarray) -> Seen:
    """Put other people on the line, and count them left of the valley, in it, and right of it."""
    at = columns @ axis.weights - axis.start
    part = np.full(len(at), -1)
    stretches = (axis.left, axis.valley, axis.right)
    for number, (low, high) in enumerate(stretches):
        part[(at >= low) & (at <= high)] = number
    counts = np.array([(part == number).sum() for number in range(3)])
    widths = np.array([high - low for low, high in stretches])
    return Seen(at / axis.scale, columns @ axis.bend, counts, widths / axis.scale, part)


def find_valley(seen: Sequence[Seen]) -> Valley:
    """Test for a valley, by what was seen of it in one half of the people or in both in turn.

    A distribution with one mode stands at least as densely in the middle of three stretches as in
    the thinner of the outer two. So given how many stand in an outer stretch and the middle
    together, those in the outer one are binomial at most; both outer ones must be more than that.
    The test is exact, as the stretches were learned on other people, and unlike the dip it sees a
    group of a few. The dip stands beside it.

    References
    ----------
    Hartigan and Hartigan (1985), "The dip test of unimodality", Annals of Statistics 13.
    Good and Gaskins (1980), "Density estimation and bump-hunting", JASA 75.
    """
    deep = max(outer_pvalue(seen, 0), outer_pvalue(seen, 2))
    if deep > HOPELESS:
        return Valley(deep, 1.0)
    at = np.concatenate([one.at for one in seen])
    dip_pvalue = float(diptest(at)[1]) if len(at) > 3 else 1.0
    return Valley(deep, dip_pvalue)


def outer_pvalue(seen: Sequence[Seen], side: int) -> float:
    """Say how likely as many people left (0) or right (2) are, were the valley just too shallow."""
    chance = np.ones(1)
    n_outer = 0
    for one in seen:
        n = int(one.counts[side] + one.counts[1])
        share = one.widths[side] / (one.widths[side] + SHALLOW * one.widths[1])
        chance = np.convolve(chance, stats.binom.pmf(np.arange(n + 1), n, share))
        n_outer += int(one.counts[side])
    return float(min(1.0, chance[n_outer:].sum()))
