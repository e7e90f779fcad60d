"""Weeks that stand out are found soon, and habits are not mistaken for them.

Posts like none before are noticed.
"""

from datetime import date
from functools import cache

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from coterie.demo import Knobs, make_world
from coterie.psychographics.trends.bursts import find_bursts, topic_counts
from coterie.psychographics.trends.habit import usual_volume
from coterie.psychographics.trends.periods import periods_before
from coterie.study import DataError, SettingsError

AS_OF, DAYS = date(2026, 7, 1), 180
# the first day of the planted week
BURST = pd.Timestamp(AS_OF) - pd.Timedelta(days=DAYS - int(0.45 * DAYS))
KINDS = ["steady", "spread", "season", "trend", "rare", "busy", "alone"]


def frame(table: np.ndarray, *, days: int = 7) -> pd.DataFrame:
    """Write counts, a row a topic, as topic_counts would."""
    periods = pd.date_range("2025-01-06", periods=table.shape[1], freq=f"{days}D")
    rows = pd.DataFrame(table, index=[f"t{k}" for k in range(len(table))], columns=periods)
    return rows.rename_axis(index="topic", columns="period").stack().rename("n").reset_index()


def habits(rng, kind: str, *, n: int, days: int) -> pd.DataFrame:
    """Draw eight topics to which nothing happens."""
    at, weekday = np.linspace(0, 1, n), np.arange(n) % 7
    mean = np.repeat(rng.uniform(5, 60, 8)[:, None] * (1 if days == 7 else 0.3), n, axis=1)
    if kind == "season":
        mean = mean * (
            np.where(weekday > 4, 2, 0.7) if days == 1 else 1 + 0.4 * np.sin(2 * np.pi * at)
        )
    if kind == "trend":
        mean = mean * np.exp(rng.normal(0, 0.8, 8)[:, None] * at)
    if kind == "rare":
        mean = np.repeat(rng.uniform(0.02, 1, 8)[:, None], n, axis=1)
    if kind == "busy":
        mean = mean * rng.gamma(4, 0.25, n)
    if kind == "spread":
        mean = mean * rng.gamma(5, 0.2, mean.shape)
    return frame(rng.poisson(mean[:1] if kind == "alone" else mean), days=days)


@cache
def true_posts(seed: int) -> pd.DataFrame:
    """List what people in the planted world really write about.

    Bots take no part in the planted week.
    """
    posts = (
        make_world(Knobs(1500, DAYS, seed=seed)).truth["posts"].query("~bot").reset_index(drop=True)
    )
    return posts.assign(person_id=posts["person"].astype(str))


def truth_topics(seed: int, *, period: str) -> pd.DataFrame:
    """Count posts by their true topic."""
    truth = true_posts(seed)
    posts, labels = (
        ibis.memtable(truth[["post_id", *names]]) for names in (["person_id", "at"], ["topic"])
    )
    span = {"as_of": AS_OF, "lookback_days": DAYS}
    return topic_counts(posts, labels, **span, period=period, topic="topic").to_pandas()


