"""How much groups of people are listened to, compared safely for a report."""

import pandas as pd

from coterie.disclosure import suppress_small
from coterie.statistics import Interval, mean_interval, share_intervals

LEADING = 90  # of 100; who stands higher belongs to the most heard tenth


def reach_by(
    influence: pd.DataFrame, groups: pd.DataFrame, *, min_people: int = 50
) -> pd.DataFrame:
    """Compare groups of people by how much they are listened to; safe for a report.

    `influence` is `rank_influence`; `groups` has person_id and group, a person once in each group
    they belong to. Groups of fewer than `min_people` people are left out, with whatever else would
    give them away. No sum of reach is shown, for one celebrity could be most of it.

    Returns one row a group, most heard first: group; n_people; influence (mean) with low and high;
    leading_share (of the group's people who are in the most heard tenth of everybody) with
    leading_low and leading_high.

    >>> ranks = pd.DataFrame({"person_id": ["ana", "bo", "cy"], "influence": [99.0, 51.0, 0.0]})
    >>> groups = pd.DataFrame({"person_id": ["ana", "bo", "cy"], "group": ["food", "food", "tech"]})
    >>> table = reach_by(ranks, groups, min_people=1)
    >>> table[["group", "n_people", "influence", "leading_share"]].values.tolist()
    [['food', 2, 75.0, 0.5], ['tech', 1, 0.0, 0.0]]
    """
    own = groups[["person_id", "group"]].drop_duplicates()
    both = own.merge(influence[["person_id", "influence"]], on="person_id")
    parts = both.groupby("group")["influence"]
    rows = [
        (name, len(part), int((part > LEADING).sum()), *mean_interval(part)) for name, part in parts
    ]
    table = pd.DataFrame(rows, columns=["group", "n_people", "leading", "influence", "low", "high"])
    names = ["leading_share", "leading_low", "leading_high"]
    shares = share_intervals(table["leading"], table["n_people"])
    table[names] = shares[list(Interval._fields)].to_numpy()
    table = suppress_small(table.drop(columns="leading"), "n_people", min_people=min_people)
    return table.sort_values(["influence", "group"], ascending=[False, True], ignore_index=True)


def reach_by_interest(
    influence: pd.DataFrame, labels: pd.DataFrame, *, min_people: int = 50
) -> pd.DataFrame:
    """Compare who writes about each interest by how much they are listened to; see `reach_by`.

    `labels` has person_id and inferred_interest; who writes about two interests counts in both.
    """
    groups = labels[["person_id", "inferred_interest"]].dropna()
    groups = groups[groups["inferred_interest"] != "other"].drop_duplicates()
    return reach_by(
        influence, groups.rename(columns={"inferred_interest": "group"}), min_people=min_people
    )
