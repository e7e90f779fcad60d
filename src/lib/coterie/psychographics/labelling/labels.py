"""What the model reads in each post, and how much of all posts could be read."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.psychographics.reading.cards import Named, Readings, decide
from coterie.psychographics.reading.languages import languages
from coterie.psychographics.reading.texts import OURS
from coterie.psychographics.topics.interests import OTHER, Assigned
from coterie.statistics import Interval, mean_interval, probabilities

VALENCE = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
COLUMNS = [
    "post_id",
    "person_id",
    "language",
    "inferred_sentiment",
    "sentiment_probability",
    "sentiment_score",
    "inferred_emotion",
    "emotion_probability",
    "inferred_intent",
    "intent_probability",
    "inferred_interest",
    "interest_probability",
    "inferred_aspect",
]


def label_posts(
    posts: pd.DataFrame,
    readings: Readings,
    heads: Iterable[Named],
    *,
    about: Assigned,
    aspects: np.ndarray,
    floor: float,
) -> pd.DataFrame:
    """Write what the model reads in each post, in the columns of `post_labels`.

    A post in another language, or without words, gets no label at all; one whose likeliest label
    has a probability under `floor` gets none of that head. `posts` has `post_id`, `person_id` and
    `text`, in the order of the readings, and `in_reply_to` where threads are known.
    """
    tongue = languages(posts)
    table = posts[["post_id", "person_id"]].assign(language=tongue)
    for head in (head for head in heads if not head.card.several):
        labels, confidence = decide(readings.scores[head.name], head.card._replace(floor=floor))
        table[f"inferred_{head.name}"] = pd.Series(labels, table.index)
        table[f"{head.name}_probability"] = confidence
    if "sentiment" in readings.scores:
        table["sentiment_score"] = valence(readings, heads)
    table["inferred_interest"] = about.interest
    table["interest_probability"] = about.probability.clip(0, 1)
    table["inferred_aspect"] = pd.Series(aspects, table.index, dtype=object)
    guesses = [column for column in table if column not in ("post_id", "person_id", "language")]
    table.loc[tongue != OURS, guesses] = None
    return table.replace({"": None}).reindex(columns=COLUMNS)


def valence(readings: Readings, heads: Iterable[Named]) -> np.ndarray:
    """Say how positive each post is expected to be, -1 to 1.

    The probability of positive less that of negative.
    """
    card = next(head.card for head in heads if head.name == "sentiment")
    likely = probabilities(readings.scores["sentiment"], temperature=card.temperature)
    return likely @ np.array([VALENCE.get(label, 0.0) for label in card.labels])


def coverage(post_labels: pd.DataFrame) -> pd.DataFrame:
    """Say how much could be read: `what`, `posts` and `share` of all posts.

    >>> labels = {"language": ["en", "other"], "inferred_sentiment": ["positive", None]}
    >>> coverage(pd.DataFrame(labels))[["what", "posts"]].values.tolist()
    [['in English, and read', 1], ['in another language', 1], ['without words', 0], ['sentiment left
    open', 0]]
    """
    tongue = post_labels["language"]
    n = max(len(post_labels), 1)
    rows = {
        "in English, and read": tongue == "en",
        "in another language": tongue == "other",
        "without words": tongue == "none",
    }
    for head in ("sentiment", "emotion", "intent"):
        column = f"inferred_{head}"
        if column in post_labels and post_labels[column].notna().any():
            rows[f"{head} left open"] = (tongue == "en") & post_labels[column].isna()
    return pd.DataFrame(
        [(what, int(hit.sum()), hit.sum() / n) for what, hit in rows.items()],
        columns=["what", "posts", "share"],
    )


def leading_brand(brands: pd.Series) -> str:
    """Name the brand that most posts address; empty where none does.

    >>> leading_brand(pd.Series(["shop", None, "shop", "deli"])), leading_brand(pd.Series([None]))
    ('shop', '')
    """
    counts = brands.value_counts()
    return str(counts.index[0]) if len(counts) else ""


class ReadingFacts(NamedTuple):
    """What sentences and findings say of the labels of all posts."""

    n_unread: int  # posts in another language
    n_about: int  # posts whose interest was read, `other` included
    n_other: int  # of these, posts that fit no interest
    mean_sentiment: Interval | None  # from -1 to 1; None where nobody wrote


def reading_facts(post_labels: pd.DataFrame) -> ReadingFacts:
    """Count what was read in all posts.

    >>> labels = pd.DataFrame(
    ...     {
    ...         "language": ["en", "other"],
    ...         "inferred_interest": ["food", None],
    ...         "sentiment_score": [0.5, None],
    ...     }
    ... )
    >>> reading_facts(labels)[:3]
    (1, 1, 0)
    """
    about = post_labels["inferred_interest"].dropna()
    mood = None
    if len(post_labels):
        mood = mean_interval(post_labels["sentiment_score"].dropna())
    n_unread = int((post_labels["language"] == "other").sum())
    return ReadingFacts(n_unread, len(about), int((about == OTHER).sum()), mood)
