"""Does the mood recover in a conversation with a brand, or would it have done so anyway?"""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis.common.exceptions import IbisError

from coterie.psychographics.opinions.aspects import VALENCE
from coterie.statistics import clustered_difference, clustered_share
from coterie.windows import as_of_window

COUNTS = ["threads", "began_negative", "recovered", "ended_negative", "soured", "change"]
RECOVERY = (
    "brand threads people negative recovered low high backward excess excess_low excess_high "
    "change change_low change_high unanswered unanswered_recovered unanswered_low unanswered_high "
    "difference difference_low difference_high evidence"
)


def thread_roots(posts: ir.Table, *, doublings: int = 4) -> ir.Table:
    """Find the post that each post's conversation began with: `post_id`, `thread`.

    Follows replies up; a post that answers nothing we know begins a thread, and so does one stamped
    before the post it answers. Every doubling follows twice as many replies: four reach 16. Posts
    deeper down have no row, nor have posts that answer each other in a ring.

    >>> posts = ibis.memtable(
    ...     {
    ...         "post_id": ["a", "b", "c"],
    ...         "in_reply_to": [None, "a", "b"],
    ...         "at": pd.to_datetime(["2026-06-01", "2026-06-02", "2026-06-03"]),
    ...     }
    ... )
    >>> thread_roots(posts).order_by("post_id").to_pandas().values.tolist()
    [['a', 'a'], ['b', 'a'], ['c', 'a']]
    """
    above = posts.select(known="post_id", since="at")
    links = posts.left_join(
        above, [posts["in_reply_to"] == above["known"], posts["at"] >= above["since"]]
    )
    links = _stored(links.select("post_id", up=ibis.coalesce(links["known"], links["post_id"])))
    tops = links.filter(links["post_id"] == links["up"]).select(thread="post_id")
    for _ in range(doublings):
        higher = links.select(middle="post_id", top="up")
        links = _stored(
            links.join(higher, links["up"] == higher["middle"]).select("post_id", up="top")
        )
    return links.join(tops, links["up"] == tops["thread"]).select("post_id", "thread")


def thread_pairs(posts: ir.Table, *, as_of: date, lookback_days: int = 365) -> ir.Table:
    """Pair a person's first post in a thread with the last one after a brand's answer, or without.

    A brand answers when it replies to one of the person's own posts; of several brands the first to
    do so counts. Without an answer the pair belongs to the brand that the first post addresses.
    Only who wrote again has a pair, so those whose last word was the complaint are not here. Posts
    on `as_of` or later are invisible; the first post lies in the `lookback_days` before it.

    One row a thread and person: thread, person_id, brand, answered, first_post, last_post.
    """
    seen = as_of_window(posts, as_of=as_of)
    own = seen.filter(seen["person_id"].notnull()).select(
        "post_id", "person_id", "at", "about_brand"
    )
    own = _stored(own.join(thread_roots(seen), "post_id"))
    first = _first_of(own, ["at", "post_id"]).select(
        "thread", "person_id", "about_brand", first_post="post_id", began="at"
    )
    by_brand = seen.filter(seen["brand"].notnull()).select(
        "in_reply_to", "brand", answer="post_id", answered_at="at"
    )
    replies = own.join(
        by_brand, [own["post_id"] == by_brand["in_reply_to"], own["at"] <= by_brand["answered_at"]]
    )
    replies = _first_of(replies, ["answered_at", "answer"]).select(
        "thread", "person_id", "brand", "answered_at"
    )
    opened = first.left_join(replies, ["thread", "person_id"]).select(
        *first.columns, "brand", "answered_at"
    )
    later = own.select("thread", "person_id", "at", last_post="post_id").join(
        opened, ["thread", "person_id"]
    )
    later = later.filter(later["at"] > ibis.coalesce(later["answered_at"], later["began"]))
    pairs = _first_of(later, [ibis.desc("at"), ibis.desc("last_post")])
    pairs = as_of_window(pairs, as_of=as_of, days=lookback_days, time="began")
    named = pairs.mutate(
        answered=pairs["brand"].notnull(), brand=ibis.coalesce(pairs["brand"], pairs["about_brand"])
    )
    kept = named.filter(named["brand"].notnull(), named["brand"] != "")
    return kept.select("thread", "person_id", "brand", "answered", "first_post", "last_post")


def _stored(table: ir.Table) -> ir.Table:
    """Let the engine keep what is used several times.

    A table that belongs to no engine yet stays a plan.
    """
    try:
        return table.cache()
    except IbisError:
        return table


def _first_of(rows: ir.Table, order: list) -> ir.Table:
    """Keep each person's first row in each thread."""
    place = ibis.row_number().over(ibis.window(group_by=["thread", "person_id"], order_by=order))
    return rows.mutate(place=place).filter(ibis._.place == 0).drop("place")


