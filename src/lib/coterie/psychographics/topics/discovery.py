"""New topics: what recurs among the posts that no interest is near to."""

import re

import numpy as np
import pandas as pd
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from coterie.psychographics.reading.texts import OURS
from coterie.psychographics.topics.interests import OTHER, Assigned
from coterie.wording import stem

NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|\S*@\S+|&\w+;")  # links, accounts, addresses, markup
WORD = re.compile(r"[^\W\d_]{3,}")
PRIOR = 100  # imaginary words, used as everybody uses them, that keep a rare word from standing out
COLUMNS = ["topic", "people", "posts", "medoid", "words"]


def topic_queue(
    vectors: np.ndarray,
    texts: list[str],
    person_ids: list[str],
    *,
    min_people: int = 50,
    min_similarity: float = 0.5,
    at_most: int = 4000,
    n_words: int = 6,
) -> pd.DataFrame:
    """List topics that recur among the posts near no interest, for an analyst to name or to drop.

    Posts are grouped by average linkage down to a mean cosine of `min_similarity`. Only groups that
    at least `min_people` people wrote in are listed, with word stems that at least so many of them
    used and that the other posts use less (Monroe, Colaresi and Quinn 2008); no text comes out. Of
    more than `at_most` posts a part is looked at, spread evenly over all, and sizes are of that
    part. The order of rows changes nothing.

    Returns one row a topic, most people first: topic (a number), people, posts, medoid (row of the
    post that is nearest to the others, to be looked up in the lake), words.

    References
    ----------
    Monroe, Colaresi and Quinn (2008), "Fightin' Words", Political Analysis 16.

    >>> posts = ["the parcel is late", "my parcels are late", "a late parcel", "nice cat"]
    >>> vectors = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> queue = topic_queue(vectors, posts, ["ana", "bo", "cy", "di"], min_people=3)
    >>> queue[["people", "words"]].values.tolist()
    [[3, 'late parcel']]
    """
    rows = _spread(vectors, person_ids, at_most)
    if len(rows) < max(min_people, 2):
        return pd.DataFrame(columns=COLUMNS)
    model = AgglomerativeClustering(
        None, metric="cosine", linkage="average", distance_threshold=1 - min_similarity
    )
    posts = pd.DataFrame(
        {
            "row": rows,
            "person": np.asarray(person_ids)[rows],
            "group": model.fit_predict(vectors[rows]),
        }
    )
    stems = _stems(texts, posts)
    found = []
    for group, part in posts.groupby("group"):
        people = part["person"].nunique()
        if people >= min_people:
            words = _telling(stems, group, min_people=min_people, n_words=n_words)
            found.append((people, len(part), _medoid(vectors, part["row"].to_numpy()), words))
    found.sort(key=lambda topic: (-topic[0], -topic[1], topic[3]))
    return pd.DataFrame(
        [(number, *topic) for number, topic in enumerate(found, start=1)], columns=COLUMNS
    )


def _spread(vectors: np.ndarray, person_ids: list[str], at_most: int) -> np.ndarray:
    """Take rows in an order that follows from their content, evenly spaced when too many."""
    order = np.lexsort([np.unique(person_ids, return_inverse=True)[1], *vectors[:, :8].round(5).T])
    return order[np.linspace(0, len(order) - 1, min(at_most, len(order))).round().astype(int)]


def _medoid(vectors: np.ndarray, rows: np.ndarray) -> int:
    """Find the row nearest to the mean of its group."""
    return int(rows[(vectors[rows] @ vectors[rows].mean(axis=0)).round(5).argmax()])


def _stems(texts: list[str], posts: pd.DataFrame) -> pd.DataFrame:
    """List who used which stem in which group, once each: group, person, stem."""
    used = [
        (group, person, stem(word))
        for row, person, group in posts.itertuples(index=False)
        for word in set(WORD.findall(NOT_WORDS.sub(" ", texts[row]).lower())) - ENGLISH_STOP_WORDS
    ]
    return pd.DataFrame(used, columns=["group", "person", "stem"]).drop_duplicates()


def _telling(stems: pd.DataFrame, group: int, *, min_people: int, n_words: int) -> str:
    """Choose the stems that enough people of the group used and that set it apart.

    They stand in order of the z of their log odds.
    """
    used = pd.crosstab(stems["stem"], stems["group"] == group).reindex(
        columns=[False, True], fill_value=0
    )
    here = used[True]
    there = used[False]
    prior = (here + there) / len(stems) * PRIOR
    a = here + prior
    b = there + prior
    n = here.sum() + PRIOR
    m = there.sum() + PRIOR
    z = (np.log(a / (n - a)) - np.log(b / (m - b))) / np.sqrt(1 / a + 1 / b)
    z = z[(here >= min_people) & (z > 0)].round(6).rename("z").reset_index()
    return " ".join(z.sort_values(["z", "stem"], ascending=[False, True])["stem"].head(n_words))


def queue_topics(
    posts: pd.DataFrame, vectors: np.ndarray, about: Assigned, *, min_people: int = 50
) -> pd.DataFrame:
    """List what recurs among the English posts near no interest and near no withheld one.

    `posts` has text, person_id and language, `vectors` and `about` follow its order; columns as at
    `topic_queue`.
    """
    unnamed = (about.interest == OTHER) & ~about.withheld & (posts["language"] == OURS).to_numpy()
    texts = posts.loc[unnamed, "text"].tolist()
    people = posts.loc[unnamed, "person_id"].tolist()
    return topic_queue(vectors[unnamed], texts, people, min_people=min_people)