def seen_until(counts: pd.DataFrame, periods: int) -> pd.DataFrame:
    """Keep what was known so many periods after the burst began."""
    length = counts["period"].drop_duplicates().nsmallest(2).diff().max()
    return counts[
        counts["period"] + length <= BURST + periods * length + pd.Timedelta(days=length.days - 1)
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_planted_burst_is_found_within_two_weeks_and_nothing_else_is(seed):
    early = find_bursts(seen_until(truth_topics(seed, period="week"), 2)).query("burst")
    assert set(early["topic"]) == {"travel"}
    for period in (
        "week",
        "day",
    ):  # by day it is found once it is over: at the edge it may be a trend
        late = find_bursts(truth_topics(seed, period=period)).query("burst")
        length = pd.Timedelta(days=7 if period == "week" else 1)
        assert set(late["topic"]) == {"travel"}
        assert late["period"].between(BURST - length, BURST + pd.Timedelta(days=6)).all()
        assert (late["ratio"] > 2).all()


def test_a_busy_week_for_everything_is_no_burst_of_each_topic():
    table = np.random.default_rng(0).poisson(np.full((6, 30), 40.0))
    table[:, 20] *= 5
    assert not find_bursts(frame(table))["burst"].any()


def test_a_burst_of_one_topic_does_not_hide_behind_the_volume_it_makes_nor_lower_the_others():
    table = np.random.default_rng(0).poisson(np.full((4, 30), 40.0))
    table[0, 20:22] = 400
    found = find_bursts(frame(table))
    assert found.loc[found["burst"], "topic"].tolist() == ["t0", "t0"]
    assert found.loc[found["topic"] != "t0", "expected"].between(30, 50).all()


def test_a_burst_does_not_raise_its_own_expectation():
    table = np.random.default_rng(1).poisson(np.full((3, 26), 30.0))
    calm = find_bursts(frame(table)).query("topic == 't0'")["expected"].iloc[12]
    table[0, 12] = 3000
    assert find_bursts(frame(table)).query("topic == 't0'")["expected"].iloc[12] == pytest.approx(
        calm, rel=0.1
    )


def test_a_topic_never_seen_before_is_a_burst_in_its_first_week():
    table = np.random.default_rng(2).poisson(np.full((5, 26), 30.0))
    table[0] = [0] * 25 + [15]
    found = find_bursts(frame(table)).query("burst")
    assert found[["topic", "n"]].to_numpy().tolist() == [["t0", 15]]


def test_half_again_as_much_again_is_found_in_a_topic_of_forty_posts_a_week():
    rng, found = np.random.default_rng(3), 0
    for _ in range(8):
        table = rng.poisson(np.full((5, 26), 40.0))
        table[0, -2] = rng.poisson(100)
        found += find_bursts(frame(table)).query("topic == 't0'")["burst"].iloc[-2]
    assert found == 8


def test_ordinary_counts_lie_in_the_interval_in_about_95_percent():
    rng = np.random.default_rng(4)
    found = pd.concat(
        [find_bursts(habits(rng, kind, n=26, days=7)) for kind in ("steady", "spread", "trend")]
    )
    assert 0.93 < found["n"].between(found["low"], found["high"]).mean() < 0.99


def test_too_short_a_history_gives_no_number_and_says_so():
    found = find_bursts(frame(np.array([[5] * 10 + [500]])))
    assert not found["assessed"].any()
    assert not found["burst"].any()
    assert found[["expected", "low", "high", "ratio", "p", "q"]].isna().all(axis=None)


def test_periods_before_recording_began_are_not_judged():
    table = np.random.default_rng(5).poisson(np.full((2, 30), 20.0))
    table[:, :10] = 0
    found = find_bursts(frame(table)).query("topic == 't0'")
    assert found["assessed"].tolist() == [False] * 11 + [True] * 19
    assert not found["burst"].any()


def test_a_table_with_holes_is_refused():
    with pytest.raises(DataError, match="zeros included"):
        find_bursts(frame(np.ones((2, 20), int)).iloc[1:])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(12, 30))
def test_any_counts_give_probabilities_and_the_order_of_rows_decides_nothing(seed, topics, periods):
    rng = np.random.default_rng(seed)
    counts = frame(
        rng.negative_binomial(0.3, 0.02, (topics, periods)) * rng.integers(0, 2, (topics, 1))
    )
    found = find_bursts(counts)
    judged = found[found["assessed"]]
    assert judged["p"].between(0, 1).all()
    assert (judged["low"] <= judged["high"]).all()
    assert (judged["expected"] > 0).all()
    pd.testing.assert_frame_equal(
        found, find_bursts(counts.sample(frac=1, random_state=seed % 1000))
    )


@pytest.mark.parametrize("kind", ["spread", "rare"])
def test_false_alarms_are_rare_in_a_few_draws(kind):
    rng = np.random.default_rng(6)
    assert sum(find_bursts(habits(rng, kind, n=26, days=7))["burst"].any() for _ in range(10)) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("n", "days", "draws"), [(26, 7, 200), (12, 7, 200), (110, 7, 100), (180, 1, 60)]
)
def test_at_most_one_calm_table_in_twenty_shows_any_burst(kind, n, days, draws):
    rng = np.random.default_rng(7)
    alarms = sum(
        find_bursts(habits(rng, kind, n=n, days=days))["burst"].any() for _ in range(draws)
    )
    assert alarms <= stats.binom.ppf(
        1 - 0.05 / (4 * len(KINDS)), draws, 0.05
    )  # so many sets of draws are looked at


