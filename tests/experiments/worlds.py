"""Experiments whose truth is known, as tables that a study would have."""

from datetime import date

import ibis
import numpy as np
import pandas as pd

from coterie.experiments import analyse, find_campaigns, placed_before
from coterie.experiments.deciding.aggregates import COLUMNS, SUMS
from coterie.experiments.deciding.report import Report
from coterie.experiments.design.plan import ANY, Metric, Plan
from coterie.experiments.trials.campaigns import Campaign

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
    frame = pd.DataFrame({"arm": arm, "mixed": False, "multi_exposed": False, "cluster": None})
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
    """Add up units as `aggregate` does in the engine, without one: thousands of worlds a minute.

    With a column `world`, each world is an experiment of its own.
    """
    world = units["world"] if "world" in units else pd.Series(plan.id, index=units.index)
    names = [pd.factorize(column, sort=True) for column in (world, units["segment"], units["arm"])]
    parts = []
    for place, metric in enumerate(plan.metrics):
        columns = {name: units[f"{name}{place}"].fillna(0).to_numpy() for name in "ydx"}
        for by_segment in (True, False):
            found = summed(columns, names, units["cluster"] if plan.cluster else None, by_segment)
            parts.append(found.assign(metric=metric.name))
    return pd.concat(parts, ignore_index=True).assign(analysis="as assigned")[COLUMNS]


def summed(columns: dict, names: list[tuple], cluster, by_segment: bool) -> pd.DataFrame:
    """Add up one metric by world and arm, and by segment where asked."""
    (world, worlds), (segment, segments), (arm, arms) = names
    if not by_segment:
        segment, segments = np.zeros_like(segment), np.array(["all"])
    group = (world * len(segments) + segment) * len(arms) + arm
    people = np.ones(len(group))
    y, d, x = (columns[name] for name in "ydx")
    if cluster is not None:
        pairs = pd.factorize(group.astype(np.int64) * (int(cluster.max()) + 1) + cluster)[0]
        group = pd.Series(group).groupby(pairs).first().to_numpy()
        people, y, d, x = (np.bincount(pairs, weights=part) for part in (people, y, d, x))
    products = (y, y * y, d, d * d, y * d, x, x * x, x * y)
    size = len(worlds) * len(segments) * len(arms)
    counted = {
        name: np.bincount(group, weights=part, minlength=size)
        for name, part in zip(SUMS, products, strict=True)
    }
    index = pd.MultiIndex.from_product(
        [worlds, segments, arms], names=["experiment", "segment", "arm"]
    )
    n_people = np.bincount(group, weights=people, minlength=size).astype(int)
    found = pd.DataFrame(counted, index=index).reset_index()
    n = np.bincount(group, minlength=size)
    return found.assign(n=n, n_people=n_people, n_assigned=n_people)[n > 0]


def worlds_of(rng, plan: Plan, *, worlds: int, n: int, **options) -> pd.DataFrame:
    """Draw many worlds at once, numbered in `world`."""
    units = units_of(rng, plan, n=worlds * n, **options)
    return units.assign(world=np.arange(worlds * n) // n)


def campaign_of(plan: Plan) -> Campaign:
    """Take a plan for a randomised campaign of nobody in particular."""
    return Campaign(plan, None, True, 0, DAY, "")


NAMES = {"S1": "Evening", "S2": "Weekend", "S3": "Quiet"}


def spring_world(*, n: int = 900, lift: float = 0.3, randomised: bool = True, **options) -> Report:
    """One campaign that adds exactly `lift`, all of it in the segment S1."""
    arms = {f"p{i}": "control" if i % 3 == 0 else "treatment" for i in range(n)}
    exposures = exposures_of(arms, campaign=options.pop("campaign", "spring"))
    exposures = exposures.assign(randomised=randomised)
    place = np.arange(n) // 3
    bought = (place % 10 == 0) | (
        (place % 10 < 10 * lift) & (place % 2 == 0) & (np.arange(n) % 3 > 0)
    )
    acts = [(f"p{i}", "2026-05-03", "purchase", 5.0) for i in np.flatnonzero(bought)]
    segments = pd.DataFrame(
        {"person_id": [f"p{i}" for i in range(n)], "segment": np.where(place % 2 == 0, "S1", "S2")}
    )
    options = {"plan": PLAN, "segments": segments, "min_people": 50} | options
    return report_of(exposures, acts, **options)._replace(names=NAMES)
