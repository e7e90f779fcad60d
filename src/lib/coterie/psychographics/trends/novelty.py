"""Which posts are like none before, and which of them are like each other."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import pairwise_distances_chunked

from coterie.statistics import fdr
from coterie.study import DataError

NEW_TOPICS = ["topic", "people", "posts"]
MIN_AUTHORS = 30  # people whose earlier posts new ones are compared with


class NewTopics(NamedTuple):
    """Groups of posts that are like each other and like nothing before."""

    group: np.ndarray  # of each post: 0 is the largest group, -1 none
    centres: np.ndarray  # (groups, width) mean direction of each group, a unit vector
    posts: np.ndarray  # of each group
    people: np.ndarray  # of each group: who wrote them, distinct


def novel_posts(
    vectors: np.ndarray,
    known: np.ndarray,
    *,
    authors: Sequence[str] = (),
    neighbours: int = 5,
    level: float = 0.05,
) -> pd.DataFrame:
    """Mark posts that are like none of the earlier ones.

    They are compared with how alone earlier posts are among their own. `vectors` and `known` are
    unit vectors, a row a post. A post's distance is 1 minus its mean cosine with the `neighbours`
    nearest known posts. Every known post is held out in turn and compared with the others;
    `authors` (one a known post) leaves out those by the same person too, for people resemble
    themselves and would make everybody else look novel. New words for an old matter count as novel;
    a matter is new if `new_topics` finds it. Time grows with the square of the known posts: give a
    sample of some ten thousand at most.

    Returns one row a post, in the order of `vectors`: distance, p (how often a known post is as far
    away), q (p adjusted for looking at all posts), novel (q at most `level`). One novel post among
    n can be found only if there are at least n / `level` known ones; a hundred alike need a
    hundredth of that.

    Raises
    ------
    DataError
        There are too few known posts, by authors other than each one's own, to have so many
        neighbours.

    References
    ----------
    Bates, Candès, Lei, Romano and Sesia (2023), "Testing for outliers with conformal p-values",
    Annals of Statistics 51.

    Examples
    --------
    >>> known = np.array([[1.0, 0.0]] * 39)
    >>> table = novel_posts(np.array([[1.0, 0.0], [0.0, 1.0]]), known)
    >>> table[["distance", "p", "novel"]].values.tolist()
    [[0.0, 1.0, False], [1.0, 0.025, True]]
    """
    owners = pd.factorize(np.asarray(authors))[0] if len(authors) else np.arange(len(known))
    least_others = len(known) - (np.bincount(owners).max() if len(known) else 0)
    if least_others < neighbours:
        raise DataError(
            f"Novelty needs {neighbours} earlier posts by others to compare each one with, "
            f"not {least_others}."
        )
    usual = np.sort(distances(known, known, neighbours=neighbours, owners=owners))
    distance = distances(vectors, known, neighbours=neighbours, owners=np.array([], int))
    p = (1 + len(usual) - np.searchsorted(usual, distance)) / (1 + len(usual))
    q = fdr(p)
    return pd.DataFrame({"distance": distance, "p": p, "q": q, "novel": q <= level})


def distances(
    vectors: np.ndarray, known: np.ndarray, *, neighbours: int, owners: np.ndarray
) -> np.ndarray:
    """Measure how far posts are from their nearest known ones.

    `owners`, if any, are not their own neighbours. Six decimals count, so that the order in which a
    processor adds up decides nothing.
    """
    if not len(vectors):
        return np.zeros(0)
    nearest = partial(_nearest, neighbours=neighbours, owners=owners)
    parts = pairwise_distances_chunked(vectors, known, metric="cosine", reduce_func=nearest)
    return np.concatenate(list(parts)).round(6)


def _nearest(part: np.ndarray, start: int, *, neighbours: int, owners: np.ndarray) -> np.ndarray:
    """Average the nearest distances of some rows, the first of which is row `start` of all."""
    if len(owners):
        part[owners[start : start + len(part), None] == owners] = np.inf
    nearest = np.partition(part, neighbours - 1, axis=1)[:, :neighbours]
    return np.sort(nearest, axis=1).mean(axis=1)


def new_topics(
    vectors: np.ndarray,
    *,
    people: Sequence[str] = (),
    min_similarity: float = 0.4,
    min_people: int = 50,
) -> NewTopics:
    """Group novel posts that are like each other: matters that many people raise.

    `vectors` are unit vectors of the posts that `novel_posts` marked; `people` says who wrote each,
    and without it every post is somebody else's. Groups grow as long as the posts of two have a
    mean cosine of `similarity` or more (average linkage); those that fewer than `min_people`
    distinct people wrote are dropped, their posts are -1. A single new matter is found as well as
    many, and posts that have nothing in common form no group. How near is near depends on the
    encoder and the field: posts on one brand are nearer to each other than posts on anything.
    Groups are numbered from the largest on, and the order of rows decides nothing. Memory grows
    with the square of the posts.

    References
    ----------
    Sokal and Michener (1958), "A statistical method for evaluating systematic relationships",
    University of Kansas Science Bulletin 38 (average linkage).

    Examples
    --------
    >>> angles = np.concatenate([np.linspace(0, 0.1, 6), np.linspace(1.5, 1.6, 8)])
    >>> new_topics(np.column_stack([np.cos(angles), np.sin(angles)]), min_people=5).posts.tolist()
    [8, 6]
    """
    owners = pd.factorize(np.asarray(people))[0] if len(people) else np.arange(len(vectors))
    label = np.zeros(len(vectors), dtype=int)
    if len(vectors) > 1:
        order = np.lexsort(np.round(vectors, 6).T)
        options = {
            "n_clusters": None,
            "distance_threshold": 1 - min_similarity,
            "metric": "cosine",
            "linkage": "average",
        }
        label[order] = AgglomerativeClustering(**options).fit_predict(vectors[order])
    sizes = (
        pd.DataFrame({"label": label, "owner": owners})
        .groupby("label")["owner"]
        .agg(["size", "nunique"])
    )
    sizes = sizes[sizes["nunique"] >= min_people].sort_values(
        ["size", "nunique"], ascending=False, kind="stable"
    )
    group = pd.Index(sizes.index).get_indexer(label)
    centres = [vectors[group == number].sum(axis=0) for number in range(len(sizes))]
    centres = np.array([centre / np.linalg.norm(centre) for centre in centres]).reshape(
        len(sizes), vectors.shape[1]
    )
    return NewTopics(group, centres, sizes["size"].to_numpy(), sizes["nunique"].to_numpy())


def find_new_topics(
    posts: pd.DataFrame,
    vectors: np.ndarray,
    *,
    as_of: date,
    recent_days: int = 28,
    min_people: int = 50,
    at_most: int = 3000,
) -> pd.DataFrame:
    """List new matters of the last `recent_days`: posts like none before that many people wrote.

    `posts` has at, person_id and text in the order of `vectors`. Of more than `at_most` posts on
    either side a systematic sample is compared. Returns one row a topic: topic, people, posts.
    """
    since = pd.Timestamp(as_of) - pd.Timedelta(days=recent_days)
    recent = systematic_sample(np.flatnonzero(posts["at"] >= since), at_most=at_most)
    known = systematic_sample(np.flatnonzero(posts["at"] < since), at_most=at_most)
    authors = posts["person_id"].to_numpy()
    if len(recent) < 2 or len(set(authors[known])) <= MIN_AUTHORS:
        return pd.DataFrame(columns=NEW_TOPICS)
    novel = novel_posts(vectors[recent], vectors[known], authors=authors[known])["novel"]
    chosen = recent[novel.to_numpy()]
    found = new_topics(vectors[chosen], people=authors[chosen], min_people=min_people)
    rows = [
        (n + 1, *counts) for n, counts in enumerate(zip(found.people, found.posts, strict=True))
    ]
    return pd.DataFrame(rows, columns=NEW_TOPICS)


def systematic_sample(rows: np.ndarray, *, at_most: int) -> np.ndarray:
    """Take rows at equal distances when there are too many.

    >>> systematic_sample(np.arange(5), at_most=3).tolist()
    [0, 2, 4]
    """
    places = np.linspace(0, len(rows) - 1, min(at_most, len(rows)))
    return rows[places.round().astype(int)]
