"""Which posts are read."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.windows import as_of_window


def posts_to_read(posts: ir.Table, *, as_of: date, max_posts: int = 0) -> pd.DataFrame:
    """List people's posts before `as_of`, the oldest first.

    Of too many a systematic sample over time is taken. With `max_posts` every second, third, ...
    post is taken, so that no more are left; 0 takes all.

    >>> posts = ibis.memtable(
    ...     {
    ...         "post_id": ["1", "2", "3"],
    ...         "person_id": ["ana", None, "bo"],
    ...         "at": pd.to_datetime(["2026-06-01", "2026-06-02", "2026-06-03"]),
    ...     }
    ... )
    >>> posts_to_read(posts, as_of=date(2026, 7, 1))["post_id"].tolist()
    ['1', '3']
    >>> posts_to_read(posts, as_of=date(2026, 7, 1), max_posts=1)["post_id"].tolist()
    ['1']
    """
    seen = as_of_window(posts, as_of=as_of)
    written = seen.filter(ibis._.person_id.notnull()).order_by("at", "post_id").to_pandas()
    if not max_posts:
        return written
    step = max(1, -(-len(written) // max_posts))
    return written.iloc[::step].reset_index(drop=True)
