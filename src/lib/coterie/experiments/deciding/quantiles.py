"""How a quantile of two arms differs: by the bootstrap, whose draws of a quantile are known."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

DRAWS = 300  # equally likely quantiles of resampled arms; every pair of two arms' is a difference
ENDS = 5  # people beyond the quantile on either side, below which its bootstrap is not to be had
COLUMNS = ["quantile", "draws"]  # what sums cannot hold


def resampled(values: np.ndarray, quantile: float) -> tuple[float, np.ndarray | None]:
    """Find a sample's quantile, and what it is in `DRAWS` equally likely resamples of the sample.

    The quantile is the smallest value that at least this share of people do not exceed. In a
    resample of as many people it is one of their own values, and where that stands in their order
    follows a beta distribution: nothing is drawn, and every run finds the same. Too few people
    beyond it have no draws.

    References
    ----------
    Maritz and Jarrett (1978), "A note on estimating the variance of the sample median", JASA 73;
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapters 13 and 16.

    >>> found, draws = resampled(np.arange(1.0, 102.0), 0.5)
    >>> found, len(draws), [float(draws[place]) for place in (0, 150, 299)]
    (51.0, 300, [37.0, 51.0, 65.0])
    >>> resampled(np.arange(20.0), 0.95)
    (18.0, None)
    """
    n = len(values)
    ordered = np.sort(values)
    rank = int(np.ceil(n * quantile - 1e-9))
    found = float(ordered[rank - 1]) if n else np.nan
    if min(rank - 1, n - rank) < ENDS:
        return found, None
    middles = (np.arange(DRAWS) + 0.5) / DRAWS
    places = np.ceil(n * stats.beta.ppf(middles, rank, n - rank + 1)).astype(int)
    return found, ordered[np.clip(places, 1, n) - 1]


def resampled_by(rows: pd.DataFrame, keys: Sequence[str], quantile: float) -> pd.DataFrame:
    """Put the lists of `values` of rows with the same keys together, and resample each."""
    found = [
        (*key, *resampled(np.concatenate([np.asarray(part, float) for part in parts]), quantile))
        for key, parts in rows.groupby(list(keys))["values"]
    ]
    return pd.DataFrame(found, columns=[*keys, *COLUMNS])


def by_bootstrap(pairs: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Compare quantiles by all differences of two arms' resampled ones (percentile interval).

    The interval lies above 0 exactly where the p-value is below `alpha` and the difference is
    positive. Where no resample varies there is a difference, and neither an interval nor a p-value.
    """
    rows = [
        differences(arm, control, alpha=alpha)
        for arm, control in zip(pairs["draws"], pairs["draws_control"], strict=True)
    ]
    found = pd.DataFrame(
        rows, columns=["low", "high", "stderr", "pvalue"], index=pairs.index, dtype=float
    )
    arm, control = (pairs[name].astype(float) for name in ("quantile", "quantile_control"))
    return found.assign(control_mean=control, arm_mean=arm, effect=arm - control)


def differences(arm: np.ndarray, control: np.ndarray, *, alpha: float) -> tuple:
    """Give the interval, the standard error and the p-value of one difference.

    >>> still, moved = np.zeros(300), np.linspace(1, 2, 300)
    >>> [round(float(part), 3) for part in differences(moved, still, alpha=0.05)]
    [1.023, 1.977, 0.29, 0.0]
    """
    every = np.subtract.outer(arm, control).ravel()
    stderr = float(np.hypot(arm.std(), control.std()))
    if stderr == 0:
        return (np.nan,) * 4
    low = np.quantile(every, alpha / 2, method="inverted_cdf")
    high = -np.quantile(-every, alpha / 2, method="inverted_cdf")
    side = min((every <= 0).mean(), (every >= 0).mean())
    return low, high, stderr, min(1.0, 2 * max(side, 1 / len(every)))
