"""Teach one adapter what several heads know, so that a post is read once for all of them.

The heads that have an adapter each are the teachers: they score every text there is, labelled or
not, and one adapter learns to give their scores (knowledge distillation). Learning from the labels
themselves cost emotion and values more than a hundredth of macro F1 each: their sets are small, and
each text has a label of one head only. The encoder itself is a teacher too: the adapter learns to
give its vectors, so that a post is read once for these as well.
"""

import dataclasses
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from coterie.psychographics.reading.cards import read_card
from coterie.psychographics.reading.encoder import Encoder
from coterie.psychographics.reading.heads import load_output, projection_layer
from coterie.psychographics.reading.packing import made_for_bfloat16
from coterie.training.fitting import make_adapted, summed_up
from coterie.training.steps import optimiser_for

BATCH = 32
TOGETHER = 2  # batches whose gradients are added up before a step
SOFTNESS = 2.0  # temperature of the scores that are compared: small ones tell too
BEGINNING = 0.5  # share of each teacher's adapter in the one that begins
OF_VECTORS = 5.0  # nats a text that a vector at right angles to the encoder's counts as


class Lesson(NamedTuple):
    """Texts of one source, with what every teacher says of them."""

    texts: list[str]
    scores: dict[str, np.ndarray]  # head: a row a text, a column a label
    vectors: np.ndarray  # the encoder's, of length 1
    weights: dict[str, float]  # how much each head's answers on this source count
    at_least: int = 8_000  # texts of it that a pass sees, some of them several times
    at_most: int = 16_000  # others the next pass


@dataclasses.dataclass
class SharedModel:
    """An encoder whose upper layers carry one adapter, with output layers for every head."""

    encoder: Encoder
    model: nn.Module  # the encoder with peft's adapter
    outs: dict[str, nn.Module]
    projection: nn.Module  # gives the encoder's vectors
    shared: int

    @property
    def rank(self) -> int:
        """Give the rank of the adapter."""
        return self.model.peft_config["default"].r

    def pooled(self, pieces: list[list[int]]) -> torch.Tensor:
        """Sum a batch of texts up as every head sees it."""
        return summed_up(pieces, self.encoder, self.model, shared=self.shared)

    def scores(self, texts: list[str], *, batch: int = 64) -> dict[str, np.ndarray]:
        """Score texts with every head."""
        pieces = self.encoder.pieces(texts)
        order = np.argsort([len(piece) for piece in pieces], kind="stable")
        scores = {
            name: np.zeros((len(texts), out[-1].out_features), dtype=np.float32)
            for name, out in self.outs.items()
        }
        with torch.inference_mode():
            for at in range(0, len(order), batch):
                rows = order[at : at + batch]
                summary = self.pooled([pieces[row] for row in rows])
                for name, out in self.outs.items():
                    scores[name][rows] = out.eval()(summary).numpy()
        return scores

    def learning(self) -> list[nn.Parameter]:
        """List what training may change."""
        outs = nn.ModuleList([*self.outs.values(), self.projection])
        parts = [*self.model.parameters(), *outs.parameters()]
        return [part for part in parts if part.requires_grad]


