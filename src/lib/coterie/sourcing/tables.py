"""The lake's tables from checked rows: people for accounts, redacted words."""

import json
import re
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.disclosure import redact
from coterie.lake import SourceFile
from coterie.sourcing.money import add_up

SUMMED = ["campaign", "metric", "arm", "segment"]  # whose sums a row states
ACCOUNT = ["platform", "account"]  # what identifies an account; `links` has one row for each
YES = ["true", "1", "yes", "y", "t", "granted", "opted_in", "opt_in", "subscribed"]
NO = ["false", "0", "no", "n", "f", "denied", "opted_out", "opt_out", "unsubscribed"]


def fingerprint(key: bytes, *parts: ir.Value) -> ir.StringValue:
    """Name something by a keyed hash, so that a platform's own number for it leads nowhere."""
    text = [ibis.coalesce(part.cast("string"), ibis.literal("")) for part in parts]
    return ibis.literal("|").join([ibis.literal(key.hex()), *text]).hexdigest("sha256")[:32]


def brand_accounts(posts: ir.Table, brands: Sequence[str]) -> ir.Table:
    """List the accounts that speak for a brand: named in the settings, or marked as no person."""
    marked = posts["is_person"].lower().isin(NO) | posts["account"].isin(list(brands) or [""])
    return posts.filter(marked).select("platform", "account").distinct()


def posts_table(posts: ir.Table, links: ir.Table, *, brands: Sequence[str], key: bytes) -> ir.Table:
    """Write posts with identifiers redacted; a brand's own posts keep its name, a person's never.

    The brand a post is about is the mapped one, else the first of `brands` that it mentions.
    """
    rows = distinct_posts(posts).left_join(links, ACCOUNT)
    # else it may be a person
    stated = rows["about_brand"].isin(list(brands) or [""]).ifelse(rows["about_brand"], None)
    mentioned = ibis.coalesce(stated, first_mention(rows["text"], brands))
    return rows.select(
        post_id=fingerprint(key, rows["platform"], rows["post_id"]),
        person_id=rows["person_id"],
        brand=rows["person_id"].isnull().ifelse(rows["account"], ibis.null("string")),
        at=rows["at"],
        platform=rows["platform"],
        text=redact(rows["text"], keep=list(brands)),
        in_reply_to=rows["in_reply_to"]
        .notnull()
        .ifelse(fingerprint(key, rows["platform"], rows["in_reply_to"]), ibis.null("string")),
        about_brand=mentioned,
    )


def distinct_posts(posts: ir.Table) -> ir.Table:
    """Keep one of several posts that have the same number: the earliest counts, in any order."""
    return first_of(posts, ["platform", "post_id"], ["at", "text", "account"])


def first_mention(text: ir.StringValue, brands: Sequence[str]) -> ir.StringValue:
    """Find the first brand handle in a text, in the settings' spelling."""
    if not brands:
        return ibis.null("string")
    handle = text.lower().re_extract(
        r"@(" + "|".join(re.escape(brand.lower()) for brand in brands) + r")\b", 1
    )
    return handle.substitute({brand.lower(): brand for brand in brands}).nullif("")


def events_table(events: ir.Table, posts: ir.Table, links: ir.Table, *, key: bytes) -> ir.Table:
    """Write events of people, an order's lines as one, and each post as a creation."""
    acts = add_up(events).inner_join(links, ACCOUNT)
    written = (
        distinct_posts(posts)
        .inner_join(links, ACCOUNT)
        .mutate(
            verb=ibis.literal("create"),
            platform_verb=ibis.literal("post"),
            object_id=ibis._.post_id,
            content_type=ibis.coalesce(ibis._.content_type, ibis.literal("text")),
            value=ibis.null("float64"),
        )
    )
    columns = [
        "person_id",
        "at",
        "platform",
        "verb",
        "platform_verb",
        "object_id",
        "content_type",
        "value",
    ]
    every = ibis.union(acts.select(columns), written.select(columns))
    repeat = ibis.row_number().over(group_by=columns, order_by="at")
    objects = ibis.cases(
        (every["object_id"].notnull(), fingerprint(key, every["platform"], every["object_id"]))
    )
    numbered = every.mutate(repeat=repeat, object_id=objects)
    return numbered.mutate(
        event_id=fingerprint(key, *(numbered[c] for c in (*columns, "repeat")))
    ).drop("repeat")


