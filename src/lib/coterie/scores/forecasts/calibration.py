"""Percentages that come true: three ways to calibrate, and how far apart two calibrations lie."""

import numpy as np
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression, isotonic_regression
from sklearn.linear_model import LogisticRegression

LINE, BETA, ISOTONIC = "line", "beta", "isotonic"
CALIBRATIONS = (LINE, BETA, ISOTONIC)
FAR = 1e-6  # a probability keeps this distance from 0 and 1
GRID, AT_MOST = 41, 20_000  # places at which bounds are computed, from so many people at most


def fit_calibration(name: str, odds: np.ndarray, did: np.ndarray) -> np.ndarray:
    """Learn what turns log odds of people left out into probabilities that come true.

    `line` learns a slope and a shift of the log odds (Platt, 1999); `beta` a slope on either side
    of a half and a shift (Kull et al., 2017); `isotonic` any rising steps (Zadrozny and Elkan,
    2002), which takes more people. Returns numbers that `apply_calibration` understands.

    References
    ----------
    Platt (1999), Advances in Large Margin Classifiers; Zadrozny and Elkan (2002), KDD; Kull, Silva
    Filho and Flach (2017), "Beta calibration", AISTATS.

    >>> did = np.r_[[1] * 2, [0] * 8, [1] * 8, [0] * 2]
    >>> odds = np.log([1 / 4] * 10 + [4 / 1] * 10)  # forecast 20 and 80 %, and so it came
    >>> np.abs(fit_calibration("line", odds, did)).round(2)  # slope and shift
    array([1., 0.])
    """
    if name == ISOTONIC:
        least = 0.5 / len(did)  # nobody is certain
        steps = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip")
        steps.fit(odds, did)
        return np.r_[steps.X_thresholds_, steps.y_thresholds_].astype(float)
    basis = _basis(name, odds)
    found = LogisticRegression(C=np.inf).fit(basis, did)
    if name == BETA and found.coef_.min() < 0:  # more certainty must never say less
        slope, shift = fit_calibration(LINE, odds, did)
        return np.array([slope, slope, shift])  # a line, written as the other
    return np.r_[found.coef_[0], found.intercept_]


def apply_calibration(name: str, numbers: np.ndarray, odds: np.ndarray) -> np.ndarray:
    """Turn log odds into calibrated probabilities.

    >>> apply_calibration("line", np.array([2.0, 0.0]), np.array([0.0])).tolist()
    [0.5]
    """
    if name == ISOTONIC:
        at, steps = np.split(numbers, 2)
        return np.interp(odds, at, steps)
    return expit(_basis(name, odds) @ numbers[:-1] + numbers[-1])


def venn_abers_bounds(odds: np.ndarray, did: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Compute two probabilities at every level of log odds, of which one is calibrated.

    Somebody new joins those left out, once as having done it and once as not; isotonic regression
    is run either way. Where few people are near, the two lie far apart. Returns 3 x levels: log
    odds, lower and upper probability.

    References
    ----------
    Vovk, Petej and Fedorova (2015), "Large-scale probabilistic predictors with and without
    guarantees of validity", NeurIPS.

    >>> bounds = venn_abers_bounds(np.linspace(-2, 2, 40), np.arange(40) % 2)
    >>> bool((bounds[1] <= bounds[2]).all())
    True
    """
    if len(odds) > AT_MOST:
        some = np.random.default_rng(seed).choice(len(odds), AT_MOST, replace=False)
        odds, did = odds[some], did[some]
    order = np.argsort(odds, kind="stable")
    odds, did = odds[order], np.asarray(did, float)[order]
    levels = np.unique(np.quantile(odds, np.linspace(0, 1, GRID)))
    places = np.searchsorted(odds, levels)
    ends = [
        [isotonic_regression(np.insert(did, place, new))[place] for place in places]
        for new in (0.0, 1.0)
    ]
    return np.array([levels, *ends])


def bounds_at(bounds: np.ndarray, odds: np.ndarray, value: np.ndarray) -> tuple:
    """Read the bounds at people's log odds, widened where their probability lies outside."""
    low, high = (np.interp(odds, bounds[0], ends) for ends in bounds[1:])
    return np.minimum(low, value), np.maximum(high, value)


def _basis(name: str, odds: np.ndarray) -> np.ndarray:
    """Write log odds as columns: themselves, or the logarithms of either probability."""
    if name == LINE:
        return odds[:, None]
    probability = np.clip(expit(odds), FAR, 1 - FAR)
    return np.column_stack([np.log(probability), -np.log1p(-probability)])
