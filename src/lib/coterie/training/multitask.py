"""Train one adapter for several heads at once, so that a post is read once for all of them."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from coterie.psychographics.reading.encoder import Encoder, masked, padded
from coterie.psychographics.reading.heads import output_layers, pooled
from coterie.training.corpora import Corpus
from coterie.training.fitting import WARM_UP, make_adapted, shuffled

BATCH = 32
TOGETHER = 2  # tasks whose gradients are added up before a step


class Task(NamedTuple):
    """What one head learns from: texts with one kind of label."""

    head: str
    corpus: Corpus
    passes: float  # how often each text is seen
    weight: float = 1.0  # of its loss: under 1 where labels only stand for what is meant


@dataclasses.dataclass
class SharedModel:
    """An encoder whose upper layers carry one adapter, with output layers for every head."""

    encoder: Encoder
    model: nn.Module  # the encoder with peft's adapter
    outs: dict[str, nn.Module]
    shared: int

    def pooled(self, pieces: list[list[int]]) -> torch.Tensor:
        """Sum a batch of texts up as every head sees it."""
        ids, here = padded(pieces, self.encoder.tokenizer.pad_token_id or 0)
        bert = self.model.base_model.model
        with torch.no_grad():
            state = bert.embeddings(input_ids=ids)
            for layer in bert.encoder.layer[: self.shared]:
                state = layer(state, masked(here))
        for layer in bert.encoder.layer[self.shared :]:
            state = layer(state, masked(here))
        return pooled(state, here)

    def learning(self) -> list[nn.Parameter]:
        """List what training may change."""
        outs = nn.ModuleList(self.outs.values())
        parts = [*self.model.parameters(), *outs.parameters()]
        return [part for part in parts if part.requires_grad]


def train_shared(
    tasks: list[Task],
    encoder: Encoder,
    *,
    seed: int = 0,
    shared: int = 2,
    rank: int = 48,
    step: float = 5e-4,
    start: str | Path = "",
    progress: Callable[[Iterable, str], Iterable] = lambda items, what: items,
) -> SharedModel:
    """Train one adapter on all tasks, a batch of two tasks at a time.

    Tasks are drawn in proportion to the texts that are left of them, so all of them end together.
    With `start`, the folder of a trained head, the adapter begins where that one ended.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    adapted = make_adapted(encoder, shared=shared, rank=rank, start=start)
    labels = {task.head: len(task.corpus.labels) for task in tasks}
    outs = {name: output_layers(encoder.width, n).train() for name, n in labels.items()}
    model = SharedModel(encoder, adapted.model, outs, shared)
    pieces = [encoder.pieces(task.corpus.texts) for task in tasks]
    plan = plan_steps(tasks, encoder, rng)
    optimiser = torch.optim.AdamW(model.learning(), lr=step, weight_decay=0.01)
    warm = max(1, round(WARM_UP * len(plan)))
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda n: min((n + 1) / warm, max(0.0, (len(plan) - n) / max(1, len(plan) - warm))),
    )
    learning = model.learning()

    def gradients(batch: tuple[int, np.ndarray]) -> tuple[torch.Tensor | None, ...]:
        number, rows = batch
        loss = loss_of(model, tasks[number], pieces[number], rows)
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


def loss_of(
    model: SharedModel, task: Task, pieces: list[list[int]], rows: np.ndarray
) -> torch.Tensor:
    """Compute a task's loss on a batch, in bfloat16 where the processor is made for it."""
    truth = torch.tensor(task.corpus.truth[rows])
    quick = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    with torch.autocast("cpu", torch.bfloat16, enabled=quick):
        scores = model.outs[task.head](model.pooled([pieces[row] for row in rows])).float()
    if truth.ndim > 1:
        return task.weight * nn.functional.binary_cross_entropy_with_logits(scores, truth)
    return task.weight * nn.functional.cross_entropy(scores, truth)


def plan_steps(
    tasks: list[Task], encoder: Encoder, rng: np.random.Generator
) -> list[list[tuple[int, np.ndarray]]]:
    """Plan all steps: which tasks are seen together, and which of their texts."""
    batches = [
        (number, rows) for number, task in enumerate(tasks) for rows in repeated(task, encoder, rng)
    ]
    mixed = [batches[place] for place in rng.permutation(len(batches))]
    return [mixed[at : at + TOGETHER] for at in range(0, len(mixed), TOGETHER)]


def repeated(task: Task, encoder: Encoder, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Shuffle a task's texts into batches, as often as it asks for."""
    left = task.passes
    while left > 0:
        found = shuffled(task.corpus, encoder, BATCH, rng)
        yield from found[: round(min(1.0, left) * len(found))]
        left -= 1
