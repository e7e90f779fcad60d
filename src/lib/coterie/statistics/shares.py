"""The difference of two shares, with an interval that agrees with its test."""

from typing import NamedTuple

import numpy as np
from scipy import stats

STEPS = 50  # halvings: more than a float can tell


class ShareDifferences(NamedTuple):
    """Differences of two shares, one entry a pair."""

    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    pvalue: np.ndarray


def share_differences(
    hits: np.ndarray,
    n: np.ndarray,
    hits_other: np.ndarray,
    n_other: np.ndarray,
    *,
    alpha: float = 0.05,
) -> ShareDifferences:
    """Compare two shares by the score: `hits` of `n` less `hits_other` of `n_other`.

    The interval lies above 0 exactly where the p-value is below `alpha` and the difference is
    positive; it exists where nobody, or everybody, did it. The p-value is that of the pooled z
    test, or of a chi-squared test without continuity correction, but for the factor (N - 1) / N.

    References
    ----------
    Miettinen and Nurminen (1985), "Comparative analysis of two rates", Statistics in Medicine 4;
    Farrington and Manning (1990), Statistics in Medicine 9, for the closed form.

    >>> found = share_differences(np.array([56]), np.array([70]), np.array([48]), np.array([80]))
    >>> [round(float(part[0]), 4) for part in found]
    [0.2, 0.0528, 0.3382, 0.0083]
    """
    given = (np.asarray(part, dtype=float) for part in (hits, n, hits_other, n_other))
    x, n, y, m = np.broadcast_arrays(*given)
    difference = x / n - y / m
    z = stats.norm.isf(alpha / 2)
    low = border((x, n, y, m), np.full_like(difference, -1), difference, z)
    high = border((x, n, y, m), difference, np.full_like(difference, 1), -z)
    none = score((x, n, y, m), np.zeros_like(difference))
    return ShareDifferences(difference, low, high, 2 * stats.norm.sf(np.abs(none)))


def border(counts: tuple, low: np.ndarray, high: np.ndarray, z: float) -> np.ndarray:
    """Find where the score, which falls as the supposed difference grows, passes `z`."""
    for _ in range(STEPS):
        middle = (low + high) / 2
        above = score(counts, middle) > z
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2


def score(counts: tuple, delta: np.ndarray) -> np.ndarray:
    """Say how many standard errors the difference lies from `delta`, were `delta` true."""
    x, n, y, m = counts
    p, q = constrained(counts, delta)
    total = n + m
    variance = (p * (1 - p) / n + q * (1 - q) / m) * total / (total - 1)
    apart = x / n - y / m - delta
    with np.errstate(divide="ignore", invalid="ignore"):
        found = apart / np.sqrt(variance)
    certain = np.where(np.abs(apart) > 1e-12, np.copysign(np.inf, apart), 0.0)
    return np.where(variance > 0, found, certain)


def constrained(counts: tuple, delta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate both shares under the condition that they differ by `delta`."""
    x, n, y, m = counts
    ratio = m / n
    a = 1 + ratio
    b = -(1 + ratio + x / n + ratio * y / m + delta * (ratio + 2))
    c = delta**2 + delta * (2 * x / n + ratio + 1) + x / n + ratio * y / m
    d = -x / n * delta * (1 + delta)
    v = b**3 / (3 * a) ** 3 - b * c / (6 * a**2) + d / (2 * a)
    root = np.sqrt(np.maximum(b**2 / (3 * a) ** 2 - c / (3 * a), 0))
    u = np.where(v >= 0, 1.0, -1.0) * root
    cubed = np.where(u == 0, 1.0, u**3)
    w = (np.pi + np.arccos(np.clip(np.where(u == 0, 0.0, v / cubed), -1, 1))) / 3
    p = np.clip(2 * u * np.cos(w) - b / (3 * a), np.maximum(delta, 0), np.minimum(1 + delta, 1))
    return p, p - delta
