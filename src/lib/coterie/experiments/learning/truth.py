"""What a simulated world planted, to check the notebook by."""

import pandas as pd


def planted_lift(labels: pd.DataFrame, *, campaign: str | None) -> float | None:
    """Give the lift that a simulated world planted in a campaign; None where no one knows it.

    >>> planted_lift(
    ...     pd.DataFrame(columns=["subject", "subject_id", "name", "label"]), campaign="spring"
    ... )
    """
    told = (labels["subject"] == "campaign") & (labels["name"] == "lift")
    found = labels.loc[told & (labels["subject_id"] == campaign), "label"]
    return None if found.empty else float(found.iloc[0])
