"""What a person's posts add up to: mood, shares of posts, human values."""

from collections.abc import Iterable
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.psychographics.reading.cards import Named, Readings
from coterie.psychographics.reading.texts import OURS
from coterie.psychographics.topics.interests import OTHER
from coterie.statistics import probabilities, shrink_to_mean, shrunken_half_width
from coterie.windows import as_of_window

TRAITS = ["person_id", "trait", "value", "low", "high", "evidence_count"]
SHORTEST_REASON = 8  # words of a post that may argue for a value
PRIOR_POSTS = 2.0  # average posts that everybody starts from, so that one post does not make a fan


def person_traits(post_labels: ir.Table, *, prior_posts: float = PRIOR_POSTS) -> ir.Table:
    """Add each person's posts up to traits.

    Mean sentiment, and shares of posts by interest, intent and emotion. Everything is shrunken
    towards everybody's by `prior_posts` imaginary average posts. The interval is a normal one that
    counts these posts as seen, so it is never empty and too narrow for nobody with few posts.

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


def traits_as_of(post_labels: ir.Table, posts: ir.Table, *, as_of: date) -> ir.Table:
    """Sum up what people had written before a day, as `traits` does for today.

    Posts of that day and later are invisible: who is placed before a campaign must not be placed by
    what the campaign made them write. Human values are no part of it, since they are read from all
    posts of a person at once.

    Parameters
    ----------
    post_labels
        The table of that name.
    posts
        `post_id` and `at`.

    Returns
    -------
    Table
        `person_id`, `trait`, `value`, `low`, `high`, `evidence_count`.

    >>> import ibis
    >>> import pandas as pd
    >>> posts = ibis.memtable(
    ...     {"post_id": ["a", "b"], "at": pd.to_datetime(["2026-04-30", "2026-05-01"])}
    ... )
    >>> labels = ibis.memtable(
    ...     {
    ...         "post_id": ["a", "b"],
    ...         "person_id": ["ana", "bo"],
    ...         "sentiment_score": [0.5, 0.5],
    ...         "inferred_interest": ["food", "tech"],
    ...         "inferred_intent": ["praise", "praise"],
    ...         "inferred_emotion": ["joy", "joy"],
    ...     }
    ... )
    >>> traits_as_of(labels, posts, as_of=date(2026, 5, 1)).to_pandas()[
    ...     "person_id"
    ... ].unique().tolist()
    ['ana']
    """
    past = as_of_window(posts, as_of=as_of).select("post_id")
    return person_traits(post_labels.semi_join(past, "post_id"))


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
    value = shrink_to_mean(
        grid["own"].fill_null(0), grid["evidence_count"], mean=grid["everyone"], prior=prior_posts
    )
    grid = grid.mutate(trait=ibis.literal(f"{column}_") + grid["label"], value=value)
    spread = (grid["value"] * (1 - grid["value"])) ** 0.5
    return with_interval(grid, spread=spread, lowest=0.0, prior_posts=prior_posts)


def mood_traits(post_labels: ir.Table, *, prior_posts: float) -> ir.Table:
    """Average a person's sentiment.

    Whole millionths are added up, so that the order of posts cannot move the sum.
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
    mean = shrink_to_mean(
        both["total"], both["evidence_count"], mean=both["mean"], prior=prior_posts
    )
    both = both.mutate(trait=ibis.literal("inferred_sentiment"), value=mean / 1e6)
    return with_interval(both, spread=both["spread"], lowest=-1.0, prior_posts=prior_posts)


def with_interval(
    traits: ir.Table, *, spread: ir.FloatingValue, lowest: float, prior_posts: float
) -> ir.Table:
    """Add the ends of a 95 % interval, kept inside what is possible."""
    half = shrunken_half_width(spread, traits["evidence_count"], prior=prior_posts)
    return traits.select(
        "person_id",
        "trait",
        "value",
        "evidence_count",
        low=ibis.greatest(traits["value"] - half, lowest),
        high=ibis.least(traits["value"] + half, 1.0),
    )


def value_traits(posts: pd.DataFrame, readings: Readings, heads: Iterable[Named]) -> pd.DataFrame:
    """Say which human values people's longer posts appeal to: a stated proxy.

    It is the mean probability over a person's posts. Only English posts of eight words and more are
    counted, since shorter ones give no reasons. Empty where the head `values` was not read. `posts`
    has `person_id`, `text` and `language`, in the order of the readings.

    Returns the columns of `traits`; the interval is that of the mean over the person's posts,
    shrunken as there.
    """
    heads = [head for head in heads if head.name == "values"]
    long_enough = posts["text"].str.split().str.len() >= SHORTEST_REASON
    argues = (long_enough & (posts["language"] == OURS)).to_numpy()
    if not heads or not argues.any():
        return pd.DataFrame(columns=TRAITS)
    card = heads[0].card
    likely = probabilities(
        readings.scores["values"][argues], temperature=card.temperature, several=True
    )
    frame = pd.DataFrame(likely, columns=[value_name(label) for label in card.labels])
    own = frame.groupby(posts.loc[argues, "person_id"].to_numpy())
    n = own.size()
    values = shrink_to_mean(
        own.mean().mul(n, axis=0),
        n.to_numpy()[:, None],
        mean=likely.mean(axis=0),
        prior=PRIOR_POSTS,
    )
    long = values.rename_axis("person_id").reset_index().melt("person_id", var_name="trait")
    long["evidence_count"] = long["person_id"].map(n)
    spread = dict(zip(frame.columns, likely.std(axis=0), strict=True))
    half = shrunken_half_width(long["trait"].map(spread), long["evidence_count"], prior=PRIOR_POSTS)
    low = (long["value"] - half).clip(0, 1)
    high = (long["value"] + half).clip(0, 1)
    return long.assign(low=low, high=high)[TRAITS]


def value_name(label: str) -> str:
    """Name the trait of a human value.

    >>> value_name("Self-direction: thought")
    'inferred_value_self_direction_thought'
    """
    plain = label.lower().replace(": ", "_").replace("-", "_").replace(" ", "_")
    return f"inferred_value_{plain}"


def all_traits(post_labels: ir.Table, values: pd.DataFrame) -> ir.Table:
    """Put traits from labels and from values into one table."""
    traits = person_traits(post_labels)
    if values.empty:
        return traits
    added = ibis.memtable(values, schema=traits.schema())
    return traits.union(added.select(*traits.columns))
