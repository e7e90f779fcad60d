"""Tests that a warehouse added up: sums by arm, and nobody named in them."""

from collections.abc import Mapping
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.experiments.deciding.aggregates import ALL, AS_ASSIGNED, COLUMNS
from coterie.experiments.design.plan import Plan, plan_hash
from coterie.experiments.design.registry import plan_for
from coterie.experiments.trials.campaigns import Campaign

COUNTED = ["units", "sum_y", "sum_yy"]
ARM = ["metric", "arm"]


class Summed(NamedTuple):
    """One test as a warehouse states it."""

    campaign: Campaign  # without people
    sums: pd.DataFrame  # as `aggregate` gives


def from_warehouse(stated: ir.Table, plans: Mapping[str, Plan]) -> dict[str, Summed]:
    """Take each test that a file states as sums for a campaign, by its own plan.

    A share needs no sum of squares: it is that of its ones. Any other outcome without squares has
    no variance, and the check of sums says so. Where only groups are stated, everyone is their sum.
    What takes people has no sums: ratios, clusters, quantiles, the time before.

    `stated` has `campaign`, `metric`, `arm`, `segment` (missing for everyone), `units`, `sum_y`,
    `sum_yy` and `randomised`.
    """
    rows = stated.order_by("campaign", *ARM, "segment").to_pandas().astype({"campaign": object})
    own = {
        str(name): plan_for(plans, str(name))._replace(id=str(name))
        for name in rows["campaign"].unique()
    }
    sums = sums_of(with_everyone(rows), own)
    drawn = rows.groupby("campaign")["randomised"].all()
    return {
        name: Summed(campaign_of(own[name], randomised=bool(drawn[name])), part)
        for name, part in sums.groupby("experiment")
    }


def campaign_of(plan: Plan, *, randomised: bool) -> Campaign:
    """Take a test for a campaign whose people nobody knows."""
    return Campaign(plan, None, randomised, 0, None, plan_hash(plan), measured=True)


def sums_of(rows: pd.DataFrame, plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Write the rows of all tests as sums."""
    shares = [
        (name, metric.name)
        for name, plan in plans.items()
        for metric in plan.metrics
        if metric.kind == "share"
    ]
    is_share = pd.MultiIndex.from_frame(rows[["campaign", "metric"]]).isin(shares)
    squares = rows["sum_yy"].fillna(rows["sum_y"].where(is_share))
    counts = dict.fromkeys(("n_assigned", "n_people", "n", "sum_d", "sum_dd"), rows["units"])
    frame = rows.assign(**counts, sum_yy=squares, sum_yd=rows["sum_y"])
    frame = frame.assign(**dict.fromkeys(("sum_x", "sum_xx", "sum_xy"), 0.0))
    frame = frame.assign(experiment=rows["campaign"], analysis=AS_ASSIGNED)[COLUMNS]
    return frame.reset_index(drop=True)


def with_everyone(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up the groups of each arm for which no row says what everyone did."""
    named = rows.assign(segment=rows["segment"].astype(object).where(rows["segment"].notna(), ALL))
    keys = ["campaign", *ARM]
    has = named["segment"].eq(ALL).groupby([named[key] for key in keys]).transform("any")
    lacking = named[~has.astype(bool)]
    if lacking.empty:
        return named
    # a sum of what is missing is missing
    added = lacking.groupby(keys, as_index=False)[COUNTED].agg(lambda part: np.sum(part.to_numpy()))
    return pd.concat([named, added.assign(segment=ALL)], ignore_index=True)
