"""What training lowers: how wrong a head is on a batch, rare labels counting for more if wished."""

import numpy as np
import torch
from torch import nn

from coterie.training.corpora import Corpus


def loss_on(
    scores: torch.Tensor, corpus: Corpus, rows: np.ndarray, weights: torch.Tensor
) -> torch.Tensor:
    """Compute the loss on some texts of a corpus; one whose readers differ has parts of labels."""
    if corpus.truth.ndim > 1:
        truth = torch.tensor(corpus.truth[rows])
        return nn.functional.binary_cross_entropy_with_logits(scores, truth)
    if corpus.votes.size:
        votes = torch.tensor(corpus.votes[rows])
        return weighted(
            nn.functional.cross_entropy(scores, votes, reduction="none"), votes @ weights
        )
    truth = torch.tensor(corpus.truth[rows])
    return weighted(nn.functional.cross_entropy(scores, truth, reduction="none"), weights[truth])


def weighted(losses: torch.Tensor, each: torch.Tensor) -> torch.Tensor:
    """Average the losses of texts, of which each counts as much as its weight.

    >>> float(weighted(torch.tensor([1.0, 4.0]), torch.tensor([2.0, 1.0])))
    2.0
    """
    return (losses * each).sum() / each.sum()


def label_weights(corpus: Corpus, *, balance: float) -> torch.Tensor:
    """Weigh labels so that rare ones count for more: not at 0, and at 1 all labels for as much.

    >>> corpus = Corpus(["a"] * 5, np.array([0, 0, 0, 0, 1]), ["often", "rarely"])
    >>> label_weights(corpus, balance=0.5).tolist()
    [0.5, 1.0]
    >>> label_weights(corpus, balance=0.0).tolist()
    [1.0, 1.0]
    """
    n_labels = len(corpus.labels)
    if corpus.truth.ndim > 1:
        return torch.ones(n_labels)
    counts = np.maximum(np.bincount(corpus.truth, minlength=n_labels), 1)
    return torch.tensor((counts.min() / counts) ** balance, dtype=torch.float32)
