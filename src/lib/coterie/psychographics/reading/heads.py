"""Heads on the shared encoder: what they read, as probabilities that mean what they say."""

import copy
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from coterie.psychographics.reading.cards import HEADS, PACKAGED, Card, Readings
from coterie.psychographics.reading.encoder import (
    Encoder,
    batches,
    masked,
    on_every_core,
    word_mean,
)
from coterie.study import SettingsError


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

    def read_batch(rows: np.ndarray) -> None:
        states, here = encoder.lower([pieces[row] for row in rows], depth=depth)
        vectors[rows] = encoder.vectors(states, here)
        for head in heads:
            scores[head.name][rows] = head.scores(states, here)

    on_every_core(read_batch, batches([len(piece) for piece in pieces]), progress=progress)
    return Readings(vectors[place], {name: own[place] for name, own in scores.items()})
