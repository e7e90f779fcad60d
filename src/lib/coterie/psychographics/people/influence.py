"""Who is listened to? Reactions are followed from the people who act to the authors they act
upon.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import networkx as nx
import numpy as np
import pandas as pd
from scipy import stats

from coterie.disclosure import suppress_small
from coterie.statistics import Interval, jackknife_error, mean_interval, share_intervals
from coterie.study import DataError, SettingsError
from coterie.windows import as_of_window

# a share costs more than a comment, a comment more than a like
EFFORT = {"like": 1, "create": 2, "announce": 3}
UNSEEN = 3  # people who may well have reacted where none did: the rule of three
LEADING = 90  # of 100; who stands higher belongs to the most heard tenth


def reaction_pairs(
    events: ir.Table,
    posts: ir.Table,
    *,
    as_of: date,
    lookback_days: int = 365,
    effort: Mapping[str, int] = EFFORT,
) -> ir.Table:
    """Add up how much each person reacted to what each other person wrote.

    A reaction is an act of a verb in `effort` on a post, or a post that answers one, which counts
    as "create". The same verb on the same post counts once: a hundred shares of one post are a
    machine's, and a comment that stands in both tables is one comment. Reactions to oneself and to
    brands are left out. That somebody is named in a text is unknown here, for handles are redacted
    before posts reach the lake. An older post may be reacted to in the window; nothing on or after
    `as_of` is seen.

    Returns one row a pair: person_id (who reacted), author_id (a person_id too), weight (whole
    number), posts.

    Raises SettingsError when an effort is no whole number above 0: sums of fractions depend on the
    order of rows.

    >>> day = pd.Timestamp("2026-06-01")
    >>> posts = ibis.memtable(
    ...     {
    ...         "post_id": ["p1", "p2"],
    ...         "person_id": ["ana", "bo"],
    ...         "at": [day, day],
    ...         "in_reply_to": [None, "p1"],
    ...     }
    ... )
    >>> events = ibis.memtable(
    ...     {
    ...         "person_id": ["bo", "bo", "ana"],
    ...         "verb": ["announce", "announce", "like"],
    ...         "at": [day] * 3,
    ...         "object_id": ["p1"] * 3,
    ...     }
    ... )
    >>> reaction_pairs(events, posts, as_of=date(2026, 7, 1)).to_pandas().values.tolist()
    [['bo', 'ana', 5, 1]]
    """
    if not effort or any(not isinstance(worth, int) or worth < 1 for worth in effort.values()):
        raise SettingsError("04_psychographics.effort: give each verb a whole number of 1 or more.")
    written = as_of_window(posts, as_of=as_of).filter(ibis._.person_id.notnull())
    answers = as_of_window(
        written.filter(written["in_reply_to"].notnull()), as_of=as_of, days=lookback_days
    )
    acts = as_of_window(events, as_of=as_of, days=lookback_days).select(
        "person_id", "verb", post_id="object_id"
    )
    replies = answers.select("person_id", verb=ibis.literal("create"), post_id="in_reply_to")
    once = acts.union(replies).filter(lambda act: act["verb"].isin(list(effort))).distinct()
    both = once.join(written.select("post_id", author_id="person_id"), "post_id")
    both = both.filter(both["person_id"] != both["author_id"])
    weight = both["verb"].cases(*effort.items()).sum().cast("int64")
    return both.group_by("person_id", "author_id").agg(
        weight=weight, posts=both["post_id"].nunique()
    )


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
    """Say how far each person writes about the topics asked for: adds `n_posts` and `fit` (0 to 1)
    to people.

    The share of a person's posts on these topics is pulled to everybody's share by `prior_posts`
    imaginary average posts; who never wrote has everybody's share. Posts whose interest the model
    left open do not count. No topics is all topics: everybody fits.

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
    n, share = table["n_posts"].fill_null(0), table["share"].fill_null(1.0)
    fit = (table["on"].fill_null(0) + prior_posts * share) / (n + prior_posts)
    return table.select(*people.columns, n_posts=n, fit=fit)


