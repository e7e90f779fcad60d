"""Whom to test next: people of an experiment shared out by size, spread and priority."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

COLUMNS = ["segment", "n_people", "spread", "floor", "people"]


def allocate(
    strata: pd.DataFrame,
    *,
    total: int,
    floor_share: float = 0.0,
    priorities: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Share the people of a test out over segments so that the whole is known best (Neyman).

    A segment gets people by its size times the spread of its outcome, times what it is given as
    priority; a strategic floor makes sure that every segment is tested at all. Nobody is tested who
    is not there. What a floor or a segment's size takes away is shared out again over the others.

    Parameters
    ----------
    strata
        `segment`, `n_people`, and `spread`, the standard deviation of the outcome there.
    total
        People to test. With fewer people than that in all segments, everybody is tested.
    floor_share
        Share of the total that every segment gets at least an equal part of.

    Returns
    -------
    DataFrame
        One row a segment: `segment`, `n_people`, `spread`, `floor`, `people`.

    References
    ----------
    Neyman (1934), JRSS 97; Cochran (1977), "Sampling Techniques", sections 5.5 to 5.8.

    >>> strata = pd.DataFrame({"segment": ["S1", "S2"], "n_people": [900, 100]})
    >>> allocate(strata.assign(spread=0.5), total=100, floor_share=0.4)["people"].tolist()
    [80, 20]
    """
    sizes = strata["n_people"].to_numpy(dtype=float)
    given = strata["segment"].map(dict(priorities or {})).fillna(1.0).to_numpy(dtype=float)
    weights = sizes * strata["spread"].to_numpy(dtype=float) * given
    wanted = min(float(total), sizes.sum())
    floors = np.minimum(np.floor(floor_share * wanted / max(len(sizes), 1)), sizes)
    shares = filled(weights, wanted, floors=floors, most=sizes)
    people = rounded(shares, most=sizes, total=int(wanted))
    return strata[["segment", "n_people", "spread"]].assign(
        floor=floors.astype("int64"), people=people
    )


def filled(
    weights: np.ndarray, total: float, *, floors: np.ndarray, most: np.ndarray
) -> np.ndarray:
    """Share a total out in proportion to weights, between a floor and a most for each.

    The proportion is found by halving: the sum grows with it, so there is one that fits. It is the
    exact optimum of Neyman's problem with bounds (Stenger and Gabler 2005, Metrika 61).
    """
    if not len(weights):
        return weights
    if not weights.any():
        weights = most
    low, high = 0.0, (most / np.where(weights > 0, weights, np.inf)).max() + 1.0
    for _ in range(100):
        middle = (low + high) / 2
        too_few = np.clip(middle * weights, floors, most).sum() < total
        low, high = (middle, high) if too_few else (low, middle)
    return np.clip(high * weights, floors, most)


def rounded(shares: np.ndarray, *, most: np.ndarray, total: int) -> np.ndarray:
    """Round to whole people of the same total, those nearest to the next person first.

    >>> rounded(np.array([1.5, 2.5, 6.0]), most=np.array([9, 9, 6]), total=10).tolist()
    [2, 2, 6]
    """
    whole = np.floor(shares + 1e-9)
    left = int(max(total - whole.sum(), 0))
    order = np.argsort(-(shares - whole), kind="stable")
    room = [at for at in order if whole[at] < most[at]]
    whole[room[:left]] += 1
    return whole.astype("int64")


def strata(facts: pd.DataFrame, *, kpi: str, weeks: int = 4) -> pd.DataFrame:
    """Say how large each segment is and how its people spread in an indicator, of late.

    >>> facts = {"segment": ["S1", "all"], "kpi": "visit", "period": [1, 1], "numerator": [20, 40]}
    >>> strata(pd.DataFrame(facts | {"denominator": [100, 300]}), kpi="visit").values.tolist()
    [['S1', 100, 0.4]]
    """
    own = facts[(facts["kpi"] == kpi) & ~facts["segment"].str.startswith("all")]
    late = own[own["period"].isin(sorted(own["period"].unique())[-weeks:])]
    sums = late.groupby("segment", as_index=False).agg(
        n_people=("denominator", "max"),
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
    )
    share = sums["numerator"] / sums["denominator"]
    return sums[["segment", "n_people"]].assign(spread=np.sqrt(share * (1 - share)))


def sampling_variance(strata: pd.DataFrame, people: np.ndarray) -> float:
    """Measure how uncertain the mean over all segments is with so many tested in each.

    The finite population correction is left out: an experiment speaks of people to come.

    >>> strata = pd.DataFrame({"n_people": [50, 50], "spread": [1.0, 1.0]})
    >>> sampling_variance(strata, np.array([10, 10]))
    0.05
    """
    shares = strata["n_people"] / strata["n_people"].sum()
    parts = (shares * strata["spread"]) ** 2
    tested = np.asarray(people, dtype=float)
    with np.errstate(divide="ignore"):
        return float(np.where(parts > 0, parts / tested, 0.0).sum())
