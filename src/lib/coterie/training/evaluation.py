"""What is fitted after training, and how well a head does on texts it never saw."""

import numpy as np

from coterie.psychographics.reading.calibration import (
    Fit,
    fit_shift,
    fit_threshold,
    macro_f1,
    macro_recall,
)
from coterie.psychographics.reading.cards import Card, decide
from coterie.statistics import Interval, calibration_error, fit_temperature, probabilities


def fit_calibration(sources: list[tuple[np.ndarray, np.ndarray]]) -> Fit:
    """Learn temperature and shift from texts that training did not see, by source.

    The first source is the one that was trained on. Where there is another, the temperature is
    fitted on it: a network is surest of itself on texts like those it learned from.
    """
    *_, (scores, truth) = sources
    temperature = fit_temperature(scores, truth)
    warm = [(scores / temperature, truth) for scores, truth in sources]
    if truth.ndim > 1:
        return Fit(temperature, fit_threshold(*warm[0]))
    return Fit(temperature, fit_shift(warm))


def evaluate(scores: np.ndarray, card: Card, truth: np.ndarray) -> dict[str, float]:
    """Evaluate a head on texts it never saw.

    Macro F1, macro recall and calibration error, all between 0 and 1.
    """
    likely = probabilities(scores, temperature=card.temperature, several=card.several)
    if card.several:
        found = scores / card.temperature + np.array(card.tilt) > 0
        return {
            "macro_f1": float(macro_f1(found, truth)),
            "ece": calibration_error(likely.ravel(), truth.ravel() > 0),
        }
    found = (np.log(likely) + np.array(card.tilt)).argmax(axis=1)
    confidence = likely[np.arange(len(found)), found]
    return {
        "macro_recall": float(macro_recall(found, truth)),
        "macro_f1": float(macro_f1(found, truth)),
        "accuracy": float((found == truth).mean()),
        "ece": calibration_error(confidence, found == truth),
    }


def evaluate_with_intervals(
    scores: np.ndarray, card: Card, truth: np.ndarray, *, resamples: int = 1000, seed: int = 0
) -> dict[str, Interval]:
    """Evaluate a head with 95 % intervals of the bootstrap, over texts.

    A calibration error is never 0, since each of its bins is off by chance, and its resamples are
    off by twice as much: they are centred on the error that was found. `calibration_noise` says
    what to hold it against.

    >>> card = Card(["no", "yes"], False, "", 0, 0, temperature=1.0, tilt=[0.0, 0.0], floor=0.0)
    >>> scores = np.array([[1.0, 0.0], [0.0, 1.0]] * 50)
    >>> found = evaluate_with_intervals(scores, card, np.array([0, 1] * 49 + [1, 0]), resamples=200)
    >>> found["accuracy"].value, found["accuracy"].low < 0.98 < found["accuracy"].high
    (0.98, True)
    """
    rng = np.random.default_rng(seed)
    found = evaluate(scores, card, truth)
    drawn = []
    for _ in range(resamples):
        rows = rng.integers(len(truth), size=len(truth))
        drawn.append(evaluate(scores[rows], card, truth[rows]))
    intervals = {}
    for name, value in found.items():
        copies = np.array([one[name] for one in drawn])
        shift = value - copies.mean() if name == "ece" else 0.0
        low, high = np.quantile(copies + shift, [0.025, 0.975])
        intervals[name] = Interval(value, max(0.0, float(low)), float(high))
    return intervals


def calibration_noise(
    scores: np.ndarray, card: Card, *, draws: int = 1000, seed: int = 0
) -> Interval:
    """Say which calibration error a head would show on these texts if it had none.

    Each answer is drawn right as often as its confidence says. Returns the mean over draws, and
    between which ends 95 % of them lie.

    >>> card = Card(["no", "yes"], False, "", 0, 0, temperature=1.0, tilt=[0.0, 0.0], floor=0.0)
    >>> few, many = (calibration_noise(np.tile([[0.0, 1.0]], (n, 1)), card) for n in (25, 2500))
    >>> round(few.value, 2), round(many.value, 3)
    (0.07, 0.007)
    """
    rng = np.random.default_rng(seed)
    _, confidence = decide(scores, card)
    right = rng.random((draws, len(confidence))) < confidence
    errors = [calibration_error(confidence, row) for row in right]
    low, high = np.quantile(errors, [0.025, 0.975])
    return Interval(float(np.mean(errors)), float(low), float(high))
