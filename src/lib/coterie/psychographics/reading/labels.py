"""Labels of posts, what a person's posts add up to, and how often the labels are right."""

from collections.abc import Iterable
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.psychographics.reading.heads import Head, Readings, decide
from coterie.psychographics.reading.texts import OURS, language
from coterie.psychographics.topics.interests import OTHER, Assigned
from coterie.statistics import Interval, mean_interval, probabilities, share_interval

VALENCE = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
SHORTEST_REASON = 8  # words of a post that may argue for a value
PRIOR_POSTS = 2.0  # average posts that everybody starts from, so that one post does not make a fan
TRUTHS = {
    "sentiment": "inferred_sentiment", "intent": "inferred_intent",
    "topic": "inferred_interest", "aspect": "inferred_aspect",
}  # fmt: skip


def label_posts(
    posts: pd.DataFrame,
    readings: Readings,
    heads: Iterable[Head],
    *,
    about: Assigned,
    aspects: np.ndarray,
    floor: float,
) -> pd.DataFrame:
    """Write what the model reads in each post, in the columns of `post_labels`.

    A post in another language, or without words, gets no label at all; one whose likeliest label
    has a probability under `floor` gets none of that head. `posts` has `post_id`, `person_id` and
    `text`, in the order of the readings.
    """
    tongue = posts["text"].map(language)
    table = posts[["post_id", "person_id"]].assign(language=tongue)
    for head in (head for head in heads if not head.card.several):
        labels, confidence = decide(readings.scores[head.name], head.card._replace(floor=floor))
        table[f"inferred_{head.name}"], table[f"{head.name}_probability"] = (
            pd.Series(labels, table.index),
            confidence,
        )
    if "sentiment" in readings.scores:
        table["sentiment_score"] = valence(readings, heads)
    table["inferred_interest"], table["interest_probability"] = (
        about.interest,
        about.probability.clip(0, 1),
    )
    table["inferred_aspect"] = pd.Series(aspects, table.index, dtype=object)
    guesses = [column for column in table if column not in ("post_id", "person_id", "language")]
    table.loc[tongue != OURS, guesses] = None
    return table.replace({"": None}).reindex(columns=COLUMNS)


COLUMNS = [
    "post_id", "person_id", "language", "inferred_sentiment", "sentiment_probability", "sentiment_score",  # noqa: E501
    "inferred_emotion", "emotion_probability", "inferred_intent", "intent_probability",
    "inferred_interest", "interest_probability", "inferred_aspect",
]  # fmt: skip


def valence(readings: Readings, heads: Iterable[Head]) -> np.ndarray:
    """Say how positive each post is expected to be, -1 to 1: the probability of positive less that
    of negative.
    """
    card = next(head.card for head in heads if head.name == "sentiment")
    likely = probabilities(readings.scores["sentiment"], temperature=card.temperature)
    return likely @ np.array([VALENCE.get(label, 0.0) for label in card.labels])


def person_traits(post_labels: ir.Table, *, prior_posts: float = PRIOR_POSTS) -> ir.Table:
    """Add each person's posts up to traits: mean sentiment, and shares of posts by interest, intent
    and emotion.

    Everything is shrunken towards everybody's by `prior_posts` imaginary average posts. The
    interval is a normal one that counts these posts as seen, so it is never empty and too narrow
    for nobody with few posts.

    Returns `person_id`, `trait`, `value`, `low`, `high`, `evidence_count`.

    >>> labels = ibis.memtable(
    ...     pd.DataFrame(
    ...         {
    ...             "person_id": ["ana", "bo"],
    ...             "sentiment_score": [1.0, -1.0],
    ...             "inferred_interest": ["food", "tech"],
    ...             "inferred_intent": None,
    ...             "inferred_emotion": None,
    ...         }
    ...     ).astype({"inferred_intent": "str", "inferred_emotion": "str"})
    ... )
    >>> traits = person_traits(labels).order_by("person_id", "trait").to_pandas()
    >>> traits["value"].round(2).tolist()
    [0.67, 0.33, 0.33, 0.33, 0.67, -0.33]
    """
    parts = [
        share_traits(post_labels, kind, prior_posts=prior_posts)
        for kind in ("interest", "intent", "emotion")
    ]
    return ibis.union(mood_traits(post_labels, prior_posts=prior_posts), *parts)


