"""A tree of segments: what the core groups join into, and what tactics may split them into."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import linkage
from sklearn.cluster import KMeans


class Tree(NamedTuple):
    """Segments within segments."""

    # node, parent (empty at the root), level, n_people, height (distance at which its parts join)
    nodes: pd.DataFrame
    leaves: np.ndarray  # (n,) the finest node of each person


def nest(points: np.ndarray, segment: np.ndarray, *, min_people: int, seed: int = 0) -> Tree:
    """Join neighbouring segments into branches, and split each in two where both halves reach.

    Levels are `everyone`, `branch`, `core` (the segments) and `tactical`. Only core groups were
    tested against structureless data. The halves of one were not: they may choose a picture or an
    hour, and no budget.

    Parameters
    ----------
    points
        (n, q), one row a person.
    segment
        (n,) segment id of each.
    min_people
        People from which a half is kept.

    References
    ----------
    Ward (1963), "Hierarchical grouping to optimize an objective function", JASA 58.

    >>> points = np.array([[0.0], [0.2], [1.0], [1.2], [9.0], [9.2]])
    >>> tree = nest(points, np.array(["S1", "S1", "S2", "S2", "S3", "S3"]), min_people=2)
    >>> tree.nodes[["node", "parent", "level"]].values.tolist()[:3]
    [['everyone', '', 'everyone'], ['S1+S2', 'everyone', 'branch'], ['S1', 'S1+S2', 'core']]
    """
    ids = sorted(set(segment), key=lambda name: (len(name), name))
    branches = join([points[segment == s].mean(axis=0) for s in ids], ids)
    leaves = segment.astype(object).copy()
    rows = []
    for core in ids:
        inside = np.flatnonzero(segment == core)
        halves = split(points[inside], min_people=min_people, seed=seed)
        leaves[inside] = [f"{core}.{half}" if half else core for half in halves]
        rows += [
            (f"{core}.{half}", core, "tactical", int((halves == half).sum()), 0.0)
            for half in (1, 2)
            if half in halves
        ]
    members = {node: np.isin(segment, node.split("+")).sum() for node in branches} | {
        "everyone": len(segment)
    }
    top = [(node, *branches[node], int(members[node])) for node in branches]
    nodes = [(node, parent, level, n, height) for node, parent, level, height, n in top] + rows
    frame = pd.DataFrame(nodes, columns=["node", "parent", "level", "n_people", "height"])
    return Tree(depth_first(frame), leaves)


def join(centres: list[np.ndarray], ids: list[str]) -> dict[str, tuple[str, str, float]]:
    """Merge the two nearest groups until one is left: parent, level and height by node."""
    if len(ids) == 1:
        return {"everyone": ("", "everyone", 0.0), ids[0]: ("everyone", "core", 0.0)}
    names = list(ids)
    found = {name: ["", "core", 0.0] for name in ids}
    for left, right, height, size in linkage(np.array(centres), "ward"):
        parts = [names[int(left)], names[int(right)]]
        node = (
            "everyone"
            if size == len(ids)
            else "+".join(sorted("+".join(parts).split("+"), key=ids.index))
        )
        found[node] = ["", "everyone" if node == "everyone" else "branch", float(height)]
        for part in parts:
            found[part][0] = node
        names.append(node)
    return {node: tuple(values) for node, values in found.items()}


def split(points: np.ndarray, *, min_people: int, seed: int) -> np.ndarray:
    """Cut a segment in two, 1 the larger half; all zeros where a half would be too small."""
    whole = np.zeros(len(points), dtype=int)
    if len(points) < 2 * min_people or np.ptp(points, axis=0).max() == 0:
        return whole
    halves = KMeans(2, n_init=10, random_state=seed).fit(points).labels_
    sizes = np.bincount(halves, minlength=2)
    return np.where(halves == sizes.argmax(), 1, 2) if sizes.min() >= min_people else whole


def depth_first(nodes: pd.DataFrame) -> pd.DataFrame:
    """Order nodes so that each is followed by its parts, the larger first."""
    parts = dict(
        list(nodes.sort_values(["n_people", "node"], ascending=[False, True]).groupby("parent"))
    )

    def below(node: str) -> list[str]:
        return [
            node,
            *(
                each
                for part in parts.get(node, pd.DataFrame({"node": []}))["node"]
                for each in below(part)
            ),
        ]

    return nodes.set_index("node").loc[below("everyone")].reset_index()
