"""A change of mood is dated to a week, noise is none, and who writes much is one person."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.psychographics.trends.reputation import follow_reputation, sentiment_counts

MONDAY = pd.Timestamp("2026-01-05")


def weekly(
    rng, *, weeks=26, people=200, step=0.0, at=0, lean=1.0, shock=0.0, much=1.0
) -> pd.DataFrame:
    """Draw who wrote how many posts of which mood.

    People lean one way, weeks may be shaken, the mood steps at `at`.
    """
    own, rate = rng.normal(0, lean, people), rng.gamma(1, 0.5 * much, people)
    level = rng.normal(0, shock, weeks) + step * (np.arange(weeks) >= at)
    counts = rng.poisson(np.repeat(rate[:, None], weeks, axis=1))
    who, week = np.nonzero(counts)
    n, mood = counts[who, week], own[who] + level[week]
    up, down = 0.35 * np.exp(mood), 0.3 * np.exp(-mood)
    positive = rng.binomial(n, up / (up + down + 0.35))
    negative = rng.binomial(n - positive, down / (down + 0.35))
    period = MONDAY + pd.to_timedelta(7 * week, unit="D")
    rows = {"person_id": who, "period": period, "n": n, "positive": positive, "negative": negative}
    return pd.DataFrame(rows).astype({"person_id": str})


def week_of(changes: pd.DataFrame) -> np.ndarray:
    return ((changes["period"] - MONDAY).dt.days // 7).to_numpy()


def test_a_planted_change_is_dated_to_within_a_week():
    rng, dated = np.random.default_rng(0), 0
    for _ in range(10):
        at = int(rng.integers(5, 21))
        found = follow_reputation(weekly(rng, step=0.6, at=at), min_people=30).changes
        dated += (abs(week_of(found) - at) <= 1).any()
    assert dated >= 9


def test_a_change_is_described_by_the_levels_on_both_sides():
    found = follow_reputation(weekly(np.random.default_rng(1), step=-1.0, at=13), min_people=30)
    assert week_of(found.changes).tolist() == [13]
    change = found.changes.iloc[0]
    before, after = found.trend["net"].iloc[:13], found.trend["net"].iloc[13:]
    assert change["before"] == pytest.approx(np.average(before, weights=found.trend["n"].iloc[:13]))
    assert change["after"] == pytest.approx(np.average(after, weights=found.trend["n"].iloc[13:]))
    assert (
        change["low"]
        < change["difference"]
        == change["after"] - change["before"]
        < change["high"]
        < 0
    )
    assert change["p"] == 0.001


def test_a_bad_month_is_two_changes():
    rng = np.random.default_rng(2)
    counts = pd.concat([weekly(rng), weekly(rng, step=-1.5)]).assign(
        week=lambda rows: (rows["period"] - MONDAY).dt.days // 7
    )
    half = len(counts) // 2
    bad = counts["week"].between(10, 13)
    counts = counts[np.where(np.arange(len(counts)) < half, ~bad, bad)]
    assert week_of(follow_reputation(counts, min_people=30).changes).tolist() == [10, 14]


def test_noise_shows_a_change_in_few_series_of_a_few_draws():
    rng = np.random.default_rng(3)
    assert (
        sum(len(follow_reputation(weekly(rng), min_people=30).changes) > 0 for _ in range(15)) <= 3
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [{}, {"lean": 0.0}, {"weeks": 12}, {"people": 90}, {"shock": 0.25}, {"much": 4.0}]
)
def test_at_most_one_series_in_twenty_without_change_shows_one(kind):
    rng, draws = np.random.default_rng(4), 300
    alarms = sum(
        len(follow_reputation(weekly(rng, **kind), min_people=20, seed=n).changes) > 0
        for n in range(draws)
    )
    assert alarms <= 0.05 * draws + 2 * np.sqrt(0.05 * 0.95 * draws)


@pytest.mark.slow
def test_the_interval_covers_though_a_few_write_very_much():
    rng, covered, naive = np.random.default_rng(5), [], []
    truth = follow_reputation(weekly(rng, weeks=200, people=4000, much=8.0)).trend
    truth = np.average(truth["net"], weights=truth["n"])
    for _ in range(400):
        row = follow_reputation(weekly(rng, weeks=1, people=150, much=8.0)).trend.iloc[0]
        covered.append(row["low"] <= truth <= row["high"])
        naive.append(abs(row["net"] - truth) <= 1.96 * np.sqrt(0.7 / row["n"]))
    assert 0.92 < np.mean(covered) < 0.98
    assert np.mean(naive) < 0.85


def test_one_person_who_writes_a_hundred_posts_widens_the_interval():
    rows = pd.DataFrame(
        {"person_id": [f"p{i}" for i in range(100)], "period": MONDAY, "n": 1, "negative": 0}
    )
    rows["positive"] = [1, 0] * 50
    calm = follow_reputation(rows).trend.iloc[0]
    loud = rows.assign(n=[101] + [1] * 99, positive=[101] + [0, 1] * 49 + [0])
    heard = follow_reputation(loud).trend.iloc[0]
    assert heard["high"] - heard["low"] > 2 * (calm["high"] - calm["low"])


def test_unanimous_people_leave_some_doubt():
    rows = pd.DataFrame(
        {
            "person_id": [f"p{i}" for i in range(50)],
            "period": MONDAY,
            "n": 1,
            "positive": 1,
            "negative": 0,
        }
    )
    row = follow_reputation(rows).trend.iloc[0]
    assert row["net"] == row["high"] == 1
    assert 0.8 < row["low"] < 1


def test_small_weeks_are_left_out_and_short_series_are_not_searched():
    counts = weekly(np.random.default_rng(6), weeks=9)
    small = counts[(counts["period"] > MONDAY) | (counts["person_id"] < "12")]
    found = follow_reputation(small, min_people=40)
    assert MONDAY not in set(found.trend["period"])
    assert (found.trend["n_people"] >= 40).all()
    assert not found.enough
    assert found.changes.empty
    assert follow_reputation(counts.iloc[:0]).trend.empty


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_swapping_praise_and_blame_turns_the_result_over_and_the_order_of_rows_decides_nothing(
    seed,
):
    counts = weekly(np.random.default_rng(seed), weeks=12, people=100, step=1.0, at=6)
    found = follow_reputation(counts, min_people=20)
    swapped = counts.rename(columns={"positive": "negative", "negative": "positive"}).sample(
        frac=1, random_state=seed
    )
    other = follow_reputation(swapped, min_people=20)
    np.testing.assert_allclose(other.trend["low"], -found.trend["high"])
    assert other.changes["period"].tolist() == found.changes["period"].tolist()
    np.testing.assert_allclose(other.changes["low"], -found.changes["high"])
    assert (found.trend["low"] <= found.trend["net"]).all()
    assert (found.trend["net"] <= found.trend["high"]).all()


def few_posts(extra: list[tuple] = ()) -> tuple[ibis.Table, ibis.Table]:
    rows = [
        ("1", "ana", "2026-06-22 00:00", "positive"),
        ("2", "ana", "2026-06-28 23:59", "negative"),
        ("3", "bo", "2026-06-23 10:00", ""),
        ("4", "", "2026-06-23 10:00", "positive"),
        ("5", "bo", "2026-06-30 10:00", "neutral"),
        ("6", "bo", "2026-06-24 10:00", "neutral"),
    ]
    posts = pd.DataFrame(
        [*rows, *extra], columns=["post_id", "person_id", "at", "inferred_sentiment"]
    )
    posts["at"] = pd.to_datetime(posts["at"])
    return ibis.memtable(posts.iloc[:, :3]), ibis.memtable(posts.iloc[:, [0, 3]])


def test_brands_and_posts_left_open_do_not_count_nor_does_the_week_under_way():
    later = [("7", "cy", "2026-07-01 00:00", "positive")]
    for extra in ([], later):
        counts = sentiment_counts(
            *few_posts(extra), as_of=date(2026, 7, 1), lookback_days=30
        ).to_pandas()
        found = counts.drop(columns="period").to_numpy().tolist()
        assert found == [["ana", 2, 1, 1], ["bo", 1, 0, 0]]


@pytest.mark.parametrize("dialect", ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"])
def test_every_engine_can_say_the_counts(dialect):
    table = sentiment_counts(*few_posts(), as_of=date(2026, 7, 1), lookback_days=30)
    assert "GROUP BY" in ibis.to_sql(table, dialect=dialect)
