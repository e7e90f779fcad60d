"""What is fitted after training, and how well a head does on texts it never saw."""

import numpy as np

from coterie.psychographics.reading.calibration import (
    Fit,
    fit_shift,
    fit_threshold,
    macro_f1,
    macro_recall,
)
from coterie.psychographics.reading.cards import Card
from coterie.statistics import calibration_error, fit_temperature, probabilities


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