def rank_influence(
    pairs: pd.DataFrame, people: pd.DataFrame, *, damping: float = 0.85, n_groups: int = 20
) -> pd.DataFrame:
    """Rank everybody by how much they are listened to: by people, on the topic, rather than by
    machines.

    Attention starts at everybody in proportion to authenticity times fit, follows reactions from
    who reacted to who wrote, and starts anew with a chance of 1 - `damping` or where somebody
    reacted to nobody. So each person has one voice, however often they click, and who is heard by
    the heard counts more. Being heard is no proof of changing anybody's mind (evidence D), and who
    writes more is heard more.

    `pairs` is `reaction_pairs` as a frame. `people` has one row for each person who may be looked
    at: person_id, bot_probability (0 to 1), fit (0 to 1; 1 for everybody where no topic is asked
    for). Pairs with others drop out.

    Returns one row a person, most influential first: person_id; reach (people who reacted);
    pagerank (the part of the personalised PageRank that arrives by reactions, 0 where nobody
    reacted); authenticity (1 - bot_probability); fit; influence (0 to 100: share of the others for
    whom pagerank times authenticity times fit is smaller); low and high, its 95 % interval, from
    `n_groups` copies that each leave one group of acting people out. Where no reaction is seen no
    copy differs, so the upper end is then the share of people with a reach of three or less.

    Raises DataError when a person stands twice or a probability or fit is no number from 0 to 1,
    SettingsError when `damping` or `n_groups` makes no sense.

    References
    ----------
    Haveliwala (2003), "Topic-sensitive PageRank", IEEE TKDE 15. Gyöngyi, Garcia-Molina and Pedersen
    (2004), "Combating web spam with TrustRank", VLDB: trust as the place where attention starts.
    Kott (2001), "The Delete-a-Group Jackknife", Journal of Official Statistics 17. Hanley and
    Lippman-Hand (1983), "If nothing goes wrong, is everything all right?", JAMA 249: the rule of
    three.

    >>> people = pd.DataFrame(
    ...     {"person_id": ["ana", "bo", "bot"], "bot_probability": [0.0, 0.0, 1.0], "fit": 1.0}
    ... )
    >>> pairs = pd.DataFrame(
    ...     {"person_id": ["bo", "bot"], "author_id": ["ana", "bo"], "weight": [1, 9]}
    ... )
    >>> rank_influence(pairs, people)[["person_id", "reach", "influence"]].values.tolist()
    [['ana', 1, 100.0], ['bo', 1, 0.0], ['bot', 0, 0.0]]
    """
    if not 0 < damping < 1 or n_groups < 2:
        raise SettingsError(
            "04_psychographics: damping lies between 0 and 1, and n_groups is 2 or more."
        )
    table = _checked(people).sort_values("person_id", ignore_index=True)
    table = table[["person_id", "fit"]].assign(authenticity=1 - table["bot_probability"])
    trust = (table["authenticity"] * table["fit"]).to_numpy(dtype=float)
    edges = _numbered(pairs, pd.Index(table["person_id"]))
    table["reach"] = np.bincount(edges["target"], minlength=len(table))
    table["pagerank"] = attention(edges, trust, damping=damping)
    table["influence"] = percentile(table["pagerank"] * trust)
    group = np.arange(len(table)) % n_groups  # ordered by pseudonym, a keyed hash, so at random
    parts = (
        attention(edges[group[edges["source"]] != g], trust * (group != g), damping=damping)
        for g in range(n_groups)
    )
    half = stats.t.ppf(0.975, n_groups - 1) * jackknife_error(
        np.array([percentile(part * trust) for part in parts])
    )
    table["low"], table["high"] = (
        (table["influence"] - half).clip(lower=0),
        (table["influence"] + half).clip(upper=100),
    )
    table.loc[table["reach"] == 0, "high"] = 100 * (table["reach"] <= UNSEEN).mean()
    names = ["person_id", "reach", "pagerank", "authenticity", "fit", "influence", "low", "high"]
    return table.sort_values(
        ["influence", "person_id"], ascending=[False, True], ignore_index=True
    )[names]


def attention(edges: pd.DataFrame, start: np.ndarray, *, damping: float) -> np.ndarray:
    """Follow attention along reactions: the part of each person's PageRank that others hand on, 0
    for the unheard.

    `edges` has source, target (positions in `start`) and weight; `start` says how much attention
    begins at each.

    >>> edges = pd.DataFrame({"source": [0], "target": [1], "weight": [2]})
    >>> attention(edges, np.array([1.0, 0.0]), damping=0.5).round(
    ...     3
    ... ).tolist()  # x = 1 - x/2 starts at 0, half goes on
    [0.0, 0.333]
    """
    n = len(start)
    if not start.sum() or edges.empty:
        return np.zeros(n)
    graph = nx.empty_graph(n, create_using=nx.DiGraph)
    graph.add_weighted_edges_from(
        edges[["source", "target", "weight"]].itertuples(index=False, name=None)
    )
    # networkx allows an error of `tol` a person, which among a million would be everything there is
    # to tell.
    ranks = nx.pagerank(
        graph, damping, personalization=dict(enumerate(start)), max_iter=10_000, tol=1e-10 / n
    )
    share = edges["weight"] / edges.groupby("source")["weight"].transform("sum")
    passed = damping * share * np.array([ranks[i] for i in range(n)])[edges["source"]]
    return np.bincount(edges["target"], weights=passed, minlength=n)


def percentile(score: np.ndarray | pd.Series) -> np.ndarray:
    """Turn scores into the share of the others whose score is smaller, 0 to 100.

    Scores that differ by rounding only are equal.

    >>> percentile(np.array([0.0, 0.0, 0.2, 7.0])).round(1).tolist()
    [0.0, 0.0, 66.7, 100.0]
    """
    score = np.asarray(score, dtype=float)
    places = stats.rankdata((score / (score.max(initial=0) or 1)).round(9), method="min") - 1
    return 100 * places / max(len(score) - 1, 1)


