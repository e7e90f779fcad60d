"""Which label to choose when some are rare, and how well labels are chosen."""

from typing import NamedTuple

import numpy as np
from scipy.special import log_softmax


class Fit(NamedTuple):
    """What is fitted on a calibration set."""

    temperature: float  # above 1 the model was too sure of itself
    # per label, added to the log probability (several labels: to the score) when choosing
    tilt: list[float]


def fit_tilt(scores: np.ndarray, truth: np.ndarray, *, measure: str = "macro_f1") -> list[float]:
    """Find how much rare labels must be favoured for the best `macro_recall` or `macro_f1`.

    One label a text: the log share of each label, times the strength between 0 and 1.5 that serves
    best. Several labels: one threshold for all, since each has too few examples for its own.

    >>> fit_tilt(np.array([[1.0, 0.0]] * 3 + [[1.0, 0.9]]), np.array([0, 0, 0, 1]))[1] > 0
    True
    """
    if truth.ndim > 1:
        shifts = np.arange(-1, 3.1, 0.1)
        best = max(shifts, key=lambda shift: macro_f1(scores + shift > 0, truth))
        return [best] * scores.shape[1]
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
    """Average the F1 of all labels.

    `found` and `truth` are rows of 0 and 1, or one label number a text.

    >>> round(float(macro_f1(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]))), 3)
    0.833
    """
    if truth.ndim == 1:
        labels = np.unique(np.concatenate([found, truth]))
        found = found[:, None] == labels
        truth = truth[:, None] == labels
    both = (found.astype(bool) & truth.astype(bool)).sum(axis=0)
    return np.mean(2 * both / np.maximum(found.sum(axis=0) + truth.sum(axis=0), 1))
