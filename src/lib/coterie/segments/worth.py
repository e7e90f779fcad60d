"""What a grouping is worth: whom it reaches, what choosing by it gains, and what it would gain by luck."""

from collections.abc import Iterable

import numpy as np
import pandas as pd


def pareto_front(scores: pd.DataFrame, *, by: tuple[str, ...] = ("homogeneity", "reachable", "gain")) -> pd.Series:
    """Mark the entries that no other beats in every respect: alike inside, large enough to reach, worth telling apart.

    >>> scores = pd.DataFrame({"homogeneity": [0.2, 0.4, 0.3], "reachable": [1.0, 0.8, 0.7], "gain": [0.1, 0.1, 0.1]})
    >>> pareto_front(scores).tolist()
    [True, True, False]
    """
    values = scores[list(by)].fillna(0).to_numpy(float)
    as_good = (values[:, None, :] >= values[None, :, :]).all(axis=2)
    better = as_good & (values[:, None, :] > values[None, :, :]).any(axis=2)
    return pd.Series(~better.any(axis=0), index=scores.index)


def gain(labels: np.ndarray, worth: np.ndarray) -> float:
    """Say how much more the better half of people is worth than everybody, when whole groups are chosen.

    Groups are ranked by every second person and judged by the others. Of the last group only as much
    counts as fits.

    >>> gain(np.array([0, 0, 1, 1]), np.array([10.0, 10.0, 30.0, 30.0]))
    0.5
    """
    ranked, judged = group_sums(labels[::2], worth[::2]), group_sums(labels[1::2], worth[1::2])
    order = sorted(ranked, key=lambda group: -ranked[group][1] / ranked[group][0])
    everybody, room = worth[1::2].mean(), len(worth[1::2]) / 2
    half, best = room, 0.0
    for people, total in (judged[group] for group in order if group in judged):
        taken = min(people, room)
        best, room = best + taken * total / people, room - taken
    return float(best / max(half - room, 1e-12) / everybody - 1) if everybody > 0 else 0.0


def group_sums(labels: np.ndarray, worth: np.ndarray) -> dict[int, tuple[int, float]]:
    """Count the people and add up the worth of every group.

    >>> group_sums(np.array([0, 0, 2]), np.array([1.0, 2.0, 5.0]))
    {0: (2, 3.0), 2: (1, 5.0)}
    """
    groups, places = np.unique(labels, return_inverse=True)
    sizes, sums = np.bincount(places).tolist(), np.bincount(places, weights=worth).tolist()
    return dict(zip(groups.tolist(), zip(sizes, sums, strict=True), strict=True))


def luck(groupings: Iterable[np.ndarray], worth: np.ndarray, *, seed: int, deals: int = 19) -> float:
    """Say how much the best of all groupings seems to gain when worth is dealt out to people at random.

    >>> luck([np.arange(40) % 2], np.ones(40), seed=0)
    0.0
    """
    if np.ptp(worth) == 0:
        return 0.0
    dealt = np.random.default_rng(seed).permuted(np.tile(worth, (deals, 1)), axis=1)
    return max(gain(labels, random) for labels in groupings for random in dealt)


def reach(labels: np.ndarray, *, scale: float, floor: int, worth: np.ndarray) -> tuple[int, float, float, float]:
    """Say how large the smallest group is, which share of people and of worth groups of `floor` hold, and the `gain`.

    >>> reach(np.array([0, 0, 0, 1]), scale=10, floor=20, worth=np.array([1.0, 1, 1, 3]))[:3]
    (10, 0.75, 0.5)
    """
    labels = labels - labels.min()
    sizes = np.bincount(labels) * scale
    held = (sizes >= floor)[labels]
    return (
        round(sizes[sizes > 0].min()),
        float(held.mean()),
        float(worth[held].sum() / max(worth.sum(), 1e-12)),
        gain(labels, worth),
    )
