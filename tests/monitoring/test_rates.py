"""Every rate is what plain counting of the raw acts gives, over the denominator it names."""

from collections import defaultdict
from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie import contracts, monitoring, objectives

DAY = date(2026, 7, 1)
KPIS = pd.DataFrame({"kpi": ["conversion"], "numerator_verb": ["purchase"]})
REACTING = ("like", "announce", "create")


def drawn_log(seed: int, n: int = 4000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    verbs = ["view", "like", "announce", "create", "follow", "purchase"]
    return pd.DataFrame(
        {
            "person_id": rng.integers(0, 300, n).astype(str),
            "platform": rng.choice(["x", "web"], n),
            "verb": rng.choice(verbs, n, p=[0.5, 0.2, 0.05, 0.05, 0.1, 0.1]),
            "object_id": rng.integers(0, 40, n).astype(str),
            "at": pd.Timestamp("2026-05-20") + pd.to_timedelta(rng.integers(0, 45 * 86400, n), "s"),
        }
    )


def counted_by_hand(log: pd.DataFrame, wanted: tuple[str, ...], platform: str) -> dict:
    """Count one act after the other, in plain Python."""
    begin, end = pd.Timestamp("2026-06-03"), pd.Timestamp(DAY)
    here, viewers, doers, followers, posts = set(), set(), set(), set(), set()
    hits = defaultdict(int)
    views = 0
    for act in log.itertuples():
        if act.platform != platform or act.at >= end:
            continue
        if act.verb == "follow":
            followers.add(act.person_id)
        if act.at < begin:
            continue
        here.add(act.person_id)
        posts.add(act.object_id)
        if act.verb == "view":
            viewers.add(act.person_id)
            views += 1
        if act.verb in wanted:
            hits[act.person_id] += 1
            doers.add(act.person_id)
    acts = sum(hits.values())
    return {
        "people": len(doers) / len(here),
        "reach": len(doers & viewers) / len(viewers),
        "impressions": acts / views,
        "followers": acts / (len(followers) * len(posts)),
    }


@pytest.mark.parametrize("seed", range(3))
def test_rates_are_what_counting_the_acts_by_hand_gives(seed):
    log = drawn_log(seed)
    found = monitoring.platform_rates(ibis.memtable(log), ibis.memtable(KPIS), as_of=DAY)
    assert len(found) == 2 * 2 * 4
    for (kpi, platform), rows in found.groupby(["kpi", "platform"]):
        verbs = REACTING if kpi == "reactions" else ("purchase",)
        wanted = counted_by_hand(log, verbs, platform)
        for row in rows.itertuples():
            assert abs(row.value - wanted[row.denominator]) <= 1e-9
            assert row.low <= row.value <= row.high


def test_small_platforms_are_left_out_and_what_nobody_saw_has_no_rate():
    log = drawn_log(0).query("verb != 'view'")
    some = log["platform"].where(log["person_id"].astype(int) > 30, "forum")
    found = monitoring.platform_rates(
        ibis.memtable(log.assign(platform=some)), ibis.memtable(KPIS), as_of=DAY
    )
    assert set(found["platform"]) == {"x", "web"}
    assert set(found["denominator"]) == {"people", "followers"}


def test_intervals_of_a_rate_over_impressions_hold_the_truth():
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(400):
        views = rng.integers(1, 30, 400)
        likely = np.clip(rng.beta(2, 18, 400), 0, 1)  # people differ: acts are no independent draws
        hits = rng.binomial(views, likely)
        sums = (hits.sum(), (hits**2).sum(), views.sum(), (views**2).sum(), (hits * views).sum())
        _, low, high = monitoring.rates.ratio(*sums, n=400)
        inside += low <= 0.1 <= high
    assert 0.92 <= inside / 400 <= 0.98


def test_a_benchmark_is_held_against_the_same_denominator_only():
    rates = monitoring.platform_rates(ibis.memtable(drawn_log(1)), ibis.memtable(KPIS), as_of=DAY)
    beside = monitoring.beside_benchmarks(rates, objectives.read_benchmarks())
    assert set(beside) == set(contracts.KpiRates.types)
    known = beside.dropna(subset="benchmark").set_index(["platform", "denominator"])
    assert sorted(known.index) == [("x", "followers"), ("x", "impressions")]
    assert known.loc[("x", "impressions"), "verdict"] == "above"
    assert (beside.loc[beside["benchmark"].isna(), "verdict"] == "unknown").all()
