"""In which order texts are seen while a network learns, and how far each step goes."""

import numpy as np
import torch
from torch import nn

from coterie.psychographics.reading.encoder import Encoder
from coterie.training.corpora import Corpus

WARM_UP = 0.06  # share of the steps in which the step size grows


def optimiser_for(
    learning: list[nn.Parameter], *, n_steps: int, step: float
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Make what takes steps, and what makes them grow at first and then shrink to nothing."""
    optimiser = torch.optim.AdamW(learning, lr=step, weight_decay=0.01)
    warm = max(1, round(WARM_UP * n_steps))
    pace = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda n: min((n + 1) / warm, max(0.0, (n_steps - n) / max(1, n_steps - warm)))
    )
    return optimiser, pace


def shuffled(
    corpus: Corpus, encoder: Encoder, batch: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Shuffle batches of texts of like length, so that little is spent on padding."""
    lengths = np.array([len(text) for text in corpus.texts])
    order = rng.permutation(len(lengths))
    found = []
    for start in range(0, len(order), 50 * batch):
        near = order[start : start + 50 * batch]
        near = near[np.argsort(lengths[near], kind="stable")]
        found += [near[i : i + batch] for i in range(0, len(near), batch)]
    return [found[i] for i in rng.permutation(len(found))]
