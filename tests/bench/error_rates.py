"""What experiments promise, measured on worlds whose truth is known.

`python tests/bench/error_rates.py rates` prints false alarms, coverage, how often a plan acts on
its minimum and what its checks see; `speed` how long sums and effects take. Nothing here is tuned
on what it measures. The rates are simulated from sums (`worlds.sums_of`, which a default test holds
against the engine), through `from_sums`, as a warehouse's own would be.
"""

import sys
import time
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from experiments.worlds import CONVERSION, PLAN, campaign_of, sums_of, units_of

from coterie.experiments import size
from coterie.experiments.aggregates import aggregate
from coterie.experiments.checks import check
from coterie.experiments.effects import estimate
from coterie.experiments.outcomes import from_events
from coterie.experiments.plan import Metric
from coterie.experiments.report import Report, from_sums
from coterie.experiments.sequential import early_alpha, sequence_factor

CUPED = CONVERSION._replace(covariate_days=90)
MONEY = Metric("value", "mean", "purchase")
RATE = Metric("rate", "ratio", "click", "view")
SHOWN = PLAN._replace(primary=CUPED, secondaries=(MONEY, RATE))
LOOKS = 28


def report_of(units: pd.DataFrame, plan=SHOWN) -> Report:
    """Analyse one world from its sums."""
    name = "spring"
    named = plan._replace(id=name)
    return from_sums({name: campaign_of(named)}, {name: sums_of(units, named)})


def any_green(worlds: int, *, seed: int = 1) -> tuple[float, float]:
    """Count the A/A reports, three metrics and six segments, on which anything says act."""
    rng, acts, gates = np.random.default_rng(seed), 0, 0
    for _ in range(worlds):
        report = report_of(units_of(rng, SHOWN, n=3000))
        acts += (report.decisions["decision"] == "act").any()
        gates += bool((report.decided["pvalue_adjusted"] < SHOWN.alpha).any())
    return acts / worlds, gates / worlds


def by_method(worlds: int, *, lift: float = 0.0, seed: int = 2) -> pd.DataFrame:
    """Measure each method's false alarms, or the coverage of a planted lift, for everyone."""
    plan = PLAN._replace(secondaries=(CUPED._replace(name="adjusted"), MONEY, RATE), segments=())
    rng = np.random.default_rng(seed)
    truth = truths(plan, lift)
    rows = []
    for world in range(worlds):
        sums = sums_of(units_of(rng, plan, n=3000, lift=lift), plan)
        found = estimate(sums[sums["segment"] == "all"], plan).assign(world=world)
        rows.append(found[["world", "metric", "effect", "low", "high", "pvalue"]])
    every = pd.concat(rows)
    true = every["metric"].map(truth)
    every = every.assign(inside=(every["low"] <= true) & (true <= every["high"]))
    every = every.assign(alarm=every["pvalue"] < plan.alpha, above=every["low"] > true)
    return every.groupby("metric")[["alarm", "inside", "above"]].mean()


def truths(plan, lift: float) -> dict[str, float]:
    """Say what each metric's effect is in the limit, from one very large world."""
    if not lift:
        return {metric.name: 0.0 for metric in plan.metrics}
    sums = sums_of(units_of(np.random.default_rng(9), plan, n=1_000_000, lift=lift), plan)
    found = estimate(sums[sums["segment"] == "all"], plan).set_index("metric")
    return found["effect"].to_dict()


def clustered(worlds: int, *, lift: float = 0.0, seed: int = 3) -> tuple[float, float]:
    """Measure the same for households of four that share an arm (ICC 0.2)."""
    plan = PLAN._replace(cluster="household", segments=())
    rng, alarms, inside = np.random.default_rng(seed), 0, 0
    for _ in range(worlds):
        units = units_of(rng, plan, n=3000)
        home = np.arange(3000) // 4
        arms = rng.choice(list(plan.shares), 750, p=list(plan.shares.values()))[home]
        chance = rng.beta(0.12 * 4, 0.88 * 4, 750)[home]  # a + b = 1 / ICC - 1
        did = rng.random(3000) < np.clip(chance + lift * (arms == "treatment"), 0, 1)
        units = units.assign(arm=arms, cluster=home, y0=did.astype(float))
        found = estimate(sums_of(units, plan), plan).query("segment == 'all'").iloc[0]
        alarms += found["pvalue"] < plan.alpha
        inside += found["low"] <= lift <= found["high"]
    return alarms / worlds, inside / worlds


