"""Unknown values drawn from what is known, so that who is unknown alike does not look alike."""

import numpy as np

from coterie.segments.preparation.space import fit_space, systematic_sample, take_logs
from coterie.segments.preparation.ties import tied_columns

ROUNDS = 4  # of expectation and maximisation
ENOUGH = 1000  # people to learn means and correlations from


def impute(values: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Draw every unknown value from its distribution given what is known of the person.

    A median in place of it puts everybody whose values are unknown on one spot, and makes a group
    of them. Columns count as normal, after logs where skewed; a discrete column takes the nearest
    of its values. A draw is for looking for groups, and is told to nobody.

    Parameters
    ----------
    values
        (n, p) in natural units, missing where unknown.

    References
    ----------
    Little and Rubin (2019), Statistical Analysis with Missing Data, 3rd ed., chapters 8 and 11.

    >>> impute(np.array([[1.0, 2.0], [2.0, 4.0]])).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    values = np.where(np.isfinite(values), values, np.nan)
    if not np.isnan(values).any():
        return values
    space = fit_space(values)
    spread = np.where(np.isfinite(space.spread), space.spread, 1.0)
    scaled = (take_logs(values, space.typical) - space.mean) / spread
    mean, covariance = learn(scaled[systematic_sample(len(scaled), ENOUGH)])
    drawn = draw(scaled, mean, covariance, rng=np.random.default_rng(seed))
    unit = np.where(space.typical > 0, space.typical, 1.0)
    logged = drawn * spread + space.mean
    natural = np.where(space.typical > 0, unit * np.expm1(np.minimum(logged, 50)), logged)
    filled = np.where(np.isnan(values), natural, values)
    return snap(np.clip(filled, np.nanmin(values, axis=0), np.nanmax(values, axis=0)), values)


def learn(scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate mean (p,) and covariance (p, p) of columns with gaps, by EM."""
    n, p = scaled.shape
    mean = np.nanmean(scaled, axis=0)
    covariance = np.diag(np.nanvar(scaled, axis=0) + 1e-6)
    for _ in range(ROUNDS):
        filled = scaled.copy()
        unsure = np.zeros((p, p))
        for rows, gaps in patterns(scaled):
            slope, rest = conditional(covariance, gaps)
            known = scaled[np.ix_(rows, ~gaps)]
            filled[np.ix_(rows, gaps)] = mean[gaps] + (known - mean[~gaps]) @ slope
            unsure[np.ix_(gaps, gaps)] += len(rows) * rest
        mean = filled.mean(axis=0)
        away = filled - mean
        covariance = (away.T @ away + unsure) / n + 1e-3 * np.eye(p)
    return mean, covariance


def draw(
    scaled: np.ndarray, mean: np.ndarray, covariance: np.ndarray, *, rng: np.random.Generator
) -> np.ndarray:
    """Draw the gaps given what is known: (n, p)."""
    drawn = scaled.copy()
    for rows, gaps in patterns(scaled):
        slope, rest = conditional(covariance, gaps)
        expected = mean[gaps] + (scaled[np.ix_(rows, ~gaps)] - mean[~gaps]) @ slope
        noise = rng.multivariate_normal(np.zeros(gaps.sum()), rest, len(rows), method="cholesky")
        drawn[np.ix_(rows, gaps)] = expected + noise
    return drawn


def patterns(values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """List who lacks the same columns: rows, and (p,) whether each column is a gap."""
    gaps = np.isnan(values)
    kinds, which = np.unique(gaps, axis=0, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(which.ravel(), minlength=len(kinds)))
    rows = np.split(order, ends[:-1])
    return [(own, kind) for own, kind in zip(rows, kinds, strict=True) if kind.any()]


def conditional(covariance: np.ndarray, gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the slope from known columns to gaps, and what they leave unexplained."""
    known = ~gaps
    slope = np.linalg.solve(covariance[np.ix_(known, known)], covariance[np.ix_(known, gaps)])
    rest = covariance[np.ix_(gaps, gaps)] - covariance[np.ix_(gaps, known)] @ slope
    return slope, (rest + rest.T) / 2 + 1e-9 * np.eye(int(gaps.sum()))


def snap(filled: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Move what was drawn for a discrete column to the nearest value that somebody has."""
    snapped = filled.copy()
    for j in np.flatnonzero(tied_columns(values) & np.isnan(values).any(axis=0)):
        seen = np.unique(values[~np.isnan(values[:, j]), j])
        middles = (seen[1:] + seen[:-1]) / 2
        snapped[:, j] = seen[np.searchsorted(middles, filled[:, j])]
    return snapped
