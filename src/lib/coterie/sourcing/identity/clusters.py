"""From pairs to people: connected accounts, with a guard against joining too much.

A chain of likely pairs can join strangers. Where a group breaks a limit (too many accounts, two
accounts on a platform that allows one), it is built again from its surest pair on, and a pair that
would break the limit is left out. Pairs that are equally sure and cannot all hold are all left out:
which of them is right is for a person to say.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

NOBODY = pd.DataFrame({"left": [], "right": []})


class Groups(NamedTuple):
    """Which group each account belongs to, and which pairs were refused."""

    group: np.ndarray  # one number an account
    refused: np.ndarray  # one a pair: whether the guard left it out


def group_accounts(
    pairs: pd.DataFrame,
    start: np.ndarray,
    *,
    platform: np.ndarray,
    one_account: Sequence[str] = (),
    max_accounts: int = 20,
    apart: pd.DataFrame = NOBODY,
) -> Groups:
    """Join accounts along pairs (`left`, `right`, `match_probability`) within the limits.

    `start` is the group that exact keys give each account, numbered from 0; those stay together.
    `apart` are pairs of accounts (`left`, `right`) of which somebody said that they are two people.

    >>> pairs = pd.DataFrame({"left": [0, 1], "right": [1, 2], "match_probability": [0.9, 0.99]})
    >>> platform = np.array(["x", "shop", "x"])
    >>> group_accounts(pairs, np.arange(3), platform=platform, one_account=["x"]).group.tolist()
    [0, 1, 1]
    """
    ends = pd.DataFrame({side: start[pairs[side]] for side in ("left", "right")})
    ends["match_probability"] = pairs["match_probability"].to_numpy()
    n_start = int(start.max()) + 1
    joined = connected(ends["left"], ends["right"], n_start)
    broken = broken_groups(joined, start, platform, one_account, max_accounts)
    left, right = (start[apart[side].astype(int)] for side in ("left", "right"))
    torn = (joined[left] == joined[right]) & (left != right)
    broken = np.union1d(broken, joined[left[torn]])
    refused = np.zeros(len(pairs), dtype=bool)
    inside = np.isin(joined[ends["left"]], broken)
    if inside.any():
        members = pd.Series(range(len(start))).groupby(start).agg(list).to_dict()
        limits = {"platform": platform, "one_account": one_account, "max_accounts": max_accounts}
        limits["apart"] = set(zip(apart["left"], apart["right"], strict=True))
        refused[inside] = refuse(ends[inside].reset_index(drop=True), members, **limits)
        joined = connected(ends["left"][~refused], ends["right"][~refused], n_start)
    return Groups(joined[start], refused)


def connected(left: np.ndarray, right: np.ndarray, n_nodes: int) -> np.ndarray:
    """Number the connected groups of nodes."""
    graph = coo_matrix((np.ones(len(left)), (left, right)), shape=(n_nodes, n_nodes))
    return connected_components(graph, directed=False)[1]


def broken_groups(
    joined: np.ndarray,
    start: np.ndarray,
    platform: np.ndarray,
    one_account: Sequence[str],
    max_accounts: int,
) -> np.ndarray:
    """List the groups that likeness made and that break a limit."""
    accounts = pd.DataFrame({"group": joined[start], "platform": platform})
    sizes = accounts["group"].value_counts()
    alone = accounts[accounts["platform"].isin(list(one_account))]
    doubled = alone.loc[alone.duplicated(), "group"]
    made = np.flatnonzero(np.bincount(joined) > 1)
    return np.intersect1d(made, [*sizes.index[sizes > max_accounts], *doubled])


def refuse(pairs: pd.DataFrame, members: dict[int, list[int]], **limits: object) -> np.ndarray:
    """Say which pairs to leave out, going from the surest to the least sure."""
    home = {node: node for node in {*pairs["left"], *pairs["right"]}}
    own = {node: [node] for node in home}
    refused = np.zeros(len(pairs), dtype=bool)
    for _, same in pairs.groupby(-pairs["match_probability"].round(9), sort=True):
        for chain in joined_homes(same, home):
            nodes = [node for one in chain for node in own[one]]
            if fits([account for node in nodes for account in members[node]], **limits):
                home |= dict.fromkeys(nodes, chain[0])
                own[chain[0]] = nodes
        apart = same["left"].map(home) != same["right"].map(home)
        refused[same.index[apart]] = True
    return refused


def joined_homes(pairs: pd.DataFrame, home: dict[int, int]) -> list[list[int]]:
    """List the groups that equally sure pairs would make one, chain by chain."""
    ends = np.column_stack([pairs["left"].map(home), pairs["right"].map(home)])
    homes, places = np.unique(ends, return_inverse=True)
    places = places.reshape(ends.shape)
    chain = connected(places[:, 0], places[:, 1], len(homes))
    order = np.argsort(chain, kind="stable")
    cuts = np.flatnonzero(np.diff(chain[order])) + 1
    return [homes[part].tolist() for part in np.split(order, cuts)]


def fits(
    accounts: list[int],
    *,
    platform: np.ndarray,
    one_account: Sequence[str],
    max_accounts: int,
    apart: set[tuple[int, int]],
) -> bool:
    """Tell whether accounts may be one person."""
    together = set(accounts)
    if any(left in together and right in together for left, right in apart):
        return False
    alone = [platform[account] for account in accounts if platform[account] in one_account]
    return len(accounts) <= max_accounts and len(alone) == len(set(alone))
