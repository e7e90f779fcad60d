"""A training set small enough to look at, and what the packaged heads reached on real ones."""

import numpy as np
import pandas as pd

from coterie.psychographics.reading.cards import HEADS, read_card
from coterie.training.corpora import Corpus, TrainingSets

ASKING = [
    "I want my money back",
    "please refund my order",
    "when do I get the refund",
    "refund me now",
    "send my money back",
    "I ask for a refund",
]
OTHER = [
    "the parcel is here",
    "I like the colour",
    "it arrived today",
    "the shop opens at nine",
    "nice weather",
    "my friend has one too",
]
ENDINGS = ["", ".", "!", " please", " ok"]


def example_sets() -> TrainingSets:
    """Make up sixty sentences on refunds to train on, and two to predict.

    >>> training_sets = example_sets()
    >>> len(training_sets.training[0].texts), training_sets.validation.labels
    (60, ['other', 'refund'])
    """
    texts = [text + end for text in ASKING + OTHER for end in ENDINGS]
    labels = ["other", "refund"]
    unseen = Corpus(["could I have my money back", "the box is blue"], np.array([1, 0]), labels)
    return TrainingSets([Corpus(texts, np.repeat([1, 0], 30), labels)], [6], unseen)


def packaged_evaluations() -> pd.DataFrame:
    """List what the cards of the packaged heads say: `head`, `measure`, `score`."""
    rows = []
    for name in HEADS:
        scores = read_card(name).evaluation
        rows += [(name, measure, score) for measure, score in scores.items()]
    return pd.DataFrame(rows, columns=["head", "measure", "score"])
