"""Which label to choose when some are rare, and how well labels are chosen."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import log_softmax

STRENGTHS = np.linspace(0.1, 1.5, 15)
MARGIN = 0.01  # a shift that gains less than this on average is not worth its risk


class Fit(NamedTuple):
    """What is fitted on a calibration set."""

    temperature: float  # above 1 the model was too sure of itself
    # per label, added to the log probability (several labels: to the score) when choosing
    tilt: list[float]


class Setting(NamedTuple):
    """One population in which a rule for choosing labels is tried."""

    scores: np.ndarray
    truth: np.ndarray
    weights: np.ndarray  # of the texts: other than 1 where labels shall be as frequent as elsewhere


def fit_shift(sources: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[float]:
    """Find how much rare labels must be favoured: not at all, unless that helps everywhere.

    Scores and truth of one label a text, by source; the first is the one that was trained on. A
    label gets the negative log of its share there times a strength. What is best on one source is
    not best on the next, whose labels are otherwise frequent: so the strength must lower neither
    macro F1 nor macro recall in any source, nor there with all labels equally frequent, nor with
    any one of them twice as frequent as it is. Zeros, which is the likeliest label, are the answer
    when no strength does, or the best gains less than a point on average.

    >>> rare = np.array([[1.0, 0.0]] * 8 + [[1.0, 0.9]] * 2)
    >>> truth = np.array([0] * 8 + [1] * 2)
    >>> fit_shift([(rare, truth)])[1] > 0, fit_shift([(rare, truth), (rare, 1 - truth)])
    (True, [0.0, 0.0])
    """
    scores, truth = sources[0]
    n_labels = scores.shape[1]
    shares = (np.bincount(truth, minlength=n_labels) + 1) / (len(truth) + n_labels)
    tried = [setting for source in sources for setting in settings_of(*source)]
    gains = np.array(
        [[gain(setting, -strength * np.log(shares)) for setting in tried] for strength in STRENGTHS]
    )
    harmless = gains.min(axis=(1, 2)) >= 0
    average = np.where(harmless, gains.mean(axis=(1, 2)), -np.inf)
    if average.max() < MARGIN:
        return [0.0] * n_labels
    return (-STRENGTHS[average.argmax()] * np.log(shares)).tolist()


def settings_of(scores: np.ndarray, truth: np.ndarray) -> list[Setting]:
    """List a source as it is, with all labels equally frequent, and with each twice as frequent."""
    likely = log_softmax(scores, axis=1)
    counts = np.bincount(truth, minlength=scores.shape[1])
    equal = 1 / np.maximum(counts, 1)[truth]
    doubled = [np.where(truth == label, 2.0, 1.0) for label in np.flatnonzero(counts)]
    return [Setting(likely, truth, weights) for weights in (np.ones(len(truth)), equal, *doubled)]


def gain(setting: Setting, shift: np.ndarray) -> tuple[float, float]:
    """Say how much a shift changes macro F1 and macro recall in one population."""
    likely, truth, weights = setting
    before = likely.argmax(axis=1)
    after = (likely + shift).argmax(axis=1)
    return (
        macro_f1(after, truth, weights=weights) - macro_f1(before, truth, weights=weights),
        macro_recall(after, truth) - macro_recall(before, truth),
    )


def fit_threshold(scores: np.ndarray, truth: np.ndarray) -> list[float]:
    """Find one threshold for all labels of texts that may carry several, by macro F1.

    Each label has too few examples for its own.

    >>> fit_threshold(np.array([[-0.5], [-2.0]]), np.array([[1], [0]]))[0] > 0.5
    True
    """
    shifts = np.arange(-1, 3.1, 0.1)
    best = max(shifts, key=lambda shift: macro_f1(scores + shift > 0, truth))
    return [float(best)] * scores.shape[1]


def macro_recall(found: np.ndarray, truth: np.ndarray) -> float:
    """Average over labels how many of the label's texts were found.

    >>> float(macro_recall(np.array([0, 0, 1]), np.array([0, 1, 1])))
    0.75
    """
    return np.mean([(found[truth == label] == label).mean() for label in np.unique(truth)])


def macro_f1(found: np.ndarray, truth: np.ndarray, *, weights: np.ndarray | float = 1.0) -> float:
    """Average the F1 of all labels.

    `found` and `truth` are rows of 0 and 1, or one label number a text; `weights` count a text as
    more or less than one.

    >>> round(float(macro_f1(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]))), 3)
    0.833
    """
    if truth.ndim == 1:
        labels = np.unique(np.concatenate([found, truth]))
        found = found[:, None] == labels
        truth = truth[:, None] == labels
    weight = np.broadcast_to(np.reshape(weights, (-1, 1)), (len(truth), 1))
    found = found.astype(bool)
    truth = truth.astype(bool)
    both = (weight * (found & truth)).sum(axis=0)
    either = (weight * found).sum(axis=0) + (weight * truth).sum(axis=0)
    return np.mean(2 * both / np.where(either > 0, either, 1))
