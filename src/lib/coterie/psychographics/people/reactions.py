"""Who reacts to whom, and how much."""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from coterie.study import SettingsError
from coterie.windows import as_of_window

# a share costs more than a comment, a comment more than a like
EFFORT = {"like": 1, "create": 2, "announce": 3}


def reaction_pairs(
    events: ir.Table,
    posts: ir.Table,
    *,
    as_of: date,
    lookback_days: int = 365,
    effort: Mapping[str, int] = EFFORT,
) -> ir.Table:
    """Add up how much each person reacted to what each other person wrote.

    A reaction is an event of a verb in `effort` on a post, or a post that answers one, which counts
    as "create". The same verb on the same post counts once: a hundred shares of one post are a
    machine's, and a comment that stands in both tables is one comment. Reactions to oneself and to
    brands are left out. That somebody is named in a text is unknown here, for handles are redacted
    before posts reach the lake. An older post may be reacted to in the window; nothing on or after
    `as_of` is seen.

    Returns one row a pair: person_id (who reacted), author_id (a person_id too), weight (whole
    number), posts.

    Raises SettingsError when an effort is no whole number above 0: sums of fractions depend on the
    order of rows.

    >>> import pandas as pd
    >>> day = pd.Timestamp("2026-06-01")
    >>> posts = ibis.memtable(
    ...     {
    ...         "post_id": ["p1", "p2"],
    ...         "person_id": ["ana", "bo"],
    ...         "at": [day, day],
    ...         "in_reply_to": [None, "p1"],
    ...     }
    ... )
    >>> events = ibis.memtable(
    ...     {
    ...         "person_id": ["bo", "bo", "ana"],
    ...         "verb": ["announce", "announce", "like"],
    ...         "at": [day] * 3,
    ...         "object_id": ["p1"] * 3,
    ...     }
    ... )
    >>> reaction_pairs(events, posts, as_of=date(2026, 7, 1)).to_pandas().values.tolist()
    [['bo', 'ana', 5, 1]]
    """
    if not effort or any(not isinstance(weight, int) or weight < 1 for weight in effort.values()):
        raise SettingsError("04_psychographics.effort: give each verb a whole number of 1 or more.")
    written = as_of_window(posts, as_of=as_of).filter(ibis._.person_id.notnull())
    answers = as_of_window(
        written.filter(written["in_reply_to"].notnull()), as_of=as_of, days=lookback_days
    )
    seen = as_of_window(events, as_of=as_of, days=lookback_days).select(
        "person_id", "verb", post_id="object_id"
    )
    replies = answers.select("person_id", verb=ibis.literal("create"), post_id="in_reply_to")
    once = seen.union(replies).filter(lambda event: event["verb"].isin(list(effort))).distinct()
    both = once.join(written.select("post_id", author_id="person_id"), "post_id")
    both = both.filter(both["person_id"] != both["author_id"])
    weight = both["verb"].cases(*effort.items()).sum().cast("int64")
    return both.group_by("person_id", "author_id").agg(
        weight=weight, posts=both["post_id"].nunique()
    )