def share_traits(post_labels: ir.Table, kind: str, *, prior_posts: float) -> ir.Table:
    """Say which share of a person's labelled posts carries each label of one kind."""
    column = f"inferred_{kind}"
    known = post_labels.filter(post_labels[column].notnull()).select(
        "person_id", label=post_labels[column]
    )
    people = known.group_by("person_id").agg(evidence_count=known.count())
    overall = (
        known.group_by("label")
        .agg(everyone=known.count() / known.count().as_scalar())
        .filter(ibis._.label != OTHER)
    )
    own = known.group_by("person_id", "label").agg(own=known.count())
    grid = people.cross_join(overall).left_join(own, ["person_id", "label"])
    n = grid["evidence_count"] + prior_posts
    grid = grid.mutate(trait=ibis.literal(f"{column}_") + grid["label"], n=n)
    grid = grid.mutate(value=(grid["own"].fill_null(0) + prior_posts * grid["everyone"]) / n)
    return with_width(grid, spread=(grid["value"] * (1 - grid["value"])) ** 0.5, lowest=0.0)


def mood_traits(post_labels: ir.Table, *, prior_posts: float) -> ir.Table:
    """Average a person's sentiment, from whole millionths, so that the order of posts cannot move
    it.
    """
    known = post_labels.filter(post_labels["sentiment_score"].notnull())
    known = known.mutate(millionths=(known["sentiment_score"] * 1e6).round().cast("int64"))
    people = known.group_by("person_id").agg(
        evidence_count=known.count(), total=known["millionths"].sum()
    )
    everyone = known.agg(
        mean=known["millionths"].sum() / known.count(),
        spread=known["sentiment_score"].std(how="pop"),
    )
    both = people.cross_join(everyone)
    n = both["evidence_count"] + prior_posts
    both = both.mutate(
        trait=ibis.literal("inferred_sentiment"),
        n=n,
        value=(both["total"] + prior_posts * both["mean"]) / n / 1e6,
    )
    return with_width(both, spread=both["spread"], lowest=-1.0)


def with_width(traits: ir.Table, *, spread: ir.FloatingValue, lowest: float) -> ir.Table:
    """Add the ends of a 95 % interval, kept inside what is possible."""
    half = 1.96 * spread / traits["n"] ** 0.5
    return traits.select(
        "person_id", "trait", "value", "evidence_count",
        low=ibis.greatest(traits["value"] - half, lowest), high=ibis.least(traits["value"] + half, 1.0),  # noqa: E501
    )  # fmt: skip


def value_traits(
    people: pd.Series, texts: pd.Series, readings: Readings, heads: Iterable[Head]
) -> pd.DataFrame:
    """Say which human values people's longer posts appeal to: a stated proxy, the mean probability
    over their posts.

    Only English posts of eight words and more are counted, since shorter ones give no reasons.
    Empty where the head `values` was not read.

    Returns the columns of `traits`; the interval is that of the mean over the person's posts,
    shrunken as there.
    """
    columns = ["person_id", "trait", "value", "low", "high", "evidence_count"]
    heads = [head for head in heads if head.name == "values"]
    argues = (texts.str.split().str.len() >= SHORTEST_REASON).to_numpy() & (
        texts.map(language) == OURS
    ).to_numpy()
    if not heads or not argues.any():
        return pd.DataFrame(columns=columns)
    card = heads[0].card
    likely = probabilities(
        readings.scores["values"][argues], temperature=card.temperature, several=True
    )
    names = [
        "inferred_value_" + label.lower().replace(": ", "_").replace("-", "_").replace(" ", "_")
        for label in card.labels
    ]
    frame = pd.DataFrame(likely, columns=names).groupby(people[argues].to_numpy())
    mean, n = frame.mean(), frame.size()
    shrunken = (
        mean.mul(n, axis=0).add(PRIOR_POSTS * likely.mean(axis=0)).div(n + PRIOR_POSTS, axis=0)
    )
    long = shrunken.rename_axis("person_id").reset_index().melt("person_id", var_name="trait")
    long["evidence_count"] = long["person_id"].map(n)
    half = (
        1.96
        * long["trait"].map(dict(zip(names, likely.std(axis=0), strict=True)))
        / (long["evidence_count"] + PRIOR_POSTS) ** 0.5
    )
    return long.assign(
        low=(long["value"] - half).clip(0, 1), high=(long["value"] + half).clip(0, 1)
    )[columns]


def all_traits(post_labels: ir.Table, values: pd.DataFrame) -> ir.Table:
    """Put traits from labels and from values into one table."""
    traits = person_traits(post_labels)
    return (
        traits.union(ibis.memtable(values, schema=traits.schema()).select(*traits.columns))
        if len(values)
        else traits
    )


