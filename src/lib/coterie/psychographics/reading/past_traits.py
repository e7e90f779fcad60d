"""What people's posts added up to on an earlier day."""

from datetime import date

import ibis.expr.types as ir

from coterie.psychographics.reading.labels import person_traits
from coterie.windows import as_of_window


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
