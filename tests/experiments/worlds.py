"""Experiments whose truth is known, as tables that a study would have."""

from datetime import date

import ibis
import numpy as np
import pandas as pd

from coterie.experiments import analyse, find_campaigns, placed_before
from coterie.experiments.aggregates import COLUMNS, SUMS
from coterie.experiments.campaigns import Campaign
from coterie.experiments.plan import ANY, Metric, Plan
from coterie.experiments.report import Report

DAY = pd.Timestamp("2026-05-01")
AS_OF = date(2026, 7, 1)
CONVERSION = Metric("conversion", "share", "purchase")
PLAN = Plan(ANY, "g", "o", {"control": 1.0, "treatment": 2.0}, CONVERSION, 0.05)
MEASURED = {"person_id": str, "campaign": str, "measure": str, "value": float, "label": str}
NOT_MEASURED = pd.DataFrame(columns=list(MEASURED)).astype(MEASURED)
ACTS = ["person_id", "at", "verb", "value"]


def exposures_of(arms: dict[str, str], *, at=DAY, campaign: str = "spring") -> pd.DataFrame:
    """Assign named people to arms."""
    frame = pd.DataFrame({"person_id": list(arms), "arm": list(arms.values())})
    return frame.assign(campaign=campaign, randomised=True, at=at, mixed=False)


def report_of(
    exposures: pd.DataFrame,
    acts: list[tuple] | pd.DataFrame,
    plan: Plan = PLAN,
    *,
    as_of: date = AS_OF,
    segments: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
    min_people: int = 2,
    measured: pd.DataFrame | None = None,
) -> Report:
    """Analyse what people did, as notebook 08 does."""
    events = pd.DataFrame(acts, columns=ACTS)
    events = events.assign(at=pd.to_datetime(events["at"], format="ISO8601"))
    events = events.astype({"person_id": str, "verb": str, "value": float})
    stated = measured if measured is not None else NOT_MEASURED
    tried = find_campaigns(ibis.memtable(exposures), {ANY: plan}, measured=ibis.memtable(stated))
    everyone = people if people is not None else exposures[["person_id"]].drop_duplicates()
    placed = {} if segments is None else dict.fromkeys(tried, ibis.memtable(segments))
    grouped = placed_before(tried, placed, ibis.memtable(everyone))
    tables = (ibis.memtable(events), ibis.memtable(stated))
    return analyse(grouped, *tables, as_of=as_of, min_people=min_people)


def drawn(rng, *, n: int = 3000, plan: Plan = PLAN) -> pd.DataFrame:
    """Draw arms by the plan's weights."""
    arms = rng.choice(list(plan.shares), n, p=list(plan.shares.values()))
    return exposures_of(dict(zip([f"p{i}" for i in range(n)], arms, strict=True)))


def units_of(rng, plan: Plan, *, n: int, lift: float = 0.0, base: float = 0.12) -> pd.DataFrame:
    """Draw one row a person with outcomes already counted: `y`, `d` and `x` of each metric."""
    arm = rng.choice(list(plan.shares), n, p=list(plan.shares.values()))
    treated = arm != plan.control
    habit = rng.poisson(0.4, n).astype(float)
    chance = base + 0.06 * (np.minimum(habit, 2) - 0.39) + lift * treated
    did = (rng.random(n) < chance).astype(float)
    frame = pd.DataFrame({"arm": arm, "mixed": False, "cluster": None})
    frame["person_id"] = [f"p{i}" for i in range(n)]
    frame["segment"] = rng.choice(["S1", "S2", "S3", "S4", "S5", "S6"], n)
    for place, metric in enumerate(plan.metrics):
        y, d = did, np.ones(n)
        if metric.kind == "mean":
            y = did * rng.lognormal(3, 1, n)
        if metric.kind == "ratio":
            d = rng.poisson(3, n).astype(float)
            y = rng.binomial(d.astype(int), np.clip(chance, 0, 1)).astype(float)
        x = habit if metric.covariate_days else np.full(n, np.nan)
        frame[f"y{place}"], frame[f"d{place}"], frame[f"x{place}"] = y, d, x
    return frame


def sums_of(units: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Add up units as `aggregate` does in the engine, without one: thousands of worlds a minute."""
    parts = []
    for place, metric in enumerate(plan.metrics):
        one = units[["arm", "segment"]].assign(
            y=units[f"y{place}"], d=units[f"d{place}"], x=units[f"x{place}"].fillna(0.0), people=1
        )
        for people in (one, one.assign(segment="all")):
            whose = units["cluster"] if plan.cluster else units["person_id"]
            keys = [people["arm"], people["segment"], whose.rename("whose")]
            frame = people
            if plan.cluster:
                frame = people.groupby(keys)[["y", "d", "x", "people"]].sum().reset_index()
            y, d, x = frame["y"], frame["d"], frame["x"]
            products = (y, y * y, d, d * d, y * d, x, x * x, x * y)
            sums = dict(zip(SUMS, products, strict=True))
            parts.append(frame.assign(n=1, metric=metric.name, **sums))
    rows = pd.concat(parts).groupby(["metric", "segment", "arm"], as_index=False)
    found = rows[["people", "n", *SUMS]].sum()
    counts = {"n_assigned": found["people"], "n_people": found["people"]}
    return found.assign(**counts, experiment=plan.id, analysis="as assigned")[COLUMNS]


def campaign_of(plan: Plan) -> Campaign:
    """Take a plan for a randomised campaign of nobody in particular."""
    return Campaign(plan, None, True, 0, DAY, "")
