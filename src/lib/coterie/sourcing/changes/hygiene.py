"""Records that may be outdated: confidence that halves with time, and whom to ask again."""

from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import chi2

CONTACTS = ["email", "phone"]


class HalfLife(NamedTuple):
    """After how many days half of the values of a field are no longer true."""

    days: float
    low: float  # lower end of its 95 % interval
    high: float  # infinite where no change was seen
    n_changes: int


def learn_half_life(history: pd.DataFrame, *, now: pd.Timestamp) -> HalfLife:
    """Learn from a history how long values last; what holds still has lasted at least so long.

    `history` has `valid_from` and `valid_to`, as `feed.history` writes it. Values are taken to
    change at a constant rate, whatever their age.

    References
    ----------
    Lawless (2003), "Statistical Models and Methods for Lifetime Data", 2nd ed., section 4.1:
    exponential lifetimes with censoring, and the chi-squared interval.

    >>> day = pd.Timestamp("2026-01-01")
    >>> lasted = pd.DataFrame(
    ...     {"valid_from": [day] * 2, "valid_to": [day + pd.Timedelta(days=100)] * 2}
    ... )
    >>> round(learn_half_life(lasted, now=day + pd.Timedelta(days=300)).days, 1)
    69.3
    """
    until = history["valid_to"].fillna(now).clip(upper=now)
    days = float(((until - history["valid_from"]) / pd.Timedelta(days=1)).clip(lower=0).sum())
    n_changes = int((history["valid_to"].notna() & (history["valid_to"] <= now)).sum())
    most = chi2.ppf(0.975, 2 * n_changes + 2) / 2
    least = chi2.ppf(0.025, 2 * n_changes) / 2 if n_changes else 0.0
    low, middle, high = (
        float(np.log(2) * days / n) if n else float("inf") for n in (most, n_changes, least)
    )
    return HalfLife(middle, low, high, n_changes)


def confidence(age_days: pd.Series, *, half_life_days: float) -> pd.Series:
    """How likely a value still holds that was confirmed so many days ago.

    >>> confidence(pd.Series([0.0, 365.0, 730.0]), half_life_days=365).tolist()
    [1.0, 0.5, 0.25]
    """
    return 0.5 ** (age_days.clip(lower=0) / half_life_days)


def last_seen(events: ir.Table, linked: pd.DataFrame) -> pd.Series:
    """Say when each person last did anything; who never did, when an account was opened last."""
    acts = events.group_by("person_id").agg(at=events["at"].max()).to_pandas()
    opened = linked.groupby("person_id")["at"].max()
    return acts.set_index("person_id")["at"].reindex(opened.index).fillna(opened)


def contact_records(linked: pd.DataFrame, last_seen: pd.Series) -> pd.DataFrame:
    """List what contact data each person states, when they were last seen, and whether it agrees.

    `linked` are accounts with `person_id` and the columns of `CONTACTS`; `last_seen` the last act
    by `person_id`, or the day an account was opened.

    Returns
    -------
    `person_id`, `kind`, `n_values` (different ones, after case and blanks), `confirmed_at`.
    """
    long = linked.melt("person_id", CONTACTS, "kind", "stated").dropna(subset="stated")
    same = long["stated"].str.lower().str.replace(r"[\s().-]+", "", regex=True)
    counts = long.assign(same=same).groupby(["person_id", "kind"])["same"].nunique()
    records = counts.rename("n_values").reset_index()
    return records.assign(confirmed_at=records["person_id"].map(last_seen))


def clean_up_list(
    records: pd.DataFrame, *, now: date, half_life_days: float, at_least: float = 0.5
) -> pd.DataFrame:
    """List whom to ask again: data that may not hold any longer, the least certain first.

    Returns
    -------
    `person_id`, `kind`, `age_days`, `confidence`, `reason`; those whose confidence is below
    `at_least`, who state several values, or were never seen.
    """
    age = (pd.Timestamp(now) - records["confirmed_at"]) / pd.Timedelta(days=1)
    sure = confidence(age, half_life_days=half_life_days).fillna(0.0) / records["n_values"]
    reasons = np.select(
        [records["n_values"] > 1, age.isna(), sure < at_least],
        ["several values", "never seen", "not confirmed for long"],
        default="",
    )
    listed = records.assign(age_days=age, confidence=sure, reason=reasons)
    listed = listed[listed["reason"] != ""].sort_values(["confidence", "person_id", "kind"])
    return listed[["person_id", "kind", "age_days", "confidence", "reason"]].reset_index(drop=True)
