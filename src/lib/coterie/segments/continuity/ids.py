"""Ids of segments: they follow the members from run to run."""

import pandas as pd
from scipy.optimize import linear_sum_assignment

from coterie.statistics import overlap_matrix


def carry_ids(
    current: pd.Series, previous: pd.Series | None, *, same_from: float = 0.3, given: int = 0
) -> dict[int, str]:
    """Give each cluster the id of the earlier segment whose members it holds, or a new id.

    A cluster inherits when the two share at least `same_from` (Jaccard) of the people known to both
    runs; integers of a fit mean nothing, members do. New ids are numbered on by size.

    Parameters
    ----------
    current, previous
        Cluster integer, or earlier segment id, by person_id.
    given
        Highest number that was given before, so that no id of a dead segment comes back.

    >>> previous = pd.Series({"ana": "S2", "bo": "S2", "cy": "S1"})
    >>> carry_ids(pd.Series({"ana": 0, "bo": 0, "cy": 1, "di": 2}), previous)
    {0: 'S2', 1: 'S1', 2: 'S3'}
    """
    inherited = {}
    if previous is not None and len(shared := current.index.intersection(previous.index)):
        now = current[shared]
        before = previous[shared]
        overlap = overlap_matrix(now, before)
        clusters = sorted(now.unique())
        segments = sorted(before.unique())
        pairs = zip(*linear_sum_assignment(-overlap), strict=True)
        inherited = {clusters[c]: segments[s] for c, s in pairs if overlap[c, s] >= same_from}
    taken = [int(segment[1:]) for segment in (previous.unique() if previous is not None else [])]
    fresh = iter(range(max([given, *taken]) + 1, 10_000))
    by_size = current.value_counts(sort=True).index
    ids = {cluster: inherited.get(cluster) or f"S{next(fresh)}" for cluster in by_size}
    return dict(sorted(ids.items()))
