"""Whom does a grouping reach, what does targeting by it gain, and what would it gain at random?"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

RESPECTS = ("homogeneity", "reachable", "targeting_gain")


def pareto_front(scores: pd.DataFrame, *, by: tuple[str, ...] = RESPECTS) -> pd.Series:
    """Mark the entries that no other beats in every respect.

    They are as homogeneous, as reachable and as different in value as any.

    >>> shown = {
    ...     "homogeneity": [0.2, 0.4, 0.3],
    ...     "reachable": [1.0, 0.8, 0.7],
    ...     "targeting_gain": 0.1,
    ... }
    >>> pareto_front(pd.DataFrame(shown)).tolist()
    [True, True, False]
    """
    values = scores[list(by)].fillna(0).to_numpy(float)
    as_good = (values[:, None, :] >= values[None, :, :]).all(axis=2)
    better = as_good & (values[:, None, :] > values[None, :, :]).any(axis=2)
    return pd.Series(~better.any(axis=0), index=scores.index)


def targeting_gain(labels: np.ndarray, value: np.ndarray) -> float:
    """Say how much more the better half of people spends than everybody, chosen by group.

    Groups are ranked by every second person and evaluated on the others. Of the last group only as
    much counts as fits.

    Parameters
    ----------
    labels, value
        (n,) group and value of each person; the value is spend, for example.

    >>> targeting_gain(np.array([0, 0, 1, 1]), np.array([10.0, 10.0, 30.0, 30.0]))
    0.5
    """
    ranked = group_sums(labels[::2], value[::2])
    evaluated = group_sums(labels[1::2], value[1::2])
    order = sorted(ranked, key=lambda group: -ranked[group][1] / ranked[group][0])
    everybody = value[1::2].mean()
    half = len(value[1::2]) / 2
    room = half
    best = 0.0
    for people, total in (evaluated[group] for group in order if group in evaluated):
        taken = min(people, room)
        best += taken * total / people
        room -= taken
    return float(best / max(half - room, 1e-12) / everybody - 1) if everybody > 0 else 0.0


def group_sums(labels: np.ndarray, value: np.ndarray) -> dict[int, tuple[int, float]]:
    """Count the people and add up the value of every group.

    >>> group_sums(np.array([0, 0, 2]), np.array([1.0, 2.0, 5.0]))
    {0: (2, 3.0), 2: (1, 5.0)}
    """
    groups, positions = np.unique(labels, return_inverse=True)
    sizes = np.bincount(positions).tolist()
    sums = np.bincount(positions, weights=value).tolist()
    return dict(zip(groups.tolist(), zip(sizes, sums, strict=True), strict=True))


def permuted_gain(
    groupings: Iterable[np.ndarray], value: np.ndarray, *, seed: int, permutations: int = 19
) -> float:
    """Say how much the best grouping seems to gain when value is permuted over people.

    >>> permuted_gain([np.arange(40) % 2], np.ones(40), seed=0)
    0.0
    """
    if np.ptp(value) == 0:
        return 0.0
    permuted = np.random.default_rng(seed).permuted(np.tile(value, (permutations, 1)), axis=1)
    return max(targeting_gain(labels, random) for labels in groupings for random in permuted)


def reach(
    labels: np.ndarray, *, scale: float, min_people: int, value: np.ndarray
) -> tuple[int, float, float, float]:
    """Give the smallest group, shares of people and value within reach, and the targeting gain.

    Within reach are groups of `min_people`.

    Parameters
    ----------
    scale
        People that each of these stands for.

    >>> value = np.array([1.0, 1, 1, 3])
    >>> reach(np.array([0, 0, 0, 1]), scale=10, min_people=20, value=value)[:3]
    (10, 0.75, 0.5)
    """
    labels = labels - labels.min()
    sizes = np.bincount(labels) * scale
    held = (sizes >= min_people)[labels]
    # who gave back more than they bought brings no value; sums in two orders differ by a rounding
    spent = value.clip(min=0)
    reachable_value = min(float(spent[held].sum() / max(spent.sum(), 1e-12)), 1.0)
    gain = targeting_gain(labels, value)
    return round(sizes[sizes > 0].min()), float(held.mean()), reachable_value, gain
