"""Probabilities that mean what they say, and what they are worth: temperature, calibration error, abstention."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax

from coterie.statistics import share_intervals


class Fit(NamedTuple):
    """What a calibration set teaches."""

    temperature: float  # above 1 the model was too sure of itself
    tilt: list[
        float
    ]  # per label, added to the log probability (several labels: to the score) when choosing


def probabilities(
    scores: np.ndarray, *, temperature: float = 1.0, several: bool = False
) -> np.ndarray:
    """Turn scores into probabilities: they add up to 1 a row, unless a text may carry several labels.

    >>> probabilities(np.array([[0.0, 0.0]])).tolist(), probabilities(np.array([[0.0, 0.0]]), several=True).tolist()
    ([[0.5, 0.5]], [[0.5, 0.5]])
    """
    return expit(scores / temperature) if several else softmax(scores / temperature, axis=1)


def fit_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """Find what to divide scores by so that the truth is least surprising.

    `truth` holds one label number a text, or a row of 0 and 1 where there may be several.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger (2017), "On Calibration of Modern Neural Networks", ICML.

    >>> sure = np.array([[4.0, 0.0]] * 4)  # says 98 %, is right in three of four, so e^(4/T) must be 3
    >>> round(fit_temperature(sure, np.array([0, 0, 0, 1])), 2)
    3.64
    """

    def surprise(log_temperature: float) -> float:
        scaled = scores / np.exp(log_temperature)
        if truth.ndim > 1:
            return float(np.mean(np.logaddexp(0, scaled) - truth * scaled))
        return -float(log_softmax(scaled, axis=1)[np.arange(len(truth)), truth].mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 3), method="bounded").x))


def fit_tilt(scores: np.ndarray, truth: np.ndarray, *, measure: str = "macro_f1") -> list[float]:
    """Find how much rare labels must be favoured for the best `macro_recall` or `macro_f1`.

    One label a text: the log share of each label, times the strength between 0 and 1.5 that serves best.
    Several labels: one threshold for all, since few examples would teach each its own badly.

    >>> fit_tilt(np.array([[1.0, 0.0]] * 3 + [[1.0, 0.9]]), np.array([0, 0, 0, 1]))[1] > 0
    True
    """
    if truth.ndim > 1:
        return [
            max(np.arange(-1, 3.1, 0.1), key=lambda shift: macro_f1(scores + shift > 0, truth))
        ] * scores.shape[1]
    n_labels = scores.shape[1]
    shares = (np.bincount(truth, minlength=n_labels) + 1) / (len(truth) + n_labels)
    likely = log_softmax(scores, axis=1)
    strengths = np.linspace(0, 1.5, 31)
    score = {"macro_recall": macro_recall, "macro_f1": macro_f1}[measure]
    best = max(
        strengths,
        key=lambda strength: score((likely - strength * np.log(shares)).argmax(axis=1), truth),
    )
    return (-best * np.log(shares)).tolist()


def macro_recall(found: np.ndarray, truth: np.ndarray) -> float:
    """Average over labels how many of the label's texts were found.

    >>> float(macro_recall(np.array([0, 0, 1]), np.array([0, 1, 1])))
    0.75
    """
    return np.mean([(found[truth == label] == label).mean() for label in np.unique(truth)])


def macro_f1(found: np.ndarray, truth: np.ndarray) -> float:
    """Average the F1 of all labels; `found` and `truth` are rows of 0 and 1, or one label number a text.

    >>> round(float(macro_f1(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]))), 3)
    0.833
    """
    if truth.ndim == 1:
        labels = np.unique(np.concatenate([found, truth]))
        found, truth = found[:, None] == labels, truth[:, None] == labels
    both = (found.astype(bool) & truth.astype(bool)).sum(axis=0)
    return np.mean(2 * both / np.maximum(found.sum(axis=0) + truth.sum(axis=0), 1))


def calibration_error(sure: np.ndarray, right: np.ndarray, *, bins: int = 15) -> float:
    """Say how far, on average, stated probabilities lie from how often they are right (expected calibration error).

    References
    ----------
    Naeini, Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI.

    >>> round(calibration_error(np.array([0.9, 0.9]), np.array([True, False])), 2)
    0.4
    """
    place = np.minimum((np.asarray(sure) * bins).astype(int), bins - 1)
    table = (
        pd.DataFrame({"place": place, "sure": sure, "right": right})
        .groupby("place")
        .agg(["mean", "size"])
    )
    gaps = (table[("sure", "mean")] - table[("right", "mean")]).abs()
    return float((gaps * table[("sure", "size")]).sum() / len(place))


def abstention_curve(sure: np.ndarray, right: np.ndarray, *, points: int = 20) -> pd.DataFrame:
    """Show what abstaining buys: accuracy, with its interval, among the share of texts that is surest.

    References
    ----------
    El-Yaniv and Wiener (2010), "On the Foundations of Noise-free Selective Classification", JMLR 11.

    >>> curve = abstention_curve(np.array([0.9, 0.8]), np.array([True, False]), points=2)
    >>> curve[["answered", "accuracy"]].values.tolist()
    [[0.5, 1.0], [1.0, 0.5]]
    """
    order = np.argsort(-np.asarray(sure), kind="stable")
    kept = np.unique(np.ceil(len(order) * np.arange(1, points + 1) / points).astype(int))
    hits = pd.Series(np.cumsum(np.asarray(right)[order])[kept - 1])
    shares = share_intervals(hits, pd.Series(kept)).rename(columns={"value": "accuracy"})
    return shares.assign(answered=kept / len(order), floor=np.asarray(sure)[order][kept - 1])
