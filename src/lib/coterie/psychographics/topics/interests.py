"""The nearest node of a taxonomy to each post, or `other` when nothing is near.

The taxonomy is IAB's or the brand's own.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml

from coterie.statistics import share_intervals
from coterie.study import SettingsError

OTHER = "other"
MIN_SIMILARITY = 0.15  # cosine from which a post is about a node at all
# the same among 329 nodes, of which one is always somewhat near; the packaged adapter's vectors lie
# nearer together: with .32 it names about as many posts as the encoder alone would with .30
MIN_SIMILARITY_IAB = 0.32
KEY = "04_psychographics.interests"


class Interest(NamedTuple):
    """One node of a taxonomy."""

    id: str  # the taxonomy's own id, empty where it has none
    parent: str  # name of the interest above it, empty at the top
    examples: list[str]  # sentences that stand for it
    withheld: bool = False  # whether it may not be noted about a person


class Nodes(NamedTuple):
    """A taxonomy as the language model sees it, one entry a node."""

    names: list[str]
    interests: list[str]  # the top-tier interest each node belongs to, which may be the node itself
    withheld: list[bool]
    vectors: list[np.ndarray]  # unit vectors of the node's sentences, (n sentences, width)


class Assigned(NamedTuple):
    """What each post is about, arrays in the posts' order."""

    interest: np.ndarray  # top-tier interest, or "other"
    # the nearest node, finer than the interest where the taxonomy has two tiers; "other" likewise
    node: np.ndarray
    probability: np.ndarray  # the interest's softmax weight among all, no calibrated probability
    similarity: np.ndarray  # cosine with the nearest node
    # whether it is "other" because a withheld node is nearest: keep it out of `topic_queue`
    withheld: np.ndarray


def packaged_taxonomy(name: str = "iab_content") -> dict[str, Interest]:
    """Read a taxonomy that comes with the package.

    `iab_content` has 35 interests and 294 finer nodes; `tweet_topics` is the other. Each IAB node
    is stood for by its path, such as "Food & Drink: Cooking". Nodes that come near health,
    religion, politics and the like are marked withheld; the file says which.

    References
    ----------
    IAB Technology Laboratory, Content Taxonomy 3.1, CC BY 3.0; Antypas, Ushio, Camacho-Collados,
    Neves, Silva and Barbieri (2022), "Twitter Topic Classification", COLING.

    >>> packaged_taxonomy()["Cooking"]
    Interest(id='216', parent='Food & Drink', examples=['Food & Drink: Cooking'], withheld=False)
    """
    content = yaml.safe_load((Path(__file__).parent / f"{name}.yml").read_text(encoding="utf-8"))
    if name != "iab_content":
        return own_taxonomy(content)
    taxonomy = {}
    for top, branch in content.items():
        hidden = branch.get("withheld", False)
        taxonomy[top] = Interest(branch["id"], "", [top], hidden)
        for child, number in branch["children"].items():
            shut = hidden or child in branch.get("withheld_children", [])
            taxonomy[child] = Interest(number, top, [f"{top}: {child}"], shut)
    return taxonomy


def own_taxonomy(interests: dict[str, list[str] | dict]) -> dict[str, Interest]:
    """Read a brand's own interests.

    Names with example sentences, or with id, parent, examples and withheld.

    Raises
    ------
    SettingsError
        Naming an interest without sentences, with an unknown parent or option, or called "other".

    >>> own_taxonomy({"refunds": ["I want my money back"]})["refunds"].examples
    ['I want my money back']
    """
    taxonomy = {str(name): _own_interest(str(name), given) for name, given in interests.items()}
    for name, interest in taxonomy.items():
        if interest.parent and (
            interest.parent not in taxonomy or taxonomy[interest.parent].parent
        ):
            raise SettingsError(
                f"{KEY}: the parent of {name}, {interest.parent}, must be an interest at the top."
            )
    return taxonomy


def _own_interest(name: str, given: list[str] | dict) -> Interest:
    entry = given if isinstance(given, dict) else {"examples": given}
    if unknown := set(entry) - set(Interest._fields):
        raise SettingsError(
            f"{KEY}: {name} has {', '.join(sorted(map(str, unknown)))}; "
            f"use {', '.join(Interest._fields)}."
        )
    if name == OTHER:
        raise SettingsError(
            f'{KEY}: "{OTHER}" is what a post near no interest is called; choose another name.'
        )
    examples = entry.get("examples")
    if not (
        isinstance(examples, list) and examples and all(isinstance(text, str) for text in examples)
    ):
        raise SettingsError(f"{KEY}: {name} must list example sentences.")
    return Interest(
        str(entry.get("id", "")),
        str(entry.get("parent", "")),
        examples,
        bool(entry.get("withheld", False)),
    )


def make_nodes(
    taxonomy: dict[str, Interest], *, encode: Callable[[list[str]], np.ndarray]
) -> Nodes:
    """Embed the sentences of every node."""
    tops = [interest.parent or name for name, interest in taxonomy.items()]
    vectors = [encode(interest.examples) for interest in taxonomy.values()]
    return Nodes(
        list(taxonomy), tops, [interest.withheld for interest in taxonomy.values()], vectors
    )


