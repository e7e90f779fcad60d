"""Heads on the shared encoder: what they read, as probabilities that mean what they say."""

import copy
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from coterie.psychographics.reading.encoder import Encoder, batches, masked, word_mean
from coterie.statistics import probabilities
from coterie.study import SettingsError

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


class Head(NamedTuple):
    """One head: the upper layers with its adapter merged in, and the layers that name a label."""

    name: str
    card: Card
    layers: nn.ModuleList
    out: nn.Module
    precision: str = "float32"  # the encoder's

    def scores(self, states: list[torch.Tensor], here: torch.Tensor) -> np.ndarray:
        """Score every label of a batch whose lower layers were read."""
        with (
            torch.inference_mode(),
            torch.autocast(here.device.type, torch.bfloat16, enabled=self.precision == "bfloat16"),
        ):
            state = states[self.card.shared]
            for layer in self.layers:
                state = layer(state, masked(here))
            return self.out(pooled(state, here)).float().cpu().numpy()


class Readings(NamedTuple):
    """What was read in texts, in their order."""

    vectors: np.ndarray  # unit vectors, (n texts, width)
    scores: dict[str, np.ndarray]  # head: a row a text, a column a label; see `decide`
    n_new: int = 0  # distinct texts that no cache knew


def pooled(state: torch.Tensor, here: torch.Tensor) -> torch.Tensor:
    """Sum a text up: the mean over its words beside the state of its first sign."""
    return torch.cat([word_mean(state, here), state[:, 0]], dim=1)


def output_layers(width: int, n_labels: int, *, dropout: float = 0.1) -> nn.Sequential:
    """Make the layers that turn a text's sum into scores."""
    inner = [nn.Dropout(dropout), nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout)]
    return nn.Sequential(*inner, nn.Linear(width, n_labels))


def load_head(name: str, encoder: Encoder, *, folder: str | Path = "") -> Head:
    """Load a packaged head, or one that `coterie train` wrote into a folder.

    Raises
    ------
    SettingsError
        When there is none, or it was trained on another encoder.
    """
    folder = Path(folder) if str(folder) else PACKAGED / name
    if not (folder / "head.json").exists():
        raise SettingsError(
            f"04_psychographics.heads: no head `{name}` in {folder.name}; "
            f"the packaged ones are {', '.join(HEADS)}, and `coterie train` makes more."
        )
    card = Card(**json.loads((folder / "head.json").read_text(encoding="utf-8")))
    if card.encoder != encoder.name:
        raise SettingsError(
            f"04_psychographics.heads: {name} was trained on {card.encoder} "
            f"and cannot read {encoder.name}'s states; "
            "train it on this encoder, or leave `encoder` empty."
        )
    layers = with_adapter(encoder, card, load_file(folder / "adapter_model.safetensors"))
    out = output_layers(encoder.width, len(card.labels))
    weights = load_file(folder / "head.safetensors")
    out.load_state_dict({key: value.float() for key, value in weights.items()})
    parts = nn.ModuleList([layers, out]).eval().to(next(encoder.model.parameters()).device)
    return Head(name, card, parts[0], parts[1], encoder.precision)


def with_adapter(encoder: Encoder, card: Card, weights: dict[str, torch.Tensor]) -> nn.ModuleList:
    """Copy the upper layers and add the adapter's low-rank changes (Hu et al., 2021)."""
    layers = copy.deepcopy(encoder.model.encoder.layer)
    for key, below in weights.items():
        if key.endswith("lora_A.weight"):
            above = weights[key.replace("lora_A", "lora_B")]
            place = key.split("encoder.layer.")[1].removesuffix(".lora_A.weight")
            layers.get_submodule(place).weight.data += above.float() @ below.float()
    return layers[card.shared :]


def read(
    texts: list[str],
    encoder: Encoder,
    heads: Iterable[Head] = (),
    *,
    progress: Callable[[list], Iterable] = iter,
) -> Readings:
    """Read texts once for their vectors and for every head; equal texts are read once."""
    heads = list(heads)
    distinct, place = np.unique(np.array(texts, dtype=object), return_inverse=True)
    pieces = encoder.pieces(list(distinct))
    depth = max((head.card.shared for head in heads), default=0)
    vectors = np.zeros((len(distinct), encoder.width), dtype=np.float32)
    scores = {
        head.name: np.zeros((len(distinct), len(head.card.labels)), dtype=np.float32)
        for head in heads
    }
    for rows in progress(batches([len(piece) for piece in pieces])):
        states, here = encoder.lower([pieces[row] for row in rows], depth=depth)
        vectors[rows] = encoder.vectors(states, here)
        for head in heads:
            scores[head.name][rows] = head.scores(states, here)
    return Readings(vectors[place], {name: own[place] for name, own in scores.items()})


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
