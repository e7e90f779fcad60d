"""The campaigns of a study as experiments: each with its plan, its people and how it was drawn."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.experiments.design.plan import Plan, plan_hash
from coterie.experiments.design.registry import plan_for
from coterie.experiments.trials.assignment import GIVEN, with_groups
from coterie.experiments.trials.outcomes import from_events, from_measures

FACTS = ["campaign", "started", "randomised", "n_people", "n_mixed"]


class Campaign(NamedTuple):
    """One campaign as an experiment."""

    plan: Plan
    # one row a person: arm, at, mixed, and what they are grouped by; None where only sums are known
    assigned: ir.Table | None
    randomised: bool  # whether a file says that chance alone chose the arms
    n_mixed: int  # people who were put into two arms
    started: pd.Timestamp | None  # first assignment; None where the file has no dates
    registered_as: str  # fingerprint of the plan as it was written down
    measured: bool = False  # whether a file states the outcomes; else events do
    elsewhere: ir.Table | None = None  # arms of other campaigns that people were in; None: no other
    split: tuple[int, int] = (0, 0)  # clusters with people in several arms, and all clusters

    def pre_registered(self, registered: pd.DataFrame) -> bool:
        """Say whether the plan was written down before anybody was assigned."""
        known = registered.loc[registered["plan_hash"] == self.registered_as, "registered_at"]
        return self.started is not None and bool((known < self.started).any())


def find_campaigns(
    exposures: ir.Table, plans: Mapping[str, Plan], *, measured: ir.Table
) -> dict[str, Campaign]:
    """Find every campaign and the plan it will be judged by.

    `measured` is what an experiment's own table says of each person. People have no segment yet:
    see `placed_before`.
    """
    stated = set(measured.select("campaign").distinct().to_pandas()["campaign"])
    facts = exposures.group_by("campaign").agg(
        started=exposures["at"].min(),
        randomised=exposures["randomised"].all(),
        n_people=exposures.count(),
        n_mixed=exposures["mixed"].sum(),
    )
    rows = facts.order_by("campaign").to_pandas()[FACTS]
    controls = {name: plan_for(plans, name).control for name in rows["campaign"]}
    found = {}
    for row in rows.itertuples(index=False):
        people = exposures.filter(exposures["campaign"] == row.campaign)
        plan = plan_for(plans, row.campaign)
        elsewhere = None
        if len(controls) > 1:
            days = plan.primary.horizon_days
            elsewhere = seen_elsewhere(exposures, row.campaign, controls, days=days)
        found[row.campaign] = Campaign(
            plan._replace(id=row.campaign),
            with_groups(marked(people, elsewhere)),
            bool(row.randomised),
            int(row.n_mixed),
            None if pd.isna(row.started) else row.started,
            plan_hash(plan),
            row.campaign in stated,
            elsewhere,
        )
    return found


def seen_elsewhere(
    exposures: ir.Table, campaign: str, controls: Mapping[str, str], *, days: int
) -> ir.Table:
    """List the arms of other campaigns that a campaign's people were in at about the same time.

    That is less than `days` before or after their assignment, or at any time where a file has no
    dates.

    Returns
    -------
    Table
        `person_id`, `other` (campaign and arm), and `exposed`: whether that arm is no control.
    """
    mine = exposures.filter(exposures["campaign"] == campaign).select("person_id", since="at")
    rest = exposures.filter(exposures["campaign"] != campaign)
    control = ibis.cases(*[(rest["campaign"] == name, arm) for name, arm in controls.items()])
    theirs = rest.select(
        "person_id",
        "at",
        other=rest["campaign"] + ", " + rest["arm"],
        exposed=rest["arm"] != control,
    )
    both = mine.inner_join(theirs, "person_id")
    span = ibis.interval(days=days)
    near = (both["at"] < both["since"] + span) & (both["at"] + span > both["since"])
    return both.filter(near.fill_null(True)).select("person_id", "other", "exposed")


def marked(people: ir.Table, elsewhere: ir.Table | None) -> ir.Table:
    """Mark whom another campaign treated as well."""
    given = people.select("person_id", "arm", "at", "mixed")
    if elsewhere is None:
        return given.mutate(multi_exposed=False)
    treated = elsewhere.filter(elsewhere["exposed"]).select("person_id").distinct()
    joined = given.left_join(treated.mutate(hit=True), "person_id").drop("person_id_right")
    return joined.mutate(multi_exposed=joined["hit"].fill_null(False)).select(GIVEN)


def starts(campaigns: Mapping[str, Campaign]) -> dict[str, date]:
    """Say on which day each campaign began in which somebody is in control."""
    dated = {name: c for name, c in campaigns.items() if c.started is not None}
    held = {
        name: int(c.assigned.filter(c.assigned["arm"] == c.plan.control).count().execute())
        for name, c in dated.items()
    }
    return {name: dated[name].started.date() for name, n in held.items() if n}


def placed_before(
    campaigns: Mapping[str, Campaign], placed: Mapping[str, ir.Table], people: ir.Table
) -> dict[str, Campaign]:
    """Add to everyone the segment they were in before their campaign, and their cluster.

    `placed` maps a campaign to `person_id` and `segment`; a plan's cluster is a column of `people`.
    """
    found = {}
    for name, campaign in campaigns.items():
        clusters = cluster_of(people, campaign.plan)
        groups = {"segments": placed.get(name), "clusters": clusters}
        assigned = with_groups(campaign.assigned.select(GIVEN), **groups)
        split = (0, 0) if clusters is None else split_clusters(assigned)
        found[name] = campaign._replace(assigned=assigned, split=split)
    return found


def split_clusters(assigned: ir.Table) -> tuple[int, int]:
    """Count the clusters whose people are in several arms, and all of them."""
    arms = assigned.filter(assigned["cluster"].notnull()).group_by("cluster")
    n = arms.agg(arms=ibis._.arm.nunique())
    counts = n.aggregate(split=(n["arms"] > 1).sum().fill_null(0), every=n.count()).to_pandas()
    return int(counts["split"].iloc[0]), int(counts["every"].iloc[0])


def with_strata(campaign: Campaign, measured: ir.Table) -> Campaign:
    """Add to everyone the groups that the experiment's own table states, one column a stratum."""
    names = [name for name in campaign.plan.segments if name != "segment"]
    if not (campaign.measured and names):
        return campaign
    theirs = measured.filter(measured["campaign"] == campaign.plan.id)
    groups = {name: theirs["label"].max(where=theirs["measure"] == name) for name in names}
    wide = theirs.group_by("person_id").agg(**groups)
    joined = campaign.assigned.left_join(wide, "person_id").drop("person_id_right")
    return campaign._replace(assigned=joined)


def units_of(campaign: Campaign, events: ir.Table, measured: ir.Table, *, as_of: date) -> ir.Table:
    """Count each person's outcomes: as the experiment's own table states them, else by events."""
    if not campaign.measured:
        return from_events(campaign.assigned, events, campaign.plan, as_of=as_of)
    theirs = measured.filter(measured["campaign"] == campaign.plan.id)
    return from_measures(campaign.assigned, theirs, campaign.plan)


def cluster_of(people: ir.Table, plan: Plan) -> ir.Table | None:
    """Say in which cluster each person is; nothing where the plan has none."""
    if not plan.cluster or plan.cluster not in people.columns:
        return None
    return people.select("person_id", cluster=people[plan.cluster].cast("string"))


def as_campaign(plan: Plan, assigned: ir.Table, *, since: date) -> Campaign:
    """Look at the standing holdout as a campaign that began on a day."""
    return Campaign(plan, with_groups(assigned), True, 0, pd.Timestamp(since), plan_hash(plan))
