"""Who answers whom, and how fast: waits that are still open count as waits, not as nothing."""

from datetime import date
from math import log

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.statistics import Interval, share_interval, share_intervals
from coterie.windows import as_of_window, epoch_seconds


def waits(asked: ir.Table, answers: ir.Table, *, as_of: date) -> ir.Table:
    """Measure each question's hours to its first answer, or how long it has waited so far.

    Adds to `asked` (post_id, at, …) the columns `hours` and `answered`. An answer stamped before
    its question is none: clocks differ, and threads are moved.
    """
    replies = answers.select(to="in_reply_to", answered_at="at")
    both = asked.left_join(
        replies, [asked["post_id"] == replies["to"], asked["at"] <= replies["answered_at"]]
    )
    first = both.group_by(*asked.columns).agg(answered_at=both["answered_at"].min())
    end = first["answered_at"].epoch_seconds().fill_null(epoch_seconds(as_of))
    return first.mutate(
        hours=(end - first["at"].epoch_seconds()) / 3600, answered=first["answered_at"].notnull()
    )


def waits_for_brand(posts: ir.Table, *, as_of: date, lookback_days: int) -> ir.Table:
    """List every post in which a person addresses a brand, or that one answered.

    It says how long each waited.
    """
    seen = as_of_window(posts, as_of=as_of, days=lookback_days)
    by_brand, by_person = (
        seen.filter(seen["brand"].notnull()),
        seen.filter(seen["person_id"].notnull()),
    )
    found = waits(
        by_person.select("post_id", "person_id", "about_brand", "at"), by_brand, as_of=as_of
    )
    return found.filter(found["about_brand"].notnull() | found["answered"])


def waits_for_person(posts: ir.Table, *, as_of: date, lookback_days: int) -> ir.Table:
    """List every answer of a brand to a person.

    It says how long each waited for the person to write back.
    """
    seen = as_of_window(posts, as_of=as_of, days=lookback_days)
    by_person = seen.filter(seen["person_id"].notnull())
    asked_by = by_person.select("person_id", asked="post_id")
    by_brand = seen.filter(seen["brand"].notnull()).select("post_id", "at", "in_reply_to")
    to_person = by_brand.join(asked_by, by_brand["in_reply_to"] == asked_by["asked"])
    back = by_person.select("in_reply_to", "at", writer="person_id")
    return waits(to_person.select("post_id", "person_id", "at"), back, as_of=as_of)


def with_median_wait(waited: ir.Table, name: str, *, by: str = "person_id") -> ir.Table:
    """Estimate each group's median wait.

    Open waits count as at least as long as they have lasted.

    The product-limit estimate: the hours after which at most half of the waits go on. Empty when
    more than half of them last longer than anybody has watched: leaving those out would flatter who
    answers seldom.

    References
    ----------
    Kaplan and Meier (1958), "Nonparametric estimation from incomplete observations", JASA 53.

    >>> waited = ibis.memtable(
    ...     {
    ...         "person_id": ["ana"] * 3 + ["bo"] * 2,
    ...         "hours": [1.0, 2.0, 9.0, 1.0, 5.0],
    ...         "answered": [True, True, False, False, False],
    ...     }
    ... )
    >>> with_median_wait(waited, "median_hours").order_by("person_id").to_pandas().values.tolist()
    [['ana', 2.0], ['bo', nan]]
    """
    order = {"group_by": by, "order_by": ["hours", ibis.desc("answered")]}
    ranked = waited.mutate(
        n=waited.count().over(ibis.window(group_by=by)),
        place=ibis.row_number().over(ibis.window(**order)),
    )
    ranked = ranked.mutate(waiting=ranked["n"] - ranked["place"])
    falls = ranked["answered"] & (ranked["waiting"] > 1)
    ranked = ranked.mutate(
        step=falls.ifelse((ibis.greatest(ranked["waiting"] - 1, 1) / ranked["waiting"]).ln(), 0.0)
    )
    fallen = ranked.mutate(log_share=ranked["step"].sum().over(ibis.cumulative_window(**order)))
    halved = fallen["answered"] & (
        (fallen["log_share"] <= log(0.5) + 1e-9) | (fallen["waiting"] == 1)
    )
    return fallen.group_by(by).agg(fallen["hours"].min(where=halved).name(name))


def answer_times(
    posts: ir.Table, *, as_of: date, lookback_days: int, min_people: int = 50
) -> pd.DataFrame:
    """Compare brands by how many of the posts that address them they answer, and how fast.

    One row a brand that at least `min_people` people addressed: `posts`, `people`, the share
    `answered` before `as_of` with its interval `low`, `high`, and `median_hours`, in which open
    questions count as waiting.
    """
    asked = waits_for_brand(posts, as_of=as_of, lookback_days=lookback_days)
    asked = asked.filter(asked["about_brand"].notnull()).select(
        "person_id", "hours", "answered", brand="about_brand"
    )
    counts = asked.group_by("brand").agg(
        posts=asked.count(), people=asked["person_id"].nunique(), replies=asked["answered"].sum()
    )
    enough = counts.filter(counts["people"] >= min_people)
    brands = enough.left_join(with_median_wait(asked, "median_hours", by="brand"), "brand").drop(
        "brand_right"
    )
    table = brands.order_by(ibis.desc("posts"), "brand").to_pandas()
    table[["answered", "low", "high"]] = share_intervals(table["replies"], table["posts"])
    return table.drop(columns="replies")


def answered_share(brands: pd.DataFrame, *, at_most: int = 12) -> Interval | None:
    """Estimate which share of posts to the brands most addressed was answered; none without any.

    >>> answered_share(pd.DataFrame({"answered": [0.5], "posts": [10]}))
    Interval(value=0.5, low=0.236..., high=0.763...)
    """
    if brands.empty:
        return None
    most = brands.head(at_most)
    return share_interval(round((most["answered"] * most["posts"]).sum()), int(most["posts"].sum()))
