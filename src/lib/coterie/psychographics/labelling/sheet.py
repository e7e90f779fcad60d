"""Choose the posts that a person labels, so that a study's own accuracy is known."""

import ibis
import ibis.expr.types as ir
import pandas as pd


def choose_posts(posts: ir.Table, post_labels: ir.Table, *, n_posts: int = 200) -> pd.DataFrame:
    """Choose posts to label by hand, in proportion over platforms and what the model reads in them.

    So every kind is there. The choice follows the fingerprints of the posts, which are keyed
    hashes: random, and the same each time. Shares counted on such a sample hold for all posts,
    without weights.

    Returns `post_id` and `text` of at most `n_posts` posts.

    >>> posts = ibis.memtable(
    ...     {"post_id": list("abcd"), "platform": ["x"] * 4, "text": ["1", "2", "3", "4"]}
    ... )
    >>> labels = ibis.memtable(
    ...     {"post_id": list("abcd"), "inferred_sentiment": ["negative"] * 2 + ["positive"] * 2}
    ... )
    >>> choose_posts(posts, labels, n_posts=2)["post_id"].tolist()
    ['b', 'd']
    """
    both = posts.inner_join(post_labels.select("post_id", "inferred_sentiment"), "post_id")
    sorted_by_kind = ibis.window(order_by=["platform", "inferred_sentiment", "post_id"])
    numbered = both.mutate(
        number=ibis.row_number().over(sorted_by_kind), of=both.count().as_scalar()
    )
    before = (numbered["number"] * n_posts / numbered["of"]).floor()
    after = ((numbered["number"] + 1) * n_posts / numbered["of"]).floor()
    chosen = numbered.filter((after > before) | (numbered["of"] <= n_posts))
    return chosen.order_by("post_id").select("post_id", "text").to_pandas()
