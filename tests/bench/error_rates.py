"""What experiments promise, measured on worlds whose truth is known.

`python tests/bench/error_rates.py rates` prints false alarms, coverage, how often a plan acts on
its minimum and what its checks see; `speed` how long sums and effects take beside a bare GROUP BY;
`many` how long thousands of pre-aggregated tests take. Nothing here is tuned on what it measures.
The rates are simulated from sums (`worlds.sums_of`, which a default test holds against the engine):
the same path that a warehouse's own sums take.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import ibis
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

from experiments.simulations import (
    MONEY,
    acting,
    any_green,
    by_method,
    clustered,
    contaminated,
    heavy_tailed,
    looking_as_planned,
    looking_daily,
    off_by,
    targeting,
)
from experiments.worlds import PLAN, campaign_of

from coterie.experiments.deciding.aggregates import aggregate
from coterie.experiments.deciding.analysis import from_sums
from coterie.experiments.deciding.effects import estimate
from coterie.experiments.trials.outcomes import from_events


def rates(worlds: int = 2000) -> None:
    """Print every rate."""
    print(f"{worlds} worlds each; 3,000 people, 2:1, six segments unless said otherwise")
    print("A/A reports with any act, gates passed:", any_green(worlds), flush=True)
    print("A/A by method:", by_method(worlds).to_string(), sep="\n", flush=True)
    print("lift 0.05 by method:", by_method(worlds, lift=0.05).to_string(), sep="\n", flush=True)
    for times in (1.0, 1.3):
        print(f"heavy-tailed money, times {times}:", heavy_tailed(worlds, times=times).to_string())
    print("households of four, A/A (alarm, inside):", clustered(worlds), flush=True)
    print("households, lift 0.05 (alarm, inside):", clustered(worlds, lift=0.05), flush=True)
    print("28 looks at nothing: plan, sequence alone, plain:", looking_daily(worlds), flush=True)
    for spending in ("obrien-fleming", "pocock"):
        for lift in (0.0, 0.05):
            found = looking_as_planned(worlds, spending=spending, lift=lift)
            print(f"four looks, {spending}, lift {lift}:", found, flush=True)
    print(acting(worlds).to_string(), flush=True)
    for n in (3000, 9000):
        found = off_by(contaminated(worlds // 4, n=n))
        print(f"contamination, {n:,} people:", found.to_string(), sep="\n", flush=True)
    print("flagged: arms picked by the past, clean arms:", targeting(worlds // 4), flush=True)


def speed(n_people: int = 1_000_000, n_events: int = 5_000_000) -> None:
    """Print how long sums take beside a bare GROUP BY of the same, and effects of many tests."""
    with tempfile.TemporaryDirectory() as folder:
        connection = ibis.duckdb.connect(Path(folder) / "lake.duckdb")
        connection.raw_sql("SET threads=2; SET memory_limit='3GB'")
        compare_speed(connection, n_people, n_events)
        connection.disconnect()


def compare_speed(connection: ibis.BaseBackend, n_people: int, n_events: int) -> None:
    """Draw people and events in the engine, and add them up both ways."""
    connection.raw_sql(
        f"""CREATE TABLE assigned AS SELECT 'p' || i AS person_id,
        CASE WHEN hash(i) % 3 = 0 THEN 'control' ELSE 'treatment' END AS arm,
        TIMESTAMP '2026-05-01' AS at, false AS mixed, false AS multi_exposed,
        'S' || hash(i + 7) % 6 AS segment,
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
    began = clocks()
    sums = aggregate(from_events(*tables, plan, as_of=day), plan)
    found = estimate(sums, plan)
    ours = clocks() - began
    began = clocks()
    bare = connection.raw_sql(BARE).fetchall()
    theirs = clocks() - began
    print(f"{n_people:,} people, {n_events:,} events; seconds by the clock and of processor time")
    print(f"{len(found)} effects: {ours.round(1)}; bare GROUP BY of their sums: {theirs.round(1)}")
    print(f"{len(bare)} rows; ratios {(ours / theirs).round(2)}")
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"most memory {largest:.1f} GiB, the tables included")


def clocks() -> np.ndarray:
    """Read the clock, and the processor time used."""
    return np.array([time.perf_counter(), time.process_time()])


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
    """Print how long pre-aggregated tests of 2 to 14 arms take, about 60 rows each.

    Two metrics, as many segments as fit into 60 rows, arms of equal weight; the whole path from
    sums to words.
    """
    rng = np.random.default_rng(0)
    tests = dict(preaggregated(rng, number) for number in range(n_tests))
    sums = {name: frame for name, (_, frame) in tests.items()}
    campaigns = {name: campaign_of(plan) for name, (plan, _) in tests.items()}
    n_rows = sum(map(len, sums.values()))
    began, used = time.perf_counter(), time.process_time()
    report = from_sums(campaigns, sums)
    took, used = time.perf_counter() - began, time.process_time() - used
    print(f"{n_tests:,} tests, {n_rows / n_tests:.0f} rows each: {len(report.effects):,} effects,")
    print(f"{len(report.decisions):,} decisions in {took:.1f} s ({used:.1f} s of processor time)")
    print(f"tests that pass every check: {np.mean([g == 'A' for g in report.grades.values()]):.3f}")


def preaggregated(rng: np.random.Generator, number: int) -> tuple[str, tuple]:
    """Draw one test as sums: its name, its plan and its rows."""
    n_arms = int(rng.integers(2, 15))
    arms = [f"a{place}" for place in range(n_arms)]
    segments = [*(f"S{place}" for place in range(max(1, 30 // n_arms - 1))), "all"]
    n = rng.multinomial(rng.integers(500, 5000), np.ones(n_arms) / n_arms, len(segments) - 1)
    hits = rng.binomial(n, 0.1).astype(float)
    n, hits = (np.vstack([part, part.sum(axis=0)]).ravel() for part in (n, hits))
    keys = {"arm": arms * len(segments), "segment": np.repeat(segments, n_arms)}
    counts = dict.fromkeys(("n", "n_assigned", "n_people", "sum_d", "sum_dd"), n)
    blank = dict.fromkeys(("sum_x", "sum_xx", "sum_xy"), 0.0)
    frame = pd.DataFrame(keys | counts | blank).assign(analysis="as assigned", sum_yd=hits)
    share = frame.assign(metric="conversion", sum_y=hits, sum_yy=hits)
    money = frame.assign(metric="value", sum_y=20 * hits, sum_yy=900 * hits)
    plan = PLAN._replace(id=f"t{number}", arms=dict.fromkeys(arms, 1.0), control="a0")
    plan = plan._replace(secondaries=(MONEY,))
    return plan.id, (plan, pd.concat([share, money]).assign(experiment=plan.id))


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "rates"
    if asked == "rates":
        rates(int(sys.argv[2]) if len(sys.argv) > 2 else 2000)
    elif asked == "speed":
        speed(*map(int, sys.argv[2:4]))
    else:
        many(*map(int, sys.argv[2:3]))
