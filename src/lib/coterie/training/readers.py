"""Whose labels our own posts carry: two or more readers each, and what most of them said."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

from coterie.statistics import Interval

OWN_LABELS = Path(__file__).with_name("intent_labels.csv")
INTENTS = ["purchase", "complaint", "question", "praise", "leaving", "other"]
RESAMPLES = 500


class Agreement(NamedTuple):
    """How well two readers of the same posts agree, chance taken off."""

    n: int  # posts that both read
    kappa: Interval  # Cohen's
    disputed: int  # posts on which they differ, each decided by a third reader


def read_labels() -> pd.DataFrame:
    """Read what every reader said of a post, named by its fingerprint, and what most of them said.

    `intent` is the first reader's label, `again` the second's, `third` that of the reader who
    decided where those differ, `consensus` the majority's.
    """
    labels = pd.read_csv(OWN_LABELS, dtype={"fingerprint": str})
    return labels.assign(consensus=majority(labels))


def majority(labels: pd.DataFrame) -> pd.Series:
    """Say what most readers of a post said; where three differ, what the third said.

    A post that one reader saw keeps that label.

    >>> said = {"intent": ["praise"] * 4, "again": ["praise", "other", "other", None]}
    >>> majority(pd.DataFrame(said | {"third": [None, "other", "question", None]})).tolist()
    ['praise', 'other', 'question', 'praise']
    """
    return labels["third"].fillna(labels["intent"]).rename("consensus")


def votes(labels: pd.DataFrame) -> np.ndarray:
    """Say which share of a post's readers gave it each label: a row a post, a column an intent.

    >>> said = {"intent": ["praise"] * 2, "again": ["praise", "other"], "third": [None, "other"]}
    >>> votes(pd.DataFrame(said))[:, 3:].astype(float).round(2).tolist()
    [[1.0, 0.0, 0.0], [0.33, 0.0, 0.67]]
    """
    said = labels[["intent", "again", "third"]].to_numpy(dtype=object)
    counts = np.stack([(said == name).sum(axis=1) for name in INTENTS], axis=1)
    return (counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)


def agreement(*, part: str = "", seed: int = 0) -> Agreement:
    """Compare the first and the second reader of every post that two have read, or of one part.

    Both are language models. The second read a written guide (`reading_guide.md`, which says for
    which posts not) and the post, and neither the first one's label nor the post's thread.

    The interval is the bootstrap's, over posts.

    >>> found = agreement()
    >>> found.n, found.disputed, round(found.kappa.value, 3)
    (3247, 512, 0.783)
    """
    both = read_labels().dropna(subset=["again"])
    both = both[both["part"] == part] if part else both
    pairs = both.groupby(["intent", "again"]).size().rename("n").reset_index()
    one, other = pairs["intent"].tolist(), pairs["again"].tolist()
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(len(both), pairs["n"] / len(both), size=RESAMPLES)
    kappas = [cohen_kappa_score(one, other, sample_weight=draw) for draw in draws]
    low, high = np.quantile(kappas, [0.025, 0.975])
    kappa = cohen_kappa_score(one, other, sample_weight=pairs["n"])
    disputed = int(pairs.query("intent != again")["n"].sum())
    return Agreement(len(both), Interval(float(kappa), float(low), float(high)), disputed)
