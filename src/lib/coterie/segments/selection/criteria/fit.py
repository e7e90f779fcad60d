"""An algorithm as the criteria ask it: points, a number of clusters and a seed give labels."""

from collections.abc import Callable

import numpy as np

Fit = Callable[[np.ndarray, int, int], np.ndarray]  # points (n, q), k, seed -> labels (n,)


def fit_labels(fit: Fit, points: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Ask for k clusters where there is something to ask.

    One cluster is everybody, and fewer than k people are one each.
    """
    if k == 1:
        return np.zeros(len(points), dtype=int)
    if len(points) < k:
        return np.arange(len(points))
    labels = np.asarray(fit(points, k, seed))
    if labels.shape != (len(points),) or labels.max() >= k:
        raise ValueError(
            f"a fit of {k} clusters returns one label below {k} for each point, not {labels}"
        )
    return np.maximum(labels, -1)


def random_seed(rng: np.random.Generator) -> int:
    """Choose a seed that every library accepts."""
    return int(rng.integers(2**31))
