"""Train one adapter for several heads at once, so that a post is read once for all of them."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from coterie.psychographics.reading.cards import HEADS, SHARED, Card
from coterie.psychographics.reading.encoder import Encoder, load_encoder
from coterie.psychographics.reading.heads import output_layers
from coterie.training.cards import model_card
from coterie.training.corpora import Corpus, TrainingSets
from coterie.training.evaluation import evaluate, fit_calibration
from coterie.training.fitting import (
    CALIBRATION_SHARE,
    WARM_UP,
    make_adapted,
    part_of,
    save_adapter,
    save_weights,
    shuffled,
    summed_up,
    write_card,
)
from coterie.training.intents import stand_ins
from coterie.training.sets import read_training_sets

BATCH = 32
TOGETHER = 2  # batches whose gradients are added up before a step
# how often the texts of each head are seen; sentiment, whose adapter is the start, is only recalled
PASSES = {"sentiment": 0.1, "emotion": 2.25, "intent": 3.0, "values": 1.5}
STAND_IN_WEIGHT = 0.4  # of the loss on labels that only stand for an intent


class Task(NamedTuple):
    """What one head learns from: texts with one kind of label."""

    head: str
    corpus: Corpus
    passes: float  # how often each text is seen
    weight: float = 1.0  # of its loss


@dataclasses.dataclass
class SharedModel:
    """An encoder whose upper layers carry one adapter, with output layers for every head."""

    encoder: Encoder
    model: nn.Module  # the encoder with peft's adapter
    outs: dict[str, nn.Module]
    shared: int

    def pooled(self, pieces: list[list[int]]) -> torch.Tensor:
        """Sum a batch of texts up as every head sees it."""
        return summed_up(pieces, self.encoder, self.model, shared=self.shared)

    def scores(self, head: str, texts: list[str], *, batch: int = 64) -> np.ndarray:
        """Score texts with one head."""
        pieces = self.encoder.pieces(texts)
        order = np.argsort([len(piece) for piece in pieces], kind="stable")
        out = self.outs[head].eval()
        scores = np.zeros((len(texts), out[-1].out_features), dtype=np.float32)
        with torch.inference_mode():
            for at in range(0, len(order), batch):
                rows = order[at : at + batch]
                scores[rows] = out(self.pooled([pieces[row] for row in rows])).numpy()
        return scores

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
    """Train one adapter on all tasks, two batches a step, mixed in proportion to their texts.

    With `start`, a folder of trained heads, the adapter begins as that of `sentiment` there, with
    more ranks, and each head's output layers as they are there.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    first = Path(start) / "sentiment" if str(start) else ""
    adapted = make_adapted(encoder, shared=shared, rank=rank, start=first)
    labels = {task.head: len(task.corpus.labels) for task in tasks}
    outs = {name: output_layers(encoder.width, n).train() for name, n in labels.items()}
    for name, out in outs.items() if str(start) else ():
        weights = load_file(Path(start) / name / "head.safetensors")
        out.load_state_dict({key: value.float() for key, value in weights.items()})
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


def shared_tasks(
    folder: str | Path, *, seed: int = 0
) -> tuple[list[Task], dict[str, TrainingSets]]:
    """Read what the packaged heads learn together, less a part that calibration needs."""
    rng = np.random.default_rng(seed)
    tasks, sets = [], {}
    for head in HEADS:
        found = read_training_sets(head, folder)
        last = found.training[-1]
        kept = rng.permutation(len(last.texts)) < CALIBRATION_SHARE * len(last.texts)
        tasks.append(Task(head, part_of(last, ~kept), PASSES[head]))
        sets[head] = found._replace(training=[part_of(last, kept)])
    tasks.append(Task("intent", stand_ins(Path(folder)), 0.75, STAND_IN_WEIGHT))
    return tasks, sets


def calibrated(model: SharedModel, sets: dict[str, TrainingSets], *, rank: int) -> dict[str, Card]:
    """Fit each head's temperature and shift, and evaluate it: one card a head."""
    cards = {}
    for head, found in sets.items():
        sources = [found.training[-1], *found.shifted]
        scored = [(model.scores(head, some.texts), some.truth) for some in sources]
        fit = fit_calibration(scored)
        card = Card(
            labels=found.validation.labels,
            several=found.validation.truth.ndim > 1,
            encoder=model.encoder.name,
            shared=model.shared,
            rank=rank,
            temperature=fit.temperature,
            tilt=fit.tilt,
            floor=0.0,
            adapter=SHARED,
        )
        for part, corpora in (("evaluation", [found.validation]), ("elsewhere", found.elsewhere)):
            for corpus in corpora:
                scores = evaluate(model.scores(head, corpus.texts), card, corpus.truth)
                card = card._replace(**{part: scores})
        cards[head] = card
    return cards


def save_shared(model: SharedModel, cards: dict[str, Card], folder: str | Path) -> None:
    """Write the adapter once, and beside it every head's output layers and card."""
    folder = Path(folder)
    save_adapter(model.encoder, model.model, folder / SHARED)
    for head, card in cards.items():
        (folder / head).mkdir(parents=True, exist_ok=True)
        save_weights(model.outs[head].state_dict(), folder / head / "head.safetensors")
        write_card(card, folder / head)
        (folder / head / "README.md").write_text(model_card(head, card), encoding="utf-8")


def train_shared_and_store(
    data: str | Path,
    *,
    to: str | Path,
    start: str | Path = "",
    seed: int = 0,
    rank: int = 48,
    progress: Callable,
) -> tuple[dict[str, Card], Path]:
    """Train the packaged heads together and write them; returns their cards and the folder."""
    tasks, sets = shared_tasks(data, seed=seed)
    encoder = load_encoder(precision="float32")
    model = train_shared(tasks, encoder, seed=seed, rank=rank, start=start, progress=progress)
    cards = calibrated(model, sets, rank=rank)
    save_shared(model, cards, to)
    return cards, Path(to)