def distil(
    lessons: list[Lesson],
    teachers: dict[str, Path],
    encoder: Encoder,
    *,
    seed: int = 0,
    shared: int = 0,
    rank: int = 96,
    passes: int = 2,
    step: float = 5e-4,
    progress: Callable[[Iterable, str], Iterable] = lambda items, what: items,
) -> SharedModel:
    """Train one adapter until its heads score texts as the teachers do, which lie in folders.

    It begins as the teachers' adapters side by side, each with a share of its weight, under the
    teachers' own output layers.

    References
    ----------
    Hinton, Vinyals and Dean (2015), "Distilling the Knowledge in a Neural Network"; Clark et al.
    (2019), "BAM! Born-Again Multi-Task Networks for Natural Language Understanding", ACL.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = beginning(teachers, encoder, shared=shared, rank=rank)
    several = {name for name, folder in teachers.items() if read_card(name, folder).several}
    pieces = [encoder.pieces(lesson.texts) for lesson in lessons]
    plan = plan_steps(pieces, lessons, passes, rng)
    learning = model.learning()
    optimiser, pace = optimiser_for(learning, n_steps=len(plan), step=step)

    def gradients(batch: tuple[int, np.ndarray]) -> tuple[torch.Tensor | None, ...]:
        number, rows = batch
        loss = distance(model, lessons[number], pieces[number], rows, several=several)
        return torch.autograd.grad(loss, learning, allow_unused=True)

    one_core = {"initializer": torch.set_num_threads, "initargs": (1,)}
    with ThreadPoolExecutor(TOGETHER, **one_core) as pool:
        for together in progress(plan, "shared adapter"):
            found = list(pool.map(gradients, together))
            for part, *own in zip(learning, *found, strict=True):
                known = [gradient for gradient in own if gradient is not None]
                part.grad = sum(known) if known else None
            nn.utils.clip_grad_norm_(learning, 1.0)
            optimiser.step()
            pace.step()
    return model


def beginning(
    teachers: dict[str, Path], encoder: Encoder, *, shared: int, rank: int
) -> SharedModel:
    """Put the teachers' adapters side by side into one of a higher rank."""
    adapted = make_adapted(encoder, shared=shared, rank=rank)
    known = [load_file(folder / "adapter_model.safetensors") for folder in teachers.values()]
    for key, part in adapted.model.state_dict().items():
        name = key.replace(".default", "")
        if own := [weights[name].float() for weights in known if name in weights]:
            along, share = (0, 1.0) if "lora_A" in key else (1, BEGINNING)
            begins = torch.cat(own, along).narrow(
                along, 0, min(rank, sum(p.shape[along] for p in own))
            )
            part.narrow(along, 0, begins.shape[along]).copy_(share * begins)
    outs = {}
    for name, folder in teachers.items():
        labels = read_card(name, folder).labels
        outs[name] = load_output(folder, encoder.width, len(labels), dropout=0.0)
    return SharedModel(encoder, adapted.model, outs, projection_layer(encoder.width), shared)


def distance(
    model: SharedModel,
    lesson: Lesson,
    pieces: list[list[int]],
    rows: np.ndarray,
    *,
    several: set[str],
) -> torch.Tensor:
    """Measure how far a batch's scores and vectors are from those taught, in bfloat16 if quick."""
    with torch.autocast("cpu", torch.bfloat16, enabled=made_for_bfloat16()):
        summary = model.pooled([pieces[row] for row in rows])
        found = {name: out(summary).float() for name, out in model.outs.items()}
        vectors = model.projection(summary).float()
    meant = torch.tensor(lesson.vectors[rows])
    total = OF_VECTORS * (1 - nn.functional.cosine_similarity(vectors, meant)).mean()
    for name, scores in found.items():
        taught = torch.tensor(lesson.scores[name][rows])
        apart = divergence(scores, taught, several=name in several)
        total = total + lesson.weights.get(name, 1.0) * apart
    return total


def divergence(scores: torch.Tensor, taught: torch.Tensor, *, several: bool) -> torch.Tensor:
    """Measure by how much scores say something else than those taught: nats a text, softened.

    >>> taught = torch.tensor([[2.0, 0.0]])
    >>> float(divergence(taught, taught, several=False))
    0.0
    >>> round(float(divergence(-taught, taught, several=False)), 2)
    1.85
    """
    n_texts = len(scores)
    if several:  # every label is a question of its own
        scores = torch.stack([scores, torch.zeros_like(scores)], dim=-1).flatten(0, 1)
        taught = torch.stack([taught, torch.zeros_like(taught)], dim=-1).flatten(0, 1)
    found = (scores / SOFTNESS).log_softmax(1)
    meant = (taught / SOFTNESS).log_softmax(1)
    apart = nn.functional.kl_div(found, meant, log_target=True, reduction="sum")
    return SOFTNESS**2 * apart / n_texts


def plan_steps(
    pieces: list[list[list[int]]], lessons: list[Lesson], passes: int, rng: np.random.Generator
) -> list[list[tuple[int, np.ndarray]]]:
    """Plan all steps: which texts of which lessons are read together.

    Texts of a batch have about the same length, so that little is spent on padding.
    """
    batches = []
    for _ in range(passes):
        for number, lesson in enumerate(lessons):
            often = -(-lesson.at_least // len(lesson.texts))
            order = rng.permutation(len(lesson.texts) * often)[: lesson.at_most] % len(lesson.texts)
            lengths = np.array([len(pieces[number][row]) for row in order])
            order = order[np.argsort(lengths + rng.uniform(0, 6, len(order)), kind="stable")]
            batches += [(number, order[at : at + BATCH]) for at in range(0, len(order), BATCH)]
    mixed = [batches[place] for place in rng.permutation(len(batches))]
    return [mixed[at : at + TOGETHER] for at in range(0, len(mixed), TOGETHER)]
