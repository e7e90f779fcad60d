"""From natural units to points: skew logged, one scale, extremes cut, correlations rotated away."""

from typing import NamedTuple

import numpy as np

# standard deviations; beyond it a person counts as this far out, so no outlier is a cluster
LIMIT = 4.0
SKEWED = 1.0  # from this skewness a column that has no negative values is logged, if that helps


class Space(NamedTuple):
    """How p features become q coordinates; everything a data base needs to do the same."""

    # (p,) median of the positive values, in natural units; 0 where the column is not logged
    typical: np.ndarray
    filler: np.ndarray  # (p,) median that stands in for a missing value, in natural units
    mean: np.ndarray  # (p,) after the log
    spread: np.ndarray  # (p,) standard deviation after the log
    rotation: np.ndarray  # (p, q) principal axes; the identity's columns when nothing is rotated


class Projection(NamedTuple):
    """The same people twice: column by column, and as points."""

    columns: np.ndarray  # (n, p) standardised
    points: np.ndarray  # (n, q) principal components

    def on_columns(self) -> "Projection":
        """Take every standardised column as a point's coordinate."""
        return Projection(self.columns, self.columns)


def fit_space(values: np.ndarray, *, n_axes: int = 0, variance_kept: float = 0.8) -> Space:
    """Learn the way from natural units to points.

    The log is taken of x/typical + 1, so euros and cents give the same points. `n_axes` fixes the
    number of components; 0 takes as many as keep `variance_kept` of the variance. Heavily skewed
    columns are found by their skewness and never by their name.

    Parameters
    ----------
    values
        (n, p) in natural units, missing where unknown; every column has at least one value.

    >>> space = fit_space(np.array([[0.0], [0.0], [1.0], [1.0]]))
    >>> points(space, np.array([[1.0], [0.0]])).tolist()
    [[1.0], [-1.0]]
    """
    values = np.where(np.isfinite(values), values, np.nan)
    # a resample may lack a rare one
    filler = np.where(np.isnan(values).all(axis=0), 0.0, np.nanmedian(values, axis=0))
    filled = np.where(np.isnan(values), filler, values)
    typical = log_units(filled)
    logged = take_logs(filled, typical)
    spread = logged.std(axis=0)
    # a constant tells nothing
    spread = np.where(spread > 1e-9 * (1 + np.abs(logged).max(axis=0)), spread, np.inf)
    space = Space(typical, filler, logged.mean(axis=0), spread, np.eye(values.shape[1]))
    return space._replace(rotation=principal_axes(columns(space, values), n_axes, variance_kept))


def log_units(values: np.ndarray) -> np.ndarray:
    """Find the unit in which each skewed column is logged: (p,).

    It is 0 where a log would not make the column more even.

    >>> log_units(np.array([[0.0, 1], [1, 2], [1, 3], [2, 1], [2, 2], [3, 3], [90, 2]])).tolist()
    [2.0, 0.0]
    """
    positive = np.sort(np.where(values > 0, values, np.inf), axis=0)
    n = (values > 0).sum(axis=0)
    # the lower of two middles
    middle = np.take_along_axis(positive, np.maximum(n - 1, 0)[None] // 2, axis=0)[0]
    unit = np.where((n > 0) & np.isfinite(middle), middle, 1.0)
    before = skewness(values)
    after = skewness(np.log1p(np.clip(values, 0, None) / unit))
    helps = (values.min(axis=0) >= 0) & (before > SKEWED) & (np.abs(after) < before)
    return np.where(helps, unit, 0.0)


def skewness(values: np.ndarray) -> np.ndarray:
    """Measure the skewness of each column; 0 for a constant.

    It is the third moment over the deviation cubed.

    >>> skewness(np.array([[0.0, 7], [0, 7], [0, 7], [0, 7], [10, 7]])).tolist()
    [1.5, 0.0]
    """
    away = values - values.mean(axis=0)
    spread = (away**2).mean(axis=0)
    safe = np.where(spread > 0, spread, 1.0)
    return (away**3).mean(axis=0) / safe**1.5


def take_logs(values: np.ndarray, typical: np.ndarray) -> np.ndarray:
    """Log the columns that have a unit for it, and leave the others.

    >>> take_logs(np.array([[0.0, 5.0]]), np.array([2.0, 0.0])).tolist()
    [[0.0, 5.0]]
    """
    unit = np.where(typical > 0, typical, 1.0)
    return np.where(typical > 0, np.log1p(np.clip(values, 0, None) / unit), values)


def columns(space: Space, values: np.ndarray) -> np.ndarray:
    """Standardise: (n, p) with mean 0 and deviation 1.

    Gaps are filled, and extremes cut at 4 standard deviations.
    """
    filled = np.where(np.isfinite(values), values, space.filler)
    return np.clip((take_logs(filled, space.typical) - space.mean) / space.spread, -LIMIT, LIMIT)


def points(space: Space, values: np.ndarray) -> np.ndarray:
    """Project people into the space: (n, q)."""
    return columns(space, values) @ space.rotation


def project(values: np.ndarray, *, n_axes: int = 0) -> Projection:
    """Project people into the space they span themselves; a refit on a resample begins here."""
    space = fit_space(values, n_axes=n_axes)
    standard = columns(space, values)
    return Projection(standard, standard @ space.rotation)


def systematic_sample(n: int, at_most: int) -> np.ndarray:
    """Take every so many-th of n rows, so that the order they come in is represented.

    >>> systematic_sample(9, 3).tolist()
    [0, 4, 8]
    """
    return np.linspace(0, n - 1, min(n, at_most)).astype(int)


def principal_axes(standard: np.ndarray, n_axes: int, variance_kept: float) -> np.ndarray:
    """Find the rotation to uncorrelated components: (p, q).

    A feature that stands there twice does not count twice over. An axis points where its largest
    loading does, as the sign of a component means nothing.

    >>> principal_axes(np.array([[-1.0, -1.0], [1.0, 1.0]]), 1, 0.8).round(3).tolist()
    [[0.707], [0.707]]
    """
    n, p = standard.shape
    if p > n:  # the same axes from the side that is shorter
        _, sizes, rows = np.linalg.svd(standard - standard.mean(axis=0), full_matrices=False)
        values = sizes**2
        axes = rows.T
    else:
        values, axes = (
            found[..., ::-1] for found in np.linalg.eigh(np.cov(standard.T, ddof=0).reshape(p, p))
        )
    share = np.clip(values, 0, None).cumsum() / max(values.clip(0).sum(), 1e-12)
    axes = axes[:, : n_axes or int((share < variance_kept).sum()) + 1]
    return axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
