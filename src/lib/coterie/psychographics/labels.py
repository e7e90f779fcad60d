"""Labels without training data: a post takes the label whose prototype sentences it is nearest to.

Softmax weights are no calibrated probabilities, and sarcasm, slang and very short posts mislead;
accuracy is printed wherever labels exist.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import yaml

from coterie.statistics import Interval, mean_interval, share_interval
from coterie.study import SettingsError

VALENCE = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
OTHER = "other"


class Prototypes(NamedTuple):
    """Labels and the unit vectors of the sentences that stand for them."""

    labels: list[str]
    vectors: list[np.ndarray]  # one array (n sentences, width) a label


def prototype_sentences(own_interests: dict[str, list[str]] | None = None) -> dict[str, dict[str, list[str]]]:
    """List the packaged prototype sentences by head and label; a study's own interests replace ours.

    Raises
    ------
    SettingsError
        Naming the interests that are not a list of sentences.

    >>> list(prototype_sentences({"refunds": ["I want my money back"]})["interests"])
    ['refunds']
    """
    own = own_interests or {}
    if wrong := [label for label, texts in own.items() if not (isinstance(texts, list) and texts)]:
        raise SettingsError(
            f"04_psychographics.interests: {', '.join(map(str, wrong))} must each list example sentences."
        )
    sentences = yaml.safe_load((Path(__file__).parent / "prototypes.yml").read_text(encoding="utf-8"))
    return sentences | ({"interests": own} if own else {})


def make_prototypes(sentences: dict[str, list[str]], *, encode: Callable[[list[str]], np.ndarray]) -> Prototypes:
    """Embed every label's sentences."""
    return Prototypes(list(sentences), [encode(list(texts)) for texts in sentences.values()])


def classify(
    vectors: np.ndarray, prototypes: Prototypes, *, temperature: float = 0.05, floor: float = -1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Give each vector its nearest label and that label's softmax weight.

    Nearness to a label is the mean cosine with its two nearest sentences. A vector whose best
    nearness is under `floor` is `other`.

    >>> prototypes = Prototypes(["up", "right"], [np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]])])
    >>> labels, weights = classify(np.array([[0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]]), prototypes, floor=0.1)
    >>> labels.tolist(), weights.round(2).tolist()
    (['up', 'right', 'other'], [1.0, 1.0, 1.0])
    """
    nearness = np.column_stack([np.sort(vectors @ own.T, axis=1)[:, -2:].mean(axis=1) for own in prototypes.vectors])
    weights = np.exp((nearness - nearness.max(axis=1, keepdims=True)) / temperature)
    weights /= weights.sum(axis=1, keepdims=True)
    labels = np.array(prototypes.labels, dtype=object)[nearness.argmax(axis=1)]
    labels[nearness.max(axis=1) < floor] = OTHER
    return labels, weights.max(axis=1)


def label_posts(
    posts: pd.DataFrame, vectors: np.ndarray, *, sentiment: Prototypes, interests: Prototypes, floor: float = 0.2
) -> pd.DataFrame:
    """Write what the model reads in each post; `posts` has `post_id` and `person_id`, in the vectors' order."""
    feeling, feeling_weight = classify(vectors, sentiment)
    interest, interest_weight = classify(vectors, interests, floor=floor)
    return posts[["post_id", "person_id"]].assign(
        inferred_sentiment=feeling,
        sentiment_probability=feeling_weight.clip(0, 1),
        inferred_interest=interest,
        interest_probability=interest_weight.clip(0, 1),
    )


def person_traits(post_labels: ir.Table, *, prior_posts: float = 2.0) -> ir.Table:
    """Add each person's posts up to traits: mean sentiment, and the share of posts on each interest.

    Shares are shrunken towards everybody's share by `prior_posts` imaginary average posts, so that
    one post does not make a fan.

    >>> labels = ibis.memtable(pd.DataFrame({"post_id": ["1", "2"], "person_id": ["ana", "bo"],
    ...     "inferred_sentiment": ["positive", "negative"], "inferred_interest": ["food", "tech"]}))
    >>> person_traits(labels).order_by("person_id", "trait").to_pandas()["value"].round(2).tolist()
    [0.67, 0.33, 1.0, 0.33, 0.67, -1.0]
    """
    people = post_labels.group_by("person_id").agg(
        evidence_count=post_labels.count(), mood=post_labels["inferred_sentiment"].cases(*VALENCE.items()).mean()
    )
    overall = (
        post_labels.group_by("inferred_interest")
        .agg(everyone=post_labels.count() / post_labels.count().as_scalar())
        .filter(ibis._.inferred_interest != OTHER)
    )
    own = post_labels.group_by("person_id", "inferred_interest").agg(own=post_labels.count())
    grid = people.cross_join(overall).left_join(own, ["person_id", "inferred_interest"])
    shrunken = (grid["own"].fill_null(0) + prior_posts * grid["everyone"]) / (grid["evidence_count"] + prior_posts)
    interests = grid.mutate(trait=ibis.literal("inferred_interest_") + grid["inferred_interest"], value=shrunken)
    moods = people.mutate(trait=ibis.literal("inferred_sentiment"), value=people["mood"])
    return ibis.union(*(part.select("person_id", "trait", "value", "evidence_count") for part in (interests, moods)))


def score_labels(post_labels: ir.Table, labels: ir.Table, *, name: str) -> Interval | None:
    """Compare what the model read with what is known to be true; None where nothing is known.

    Returns the share read correctly with its 95 % interval.
    """
    truth = labels.filter(labels["subject"] == "post", labels["name"] == name)
    column = {"sentiment": "inferred_sentiment", "topic": "inferred_interest"}[name]
    both = post_labels.inner_join(truth, post_labels["post_id"] == truth["subject_id"])
    counts = both.agg(n=both.count(), right=(both[column] == both["label"]).sum()).to_pandas().iloc[0]
    return share_interval(int(counts["right"]), int(counts["n"])) if counts["n"] else None


def majority_share(labels: ir.Table, *, name: str) -> float:
    """Say how often the most frequent true label would be right: what a guess must beat."""
    truth = labels.filter(labels["subject"] == "post", labels["name"] == name)
    counts = truth.group_by("label").agg(n=truth.count()).to_pandas()["n"]
    return float(counts.max() / counts.sum())


def mood_by(group: pd.Series, valence: pd.Series, *, smallest: int) -> pd.DataFrame:
    """Average sentiment per group of at least `smallest` posts, with its interval.

    >>> mood_by(pd.Series(["food"] * 3 + ["tech"]), pd.Series([1.0, 0.0, 1.0, -1.0]), smallest=2)["group"].tolist()
    ['food']
    """
    rows = [(name, len(part), *mean_interval(part)) for name, part in valence.groupby(group) if len(part) >= smallest]
    return pd.DataFrame(rows, columns=["group", "n", "mood", "low", "high"])
