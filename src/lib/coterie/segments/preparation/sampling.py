"""Whom to learn groups from where there are too many people: everywhere, and more from far out."""

import numpy as np

from coterie.segments.preparation.space import systematic_sample


def learning_sample(standard: np.ndarray, *, at_most: int, seed: int) -> np.ndarray:
    """Choose rows to learn groups from: half evenly, half the likelier the further from the middle.

    A group of two in a hundred that stands by itself would be a dozen people in an even sample; it
    is far from the middle, so here it is several dozens. Shares are wrong in such a sample, so
    what is found in it is counted and tested on others.

    Parameters
    ----------
    standard
        (n, p) standardised columns.

    References
    ----------
    Bachem, Lucic and Krause (2018), "Scalable k-means clustering via lightweight coresets", KDD.

    >>> learning_sample(np.zeros((3, 1)), at_most=5, seed=0).tolist()
    [0, 1, 2]
    """
    n = len(standard)
    if n <= at_most:
        return np.arange(n)
    even = systematic_sample(n, at_most // 2)
    far = ((standard - standard.mean(axis=0)) ** 2).sum(axis=1) + 1e-12
    far[even] = 0
    rng = np.random.default_rng(seed)
    biased = rng.choice(n, at_most - len(even), replace=False, p=far / far.sum())
    return np.sort(np.concatenate([even, biased]))
