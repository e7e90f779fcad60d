"""How two means, or two ratios of sums, differ: Welch's test over whole columns of sums."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

NAMES = ("y", "yy", "d", "dd", "yd", "x", "xx", "xy")


class Side(NamedTuple):
    """One arm of many comparisons: units, means, and variances as Welch's test wants them."""

    n: np.ndarray
    y: np.ndarray
    d: np.ndarray
    x: np.ndarray
    var_y: np.ndarray
    var_d: np.ndarray
    var_x: np.ndarray
    cov_yd: np.ndarray
    cov_xy: np.ndarray


def side_of(sums: pd.DataFrame) -> Side:
    """Turn sums (`n`, `sum_y`, `sum_yy`, …) into means, variances and covariances."""
    n = sums["n"].to_numpy(float)
    y, yy, d, dd, yd, x, xx, xy = (sums[f"sum_{name}"].to_numpy(float) for name in NAMES)
    free = np.maximum(n - 1, 1)
    spreads = [
        np.maximum(square - total * total / n, 0) / free
        for total, square in ((y, yy), (d, dd), (x, xx))
    ]
    shared = [
        (product - one * other / n) / free for product, one, other in ((yd, y, d), (xy, x, y))
    ]
    return Side(n, y / n, d / n, x / n, *spreads, *shared)


def slope_of(arm: pd.DataFrame, control: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Say how the outcome follows the past over both arms together, and the past's mean there."""
    columns = ["n", *(f"sum_{name}" for name in NAMES)]
    both = side_of(arm[columns].reset_index(drop=True) + control[columns].reset_index(drop=True))
    slope = np.divide(both.cov_xy, both.var_x, out=np.zeros_like(both.n), where=both.var_x > 0)
    return slope, both.x


def adjusted(side: Side, slope: np.ndarray, past: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take out of a mean, and of its variance, what the past explains (CUPED)."""
    mean = side.y - slope * (side.x - past)
    return mean, side.var_y + slope**2 * side.var_x - 2 * slope * side.cov_xy


def ratio_of(side: Side) -> tuple[np.ndarray, np.ndarray]:
    """Divide sums by sums, with the variance of the ratio by the delta method.

    Where there is nothing to divide by there is no ratio.
    """
    below = np.where(side.d == 0, np.nan, side.d)
    ratio = side.y / below
    spread = side.var_y - 2 * ratio * side.cov_yd + ratio**2 * side.var_d
    return ratio, np.maximum(spread, 0) / below**2


def welch(arm: tuple, control: tuple, *, alpha: float) -> pd.DataFrame:
    """Compare means of unequal variances; each side is (n, mean, variance), in arrays.

    Where nothing varies there is a difference, and neither an interval nor a p-value.

    References
    ----------
    Welch (1947), "The generalization of Student's problem when several different population
    variances are involved", Biometrika 34.

    >>> a, b = (
    ...     [np.array([part]) for part in (10, 5.0, 4.0)],
    ...     [np.array([part]) for part in (8, 3, 1)],
    ... )
    >>> found = welch(a, b, alpha=0.05)
    >>> found[["effect", "low", "high", "pvalue"]].round(3).values.tolist()
    [[2.0, 0.444, 3.556, 0.016]]
    """
    (n, mean, variance), (m, other, spread) = arm, control
    of_arm, of_control = variance / n, spread / m
    effect, stderr = mean - other, np.sqrt(of_arm + of_control)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = of_arm**2 / (n - 1) + of_control**2 / (m - 1)
        free = (of_arm + of_control) ** 2 / apart
        statistic = np.where(stderr > 0, effect / stderr, np.nan)
    half = stats.t.isf(alpha / 2, free) * stderr
    found = pd.DataFrame({"control_mean": other, "arm_mean": mean, "effect": effect})
    varies = np.isfinite(statistic)
    rest = {"low": effect - half, "high": effect + half, "stderr": stderr}
    rest["pvalue"] = 2 * stats.t.sf(np.abs(statistic), free)
    return found.assign(**{name: np.where(varies, part, np.nan) for name, part in rest.items()})
