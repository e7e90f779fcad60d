"""Contamination: who was in other campaigns at the same time, and whom the message reached."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.experiments.trials.campaigns import Campaign, units_of
from coterie.statistics import Interval, share_interval

ANY_OTHER = "any other campaign"
COLUMNS = ["of", "group", "other", "n_people", "n_group"]
DELIVERED = {"experiment": str, "person_id": str, "arm": str, "delivered": bool}


class Overlap(NamedTuple):
    """Which other campaigns the people of one campaign were in while its outcome counted."""

    # one row a group (an arm, or a segment) and an arm of another campaign, or any treatment
    table: pd.DataFrame

    @property
    def multi_exposed(self) -> tuple[int, int]:
        """Count the people whom another campaign treated as well, and all."""
        rows = self.table[(self.table["of"] == "arm") & (self.table["other"] == ANY_OTHER)]
        return int(rows["n_people"].sum()), int(rows["n_group"].sum())

    @property
    def share(self) -> Interval:
        """Estimate the share of people whom another campaign treated as well."""
        return share_interval(*self.multi_exposed)


def overlap(campaigns: Mapping[str, Campaign], *, campaign: str | None) -> Overlap:
    """Count, for each arm and segment of a campaign, who was in which arm of which other.

    Held out by another campaign is shown, and is no exposure: only a treatment is counted in
    `any other campaign`.
    """
    if campaign not in campaigns or campaigns[campaign].elsewhere is None:
        return Overlap(pd.DataFrame(columns=COLUMNS))
    assigned, elsewhere = campaigns[campaign].assigned, campaigns[campaign].elsewhere
    parts = [counted(assigned, elsewhere, of) for of in ("arm", "segment")]
    return Overlap(pd.concat(parts, ignore_index=True)[COLUMNS])


def counted(assigned: ir.Table, elsewhere: ir.Table, of: str) -> pd.DataFrame:
    """Count people by their arm or segment, and by each arm of another campaign."""
    known = assigned.filter(assigned[of].notnull())
    sizes = known.group_by(of).agg(n_group=known.count(), n_people=known["multi_exposed"].sum())
    sizes = sizes.order_by(of).to_pandas()
    pairs = known.select("person_id", of).inner_join(elsewhere, "person_id")
    found = pairs.group_by(of, "other").agg(n_people=pairs["person_id"].nunique())
    found = found.order_by(of, "other").to_pandas()
    every = pd.MultiIndex.from_product([sizes[of], found["other"].unique()], names=[of, "other"])
    full = found.set_index([of, "other"]).reindex(every, fill_value=0).reset_index()
    full = full.merge(sizes[[of, "n_group"]], on=of)
    both = pd.concat([full, sizes.assign(other=ANY_OTHER)], ignore_index=True)
    return both.rename(columns={of: "group"}).assign(of=of)


def deliveries(
    campaigns: Mapping[str, Campaign], events: ir.Table, measured: ir.Table, *, as_of: date
) -> ir.Table:
    """List whom the message in fact reached, where a plan says by which act that is known.

    The effect stays that of being assigned. Nobody knows of people whose time is not over.
    """
    parts = []
    for name, campaign in campaigns.items():
        if campaign.plan.delivery is None:
            continue
        plan = campaign.plan._replace(primary=campaign.plan.delivery, secondaries=())
        plan = plan._replace(negative_control=None, delivery=None)
        units = units_of(campaign._replace(plan=plan), events, measured, as_of=as_of)
        row = {"experiment": ibis.literal(name), "delivered": units["y0"] > 0}
        parts.append(units.select("person_id", "arm", **row).select(list(DELIVERED)))
    if not parts:
        return ibis.memtable(pd.DataFrame(columns=list(DELIVERED)).astype(DELIVERED))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]