def events_per_week(events: ir.Table, *, weeks: int = 26) -> ir.Table:
    """Count events by platform in the last `weeks` weeks of data, one row a week and platform."""
    by_week = events.group_by(week=events["at"].truncate("W"), platform="platform")
    counts = by_week.agg(events=ibis._.count())
    first = counts["week"].max() - ibis.interval(weeks=weeks)
    return counts.filter(counts["week"] >= first).order_by("platform", "week")


def exposures_table(exposures: ir.Table, links: ir.Table) -> ir.Table:
    """Write each person's first arm in each campaign; randomised only where the file says so.

    Of accounts assigned at one moment, the hash of the account says which counts: the names of the
    arms must not.
    """
    rows = exposures.inner_join(links, ACCOUNT).mutate(
        randomised=ibis._.randomised.lower().isin(YES).fill_null(False),
        lot=(ibis._.platform + "|" + ibis._.account).hexdigest("sha256"),
    )
    whose = ibis.window(group_by=["campaign", "person_id"])
    arms = rows["arm"].max().over(whose) != rows["arm"].min().over(whose)
    first = first_of(rows.mutate(mixed=arms), ["campaign", "person_id"], ["at", "lot"])
    return first.select("person_id", "campaign", "arm", "randomised", "at", "mixed")


def outcomes_table(outcomes: ir.Table, links: ir.Table) -> ir.Table:
    """Write what an experiment's own table measured of each person; what is none is missing."""
    rows = outcomes.inner_join(links, ACCOUNT).mutate(value=ibis._["value"].try_cast("float64"))
    finite = (~rows["value"].isnan() & ~rows["value"].isinf()).ifelse(rows["value"], None)
    rows = rows.mutate(value=finite)
    first = first_of(rows, ["campaign", "person_id", "measure"], ["platform", "account", "value"])
    return first.select("person_id", "campaign", "measure", "value", "label")


def sums_table(sums: ir.Table) -> ir.Table:
    """Write what a warehouse added up of each arm of a test; nobody is named in it."""
    first = first_of(sums, SUMMED, ["file", "row"])
    numbers = {
        ours: first[theirs].try_cast("float64")
        for ours, theirs in {"units": "units", "sum_y": "total", "sum_yy": "squares"}.items()
    }
    drawn = first["randomised"].lower().isin(YES).fill_null(False)
    return first.select("campaign", "metric", "arm", "segment", **numbers, randomised=drawn)


def labels_table(labels: ir.Table, links: ir.Table, *, key: bytes) -> ir.Table:
    """Write what is known to be true of people, posts and campaigns."""
    of_people = labels.inner_join(links, ACCOUNT).mutate(
        subject=ibis.literal("person"), subject_id=ibis._.person_id
    )
    posts = labels.filter(labels["post_id"].notnull())
    of_posts = posts.mutate(
        subject=ibis.literal("post"),
        subject_id=fingerprint(key, posts["platform"], posts["post_id"]),
    )
    of_campaigns = labels.filter(labels["campaign"].notnull()).mutate(
        subject=ibis.literal("campaign"), subject_id=ibis._.campaign
    )
    columns = ["subject", "subject_id", "name", "label"]
    rows = ibis.union(*(part.select(columns) for part in (of_people, of_posts, of_campaigns)))
    return first_of(rows, columns[:3], ["label"])


def first_of(rows: ir.Table, key: list[str], order: list) -> ir.Table:
    """Keep one row a key, the first in this order."""
    return (
        rows.mutate(first=ibis.row_number().over(group_by=key, order_by=order))
        .filter(ibis._.first == 0)
        .drop("first")
    )


def column_map(source: str, found: Sequence[SourceFile]) -> pd.DataFrame:
    """Write down which file gave what, for whoever reads the raw files again."""
    entries = {json.dumps(file.entry, sort_keys=True): file.entry for file in found}
    rows = [(source, entry["path"], entry["gives"], text) for text, entry in entries.items()]
    return pd.DataFrame(rows, columns=["source", "path", "gives", "entry"])
