"""The people of the days whose outcomes are known, and who exactly they were."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

OUTCOME = ("did", "brought")  # what happened after the day
WITHHELD = ("engagement", "engagement_score", "relative_engagement", "tenure_days")


class Samples(NamedTuple):
    """One row a person: behaviours before the day, and `did`, what happened in the window after."""

    chosen_on: pd.DataFrame  # empty where the record is too short for a day to choose on
    fitted_on: pd.DataFrame
    judged_on: pd.DataFrame


def samples_of(days: Sequence[pd.DataFrame]) -> Samples:
    """Arrange the people of two or three days, the oldest first."""
    ordered = [day.sort_values("person_id", ignore_index=True) for day in days]
    chosen_on = ordered[0] if len(ordered) > 2 else ordered[0].head(0)
    return Samples(chosen_on, ordered[-2], ordered[-1])


def usable(behaviour: pd.DataFrame) -> list[str]:
    """Name the behaviours a forecast may use: numbers that differ, less the withheld.

    The weights of the three engagement columns were learned on the very days a forecast is judged
    on, and the tenure grows with the record; a forecast that used them would look too good.

    >>> usable(pd.DataFrame({"frequency": [1, 2], "tenure_days": [3.0, 4.0], "n_posts": [0, 0]}))
    ['frequency']
    """
    numbers = behaviour.drop(columns=[*OUTCOME, *WITHHELD], errors="ignore").select_dtypes("number")
    return list(numbers.columns[numbers.nunique() > 1])


def population_hash(people: pd.DataFrame, *, outcome: str = "did") -> str:
    """Fingerprint who was learned from and what they did, to tell whether a model is of them.

    >>> one = pd.DataFrame({"person_id": ["a", "b"], "did": [True, False]})
    >>> population_hash(one) == population_hash(one.iloc[::-1])
    True
    """
    rows = people.sort_values("person_id")
    lines = rows["person_id"].astype(str) + ":" + rows[outcome].astype(int).astype(str)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
