"""What is known of a head, what was read, and which label is chosen; nothing here loads a network.

Whoever only works with readings, as validation does, does not wait for torch.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np

from coterie.statistics import probabilities
from coterie.study import SettingsError

PACKAGED = Path(__file__).parent / "adapters"
HEADS = ("sentiment", "emotion", "intent", "values")
SHARED = "shared"  # folder of the adapter that packaged heads have in common
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
    # added to the log probabilities when a label is chosen; zeros choose the likeliest
    tilt: list[float]
    floor: float  # probability under which it abstains
    evaluation: Mapping[str, float] = MappingProxyType({})  # scores on the validation set
    adapter: str = ""  # folder of an adapter shared with other heads; empty where it has its own
    # scores on a source it never learned from
    elsewhere: Mapping[str, float] = MappingProxyType({})
    # of one with a shared adapter: scores on the validation set of the head that taught it
    teacher: Mapping[str, float] = MappingProxyType({})


class Named(Protocol):
    """A head as its readings know it, whatever computes them."""

    name: str
    card: Card


class Known(NamedTuple):
    """A head whose card was read and whose network was not."""

    name: str
    card: Card


def read_card(name: str, folder: str | Path = "") -> Card:
    """Read what is known of a packaged head, or of one that `coterie train` wrote into a folder.

    Raises
    ------
    SettingsError
        When there is none.

    >>> read_card("sentiment").labels
    ['negative', 'neutral', 'positive']
    """
    folder = Path(folder) if str(folder) else PACKAGED / name
    if not (folder / "head.json").exists():
        raise SettingsError(
            f"04_psychographics.heads: no head `{name}` in {folder.name}; "
            f"the packaged ones are {', '.join(HEADS)}, and `coterie train` makes more."
        )
    return Card(**json.loads((folder / "head.json").read_text(encoding="utf-8")))


class Readings(NamedTuple):
    """What was read in texts, in their order."""

    vectors: np.ndarray  # unit vectors, (n texts, width)
    scores: dict[str, np.ndarray]  # head: a row a text, a column a label; see `decide`
    n_new: int = 0  # distinct texts that no cache knew


def decide(scores: np.ndarray, card: Card) -> tuple[np.ndarray, np.ndarray]:
    """Name each text's label and how likely it is right; empty under the card's floor.

    The label is the likeliest; where a card favours rare ones (`tilt`), since that helped on every
    source it was tried on, its probability may be under another's.

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
