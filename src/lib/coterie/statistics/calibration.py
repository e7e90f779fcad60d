"""Probabilities that mean what they say: temperature, calibration error, abstention."""

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax

from coterie.statistics.intervals import share_intervals


def probabilities(
    scores: np.ndarray, *, temperature: float = 1.0, several: bool = False
) -> np.ndarray:
    """Turn scores into probabilities: they add up to 1 a row, unless several labels may hold.

    >>> probabilities(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    >>> probabilities(np.array([[0.0, 0.0, 0.0]]), several=True).tolist()
    [[0.5, 0.5, 0.5]]
    """
    return expit(scores / temperature) if several else softmax(scores / temperature, axis=1)


def fit_temperature(
    scores: np.ndarray, truth: np.ndarray, *, log_bounds: tuple[float, float] = (-3.0, 3.0)
) -> float:
    """Find what to divide scores by so that probabilities say how often they are right.

    Above 1 the model was overconfident. Needs rows whose true label is known and that the model was
    not fitted on.

    Parameters
    ----------
    scores
        (n, k) log odds.
    truth
        (n,) position of each row's label, or (n, k) of 0 and 1 where there may be several.
    log_bounds
        Between which natural logarithms the temperature is searched.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), "On Calibration of Modern Neural Networks", ICML.

    >>> scores = np.array([[4.0, 0.0]] * 4)  # says 98 %, right in three of four: e^(4/T) must be 3
    >>> round(fit_temperature(scores, np.array([0, 0, 0, 1])), 2)
    3.64
    """

    def loss(log_temperature: float) -> float:
        scaled = scores / np.exp(log_temperature)
        if truth.ndim > 1:
            return float(np.mean(np.logaddexp(0, scaled) - truth * scaled))
        return -float(log_softmax(scaled, axis=1)[np.arange(len(truth)), truth].mean())

    return float(np.exp(minimize_scalar(loss, bounds=log_bounds, method="bounded").x))


def calibration_error(stated: np.ndarray, right: np.ndarray, *, bins: int = 15) -> float:
    """Measure how far, on average, stated probabilities lie from how often they are right.

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning", AAAI: expected calibration error.

    >>> round(calibration_error(np.array([0.9, 0.9]), np.array([True, False])), 2)
    0.4
    """
    stated, right = np.asarray(stated, dtype=float), np.asarray(right, dtype=float)
    place = np.minimum((stated * bins).astype(int), bins - 1)
    return float(np.abs(np.bincount(place, stated - right)).sum() / len(stated))


def abstention_curve(
    confidence: np.ndarray, right: np.ndarray, *, points: int = 20
) -> pd.DataFrame:
    """Show what abstaining buys: the accuracy, with its interval, among the most confident share.

    Returns one row a share: accuracy with low and high, `answered` (the share), `floor` (the
    confidence of its last one).

    References
    ----------
    El-Yaniv and Wiener (2010), "On the Foundations of Noise-free Selective Classification", JMLR
    11.

    >>> curve = abstention_curve(np.array([0.9, 0.8]), np.array([True, False]), points=2)
    >>> curve[["answered", "accuracy"]].values.tolist()
    [[0.5, 1.0], [1.0, 0.5]]
    """
    order = np.argsort(-np.asarray(confidence), kind="stable")
    kept = np.unique(np.ceil(len(order) * np.arange(1, points + 1) / points).astype(int))
    hits = pd.Series(np.cumsum(np.asarray(right)[order])[kept - 1])
    shares = share_intervals(hits, pd.Series(kept)).rename(columns={"value": "accuracy"})
    floor = np.asarray(confidence)[order][kept - 1]
    return shares.assign(answered=kept / len(order), floor=floor)