def coverage(post_labels: pd.DataFrame) -> pd.DataFrame:
    """Say how much could be read: `what`, `posts` and `share` of all posts.

    >>> table = coverage(
    ...     pd.DataFrame({"language": ["en", "other"], "inferred_sentiment": ["positive", None]})
    ... )
    >>> table[["what", "posts"]].values.tolist()
    [['in English, and read', 1], ['in another language', 1], ['without words', 0], ['sentiment left
    open', 0]]
    """
    tongue, n = post_labels["language"], max(len(post_labels), 1)
    rows = {
        "in English, and read": tongue == "en",
        "in another language": tongue == "other",
        "without words": tongue == "none",
    }
    for head in ("sentiment", "emotion", "intent"):
        if (column := f"inferred_{head}") in post_labels and post_labels[column].notna().any():
            rows[f"{head} left open"] = (tongue == "en") & post_labels[column].isna()
    return pd.DataFrame(
        [(what, int(hit.sum()), hit.sum() / n) for what, hit in rows.items()],
        columns=["what", "posts", "share"],
    )


def score_labels(post_labels: ir.Table, labels: ir.Table) -> pd.DataFrame:
    """Compare what the model read with what is known to be true, for every kind that has labelled
    posts.

    A post the model abstained on counts as unanswered, not as wrong.

    Returns `head`, `n` (labelled posts), `answered` (share), `accuracy`, `low`, `high` (of the
    answered), `majority` (what always guessing the most frequent true label would reach) and
    `macro_f1`.
    """
    rows = [row for name in TRUTHS if (row := score_head(post_labels, labels, name=name))]
    return pd.DataFrame(
        rows, columns=["head", "n", "answered", "accuracy", "low", "high", "majority", "macro_f1"]
    )


def score_head(post_labels: ir.Table, labels: ir.Table, *, name: str) -> tuple:
    """Score one kind of label; nothing where no post has a known one."""
    truth = labels.filter(labels["subject"] == "post", labels["name"] == name)
    both = post_labels.inner_join(truth, post_labels["post_id"] == truth["subject_id"])
    pairs = (
        both.group_by(found=both[TRUTHS[name]], true=both["label"]).agg(n=both.count()).to_pandas()
    )
    if name == "aspect":
        pairs["found"] = pairs["found"].fillna("none")
    labelled = pairs.dropna(subset="found")
    if not (n := int(pairs["n"].sum())) or not (answered := int(labelled["n"].sum())):
        return ()
    right = labelled[labelled["found"] == labelled["true"]]
    hits, found, true = (
        part.groupby(key)["n"].sum()
        for part, key in ((right, "true"), (labelled, "found"), (labelled, "true"))
    )
    f1 = [2 * hits.get(label, 0) / (found.get(label, 0) + true[label]) for label in true.index]
    majority = float(pairs.groupby("true")["n"].sum().max() / n)
    return (
        name,
        n,
        answered / n,
        *share_interval(int(right["n"].sum()), answered),
        majority,
        float(np.mean(f1)),
    )


def mood_by(group: pd.Series, valence: pd.Series, *, min_posts: int) -> pd.DataFrame:
    """Average sentiment per group of at least `min_posts` posts, with its interval.

    >>> mood_by(pd.Series(["food"] * 3 + ["tech"]), pd.Series([1.0, 0.0, 1.0, -1.0]), min_posts=2)[
    ...     "group"
    ... ].tolist()
    ['food']
    """
    known = valence.dropna()
    rows = [
        (name, len(part), *mean_interval(part))
        for name, part in known.groupby(group)
        if len(part) >= min_posts
    ]
    return pd.DataFrame(rows, columns=["group", "n", "mood", "low", "high"])


def accuracy_by_kind(scores: pd.DataFrame) -> dict[str, tuple[float, float, float] | None]:
    """Name the accuracy of every kind of label with its interval; None where nothing was labelled.

    >>> scores = pd.DataFrame({"head": ["intent"], "accuracy": 0.7, "low": 0.6, "high": 0.8})
    >>> accuracy_by_kind(scores)
    {'sentiment_accuracy': None, 'intent_accuracy': (0.7, 0.6, 0.8), 'topic_accuracy': None, \
'aspect_accuracy': None}
    """
    known = {row.head: (row.accuracy, row.low, row.high) for row in scores.itertuples()}
    return {f"{kind}_accuracy": known.get(kind) for kind in TRUTHS}


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
