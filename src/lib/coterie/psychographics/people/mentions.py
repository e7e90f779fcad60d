"""How each person speaks of the brand, and whether the brand answered."""

from datetime import date

import ibis
import ibis.expr.types as ir

from coterie.windows import as_of_window, moment

SIGNS = {"negative": -1, "neutral": 0, "positive": 1}
MILLION = 10**6  # sums of whole millionths are the same in any order of rows
LEAVING = "leaving"


def mention_counts(
    posts: ir.Table,
    post_labels: ir.Table,
    *,
    brand: str,
    as_of: date,
    lookback_days: int = 365,
    patience_hours: int = 24,
    min_probability: float = 0.5,
) -> ir.Table:
    """Count how each person speaks of the brand, and how often a complaint was left unanswered.

    A mention is a person's post that addresses `brand`. Its sentiment counts with its probability:
    a negative post of probability 0.7 is -0.7. A post on which the model abstained is left out, for
    nothing is known of it. The mentions of one week are one piece of evidence, their mean: an angry
    thread of ten posts is one bad experience. A negative mention is unanswered when the brand's
    account wrote no answer and had `patience_hours` to do so; an answer elsewhere, in a private
    message say, is not seen. Nothing on or after `as_of` is seen.

    Returns one row a person: person_id; mentions (posts); weeks (distinct weeks with one);
    positive_weeks and negative_weeks (with such a mention); valence and valence_squared (sums over
    weeks of the mean signed probability and of its square, in millionths); unanswered_days
    (distinct days with an unanswered negative mention); leaving (mentions whose intent is "leaving"
    with at least `min_probability`).

    >>> import pandas as pd
    >>> posts = ibis.memtable(
    ...     {
    ...         "post_id": ["1", "2", "3"],
    ...         "person_id": ["ana", "ana", None],
    ...         "at": [pd.Timestamp("2026-06-01")] * 3,
    ...         "brand": [None, None, "acme"],
    ...         "in_reply_to": [None, None, "1"],
    ...         "about_brand": ["acme", "acme", None],
    ...     }
    ... )
    >>> labels = ibis.memtable(
    ...     {
    ...         "post_id": ["1", "2"],
    ...         "inferred_sentiment": "negative",
    ...         "inferred_intent": "other",
    ...         "sentiment_probability": [0.5, 1.0],
    ...         "intent_probability": 0.9,
    ...     }
    ... )
    >>> counts = mention_counts(posts, labels, brand="acme", as_of=date(2026, 7, 1)).to_pandas()
    >>> counts[["mentions", "negative_weeks", "valence", "unanswered_days"]].values.tolist()
    [[2, 1, -750000, 1]]
    """
    window = as_of_window(posts, as_of=as_of, days=lookback_days)
    labelled = read_mentions(window, post_labels, brand=brand)
    patience_ends = moment(as_of) - ibis.interval(hours=patience_hours)
    leaves = (labelled["inferred_intent"] == LEAVING) & (
        labelled["intent_probability"] >= min_probability
    )
    up = labelled["sign"] == 1
    down = labelled["sign"] == -1
    alone = down & labelled["answered_at"].isnull() & (labelled["at"] < patience_ends)
    signed = (labelled["sign"] * labelled["sentiment_probability"] * MILLION).round().cast("int64")
    weeks = labelled.group_by("person_id", week=labelled["at"].truncate("W")).agg(
        mentions=labelled.count(),
        positive=up.cast("int64").max(),
        negative=down.cast("int64").max(),
        mean=(signed.sum() / labelled.count()).round().cast("int64"),
        alone=alone.ifelse(labelled["at"].truncate("D"), None).nunique(),
        leaving=leaves.fill_null(False).cast("int64").sum(),
    )
    sums = {
        "mentions": "mentions",
        "positive_weeks": "positive",
        "negative_weeks": "negative",
        "valence": "mean",
        "unanswered_days": "alone",
        "leaving": "leaving",
    }
    squares = (weeks["mean"] / MILLION * weeks["mean"]).round().cast("int64").sum()
    added = {name: weeks[column].sum() for name, column in sums.items()}
    return weeks.group_by("person_id").agg(weeks=weeks.count(), valence_squared=squares, **added)


def read_mentions(posts: ir.Table, post_labels: ir.Table, *, brand: str) -> ir.Table:
    """List posts that address the brand, what was read in them and when the brand answered last.

    Adds `sign` (-1, 0, 1) to the labels. An answer stamped before its post is none: clocks differ.
    """
    about = posts.filter(posts["about_brand"] == brand, posts["person_id"].notnull())
    answers = posts.filter(posts["brand"] == brand, posts["in_reply_to"].notnull())
    last = answers.group_by(to=answers["in_reply_to"]).agg(last_at=answers["at"].max())
    names = ["inferred_sentiment", "sentiment_probability", "inferred_intent", "intent_probability"]
    read = post_labels.filter(post_labels["inferred_sentiment"].isin(list(SIGNS))).select(
        "post_id", *names
    )
    labelled = about.select("post_id", "person_id", "at").join(read, "post_id")
    both = labelled.left_join(last, labelled["post_id"] == last["to"])
    answered_at = (both["last_at"] >= both["at"]).ifelse(both["last_at"], None)
    return both.mutate(
        sign=both["inferred_sentiment"].cases(*SIGNS.items()), answered_at=answered_at
    )