def reach_by(
    influence: pd.DataFrame, groups: pd.DataFrame, *, min_people: int = 50
) -> pd.DataFrame:
    """Compare groups of people (segments, topics, ...) by how much they are listened to; safe for a
    report.

    `influence` is `rank_influence`; `groups` has person_id and group, a person once in each group
    they belong to. Groups of fewer than `min_people` people are left out, with whatever else would
    give them away. No sum of reach is shown, for one celebrity could be most of it.

    Returns one row a group, most heard first: group; n_people; influence (mean) with low and high;
    leading_share (of the group's people who are in the most heard tenth of everybody) with
    leading_low and leading_high.

    >>> ranks = pd.DataFrame({"person_id": ["ana", "bo", "cy"], "influence": [99.0, 51.0, 0.0]})
    >>> groups = pd.DataFrame({"person_id": ["ana", "bo", "cy"], "group": ["food", "food", "tech"]})
    >>> reach_by(ranks, groups, min_people=1)[
    ...     ["group", "n_people", "influence", "leading_share"]
    ... ].values.tolist()
    [['food', 2, 75.0, 0.5], ['tech', 1, 0.0, 0.0]]
    """
    both = (
        groups[["person_id", "group"]]
        .drop_duplicates()
        .merge(influence[["person_id", "influence"]], on="person_id")
    )
    parts = both.groupby("group")["influence"]
    rows = [
        (name, len(part), int((part > LEADING).sum()), *mean_interval(part)) for name, part in parts
    ]
    table = pd.DataFrame(rows, columns=["group", "n_people", "leading", "influence", "low", "high"])
    names = ["leading_share", "leading_low", "leading_high"]
    table[names] = share_intervals(table["leading"], table["n_people"])[
        list(Interval._fields)
    ].to_numpy()
    table = suppress_small(table.drop(columns="leading"), "n_people", min_people=min_people)
    return table.sort_values(["influence", "group"], ascending=[False, True], ignore_index=True)


def _checked(people: pd.DataFrame) -> pd.DataFrame:
    """Refuse people who stand twice, and numbers that are no shares."""
    if people["person_id"].duplicated().any():
        raise DataError("people: one row a person is needed, and somebody stands there twice.")
    for name in ("bot_probability", "fit"):
        if not people[name].between(0, 1).all():
            raise DataError(f"people.{name}: every person needs a number from 0 to 1.")
    return people


def _numbered(pairs: pd.DataFrame, people: pd.Index) -> pd.DataFrame:
    """Write pairs as positions of their people, in an order of their own; pairs with anybody else
    drop out.
    """
    source, target = (people.get_indexer(pairs[name]) for name in ("person_id", "author_id"))
    edges = pd.DataFrame({"source": source, "target": target, "weight": pairs["weight"].to_numpy()})
    return edges[(source >= 0) & (target >= 0)].sort_values(["source", "target"], ignore_index=True)


def influence_of(
    posts: ir.Table,
    events: ir.Table,
    bots: ir.Table,
    post_labels: ir.Table,
    *,
    as_of: date,
    lookback_days: int = 365,
    topics: Sequence[str] = (),
) -> pd.DataFrame:
    """Rank everybody by how much they are listened to on the topics, from the tables of the lake;
    see `rank_influence`.

    `bots` is 03's table; who is not in it counts as a person.
    """  # fmt: skip
    pairs = reaction_pairs(events, posts, as_of=as_of, lookback_days=lookback_days).to_pandas()
    seen = (
        posts.select("person_id")
        .union(events.select("person_id"))
        .filter(ibis._.person_id.notnull())
        .distinct()
    )
    fit = topical_fit(
        seen, posts, post_labels, topics=topics, as_of=as_of, lookback_days=lookback_days
    )
    people = fit.left_join(bots.select("person_id", "bot_score"), "person_id")
    people = (
        people.mutate(bot_probability=people["bot_score"].fill_null(0.0))
        .order_by("person_id")
        .to_pandas()
    )
    return rank_influence(pairs, people[["person_id", "bot_probability", "fit"]])


def reach_by_interest(
    influence: pd.DataFrame, labels: pd.DataFrame, *, min_people: int = 50
) -> pd.DataFrame:
    """Compare who writes about each interest by how much they are listened to; see `reach_by`.

    `labels` has person_id and inferred_interest; who writes about two interests counts in both.
    """
    groups = labels[["person_id", "inferred_interest"]].dropna()
    groups = groups[groups["inferred_interest"] != "other"].drop_duplicates()
    return reach_by(
        influence, groups.rename(columns={"inferred_interest": "group"}), min_people=min_people
    )
