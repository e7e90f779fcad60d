"""Heads on the shared encoder: what they read, as probabilities that mean what they say."""

import copy
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from coterie.psychographics.reading.cards import PACKAGED, Card, Readings, read_card
from coterie.psychographics.reading.encoder import Encoder, in_batches, masked, word_mean
from coterie.psychographics.reading.packing import packed
from coterie.study import SettingsError

PROJECTION = "projection.safetensors"


class Upper(NamedTuple):
    """The upper layers of the encoder with an adapter merged in; several heads may share them."""

    layers: nn.ModuleList
    projection: nn.Module | None  # where the adapter learned to give the encoder's vectors too


class Head(NamedTuple):
    """One head: the layers that its adapter changed, and those that name a label."""

    name: str
    card: Card
    upper: Upper  # heads with a shared adapter hold the same one
    out: nn.Module
    precision: str = "float32"  # the encoder's

    def summary(self, states: list[torch.Tensor], here: torch.Tensor) -> torch.Tensor:
        """Read a batch whose lower layers were read on to the top, and sum each text up."""
        with torch.inference_mode(), self.autocast(here):
            state = states[self.card.shared]
            for layer in self.upper.layers:
                state = layer(state, masked(here))
            return pooled(state, here)

    def scores(self, summary: torch.Tensor) -> np.ndarray:
        """Score every label of a batch that was summed up."""
        with torch.inference_mode(), self.autocast(summary):
            return self.out(summary).float().cpu().numpy()

    def vectors(self, summary: torch.Tensor) -> np.ndarray:
        """Give the vectors of a batch that was summed up, scaled to length 1."""
        with torch.inference_mode(), self.autocast(summary):
            vectors = self.upper.projection(summary).float()
            return nn.functional.normalize(vectors, dim=1).cpu().numpy()

    def autocast(self, tensor: torch.Tensor) -> torch.autocast:
        """Compute in the encoder's precision."""
        quick = self.precision == "bfloat16"
        return torch.autocast(tensor.device.type, torch.bfloat16, enabled=quick)


def pooled(state: torch.Tensor, here: torch.Tensor) -> torch.Tensor:
    """Sum a text up: the mean over its words beside the state of its first sign."""
    return torch.cat([word_mean(state, here), state[:, 0]], dim=1)


def output_layers(width: int, n_labels: int, *, dropout: float = 0.1) -> nn.Sequential:
    """Make the layers that turn a text's sum into scores."""
    inner = [nn.Dropout(dropout), nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout)]
    return nn.Sequential(*inner, nn.Linear(width, n_labels))


def projection_layer(width: int) -> nn.Linear:
    """Make the layer that turns a text's sum into a vector; at first it takes the words' mean."""
    layer = nn.Linear(2 * width, width, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(width, 2 * width))
    return layer


def load_output(folder: Path, width: int, n_labels: int, *, dropout: float = 0.1) -> nn.Sequential:
    """Load the layers that turn a text's sum into scores."""
    out = output_layers(width, n_labels, dropout=dropout)
    return with_weights(out, folder / "head.safetensors")


def with_weights(module: nn.Module, file: Path) -> nn.Module:
    """Fill a module with the weights of a file, which holds them in 16 bits."""
    module.load_state_dict({key: value.float() for key, value in load_file(file).items()})
    return module


def load_head(
    name: str, encoder: Encoder, *, folder: str | Path = "", loaded: dict[str, Upper] | None = None
) -> Head:
    """Load a packaged head, or one that `coterie train` wrote into a folder.

    Upper layers with a shared adapter are loaded once and kept in `loaded`.

    Raises
    ------
    SettingsError
        When there is none, or it was trained on another encoder.
    """
    card = read_card(name, folder)
    folder = Path(folder) if str(folder) else PACKAGED / name
    if card.encoder != encoder.name:
        raise SettingsError(
            f"04_psychographics.heads: {name} was trained on {card.encoder} "
            f"and cannot read {encoder.name}'s states; "
            "train it on this encoder, or leave `encoder` empty."
        )
    source = (folder.parent / card.adapter if card.adapter else folder).resolve()
    loaded = {} if loaded is None else loaded
    if str(source) not in loaded:
        loaded[str(source)] = load_upper(source, encoder, shared=card.shared)
    device = next(encoder.model.parameters()).device
    out = load_output(folder, encoder.width, len(card.labels)).eval().to(device)
    return Head(name, card, loaded[str(source)], out, encoder.precision)


def load_upper(folder: Path, encoder: Encoder, *, shared: int) -> Upper:
    """Load what an adapter makes of the layers above the `shared` lowest, laid out to read with."""
    device = next(encoder.model.parameters()).device
    layers = with_adapter(encoder, load_file(folder / "adapter_model.safetensors"))[shared:]
    layers = packed(layers) if encoder.packed else layers
    projection = None
    if (folder / PROJECTION).exists():
        projection = with_weights(projection_layer(encoder.width), folder / PROJECTION).to(device)
    return Upper(layers.eval().to(device), projection)


def with_adapter(encoder: Encoder, weights: dict[str, torch.Tensor]) -> nn.ModuleList:
    """Copy the layers and add the adapter's low-rank changes (Hu et al., 2021)."""
    layers = copy.deepcopy(encoder.model.encoder.layer)
    for key, below in weights.items():
        if key.endswith("lora_A.weight"):
            above = weights[key.replace("lora_A", "lora_B")]
            place = key.split("encoder.layer.")[1].removesuffix(".lora_A.weight")
            layers.get_submodule(place).weight.data += above.float() @ below.float()
    return layers


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
    widths = [encoder.width, *(len(head.card.labels) for head in heads)]
    rows = np.zeros((len(distinct), sum(widths)), dtype=np.float32)
    read_into(rows, distinct, encoder, heads, progress=progress)
    vectors, *scores = np.split(rows[place], np.cumsum(widths)[:-1], axis=1)
    return Readings(vectors, dict(zip([head.name for head in heads], scores, strict=True)))


def gives_vectors(heads: Iterable[Head]) -> Head | None:
    """Find the head whose adapter gives vectors too; None where the encoder has to."""
    return next((head for head in heads if head.upper.projection is not None), None)


def read_into(
    rows: np.ndarray,
    texts: np.ndarray,
    encoder: Encoder,
    heads: list[Head],
    *,
    progress: Callable[[list], Iterable] = iter,
) -> None:
    """Write each text's vector, and the scores of the heads after it, into its row.

    Heads that share an adapter share its reading: a text goes through its layers once. Where an
    adapter gives vectors too, the encoder's own upper layers are not read at all.
    """
    depth = max((head.card.shared for head in heads), default=0)
    embedding = gives_vectors(heads)

    def read_batch(at: np.ndarray, pieces: list[list[int]]) -> None:
        states, here = encoder.lower(pieces, depth=depth)
        summaries = {}
        for head in heads:
            if id(head.upper) not in summaries:
                summaries[id(head.upper)] = head.summary(states, here)
        scores = [head.scores(summaries[id(head.upper)]) for head in heads]
        vectors = (
            embedding.vectors(summaries[id(embedding.upper)])
            if embedding
            else encoder.vectors(states, here)
        )
        rows[at] = np.hstack([vectors, *scores])

    in_batches(texts, encoder.pieces, read_batch, progress=progress)