def thread_moods(pairs: ir.Table, post_labels: ir.Table) -> ir.Table:
    """Count each person's threads with a brand by how they began and ended.

    Pairs of which a mood was not read are left out. One row a brand, answered or not, and person:
    threads, began_negative, recovered (of those, ended neutral or positive), ended_negative, soured
    (of those, began neutral or positive), change (last mood less first, from -2 to 2, added up).
    """
    mood = post_labels["inferred_sentiment"].cases(*VALENCE.items())
    moods = post_labels.select("post_id", mood=mood.cast("int64")).filter(ibis._.mood.notnull())
    first = moods.select(first_post="post_id", before="mood")
    last = moods.select(last_post="post_id", after="mood")
    both = pairs.join(first, "first_post").join(last, "last_post")
    down = both["before"] < 0
    up = both["after"] >= 0
    marks = {
        "began_negative": down,
        "recovered": down & up,
        "ended_negative": ~up,
        "soured": ~down & ~up,
    }
    whole = {name: mark.cast("int64") for name, mark in marks.items()}
    marked = both.mutate(threads=1, change=both["after"] - both["before"], **whole)
    return marked.group_by("brand", "answered", "person_id").agg(
        **{name: marked[name].sum() for name in COUNTS}
    )


def recovery(moods: pd.DataFrame, *, min_people: int = 50) -> pd.DataFrame:
    """Estimate how many threads that began in a bad mood ended in a better one, brand by brand.

    Beside it stands what chance gives. A mood that was at its worst, or misread as bad, is better
    next time whatever the brand does. Two comparisons show how much: `backward`, the share that
    would count as recovered if every thread were read from its end (without any trend both shares
    are equal; `excess` is their difference), and threads in which the brand did not answer but the
    person wrote again. `excess` takes out reading errors and ups and downs, not that people write
    when things are worst; the unanswered threads share that, but brands choose whom to answer.
    Observational, evidence C.

    Takes `thread_moods` as a frame. A brand has a row when at least `min_people` people began a
    thread with it in a bad mood and were answered; its unanswered threads are shown from as many
    people on, else empty. One row a brand, most threads first: brand; threads, people (answered);
    negative (threads begun so); recovered (share of them) with low and high; backward; excess with
    its interval; change (mean of last less first mood, each -1, 0 or 1) with its interval;
    unanswered (threads), unanswered_recovered with its interval; difference (recovered less that)
    with its interval; evidence. Every 95 % interval takes people for the observations.

    References
    ----------
    Barnett, van der Pols and Dobson (2005), "Regression to the mean: what it is and how to deal
    with it", International Journal of Epidemiology 34.
    """
    rows = []
    for brand, own in moods.groupby("brand"):
        sides = own.set_index(["person_id", "answered"])[COUNTS].unstack(fill_value=0).sort_index()
        answered = _side(sides, answered=True)
        silent = _side(sides, answered=False)
        if (answered["began_negative"] > 0).sum() < min_people:
            continue
        if (silent["began_negative"] > 0).sum() < min_people:
            silent = silent * np.nan
        rows.append((brand, *_with_answer(answered), *_without_answer(answered, silent), "C"))
    table = pd.DataFrame(rows, columns=RECOVERY.split())
    return table.sort_values(["threads", "brand"], ascending=[False, True], ignore_index=True)


def _side(sides: pd.DataFrame, *, answered: bool) -> pd.DataFrame:
    """Take the counts of answered or of unanswered threads, a row a person."""
    columns = [(name, answered) for name in COUNTS]
    return sides.reindex(columns=columns, fill_value=0).droplevel(1, axis=1)


def _with_answer(own: pd.DataFrame) -> tuple:
    """Describe a brand's answered threads; a row a person."""
    forward = (own["recovered"], own["began_negative"])
    backward = (own["soured"], own["ended_negative"])
    change = clustered_difference(
        (own["change"], own["threads"]), (0 * own["change"], own["threads"])
    )
    counts = own["threads"].sum(), (own["threads"] > 0).sum(), own["began_negative"].sum()
    excess = clustered_difference(forward, backward)
    return *counts, *clustered_share(*forward), clustered_share(*backward).value, *excess, *change


def _without_answer(answered: pd.DataFrame, silent: pd.DataFrame) -> tuple:
    """Describe a brand's unanswered threads beside the answered ones.

    Both have the same people, a row each.
    """
    with_it = (answered["recovered"], answered["began_negative"])
    without = (silent["recovered"], silent["began_negative"])
    n = silent["threads"].sum(min_count=1)
    return n, *clustered_share(*without), *clustered_difference(with_it, without)
