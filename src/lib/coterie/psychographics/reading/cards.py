"""What is known of a head, what was read, and which label is chosen; nothing here loads a network.

Whoever only works with readings, as validation does, does not wait for torch.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np

from coterie.statistics import probabilities

PACKAGED = Path(__file__).parent / "adapters"
HEADS = ("sentiment", "emotion", "intent", "values")
SCORES = {
    "macro_recall": "macro recall",
    "macro_f1": "macro F1",
    "accuracy": "accuracy",
    "ece": "calibration error",
}


class Card(NamedTuple):
    """What was learned beside the weights; `head.json` of an adapter's folder."""

    labels: list[str]
    several: bool  # whether a text may carry several labels
    encoder: str  # the encoder it was trained on
    shared: int  # layers it leaves as they are, read once for all heads
    rank: int
    temperature: float  # what the scores are divided by, so that 80 % sure is right in 80 of 100
    # added to the log probabilities when a label is chosen: rare ones are not overlooked
    tilt: list[float]
    floor: float  # probability under which it abstains
    evaluation: Mapping[str, float] = MappingProxyType({})  # scores on the validation set


class Named(Protocol):
    """A head as its readings know it, whatever computes them."""

    name: str
    card: Card


class Readings(NamedTuple):
    """What was read in texts, in their order."""

    vectors: np.ndarray  # unit vectors, (n texts, width)
    scores: dict[str, np.ndarray]  # head: a row a text, a column a label; see `decide`
    n_new: int = 0  # distinct texts that no cache knew


def decide(scores: np.ndarray, card: Card) -> tuple[np.ndarray, np.ndarray]:
    """Name each text's label and how likely it is right; empty under the card's floor.

    The label is the likeliest after rare labels were given their due, so its probability may be
    under another's: that keeps the few negative posts from drowning among the many neutral ones.

    >>> card = Card(["no", "yes"], False, "", 0, 0, temperature=1.0, tilt=[0.0, 0.0], floor=0.6)
    >>> labels, confidence = decide(np.array([[0.0, 3.0], [0.1, 0.0]]), card)
    >>> labels.tolist(), confidence.round(2).tolist()
    (['yes', ''], [0.95, 0.52])
    """
    likely = probabilities(scores, temperature=card.temperature, several=card.several)
    chosen = (np.log(likely.clip(1e-12)) + np.array(card.tilt)).argmax(axis=1)
    confidence = likely[np.arange(len(likely)), chosen]
    labels = np.array(card.labels, dtype=object)[chosen]
    labels[confidence < card.floor] = ""
    return labels, confidence
