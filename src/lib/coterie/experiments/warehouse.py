"""Tests that a warehouse added up: sums by arm, and nobody named in them."""

from collections.abc import Mapping
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.experiments.aggregates import ALL, AS_ASSIGNED, COLUMNS
from coterie.experiments.campaigns import Campaign
from coterie.experiments.plan import Plan, plan_hash
from coterie.experiments.registry import plan_for

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
    rows = stated.order_by("campaign", *ARM, "segment").to_pandas()
    return {
        str(name): summed(group, plan_for(plans, str(name))._replace(id=str(name)))
        for name, group in rows.groupby("campaign")
    }


def summed(rows: pd.DataFrame, plan: Plan) -> Summed:
    """Write one test's rows as sums, and as a campaign whose people nobody knows."""
    whole = with_everyone(rows)
    shares = [metric.name for metric in plan.metrics if metric.kind == "share"]
    squares = whole["sum_yy"].fillna(whole["sum_y"].where(whole["metric"].isin(shares)))
    counts = dict.fromkeys(("n_assigned", "n_people", "n", "sum_d", "sum_dd"), whole["units"])
    frame = whole.assign(**counts, sum_yy=squares, sum_yd=whole["sum_y"])
    frame = frame.assign(**dict.fromkeys(("sum_x", "sum_xx", "sum_xy"), 0.0))
    sums = frame.assign(experiment=plan.id, analysis=AS_ASSIGNED)[COLUMNS]
    drawn = bool(rows["randomised"].all())
    campaign = Campaign(plan, None, drawn, 0, None, plan_hash(plan), measured=True)
    return Summed(campaign, sums.reset_index(drop=True))


def with_everyone(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up the groups of each arm for which no row says what everyone did."""
    named = rows.assign(segment=rows["segment"].astype(object).where(rows["segment"].notna(), ALL))
    has = named["segment"].eq(ALL).groupby([named[key] for key in ARM]).transform("any")
    lacking = named[~has.astype(bool)]
    if lacking.empty:
        return named
    # a sum of what is missing is missing
    added = lacking.groupby(ARM, as_index=False)[COUNTED].agg(lambda part: np.sum(part.to_numpy()))
    return pd.concat([named, added.assign(segment=ALL)], ignore_index=True)
