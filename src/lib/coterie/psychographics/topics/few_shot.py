"""Topics learned from a few labelled posts, for a study that has them."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from coterie.statistics import Interval, jackknife_error, share_interval

MIN_EXAMPLES = 5  # labelled posts a topic needs to be learned


class TopicHead(NamedTuple):
    """A reader of topics learned from labelled posts, and how well it read posts held back."""

    topics: list[str]
    coefficients: np.ndarray  # (topics, width)
    intercepts: np.ndarray  # (topics,); minus infinity for a topic with too few posts to learn from
    threshold: float  # probability from which a post is about a topic
    probabilities: np.ndarray  # (posts, topics), each from a model that had not seen the post
    top_one: Interval  # share of posts whose likeliest topic is one of theirs, out of fold
    micro_f1: Interval  # over all pairs of post and topic, out of fold

    def read(self, vectors: np.ndarray) -> np.ndarray:
        """Give the probability of each topic, shape (posts, topics)."""
        return _read(vectors, self.coefficients, self.intercepts)


def fit_topics(
    vectors: np.ndarray,
    truth: pd.DataFrame,
    *,
    strength: float = 10.0,
    folds: int = 5,
    seed: int = 0,
) -> TopicHead:
    """Learn to read topics from labelled posts, and say how well on posts held back.

    One logistic regression a topic on the frozen vectors; `truth` has one column of true and false
    a topic, rows in the vectors' order, and a post may have several topics. A topic with fewer than
    five posts is never read. The threshold is the one with the best micro-F1, chosen out of fold
    inside each training part. `strength` is scikit-learn's C; its usual 1 learns too little from
    unit vectors.

    >>> truth = pd.DataFrame({"right": [True] * 10 + [False] * 10})
    >>> head = fit_topics(np.repeat([[1.0, 0.0], [0.0, 1.0]], 10, axis=0), truth)
    >>> head.micro_f1.value, bool(head.read(np.array([[1.0, 0.0]]))[0, 0] > 0.5)
    (1.0, True)
    """
    known = truth.to_numpy(bool)
    split = KFold(folds, shuffle=True, random_state=seed)
    held = np.zeros(known.shape)
    chosen = np.zeros(known.shape, dtype=bool)
    for train, test in split.split(vectors):
        held[test] = _read(vectors[test], *_fit(vectors[train], known[train], strength))
        inner = _held_back(vectors[train], known[train], strength, split)
        chosen[test] = held[test] >= _best_threshold(known[train], inner)
    coefficients, intercepts = _fit(vectors, known, strength)
    return TopicHead(
        list(truth),
        coefficients,
        intercepts,
        threshold=_best_threshold(known, held),
        probabilities=held,
        top_one=top_one(known, held),
        micro_f1=micro_f1(known, chosen),
    )


def _fit(vectors: np.ndarray, known: np.ndarray, strength: float) -> tuple[np.ndarray, np.ndarray]:
    coefficients = np.zeros((known.shape[1], vectors.shape[1]))
    intercepts = np.full(known.shape[1], -np.inf)
    for n, topic in enumerate(known.T):
        if topic.all():
            intercepts[n] = np.inf
        elif topic.sum() >= MIN_EXAMPLES:
            model = LogisticRegression(C=strength, max_iter=500).fit(vectors, topic)
            coefficients[n] = model.coef_[0]
            intercepts[n] = model.intercept_[0]
    return coefficients, intercepts


def _read(vectors: np.ndarray, coefficients: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
    return expit(vectors @ coefficients.T + intercepts)


def _held_back(vectors: np.ndarray, known: np.ndarray, strength: float, split: KFold) -> np.ndarray:
    """Read each post with a model that has not seen it."""
    held = np.zeros(known.shape)
    for train, test in split.split(vectors):
        held[test] = _read(vectors[test], *_fit(vectors[train], known[train], strength))
    return held


def _best_threshold(known: np.ndarray, probabilities: np.ndarray) -> float:
    grid = np.arange(0.05, 0.96, 0.05).round(2)
    return float(grid[np.argmax([micro_f1(known, probabilities >= level).value for level in grid])])


def top_one(known: np.ndarray, scores: np.ndarray) -> Interval:
    """Measure the share of posts whose best-scored topic is one of theirs; arrays (posts, topics).

    >>> top_one(np.array([[True, False], [False, True]]), np.array([[0.9, 0.1], [0.9, 0.1]])).value
    0.5
    """
    return share_interval(
        int(known[np.arange(len(known)), scores.argmax(axis=1)].sum()), len(known)
    )


def micro_f1(known: np.ndarray, chosen: np.ndarray) -> Interval:
    """Measure F1 over all pairs of post and topic; the interval leaves out one post at a time.

    >>> known = np.array([[True, False], [True, True]])
    >>> micro_f1(known, np.array([[True, False], [True, False]])).value
    0.8
    """
    right = (known & chosen).sum(axis=1)
    either = known.sum(axis=1) + chosen.sum(axis=1)
    value = 2 * right.sum() / max(either.sum(), 1)
    without = 2 * (right.sum() - right) / np.maximum(either.sum() - either, 1)
    half = 1.96 * jackknife_error(without)
    return Interval(float(value), float(max(value - half, 0)), float(min(value + half, 1)))
