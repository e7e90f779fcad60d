"""How firmly people belong: shares that hold, tiers, and people who stand between two segments."""

from collections.abc import Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import adjusted_rand_score

CORE, LIKELY = 0.8, 0.5  # shares from which a person is a core, and a likely, member
SHOWN_FROM = 0.05  # a smaller share is not carried on


class Calibration(NamedTuple):
    """How far stated shares are from what happens."""

    error: float  # expected calibration error, 0 to 1
    core_precision: float  # share of core members who are where they should be
    bins: pd.DataFrame  # stated (mean share), right (share who are), n_people


def belong(placed: ir.Table, *, names: dict[str, str]) -> ir.Table:
    """Put everybody into the segment they belong to most, and remember the second.

    `core` from a share of 0.8, `likely` from 0.5, `edge` below: such a person is nobody's typical
    member. Who had no say in where the segments are (`fitted` is false) is placed like the others.

    Parameters
    ----------
    placed
        `person_id`, `fitted` and one column a segment, as `place_people` gives.
    names
        Name of every segment.

    >>> placed = ibis.memtable({"person_id": ["ana"], "fitted": [True], "S1": [0.6], "S2": [0.4]})
    >>> found = belong(placed, names={"S1": "Evening", "S2": "Weekend"})
    >>> found.select("person_id", "segment", "second_segment", "tier").to_pandas()
      person_id segment second_segment    tier
    0       ana      S1             S2  likely
    """
    segments = list(names)
    first = placed.mutate(
        membership=ibis.greatest(*(placed[s] for s in segments)) if segments[1:] else placed[segments[0]]
    )
    found = first.mutate(segment=pick(first, segments, "membership"))
    others = [ibis.ifelse(found["segment"] == s, -1.0, found[s]) for s in segments]
    rest = found.mutate(second_membership=ibis.greatest(0.0, *others))
    second = rest.mutate(
        second_segment=ibis.cases(
            *((((rest[s] == rest["second_membership"]) & (rest["segment"] != s) & (rest[s] > 0)), s) for s in segments),
            else_="",
        )
    )
    share = second["membership"]
    return second.select(
        "person_id",
        "segment",
        segment_name=second["segment"].cases(*names.items()),
        membership=share,
        second_segment=second["second_segment"],
        second_membership=second["second_membership"],
        tier=ibis.cases((share >= CORE, "core"), (share >= LIKELY, "likely"), else_="edge"),
        fitted=second["fitted"],
    )


def pick(table: ir.Table, segments: Sequence[str], best: str) -> ir.StringValue:
    """Name the segment whose share is the best one; the first of several."""
    return (
        ibis.cases(*((table[s] == table[best], s) for s in segments[:-1]), else_=segments[-1])
        if segments[1:]
        else ibis.literal(segments[0])
    )


def memberships(placed: ir.Table, *, segments: Sequence[str]) -> ir.Table:
    """List every share that counts, one row a person and segment: somebody may be 0.6 of one and 0.4 of another.

    >>> placed = ibis.memtable({"person_id": ["ana"], "fitted": [True], "S1": [0.58], "S2": [0.39], "S3": [0.03]})
    >>> memberships(placed, segments=["S1", "S2", "S3"]).order_by("segment").to_pandas().values.tolist()
    [['ana', 'S1', 0.58], ['ana', 'S2', 0.39]]
    """
    long = placed.drop("fitted").pivot_longer(list(segments), names_to="segment", values_to="share")
    return long.filter(long["share"] >= SHOWN_FROM)


def ambiguity(long: pd.DataFrame) -> pd.DataFrame:
    """Average what the members of each segment share with each other one: where the borders are blurred.

    Parameters
    ----------
    long
        `person_id`, `segment`, `share`, as `memberships` lists them.

    Returns
    -------
    DataFrame
        `segment`, `other`, `share`: mean share that members of `segment` have in `other`; n_people.

    >>> long = pd.DataFrame({"person_id": ["a", "a", "b"], "segment": ["S1", "S2", "S1"], "share": [0.6, 0.4, 1.0]})
    >>> ambiguity(long).values.tolist()
    [['S1', 'S1', 0.8, 2], ['S1', 'S2', 0.2, 2]]
    """
    home = long.loc[long.groupby("person_id")["share"].idxmax()].set_index("person_id")["segment"]
    members = home.value_counts()
    sums = long.assign(home=long["person_id"].map(home)).groupby(["home", "segment"])["share"].sum().reset_index()
    sums.columns = ["segment", "other", "share"]
    n_people = sums["segment"].map(members)
    return sums.assign(share=sums["share"] / n_people, n_people=n_people)


def fit_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """Find the number by which scores must be divided so that shares say how often they are right.

    Needs people whose true segment is known: a planted world. On other data it is an assumption.

    Parameters
    ----------
    scores
        (n, k) log odds.
    truth
        (n,) position of the segment each person belongs to.

    References
    ----------
    Guo et al. (2017), "On calibration of modern neural networks", ICML.
    """

    def surprise(log_temperature: float) -> float:
        logs = log_softmax(scores / np.exp(log_temperature), axis=1)
        return -float(logs[np.arange(len(truth)), truth].mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 5), method="bounded").x))


class Truth(NamedTuple):
    """How far placements agree with what is known; empty where nothing is known."""

    agreement: float | None  # adjusted Rand index, 1 is perfect
    error: float | None  # of the shares, as in Calibration
    core_precision: float | None


def compare_with_truth(people: pd.DataFrame, truth: pd.Series) -> Truth:
    """Hold placements against known groups: a segment is right about a person who is of its commonest group.

    Parameters
    ----------
    people
        `segment` and `membership`, by person_id.
    truth
        The group each person is known to be of, by person_id.

    >>> people = pd.DataFrame({"segment": ["S1", "S1", "S2"], "membership": 1.0}, index=["ana", "bo", "cy"])
    >>> compare_with_truth(people, pd.Series({"ana": "a", "bo": "a", "cy": "b"}))
    Truth(agreement=1.0, error=0.0, core_precision=1.0)
    """
    both = people.join(truth.rename("truth"), how="inner")
    if both.empty:
        return Truth(None, None, None)
    right = both.groupby("segment")["truth"].transform(lambda groups: groups.mode().iloc[0]) == both["truth"]
    found = check_membership(both["membership"].to_numpy(), right.to_numpy())
    return Truth(float(adjusted_rand_score(both["truth"], both["segment"])), found.error, found.core_precision)


def check_membership(membership: np.ndarray, right: np.ndarray, *, n_bins: int = 10) -> Calibration:
    """Compare stated shares with how often people are where they should be.

    >>> check_membership(np.array([0.9, 0.9, 0.5, 0.5]), np.array([1, 1, 1, 0])).error
    0.05
    """
    frame = pd.DataFrame({"stated": membership, "right": np.asarray(right, float)})
    frame["bin"] = np.minimum((frame["stated"] * n_bins).astype(int), n_bins - 1)
    bins = frame.groupby("bin").agg(stated=("stated", "mean"), right=("right", "mean"), n_people=("right", "size"))
    error = ((bins["stated"] - bins["right"]).abs() * bins["n_people"]).sum() / len(frame)
    core = frame.loc[frame["stated"] >= CORE, "right"]
    return Calibration(
        round(float(error), 6), float(core.mean()) if len(core) else float("nan"), bins.reset_index(drop=True)
    )