def similarity(vectors: np.ndarray, nodes: Nodes) -> np.ndarray:
    """Measure how near each post is to each node: mean cosine with its two nearest sentences.

    Returns shape (n posts, n nodes), rounded, so that the order of posts cannot move the last
    digit.

    >>> nodes = Nodes(["up"], ["up"], [False], [np.array([[0.0, 1.0], [0.6, 0.8], [-1.0, 0.0]])])
    >>> similarity(np.array([[0.0, 1.0]]), nodes).tolist()
    [[0.9]]
    """
    near = [np.sort(vectors @ own.T, axis=1)[:, -2:].mean(axis=1) for own in nodes.vectors]
    return np.column_stack(near).astype(float).round(5)


def shuffle_words(texts: list[str], *, at_most: int = 500, seed: int = 0) -> list[str]:
    """Permute the words of all posts into sentences as long and colourful, about nothing.

    What the posts are about as a whole shines through in single words, which makes a floor
    estimated from these sentences strict. The same posts give the same sentences whatever their
    order; repeated posts count once.

    >>> sorted(" ".join(shuffle_words(["to be", "or not"])).split())
    ['be', 'not', 'or', 'to']
    """
    posts = [text.split() for text in sorted(set(texts))]
    words = np.array([word for post in posts for word in post], dtype=object)
    rng = np.random.default_rng(seed)
    dealt = np.split(rng.permutation(words), np.cumsum([len(post) for post in posts]))[:-1]
    chosen = rng.permutation(len(dealt))[:at_most]
    return [" ".join(dealt[i]) for i in chosen]


def similarity_floor(background: np.ndarray, nodes: Nodes, *, share: float = 0.1) -> float:
    """Find how near is near enough: only a `share` of sentences about nothing is as near.

    `background` holds the vectors of such sentences, of `shuffle_words` for instance. The share is
    of those sentences; how many posts with an interest the floor costs is not known without labels.

    >>> nodes = Nodes(["up"], ["up"], [False], [np.array([[0.0, 1.0]])])
    >>> similarity_floor(np.array([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8]]), nodes, share=0.5)
    0.6
    """
    return float(np.quantile(similarity(background, nodes).max(axis=1), 1 - share, method="higher"))


def assign_interests(
    vectors: np.ndarray, nodes: Nodes, *, floor: float, temperature: float = 0.05
) -> Assigned:
    """Say what each post is about: the interest with the nearest node, or `other` under the floor.

    A post nearest to a withheld node is `other` too: leaving the node out instead would hand a post
    about an election to the next best interest. Nothing about one post depends on the posts beside
    it.

    >>> nodes = Nodes(
    ...     ["up", "left"],
    ...     ["up", "left"],
    ...     [False, True],
    ...     [np.array([[0.0, 1.0]]), np.array([[-1.0, 0.0]])],
    ... )
    >>> found = assign_interests(np.array([[0.1, 0.9], [-0.9, 0.1], [1.0, 0.0]]), nodes, floor=0.3)
    >>> found.interest.tolist(), found.withheld.tolist()
    (['up', 'other', 'other'], [False, True, False])
    """
    near = similarity(vectors, nodes)
    tops, place = np.unique(np.array(nodes.interests, dtype=object), return_inverse=True)
    by_top = np.column_stack([near[:, place == n].max(axis=1) for n in range(len(tops))])
    best = near.argmax(axis=1)
    weights = np.exp((by_top - by_top.max(axis=1, keepdims=True)) / temperature)
    enough = near.max(axis=1) >= floor
    withheld = enough & np.array(nodes.withheld, dtype=bool)[best]
    named = enough & ~withheld
    return Assigned(
        np.where(named, np.array(nodes.interests, dtype=object)[best], OTHER),
        np.where(named, np.array(nodes.names, dtype=object)[best], OTHER),
        (weights / weights.sum(axis=1, keepdims=True))[np.arange(len(near)), place[best]],
        near.max(axis=1),
        withheld,
    )


def find_interests(
    vectors: np.ndarray,
    interests: dict[str, list[str] | dict],
    *,
    encode: Callable[[list[str]], np.ndarray],
) -> Assigned:
    """Say what each post is about, by a brand's own interests or else by the IAB's.

    A fixed floor serves short posts better than `similarity_floor`, whose sentences about nothing
    are made of the posts' own words and come as near as posts that have but one telling word.
    Without posts nothing is embedded.
    """
    if not len(vectors):
        none = np.array([], dtype=object)
        return Assigned(none, none, np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool))
    nodes = make_nodes(own_taxonomy(interests) if interests else packaged_taxonomy(), encode=encode)
    return assign_interests(
        vectors, nodes, floor=MIN_SIMILARITY if interests else MIN_SIMILARITY_IAB
    )


def interest_shares(post_labels: pd.DataFrame) -> pd.DataFrame:
    """Share the read posts out over interests, the most frequent first.

    Returns `interest`, `share`, `low` and `high`.
    """
    counts = (
        post_labels["inferred_interest"]
        .value_counts()
        .rename_axis("interest")
        .reset_index(name="n")
    )
    counts = counts.sort_values(["n", "interest"], ascending=[False, True], ignore_index=True)
    total = pd.Series(counts["n"].sum(), counts.index)
    return counts[["interest"]].join(
        share_intervals(counts["n"], total).rename(columns={"value": "share"})
    )


def leading_interest(shares: pd.DataFrame) -> str:
    """Name the interest that most posts are about, `other` left out.

    >>> leading_interest(pd.DataFrame({"interest": ["other", "food", "tech"]}))
    'food'
    >>> leading_interest(pd.DataFrame({"interest": ["other"]}))
    'nothing'
    """
    named = shares.loc[shares["interest"] != OTHER, "interest"]
    return str(named.iloc[0]) if len(shares) > 1 else "nothing"