@pytest.mark.slow
def test_among_the_bursts_found_at_most_one_in_twenty_is_false():
    rng, shares = np.random.default_rng(8), []
    for _ in range(100):
        table = rng.poisson(rng.uniform(10, 60, (8, 1)) * rng.gamma(10, 0.1, (8, 26)))
        table[0, 20] = rng.poisson(2.5 * 60)
        found = find_bursts(frame(table)).query("burst")
        true = (found["topic"] == "t0") & (found["period"] == frame(table)["period"].unique()[20])
        shares.append(1 - true.mean() if len(found) else 0.0)
    assert np.mean(shares) <= 0.05


def test_weeks_are_complete_begin_on_monday_and_end_before_the_cut_off_day():
    weeks = periods_before(date(2026, 7, 6), lookback_days=20, period="week")["period"]
    assert weeks.tolist() == [pd.Timestamp("2026-06-22"), pd.Timestamp("2026-06-29")]
    assert (
        periods_before(date(2026, 7, 5), lookback_days=20, period="week")["period"].max()
        == weeks[0]
    )


def few_posts(extra: list[tuple] = ()) -> tuple[ibis.Table, ibis.Table]:
    """Six posts: a brand's, one without a topic, one of a small topic, one outside the window."""
    rows = [
        ("1", "ana", "2026-06-29 00:00", "food"),
        ("2", "bo", "2026-06-29 23:59", "food"),
        ("3", "", "2026-06-29 10:00", "food"),
        ("4", "bo", "2026-06-30 10:00", ""),
        ("5", "bo", "2026-06-30 10:00", "tech"),
        ("6", "bo", "2026-06-20 10:00", "food"),
    ]
    posts = pd.DataFrame(
        [*rows, *extra], columns=["post_id", "person_id", "at", "inferred_interest"]
    )
    posts["at"] = pd.to_datetime(posts["at"])
    return ibis.memtable(posts.iloc[:, :3]), ibis.memtable(posts.iloc[:, [0, 3]])


def test_zeros_are_counted_and_brands_small_topics_and_posts_without_topic_are_not():
    counts = topic_counts(
        *few_posts(), as_of=AS_OF, lookback_days=3, period="day", min_people=2
    ).to_pandas()
    assert counts[["topic", "n", "people"]].to_numpy().tolist() == [
        ["food", 0, 0],
        ["food", 2, 2],
        ["food", 0, 0],
    ]


def test_posts_on_the_cut_off_day_change_nothing():
    later = [("7", "cy", "2026-07-01 00:00", "food"), ("8", "di", "2026-08-01 00:00", "fads")]
    span = {"as_of": AS_OF, "lookback_days": 30, "min_people": 1}
    now, then = (topic_counts(*few_posts(extra), **span).to_pandas() for extra in ([], later))
    pd.testing.assert_frame_equal(now, then)


def test_an_unknown_period_is_named():
    with pytest.raises(SettingsError, match="'month' is neither day nor week"):
        topic_counts(*few_posts(), as_of=AS_OF, lookback_days=30, period="month")


@pytest.mark.parametrize("dialect", ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"])
def test_every_engine_can_say_the_counts(dialect):
    assert "GROUP BY" in ibis.to_sql(
        topic_counts(*few_posts(), as_of=AS_OF, lookback_days=30), dialect=dialect
    )


def test_volume_counts_as_far_as_it_varies_more_than_by_chance():
    assert usual_volume(np.zeros(5)).tolist() == [1] * 5
    assert np.ptp(usual_volume(np.random.default_rng(0).poisson(20, 200) * 1.0)) < 0.6
    assert usual_volume(np.array([1000.0, 1000, 1000, 3000]))[3] == pytest.approx(2, abs=0.01)
