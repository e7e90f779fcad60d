"""Mentions counted by brand, stratum and sentiment, in groups of people."""

import ibis
import ibis.expr.types as ir

FEELINGS = ["negative", "neutral", "positive"]
ABSTAINED = ""  # the model did not say


def voice_counts(
    mentions: ir.Table, *, strata: tuple[str, ...] = ("platform",), n_groups: int = 100
) -> ir.Table:
    """Count mentions per brand, stratum and sentiment, in groups of people to resample from.

    A loud person is many posts but one voice, so people, not posts, are dealt out to the groups;
    later whole groups are resampled. `mentions` has one row a post and brand: person_id,
    about_brand, inferred_sentiment (empty where the model abstained), and the columns named in
    `strata`, the platform or a week of text, say.

    Returns one row that occurs per group, brand, stratum (the values joined by " / ") and
    inferred_sentiment: n (mentions), people and feeling_people (who are counted here first, for the
    brand and for the brand in this sentiment: summed, they count everybody once).

    >>> mentions = ibis.memtable(
    ...     {
    ...         "person_id": ["ana", "ana", "bo"],
    ...         "about_brand": ["shop", "shop", "deli"],
    ...         "platform": ["x"] * 3,
    ...         "inferred_sentiment": ["positive", "negative", "neutral"],
    ...     }
    ... )
    >>> counts = voice_counts(mentions, n_groups=2).to_pandas()
    >>> counts[["group", "brand", "inferred_sentiment", "n", "people", "feeling_people"]]
       group brand inferred_sentiment  n  people  feeling_people
    0      0  shop           negative  1       1               1
    1      0  shop           positive  1       0               1
    2      1  deli            neutral  1       1               1
    """
    names = [mentions[name].cast("string").fill_null("") for name in strata]
    rows = mentions.select(
        "person_id",
        brand="about_brand",
        stratum=ibis.literal(" / ").join(names) if names else ibis.literal("all"),
        inferred_sentiment=mentions["inferred_sentiment"].fill_null(ABSTAINED),
    )
    own = rows.group_by("person_id", "brand", "stratum", "inferred_sentiment").agg(n=rows.count())
    people = rows.select("person_id").distinct()
    number = ibis.row_number().over(ibis.window(order_by="person_id"))
    own = own.inner_join(people.mutate(group=(number % n_groups).cast("int64")), "person_id")
    own = own.mutate(
        people=_first(["person_id", "brand"], ["inferred_sentiment", "stratum"]),
        feeling_people=_first(["person_id", "brand", "inferred_sentiment"], ["stratum"]),
    )
    key = ["group", "brand", "stratum", "inferred_sentiment"]
    sums = {name: own[name].sum() for name in ("n", "people", "feeling_people")}
    return own.group_by(key).agg(**sums).order_by(key)


def _first(of: list[str], order: list[str]) -> ir.IntegerValue:
    """Mark the first row of each, so that summing the marks counts each once."""
    return (ibis.row_number().over(ibis.window(group_by=of, order_by=order)) == 0).cast("int64")
