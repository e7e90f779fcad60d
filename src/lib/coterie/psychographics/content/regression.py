"""Two estimates of a trait's ratio: within authors, and without any adjustment."""

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import sparse


def fit_within_authors(count: np.ndarray, has: np.ndarray, frame: pd.DataFrame) -> tuple:
    """Fit a Poisson model with an effect an author.

    Authors are taken out by centring, for a column an author would not fit into memory; the result
    is the same. Returns the last weighted regression, and each post's influence on the effect of
    `has`.
    """
    authors, names = pd.factorize(frame["author"])
    belongs = sparse.csr_array(
        (np.ones(len(has)), (authors, np.arange(len(has)))), shape=(len(names), len(has))
    )
    regressors = np.column_stack([has, _controls(frame)])
    mean = belongs @ count / belongs.sum(axis=1)
    expected = (count + mean[authors]) / 2
    effect = np.inf
    for _ in range(100):
        working = np.log(expected) + count / expected - 1
        columns = np.column_stack([working, regressors])
        centre = (belongs @ (columns * expected[:, None])) / (belongs @ expected)[:, None]
        columns -= centre[authors]
        fit = sm.WLS(columns[:, 0], columns[:, 1:], expected).fit()
        before = effect
        effect = fit.params[0]
        if abs(effect - before) < 1e-8:
            break
        expected = np.exp(np.clip(working - fit.resid, -30, 30))
    alone = sm.WLS(columns[:, 1], columns[:, 2:], expected).fit().resid
    spread = (expected * alone**2).sum()
    known = spread > 1e-6 * (expected * has).sum()
    return fit, alone * expected * fit.resid / (spread if known else np.nan)


def _controls(frame: pd.DataFrame) -> np.ndarray:
    """Lay out week, format and platform as columns of 0 and 1, and the hour as two waves a day."""
    kinds = pd.get_dummies(
        frame[["week", "format", "platform"]].astype(str), drop_first=True, dtype=float
    )
    angle = 2 * np.pi * frame["hour"].to_numpy()[:, None] * [1, 2] / 24
    return np.column_stack([kinds, np.sin(angle), np.cos(angle)])


def compare_means(count: np.ndarray, has: np.ndarray) -> tuple[float, np.ndarray]:
    """Compare the means of both kinds of posts.

    Returns the log of their ratio, and each post's influence on it.
    """
    means = {side: count[has == side].mean() for side in (0, 1)}
    pull = {
        side: (has == side) * (count - means[side]) / (means[side] * (has == side).sum())
        for side in (0, 1)
    }
    return float(np.log(means[1] / means[0])), pull[1] - pull[0]
