"""Every experiment of a study, from people or their sums to words."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import ibis.expr.types as ir
import pandas as pd

from coterie.experiments.checking import checks
from coterie.experiments.checking.checks import check
from coterie.experiments.deciding import aggregates, effects
from coterie.experiments.deciding.aggregates import ALL, AS_ASSIGNED, aggregate
from coterie.experiments.deciding.decisions import Case, decide
from coterie.experiments.deciding.effects import estimate
from coterie.experiments.deciding.report import Report
from coterie.experiments.design.looks import COLUMNS as LOOKED
from coterie.experiments.design.looks import LOOK, NO_LOOKS, Seen, take_looks
from coterie.experiments.design.plan import HOLDOUT, Plan, plan_hash
from coterie.experiments.design.sizing import planned_people
from coterie.experiments.trials.campaigns import Campaign, units_of, with_strata
from coterie.experiments.trials.warehouse import Summed
from coterie.study import SettingsError


def analyse(
    campaigns: Mapping[str, Campaign],
    events: ir.Table,
    measured: ir.Table,
    *,
    as_of: date,
    min_people: int = 50,
    names: Mapping[str, str] = MappingProxyType({}),
    looked: pd.DataFrame = NO_LOOKS,
    stated: Mapping[str, Summed] = MappingProxyType({}),
) -> Report:
    """Add up, check, compare and decide, for every campaign by its own plan.

    Outcomes are what an experiment's own table measured, where there is one, else what people did.
    `looked` are the looks of earlier runs, `stated` the tests of which a file states sums alone.

    Raises
    ------
    SettingsError
        Naming the campaigns of which one file has people and another sums.
    """
    if both := sorted({*campaigns} & {*stated}):
        raise SettingsError(
            f"02_sourcing.files: of {', '.join(both)} one file has people and another sums;"
            " give one of them another campaign."
        )
    sums = {
        name: add_up(with_strata(campaign, measured), events, measured, as_of=as_of)
        for name, campaign in campaigns.items()
    }
    sums |= {name: test.sums for name, test in stated.items()}
    every = {**campaigns, **{name: test.campaign for name, test in stated.items()}}
    options = {"min_people": min_people, "looked": looked, "as_of": as_of}
    return from_sums(every, sums, **options)._replace(names=dict(names))


def add_up(
    campaign: Campaign, events: ir.Table, measured: ir.Table, *, as_of: date
) -> pd.DataFrame:
    """Add up one campaign's outcomes in the engine; groups that nobody knows of are left out."""
    units = units_of(campaign, events, measured, as_of=as_of)
    known = [name for name in campaign.plan.segments if name in units.columns]
    return aggregate(units, campaign.plan, groupings=known)


def from_sums(
    campaigns: Mapping[str, Campaign],
    sums: Mapping[str, pd.DataFrame],
    *,
    min_people: int = 50,
    looked: pd.DataFrame = NO_LOOKS,
    as_of: date | None = None,
) -> Report:
    """Check, compare and decide from sums alone."""
    parts = [
        estimate(pd.concat([sums[name] for name in names]), plan, min_people=min_people)
        for plan, names in alike(campaigns)
    ]
    compared = stacked(parts, effects.COLUMNS)
    by_name = dict(list(compared.groupby("experiment")))
    before = dict(list(looked.groupby("experiment")))
    cases = {
        name: case_of(
            campaign,
            sums[name],
            by_name.get(name, compared.head(0)),
            earlier=before.get(name, NO_LOOKS),
            as_of=as_of,
        )
        for name, campaign in campaigns.items()
    }
    grades = {name: case.checks.grade for name, case in cases.items()}
    decided = {name: case for name, case in cases.items() if name != HOLDOUT}  # which is measured
    return Report(
        campaigns,
        stacked([*sums.values()], aggregates.COLUMNS)[aggregates.COLUMNS],
        compared.assign(evidence=compared["experiment"].map(grades)),
        stacked([case.checks.table for case in cases.values()], checks.COLUMNS),
        decide(compared, decided),
        grades,
        looks=stacked([looked, *(case.looks for case in cases.values())], LOOKED)
        .drop_duplicates(LOOK)
        .reset_index(drop=True),
    )


def alike(campaigns: Mapping[str, Campaign]) -> list[tuple[Plan, list[str]]]:
    """Group the campaigns whose arms are compared in one way, so that all are compared at once."""
    groups: dict[str, tuple[Plan, list[str]]] = {}
    for name, campaign in campaigns.items():
        weights = dict.fromkeys(campaign.plan.arms, 1.0)
        usual = campaign.plan._replace(id="", arms=weights)
        groups.setdefault(usual.written, (usual, []))[1].append(name)
    return list(groups.values())


def case_of(
    campaign: Campaign,
    sums: pd.DataFrame,
    effects: pd.DataFrame,
    *,
    earlier: pd.DataFrame,
    as_of: date | None,
) -> Case:
    """Check one campaign, and say how much of it has been seen."""
    plan = campaign.plan
    state = {"randomised": campaign.randomised, "n_mixed": campaign.n_mixed}
    state |= {"split": campaign.split}
    checks = check(sums, effects, plan, **state)
    seen = how_much(sums, plan, complete=checks.complete)
    if not plan.spending:
        return Case(plan, checks, seen.share)
    past = earlier[earlier["plan_hash"] == plan_hash(plan)]
    now = take_looks(effects, plan, seen, earlier=past, as_of=as_of)
    return Case(plan, checks, seen.share, stacked([past, now], LOOKED))


def how_much(sums: pd.DataFrame, plan: Plan, *, complete: bool) -> Seen:
    """Say how much of the people that a plan takes has been seen to the end."""
    if plan.looks == 1:  # nothing is asked before the end
        return Seen(0, 1.0, complete)
    rows = sums[(sums["metric"] == plan.primary.name) & (sums["segment"] == ALL)]
    n = int(rows.loc[rows["analysis"] == AS_ASSIGNED, "n_people"].sum())
    return Seen(n, n / planned_people(plan), complete)


def stacked(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Put frames below each other; without any, an empty one."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
