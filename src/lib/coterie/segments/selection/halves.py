"""Groups learned in one half of the people and looked for in the other, both ways."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from coterie.segments.preparation.sampling import learning_sample
from coterie.segments.preparation.space import columns, fit_space
from coterie.segments.preparation.ties import spread_ties, tied_columns
from coterie.segments.selection.criteria.bridge import bridge_density
from coterie.segments.selection.criteria.recovery import overlaps
from coterie.segments.selection.criteria.valley import Axis, Valley, find_valley, learn_axis, look

VOTES = 3  # nearest people who say in which group somebody of the other half is
VALLEY = 0.005  # p-value of a valley between two groups; many groupings are asked
NO_VALLEY = Valley(1.0, 1.0)
# the axis between two groups, with the bow beside it; and (n,) who is in either group
Plane = tuple[Axis, np.ndarray]


class Halves(NamedTuple):
    """The same people in two halves, each with those of it that groups are learned from."""

    half: np.ndarray  # (n,) 0 or 1
    learned: tuple[np.ndarray, np.ndarray]  # rows of either half that groups are learned from
    voters: tuple[np.ndarray, np.ndarray]  # (n, 3) whom of those everybody is nearest to
    columns: np.ndarray  # (n, p) standardised, discrete ones spread


class Confirmation(NamedTuple):
    """What the other half says of a grouping."""

    halves_agree: float  # Jaccard overlap of the group on which the halves agree least
    n_apart: int  # groups that are left when those without a valley between them are merged
    valley_pvalue: float  # the largest over pairs of groups, of a valley deep enough
    dip_pvalue: float  # Hartigan's, likewise
    bridge_density: float  # likewise, on the densest way between two groups; 1 is as within them


NOTHING = Confirmation(0.0, 1, 1.0, 1.0, 1.0)


def split_people(values: np.ndarray, *, at_most: int, seed: int) -> Halves:
    """Cut people in two at random, and choose at most so many of each half to learn from.

    >>> halves = split_people(np.arange(40.0)[:, None], at_most=10, seed=0)
    >>> int(halves.half.sum()), [len(rows) for rows in halves.learned]
    (20, [10, 10])
    """
    half = np.random.default_rng(seed).permutation(np.arange(len(values)) % 2)
    space = fit_space(values)
    standard = columns(space, values)
    chosen = [np.flatnonzero(half == number) for number in (0, 1)]
    learned = tuple(
        rows[learning_sample(standard[rows], at_most=at_most, seed=seed)] for rows in chosen
    )
    voters = tuple(nearest(standard[rows], standard) for rows in learned)
    return Halves(half, learned, voters, spread_ties(standard, tied_columns(values), seed=seed))


def nearest(known: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Find the three known people nearest to each: (n, 3) positions."""
    votes = min(VOTES, len(known))
    rows = [
        np.argsort(cdist(part, known), axis=1)[:, :votes]
        for part in np.array_split(people, len(people) // 1000 + 1)
    ]
    return np.vstack(rows)


def vote(labels: np.ndarray, voters: np.ndarray) -> np.ndarray:
    """Label everybody as two of the three nearest are, or as the nearest is.

    >>> vote(np.array([0, 1, 1]), np.array([[0, 1, 2], [0, 0, 1]])).tolist()
    [1, 0]
    """
    said = labels[voters]
    return np.where(said[:, 1] == said[:, -1], said[:, 1], said[:, 0])


def confirm(halves: Halves, groups: tuple[np.ndarray, np.ndarray], k: int) -> Confirmation:
    """Ask each half about the groups that the other one showed: same groups, valleys between?

    Every pair of groups needs a valley, and each is tested at the full level: that all of them
    pass by chance is no likelier than that one does (Berger, 1982, intersection-union test). Pairs
    without one are merged, and what they are part of is not asked again. Pieces of one continuum
    so become one, however many there are.

    Parameters
    ----------
    groups
        Labels of those of either half that groups were learned from.
    """
    found = [vote(own, near) for own, near in zip(groups, halves.voters, strict=True)]
    if any(len(np.unique(labels[labels >= 0])) < k for labels in found):
        return NOTHING
    shared = overlaps(found[0], found[1], k)
    order = linear_sum_assignment(-shared)[1]
    found[1] = np.append(np.argsort(order), -1)[found[1]]
    agree = float(shared[np.arange(k), order].min())
    merged = np.arange(k)
    valleys = []
    planes = []
    for one, other in near_pairs(halves.columns, found[0], k):
        if merged[one] == merged[other]:
            continue
        valley, seen_from = between(halves, found, one, other)
        valleys.append(valley)
        planes.append(seen_from)
        if valley.pvalue > VALLEY:
            merged[merged == merged[other]] = merged[one]
    n_apart = len(np.unique(merged))
    bridge = 1.0  # a missing valley is a way as dense as any, so others need not be looked for
    if n_apart == k:
        bridge = max(densest_way(halves.columns, pair) for pair in planes)
    return Confirmation(agree, n_apart, *np.max(valleys, axis=0).tolist(), bridge)


def near_pairs(points: np.ndarray, labels: np.ndarray, k: int) -> list[tuple[int, int]]:
    """List the pairs of groups, those with near centres first: they are the likeliest to fail."""
    centres = np.stack([points[labels == group].mean(axis=0) for group in range(k)])
    first, second = np.triu_indices(k, 1)
    order = np.argsort(np.linalg.norm(centres[first] - centres[second], axis=1))
    return list(zip(first[order].tolist(), second[order].tolist(), strict=True))


def between(
    halves: Halves, found: list[np.ndarray], one: int, other: int
) -> tuple[Valley, list[Plane]]:
    """Look for a valley between two groups, learned in one half and tested in the other.

    The planes in which either half sees them are given too; none where a group has too few people.
    """
    seen = []
    planes = []
    for number in (0, 1):
        labels = found[number]
        rows = halves.learned[number]
        first, second = labels[rows] == one, labels[rows] == other
        either = (labels == one) | (labels == other)
        asked = (halves.half != number) & either
        if min(first.sum(), second.sum(), asked.sum()) < 2:
            return NO_VALLEY, []
        axis = learn_axis(halves.columns[rows], first, second)
        seen.append(look(axis, halves.columns[asked]))
        planes.append((axis, either))
    return find_valley(seen), planes


def densest_way(columns: np.ndarray, planes: list[Plane]) -> float:
    """Say how densely people stand on the way around a valley; no test, as people are few."""
    everybody = [look(axis, columns[either]) for axis, either in planes]
    densities = [
        bridge_density(np.column_stack([seen.at, seen.beside]), seen.part == 0, seen.part == 2)
        for seen in everybody
    ]
    return float(np.sqrt(np.prod(densities)))
