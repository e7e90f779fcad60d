"""How far a mention query can be trusted: its precision and recall."""

from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np

from coterie.statistics import Interval, share_interval
from coterie.study import DataError

TINY = np.finfo(float).tiny  # what to divide by where both shares are 0


class QueryCheck(NamedTuple):
    """How far a query can be trusted, and the counts this rests on."""

    precision: Interval  # share of the posts it finds that are about the brand
    recall: Interval  # share of the posts about the brand that it finds
    found: int  # posts it finds
    labelled_found: int  # of these, labelled by hand
    about_found: int  # of the labelled, about the brand
    rest: int  # posts it does not find
    labelled_rest: int
    about_rest: int


def check_query(found: ir.Table, labels: ir.Table) -> QueryCheck:
    """Measure how many posts of a query are about the brand, and how many of the brand's it finds.

    Posts that were not found must be labelled too, or nothing is known of what was missed. Both
    samples have to be random within their stratum (found, not found), which weigh by their size:
    usually far more posts are not found, so that one post about the brand among 200 of them can
    stand for many, and the interval of recall says so.

    `found` has one row a post: post_id, found (yes or no; unknown counts as no). `labels` has one
    row a labelled post: post_id, about (is it about the brand?). Precision has a Wilson interval,
    recall one that joins the Wilson intervals of both strata; without labels in a stratum the value
    and ends that rest on it are NaN.

    Raises
    ------
    DataError
        When a post is labelled twice.

    References
    ----------
    Newcombe (2016), "MOVER-R confidence intervals for ratios and products of two independently
    estimated quantities", Statistical Methods in Medical Research 25.

    >>> import ibis
    >>> found = ibis.memtable({"post_id": [*"abcdefgh"], "found": [True] * 4 + [False] * 4})
    >>> labels = ibis.memtable(
    ...     {"post_id": [*"abcdef"], "about": [True, True, True, False, True, False]}
    ... )
    >>> check = check_query(found, labels)  # 4 × 3/4 posts found rightly, 4 × 1/2 missed
    >>> check.precision.value, check.recall.value
    (0.75, 0.6)
    """
    if labels.count().execute() > labels["post_id"].nunique().execute():
        raise DataError("labels: a post is labelled twice; keep one judgement a post.")
    posts = found.select("post_id", found=found["found"].fill_null(False))
    labelled = posts.left_join(
        labels.select("post_id", about=labels["about"].cast("int64")), "post_id"
    )
    counts = labelled.group_by("found").agg(
        n=labelled.count(), seen=labelled["about"].count(), about=labelled["about"].sum()
    )
    counts = counts.to_pandas().set_index("found").reindex([True, False]).fillna(0).astype(int)
    names = "found", "labelled_found", "about_found", "rest", "labelled_rest", "about_rest"
    return query_accuracy(**dict(zip(names, counts.to_numpy().ravel().tolist(), strict=True)))


def query_accuracy(
    *,
    found: int,
    labelled_found: int,
    about_found: int,
    rest: int,
    labelled_rest: int,
    about_rest: int,
) -> QueryCheck:
    """Compute precision and recall from the counts of `check_query`, of posts labelled elsewhere.

    >>> check = query_accuracy(
    ...     found=100, labelled_found=50, about_found=40, rest=900, labelled_rest=90, about_rest=1
    ... )
    >>> round(check.recall.value, 3)  # 80 found rightly, 10 missed
    0.889
    """
    precision = share_interval(about_found, labelled_found)
    missed = share_interval(about_rest, labelled_rest) if rest else Interval(0.0, 0.0, 0.0)
    return QueryCheck(
        precision,
        _recall(precision, missed, found, rest),
        found=int(found),
        labelled_found=int(labelled_found),
        about_found=int(about_found),
        rest=int(rest),
        labelled_rest=int(labelled_rest),
        about_rest=int(about_rest),
    )


def _recall(precision: Interval, missed: Interval, found: int, rest: int) -> Interval:
    """Join two independent shares into found rightly / (found rightly + missed).

    The ends are those of the ratio of missed to precision (MOVER-R).
    """
    rightly = found * precision.value
    about = rightly + rest * missed.value
    if not found:
        return Interval(float(rightly / about if about else np.nan), np.nan, np.nan)
    product = missed.value * precision.value
    down = missed.low * (2 * missed.value - missed.low)
    up = missed.high * (2 * missed.value - missed.high)
    below = product**2 - down * precision.high * (2 * precision.value - precision.high)
    under = precision.low * (2 * precision.value - precision.low)
    above = product**2 - up * precision.low * (2 * precision.value - precision.low)
    least_ratio = down / max(product + np.sqrt(max(below, 0)), TINY)
    most_ratio = np.inf if under == 0 else (product + np.sqrt(max(above, 0))) / under
    return Interval(
        float(rightly / about if about else np.nan),
        float(found / (found + rest * most_ratio)),
        float(found / (found + rest * least_ratio)),
    )
