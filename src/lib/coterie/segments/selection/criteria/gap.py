"""The gap statistic: how tight clusters are beside those in points without structure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coterie.segments.selection.criteria.fit import Fit, fit_labels, random_seed
from coterie.segments.selection.criteria.separation import within


def gap(
    points: np.ndarray,
    ks: Sequence[int],
    fit: Fit,
    *,
    seed: int,
    references: int = 20,
    rotate: bool = True,
) -> pd.DataFrame:
    """Compare how tight clusters are with those of uniform points in the same box.

    The box lies along the principal components of the points or, without `rotate`, along their axes
    (the paper's two references; clusGap's "scaledPCA" and "original"). Distances are squared, as in
    the paper and with `d.power=2` in clusGap, whose default is unsquared and whose log W is less by
    log 2, which no gap feels. Noise leaves W, so a `fit` that drops many people looks tight:
    compare it with itself only.

    Start `ks` at 1, or "no clusters" cannot be the answer. Takes 2 `references` or more. Returns
    one row for each of `ks`: k, within (log W of the points), expected (mean log W of the
    references), gap (expected less within), error (of one gap: standard deviation over references,
    times sqrt(1 + 1/references)).

    References
    ----------
    Tibshirani, Walther and Hastie (2001), "Estimating the number of clusters in a data set via the
    gap statistic", JRSS B 63. Maechler and others, R package cluster, clusGap.

    >>> halves = lambda points, k, seed: (points[:, 0] > points[:, 0].mean()).astype(int)
    >>> points = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]])  # within: 154, then 4
    >>> frame = gap(points, [1, 2], halves, seed=0)
    >>> np.exp(frame["within"]).round(9).tolist(), bool(frame["gap"][1] > frame["gap"][0])
    ([154.0, 4.0], True)
    """
    rng = np.random.default_rng(seed)
    centred = points - points.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2] if rotate else np.eye(points.shape[1])
    box = centred @ axes.T
    expected = np.empty((references, len(ks)))
    for number in range(references):
        uniform = rng.uniform(box.min(axis=0), box.max(axis=0), size=box.shape)
        reference = uniform @ axes + points.mean(axis=0)
        expected[number] = _log_withins(reference, ks, fit, random_seed(rng))
    frame = pd.DataFrame({"k": list(ks), "within": _log_withins(points, ks, fit, seed)})
    frame["expected"] = expected.mean(axis=0)
    frame["gap"] = frame["expected"] - frame["within"]
    return frame.assign(error=expected.std(axis=0, ddof=1) * np.sqrt(1 + 1 / references))


def gap_choice(frame: pd.DataFrame) -> int:
    """Take the smallest k whose gap the next does not beat by more than its error.

    The last of them if every next one does (the paper's rule, "Tibs2001SEmax" in R). The rule stops
    early: three lumps in a triangle, which two clusters fit badly, may well be called one.

    >>> gap_choice(
    ...     pd.DataFrame({"k": [1, 2, 3], "gap": [0.1, 0.9, 0.92], "error": [0.05, 0.05, 0.05]})
    ... )
    2
    """
    gaps = frame["gap"].to_numpy()
    errors = frame["error"].to_numpy()
    ks = frame["k"].to_numpy()
    enough = gaps[:-1] >= gaps[1:] - errors[1:]
    return int(ks[enough.argmax()] if enough.any() else ks[-1])


def _log_withins(points: np.ndarray, ks: Sequence[int], fit: Fit, seed: int) -> np.ndarray:
    """Take log W for every k.

    What is only rounding error counts as such, so that equal points have no gap.
    """
    rounding = (16 * np.finfo(float).eps) ** 2 * (points**2).sum() + np.finfo(float).tiny
    return np.log([max(within(points, fit_labels(fit, points, k, seed)), rounding) for k in ks])