def looking_daily(worlds: int, *, n: int = 3000, seed: int = 4) -> tuple[float, float, float]:
    """Look 28 times at nothing: how often any look, or the end, says act or rises beyond chance.

    Returns false alarms by the plan's rule, by an interval that holds at every look alone, and by
    a plain 95 % interval at every look.
    """
    rng = np.random.default_rng(seed)
    seen = (n * np.arange(1, LOOKS + 1) / LOOKS).astype(int) - 1
    share = (seen + 1) / n
    early = sequence_factor(share[:-1], alpha=early_alpha(PLAN.alpha, LOOKS))
    always = sequence_factor(share, alpha=PLAN.alpha)
    end = 1.959964 if not early_alpha(PLAN.alpha, LOOKS) else 2.053749  # alpha left: 0.04
    hits = np.zeros(3)
    for _ in range(worlds):
        treated = rng.random(n) < 2 / 3
        did = rng.random(n) < 0.12
        z = np.abs(score_path(did, treated, seen))
        hits += [(z[:-1] > early).any() or z[-1] > end, (z > always).any(), (z > 1.96).any()]
    return tuple(hits / worlds)


def score_path(did: np.ndarray, treated: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Say how many standard errors the arms lie apart at each look."""
    n1, x1 = np.cumsum(treated)[seen], np.cumsum(did & treated)[seen]
    n0, x0 = np.cumsum(~treated)[seen], np.cumsum(did & ~treated)[seen]
    p, q = x1 / n1, x0 / n0
    error = np.sqrt(p * (1 - p) / n1 + q * (1 - q) / n0)
    return np.divide(p - q, error, out=np.zeros_like(p), where=error > 0)


def acting(worlds: int, *, seed: int = 5) -> pd.DataFrame:
    """Plant exactly the minimum at the size that a plan asks for, and count how often it acts."""
    rows = []
    for rule in ("low > 0", "estimate >= minimum"):
        plan = PLAN._replace(act_when=rule, segments=())
        sized = size(plan, base_rate=0.12).iloc[0]
        rng, acts = np.random.default_rng(seed), 0
        for _ in range(worlds):
            units = units_of(rng, plan, n=int(sized["n_total"]), lift=plan.minimum_lift)
            acts += report_of(units, plan).decision == "act"
        rows.append((rule, int(sized["n_total"]), sized["p_act"], acts / worlds))
    return pd.DataFrame(rows, columns=["act_when", "people", "promised", "measured"])


def targeting(worlds: int, *, seed: int = 6) -> tuple[float, float]:
    """Count how often arms picked by the past are flagged, and clean ones are."""
    plan = SHOWN._replace(secondaries=())
    rng, flags = np.random.default_rng(seed), np.zeros(2)
    for _ in range(worlds):
        clean = units_of(rng, plan, n=3000)
        usual = 0.667 + 0.1 * (clean["x0"] > 0) - 0.1 * 0.33  # buyers a little more often
        picked = np.where(rng.random(3000) < usual, "treatment", "control")
        for place, units in enumerate((clean.assign(arm=picked), clean)):
            sums = sums_of(units, plan)
            flags[place] += check(sums, estimate(sums, plan), plan, randomised=True).grade == "C"
    return tuple(flags / worlds)


def rates(worlds: int = 2000) -> None:
    """Print every rate."""
    print(f"{worlds} worlds each; 3,000 people, 2:1, six segments unless said otherwise")
    print("A/A reports with any act, gates passed:", any_green(worlds))
    print("A/A by method:\n", by_method(worlds))
    print("lift 0.05 by method:\n", by_method(worlds, lift=0.05))
    print("households of four, A/A (alarm, inside):", clustered(worlds))
    print("households of four, lift 0.05 (alarm, inside):", clustered(worlds, lift=0.05))
    print("28 looks at nothing: plan, sequence alone, plain:", looking_daily(worlds))
    print(acting(worlds).to_string())
    print("flagged: arms picked by the past, clean arms:", targeting(worlds))


def speed(n_people: int = 1_000_000, n_events: int = 5_000_000) -> None:
    """Print how long sums take beside a bare GROUP BY of the same, and effects of many tests."""
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET threads=2")
    connection.raw_sql(
        f"""CREATE TABLE assigned AS SELECT 'p' || i AS person_id,
        CASE WHEN hash(i) % 3 = 0 THEN 'control' ELSE 'treatment' END AS arm,
        TIMESTAMP '2026-05-01' AS at, false AS mixed, 'S' || hash(i + 7) % 6 AS segment,
        NULL::VARCHAR AS cluster FROM range({n_people}) t(i)"""
    )
    connection.raw_sql(
        f"""CREATE TABLE events AS SELECT 'p' || hash(i) % {n_people} AS person_id,
        TIMESTAMP '2026-04-01' + INTERVAL (hash(i + 3) % 90) DAY AS at, 'purchase' AS verb,
        (hash(i + 5) % 100)::DOUBLE AS value FROM range({n_events}) t(i)"""
    )
    plan = PLAN._replace(secondaries=(MONEY,))
    day = pd.Timestamp("2026-07-01").date()
    tables = (connection.table("assigned"), connection.table("events"))
    began = time.perf_counter()
    sums = aggregate(from_events(*tables, plan, as_of=day), plan)
    found = estimate(sums, plan)
    ours = time.perf_counter() - began
    began = time.perf_counter()
    bare = connection.raw_sql(BARE).fetchall()
    theirs = time.perf_counter() - began
    print(f"{n_people:,} people, {n_events:,} events: {len(found)} effects in {ours:.1f} s")
    print(f"bare GROUP BY of the same sums, {len(bare)} rows: {theirs:.1f} s")
    print(f"ratio {ours / theirs:.2f}")


BARE = """
WITH done AS (
  SELECT a.person_id, sum((e.at < a.at + INTERVAL 28 DAY)::INT) AS n,
    sum(CASE WHEN e.at < a.at + INTERVAL 28 DAY THEN e.value END) AS v
  FROM assigned a JOIN events e USING (person_id) WHERE e.at >= a.at AND e.verb = 'purchase'
  GROUP BY 1)
SELECT arm, segment, count(*), sum((n > 0)::INT), sum(v), sum(v * v)
FROM (SELECT a.arm, a.segment, coalesce(n, 0) AS n, coalesce(v, 0) AS v
  FROM assigned a LEFT JOIN done USING (person_id)) GROUP BY 1, 2"""


def many(n_tests: int = 5000) -> None:
    """Print how long effects of many pre-aggregated tests of 2 to 14 arms take."""
    rng = np.random.default_rng(0)
    arms = [f"a{i}" for i in range(14)]
    parts = []
    for test in range(n_tests):
        k = rng.integers(2, 15)
        n = rng.integers(500, 20_000, k)
        hits = rng.binomial(n, 0.1)
        parts.append(
            pd.DataFrame({"experiment": f"t{test}", "arm": arms[:k], "n": n, "sum_y": hits})
        )
    sums = pd.concat(parts)
    zero = dict.fromkeys(("sum_x", "sum_xx", "sum_xy"), 0.0)
    same = dict.fromkeys(("n_assigned", "n_people", "sum_d", "sum_dd"), sums["n"])
    also = {"sum_yy": sums["sum_y"], "sum_yd": sums["sum_y"]}
    keys = {"metric": "conversion", "analysis": "as assigned", "segment": "all"}
    plan = PLAN._replace(arms=dict.fromkeys(arms, 1.0), control="a0", segments=())
    began = time.perf_counter()
    found = estimate(sums.assign(**zero, **same, **also, **keys), plan)
    print(f"{n_tests:,} tests, {len(found):,} comparisons: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "rates"
    if asked == "rates":
        rates(int(sys.argv[2]) if len(sys.argv) > 2 else 2000)
    else:
        speed(*map(int, sys.argv[2:4]))
        many()
