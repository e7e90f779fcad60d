"""How many reactions each post drew, with what else may explain them."""

from datetime import date

import ibis
import ibis.expr.types as ir

from coterie.psychographics.content.traits import TRAITS, content_traits
from coterie.windows import DAY, as_of_window, days_before

COLUMNS = ["author", "at", "platform", "format"]


def post_outcomes(posts: ir.Table, events: ir.Table, *, as_of: date, days: int = 7) -> ir.Table:
    """Count how many acts of others each post drew in its first days, beside its traits.

    Posts younger than `days` on `as_of` are left out, for their time is not over; events on `as_of`
    or later are invisible. A post's format is the content type of the event that created it,
    "unknown" without one.

    One row a post: post_id, author (person or brand), at, platform, format, reactions, and the
    traits.
    """
    marked = content_traits(posts)
    old = marked.filter(days_before(marked["at"], as_of) >= days)
    old = old.mutate(
        author=ibis.coalesce(old["person_id"].nullif(""), old["brand"]),
        written=old["at"].epoch_seconds(),
    )
    seen = as_of_window(events, as_of=as_of)
    drawn = seen.filter(seen["object_id"].notnull()).select(
        "object_id", "verb", "content_type", by="person_id", when=seen["at"].epoch_seconds()
    )
    both = old.left_join(
        drawn, [old["post_id"] == drawn["object_id"], drawn["when"] - old["written"] < days * DAY]
    )
    own = both["by"] == both["author"]
    reacts = both["by"].notnull() & ~own & (both["when"] >= both["written"])
    made = ibis.ifelse(own & (both["verb"] == "create"), both["content_type"], None)
    found = both.group_by("post_id", "author", "at", "platform", *TRAITS).agg(
        format=made.max().fill_null("unknown"), reactions=reacts.cast("int64").sum()
    )
    return found.select("post_id", *COLUMNS, "reactions", *TRAITS)
