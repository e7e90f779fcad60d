"""How far membership shares are from what happens, where the truth is known."""

from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import adjusted_rand_score

from coterie.segments.assignment.membership import CORE


class Calibration(NamedTuple):
    """How far stated shares are from what happens."""

    error: float  # expected calibration error, 0 to 1
    core_precision: float  # share of core members who are where they should be
    bins: pd.DataFrame  # stated (mean share), right (share who are), n_people


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
    """How far assignments agree with what is known; empty where nothing is known."""

    agreement: float | None  # adjusted Rand index, 1 is perfect
    error: float | None  # of the shares, as in Calibration
    core_precision: float | None


def compare_with_truth(people: pd.DataFrame, truth: pd.Series) -> Truth:
    """Compare assignments with known groups, and shares with how often they are right.

    A segment is right about a person who is of its commonest group.

    Parameters
    ----------
    people
        `segment` and `membership`, by person_id.
    truth
        The group each person is known to be of, by person_id.

    >>> people = pd.DataFrame(
    ...     {"segment": ["S1", "S1", "S2"], "membership": 1.0}, index=["ana", "bo", "cy"]
    ... )
    >>> compare_with_truth(people, pd.Series({"ana": "a", "bo": "a", "cy": "b"}))
    Truth(agreement=1.0, error=0.0, core_precision=1.0)
    """
    both = people.join(truth.rename("truth"), how="inner")
    if both.empty:
        return Truth(None, None, None)
    right = (
        both.groupby("segment")["truth"].transform(lambda groups: groups.mode().iloc[0])
        == both["truth"]
    )
    found = check_membership(both["membership"].to_numpy(), right.to_numpy())
    return Truth(
        float(adjusted_rand_score(both["truth"], both["segment"])),
        found.error,
        found.core_precision,
    )


def check_membership(membership: np.ndarray, right: np.ndarray, *, n_bins: int = 10) -> Calibration:
    """Compare stated shares with how often people are where they should be.

    >>> check_membership(np.array([0.9, 0.9, 0.5, 0.5]), np.array([1, 1, 1, 0])).error
    0.05
    """
    frame = pd.DataFrame({"stated": membership, "right": np.asarray(right, float)})
    frame["bin"] = np.minimum((frame["stated"] * n_bins).astype(int), n_bins - 1)
    bins = frame.groupby("bin").agg(
        stated=("stated", "mean"), right=("right", "mean"), n_people=("right", "size")
    )
    error = ((bins["stated"] - bins["right"]).abs() * bins["n_people"]).sum() / len(frame)
    core = frame.loc[frame["stated"] >= CORE, "right"]
    return Calibration(
        round(float(error), 6),
        float(core.mean()) if len(core) else float("nan"),
        bins.reset_index(drop=True),
    )


def planted_segments(labels: ir.Table) -> pd.Series:
    """Read the planted segment of people from `labels`, by person_id; empty on real data."""
    planted = labels.filter(labels["subject"] == "person", labels["name"] == "segment")
    return planted.to_pandas().set_index("subject_id")["label"]
