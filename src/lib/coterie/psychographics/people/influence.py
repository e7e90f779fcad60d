"""Who is listened to? Attention follows reactions from those who react to the authors."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import networkx as nx
import numpy as np
import pandas as pd
from scipy import stats

from coterie.psychographics.people.reactions import reaction_pairs
from coterie.psychographics.people.relevance import topical_fit
from coterie.statistics import jackknife_error
from coterie.study import DataError, SettingsError

UNSEEN = 3  # people who may well have reacted where none did: the rule of three


def rank_influence(
    pairs: pd.DataFrame, people: pd.DataFrame, *, damping: float = 0.85, n_groups: int = 20
) -> pd.DataFrame:
    """Rank everybody by how much they are listened to: by people, on the topic, not by bots.

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
    copies = []
    for left_out in range(n_groups):
        kept = edges[group[edges["source"]] != left_out]
        part = attention(kept, trust * (group != left_out), damping=damping)
        copies.append(percentile(part * trust))
    half = stats.t.ppf(0.975, n_groups - 1) * jackknife_error(np.array(copies))
    table["low"] = (table["influence"] - half).clip(lower=0)
    table["high"] = (table["influence"] + half).clip(upper=100)
    table.loc[table["reach"] == 0, "high"] = 100 * (table["reach"] <= UNSEEN).mean()
    names = ["person_id", "reach", "pagerank", "authenticity", "fit", "influence", "low", "high"]
    return table.sort_values(
        ["influence", "person_id"], ascending=[False, True], ignore_index=True
    )[names]


def attention(edges: pd.DataFrame, start: np.ndarray, *, damping: float) -> np.ndarray:
    """Follow attention along reactions: the part of each person's PageRank that others hand on.

    It is 0 for the unheard. `edges` has source, target (positions in `start`) and weight; `start`
    says how much attention begins at each.

    >>> edges = pd.DataFrame({"source": [0], "target": [1], "weight": [2]})
    >>> passed = attention(edges, np.array([1.0, 0.0]), damping=0.5)
    >>> passed.round(3).tolist()  # x = 1 - x/2 starts at 0, half goes on
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


def _checked(people: pd.DataFrame) -> pd.DataFrame:
    """Refuse people who stand twice, and numbers that are no shares."""
    if people["person_id"].duplicated().any():
        raise DataError("people: one row a person is needed, and somebody stands there twice.")
    for name in ("bot_probability", "fit"):
        if not people[name].between(0, 1).all():
            raise DataError(f"people.{name}: every person needs a number from 0 to 1.")
    return people


def _numbered(pairs: pd.DataFrame, people: pd.Index) -> pd.DataFrame:
    """Write pairs as positions of their people, in an order of their own.

    Pairs with anybody else drop out.
    """
    source = people.get_indexer(pairs["person_id"])
    target = people.get_indexer(pairs["author_id"])
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
    """Rank everybody by how much they are listened to on the topics, from the tables of the lake.

    See `rank_influence`. `bots` is 03's table; who is not in it counts as a person.
    """
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
