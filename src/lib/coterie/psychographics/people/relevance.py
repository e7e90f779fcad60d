"""How far each person writes about the topics that a study asks for."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from coterie.statistics import shrink_to_mean
from coterie.windows import as_of_window


def topical_fit(
    people: ir.Table,
    posts: ir.Table,
    post_labels: ir.Table,
    *,
    topics: Sequence[str],
    as_of: date,
    lookback_days: int = 365,
    prior_posts: float = 2.0,
) -> ir.Table:
    """Say how far each person writes about the topics asked for.

    Adds `n_posts` and `fit` (0 to 1) to people. The share of a person's posts on these topics is
    pulled to everybody's share by `prior_posts` imaginary average posts; who never wrote has
    everybody's share. Posts whose interest the model left open do not count. No topics is all
    topics: everybody fits.

    >>> import pandas as pd
    >>> people = ibis.memtable({"person_id": ["ana", "bo", "cy"]})
    >>> posts = ibis.memtable(
    ...     {
    ...         "post_id": ["1", "2"],
    ...         "person_id": ["ana", "bo"],
    ...         "at": pd.to_datetime(["2026-06-01", "2026-06-01"]),
    ...     }
    ... )
    >>> labels = ibis.memtable(
    ...     {"post_id": ["1", "2"], "person_id": ["ana", "bo"], "inferred_interest": ["food", "x"]}
    ... )
    >>> fits = topical_fit(people, posts, labels, topics=["food"], as_of=date(2026, 7, 1))
    >>> fits.order_by("person_id").to_pandas()["fit"].round(2).tolist()
    [0.67, 0.33, 0.5]
    """
    seen = as_of_window(posts, as_of=as_of, days=lookback_days)
    labelled = post_labels.semi_join(seen, "post_id").filter(
        lambda post: post["inferred_interest"].notnull()
    )
    fits = labelled["inferred_interest"].isin(list(topics)) if topics else ibis.literal(True)
    labelled = labelled.select("person_id", on=fits.cast("int64"))
    own = labelled.group_by(who=labelled["person_id"]).agg(
        n_posts=labelled.count(), on=labelled["on"].sum()
    )
    table = people.left_join(own, people["person_id"] == own["who"])
    table = table.cross_join(
        labelled.agg(share=labelled["on"].sum() / labelled.count().nullif(0).cast("float64"))
    )
    n = table["n_posts"].fill_null(0)
    share = table["share"].fill_null(1.0)
    fit = shrink_to_mean(table["on"].fill_null(0), n, mean=share, prior=prior_posts)
    return table.select(*people.columns, n_posts=n, fit=fit)
