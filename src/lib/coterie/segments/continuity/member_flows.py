"""What became of the segments of the last run: kept, split, merged, died; which are new."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.study import DataError

FLOWS = ["before", "now", "n_people", "share_of_before", "share_of_now"]
EVENTS = ["event", "segment", "from_segments", "n_people", "overlap"]
MOST = 0.5  # more than half


class FlowCounts(NamedTuple):
    """How many people of each earlier segment are in each present one."""

    before: list[str]  # ids of the earlier segments
    now: list[str]  # ids of the present ones
    # people known to both runs, a row an earlier segment, a column a present one
    counts: np.ndarray


def member_flows(before: pd.Series, now: pd.Series) -> pd.DataFrame:
    """Count who went where: one row a pair of an earlier and a present segment that share people.

    People known to one run only do not count, so neither shares nor sizes are those of the whole
    segments.

    Parameters
    ----------
    before, now
        Segment id by person_id, each person once; nobody without a segment counts.

    Returns `before`, `now`, `n_people`, `share_of_before` and `share_of_now`. Small flows are in
    it: leave them out with `disclosure.suppress_within` before anybody reads it.

    >>> before = pd.Series({"ana": "S1", "bo": "S1", "cy": "S2", "gone": "S2"})
    >>> now = pd.Series({"ana": "S1", "bo": "S2", "cy": "S2", "new": "S3"})
    >>> member_flows(before, now)
      before now  n_people  share_of_before  share_of_now
    0     S1  S1         1              0.5           1.0
    1     S1  S2         1              0.5           0.5
    2     S2  S2         1              1.0           0.5
    """
    flows = flow_counts(before, now)
    left = flows.counts.sum(axis=1)
    come = flows.counts.sum(axis=0)
    cells = [(i, j, int(flows.counts[i, j])) for i, j in np.argwhere(flows.counts)]
    rows = [(flows.before[i], flows.now[j], n, n / left[i], n / come[j]) for i, j, n in cells]
    return pd.DataFrame(rows, columns=FLOWS)


def member_events(
    before: pd.Series, now: pd.Series, *, same_from: float = 0.3, part_from: float = 0.25
) -> pd.DataFrame:
    """Say for each segment whether it was kept, is new, came from a split or merger, or died.

    The ids of `now` are those that `carry_ids` gave: an id is an identity, a name is not looked at.
    Counted are people known to both runs. In this order, for a present segment:

    - merged: two or more earlier ones each sent it more than half of their people, and make up a
      `part_from` of it each. A segment whose own id lives on elsewhere is not merged.
    - split: it and another one each hold a `part_from` of the same earlier one, and come from it by
      more than half.
    - kept: it has its id from one with which it shares at least `same_from` (Jaccard).
    - born: none of these; a chip smaller than `part_from` of anything is born, too.

    Whoever carries an id counts as sending or coming by more than half. An earlier segment that no
    row names among its `from_segments` has died, which does not mean that its people left:
    `member_flows` says where they are.

    Returns one row a present segment, then one for each that died: `event`, `segment`,
    `from_segments` (ids, comma separated), `n_people` (of the segment, known to both runs) and
    `overlap` (Jaccard with `from_segments` taken together; for born and died the largest with any
    one, too small to count).

    References
    ----------
    Spiliopoulou, Ntoutsi, Theodoridis and Schult (2006), "MONIC: modeling and monitoring cluster
    transitions", KDD; its match of more than half, its split and absorption, with ids and a
    symmetric floor for parts added.

    >>> before = pd.Series({"ana": "S1", "bo": "S1", "cy": "S2", "di": "S3"})
    >>> now = pd.Series({"ana": "S1", "bo": "S4", "cy": "S2", "di": "S2"})
    >>> member_events(before, now)[["event", "segment", "from_segments"]].values.tolist()
    [['split', 'S1', 'S1'], ['merged', 'S2', 'S2, S3'], ['split', 'S4', 'S1']]
    """
    flows = flow_counts(before, now)
    same, merging, splitting = _links(flows, same_from=same_from, part_from=part_from)
    rows = []
    named = np.zeros(len(flows.before), dtype=bool)
    for j, segment in enumerate(flows.now):
        hits = (("merged", merging[:, j]), ("split", splitting[:, j]), ("kept", same[:, j]))
        event, sources = next(
            ((event, hit) for event, hit in hits if hit.any()), ("born", same[:, j])
        )
        named |= sources
        ids = ", ".join(flows.before[i] for i in np.flatnonzero(sources))
        rows.append((event, segment, ids, *_size_and_overlap(flows.counts, j, sources)))
    for i in np.flatnonzero(~named):
        rows.append(("died", flows.before[i], "", *_size_and_overlap(flows.counts.T, i, same[i])))
    return pd.DataFrame(rows, columns=EVENTS)


def flow_counts(before: pd.Series, now: pd.Series) -> FlowCounts:
    """Tabulate people known to both runs, earlier segments in rows, present ones in columns.

    Ids are in order, S2 ahead of S10. A segment of which nobody is known to the other run stays in
    it with zeros.

    Raises
    ------
    DataError
        When a person stands in a run twice.

    >>> flow_counts(
    ...     pd.Series({"ana": "S10", "bo": "S2"}), pd.Series({"ana": "S2", "cy": "S3"})
    ... ).counts
    array([[0, 0],
           [1, 0]])
    """
    for run, segments in (("earlier", before), ("present", now)):
        if not segments.index.is_unique:
            raise DataError(
                f"The {run} run has people in two rows; give each person_id one segment."
            )
    before = before.dropna()
    now = now.dropna()
    ids = [
        sorted(run.unique(), key=lambda segment: (len(segment), segment)) for run in (before, now)
    ]
    shared = before.index.intersection(now.index)
    counts = np.zeros((len(ids[0]), len(ids[1])), dtype=int)
    places = [
        pd.Index(order, dtype=object).get_indexer(run[shared])
        for order, run in zip(ids, (before, now), strict=True)
    ]
    np.add.at(counts, tuple(places), 1)
    return FlowCounts(*ids, counts)


def _links(
    flows: FlowCounts, *, same_from: float, part_from: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mark pairs that share an id and enough people, parts of a merger, and parts of a split."""
    n = flows.counts
    left = n.sum(axis=1, keepdims=True)
    come = n.sum(axis=0, keepdims=True)
    of_before, of_now, jaccard = (
        n / np.maximum(whole, 1) for whole in (left, come, left + come - n)
    )
    same = np.array([[i == j for j in flows.now] for i in flows.before], dtype=bool).reshape(
        n.shape
    )
    same &= jaccard >= same_from
    goes_on = same.any(axis=1, keepdims=True)
    comes_on = same.any(axis=0, keepdims=True)
    merging = (same | ((of_before > MOST) & ~goes_on)) & (of_now >= part_from)
    splitting = (same | ((of_now > MOST) & ~comes_on)) & (of_before >= part_from)
    several = merging.sum(axis=0, keepdims=True) >= 2, splitting.sum(axis=1, keepdims=True) >= 2
    return same, merging & several[0], splitting & several[1]


def _size_and_overlap(counts: np.ndarray, j: int, sources: np.ndarray) -> tuple[int, float]:
    """Count a column's people, and their Jaccard overlap with the rows of `sources` together.

    Without any source it is the best overlap with one row.
    """
    size = counts[:, j].sum()
    left = counts.sum(axis=1)
    groups = sources[None, :] if sources.any() else np.eye(len(left), dtype=bool)
    both = groups @ counts[:, j]
    return int(size), float((both / np.maximum(size + groups @ left - both, 1)).max(initial=0))
