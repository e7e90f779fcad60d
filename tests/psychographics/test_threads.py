"""Threads are paired as a person would pair them, and a mere swing is no recovery."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.psychographics.opinions.threads import (
    COUNTS,
    recovery,
    thread_moods,
    thread_pairs,
    thread_roots,
)
from coterie.statistics import clustered_difference

AS_OF = date(2026, 7, 1)
COLUMNS = ["post_id", "person_id", "brand", "about_brand", "in_reply_to", "at"]
ENGINES = ["duckdb", "bigquery", "snowflake", "postgres", "pyspark"]


def posts_of(rows):
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS, "object"))
    frame["at"] = pd.to_datetime(frame["at"], format="mixed")
    return ibis.memtable(frame, schema=dict.fromkeys(COLUMNS[:-1], "string") | {"at": "timestamp"})


def labels_of(moods):
    return ibis.memtable(
        pd.DataFrame({"post_id": list(moods), "inferred_sentiment": list(moods.values())})
    )


TALK = [
    ("q", "ana", None, "acme", None, "2026-06-01 10:00"),
    ("more", "ana", None, "acme", "q", "2026-06-01 10:05"),
    ("a", None, "acme", None, "q", "2026-06-01 11:00"),
    ("ok", "ana", None, "acme", "a", "2026-06-01 12:00"),
    ("a2", None, "acme", None, "ok", "2026-06-01 12:30"),
    ("thanks", "ana", None, "acme", "a2", "2026-06-01 13:00"),
    ("me too", "bo", None, "acme", "q", "2026-06-01 10:30"),  # nobody answers bo, who writes again
    ("hello?", "bo", None, "acme", "me too", "2026-06-02 10:30"),
    ("alone", "cy", None, "acme", None, "2026-06-03 10:00"),  # answered, but cy never writes back
    ("sorry", None, "acme", None, "alone", "2026-06-03 11:00"),
    ("chat", "di", None, None, None, "2026-06-04 10:00"),  # nobody's brand
    ("chat2", "di", None, None, "chat", "2026-06-04 11:00"),
]


def pairs_of(rows, **options):
    pairs = thread_pairs(posts_of(rows), as_of=AS_OF, **options).to_pandas()
    return pairs.sort_values(["thread", "person_id"], ignore_index=True)


def test_the_first_post_is_paired_with_the_last_one_after_an_answer():
    pairs = pairs_of(TALK)
    assert pairs.values.tolist() == [
        ["q", "ana", "acme", True, "q", "thanks"],
        ["q", "bo", "acme", False, "me too", "hello?"],
    ]


def test_a_second_post_before_the_answer_is_not_a_reaction_to_it():
    assert pairs_of(TALK[:3]).empty


def test_an_answer_to_somebody_else_is_no_answer():
    other = ("b", None, "acme", None, "q", "2026-06-01 11:00")
    assert pairs_of([TALK[0], other, *TALK[6:8]])["answered"].tolist() == [False]


def test_an_answer_stamped_before_the_question_is_none():
    early = [(*row[:5], "2026-06-01 09:00") if row[0] == "a" else row for row in TALK[:4]]
    assert not pairs_of(early)["answered"].any()


def test_the_brand_that_answered_counts_not_the_one_that_was_addressed():
    rows = [TALK[0], ("a", None, "helper", None, "q", "2026-06-01 11:00"), TALK[3]]
    assert pairs_of(rows)["brand"].tolist() == ["helper"]


def test_threads_that_began_before_the_window_are_left_out():
    assert pairs_of(TALK, lookback_days=7).empty


def test_what_happens_on_the_day_or_later_is_invisible():
    late = [
        ("later", "ana", None, "acme", "thanks", "2026-07-01 00:00"),
        ("x", "ed", None, "acme", None, "2026-07-02"),
    ]
    pd.testing.assert_frame_equal(pairs_of(TALK + late), pairs_of(TALK))


def test_rings_of_replies_and_unknown_posts_stop_nobody():
    ring = [
        ("r1", "ed", None, "acme", "r2", "2026-06-05"),
        ("r2", "ed", None, "acme", "r1", "2026-06-05"),
    ]
    torn = [("t", "flo", None, "acme", "never collected", "2026-06-05")]
    roots = thread_roots(posts_of(TALK + ring + torn)).to_pandas().set_index("post_id")["thread"]
    assert roots["t"] == "t"
    assert not {"r1", "r2"} & {*roots.index}
    assert roots["thanks"] == "q"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=16))
def test_everyone_within_sixteen_replies_finds_the_root(parents):
    rows = [
        (str(i), "ana", None, "acme", str(p % i) if i else None, "2026-06-01")
        for i, p in enumerate(parents)
    ]
    roots = thread_roots(posts_of(rows)).to_pandas()
    assert sorted(roots["post_id"]) == sorted(str(i) for i in range(len(parents)))
    assert set(roots["thread"]) == {"0"}


def test_a_seventeenth_reply_is_left_out_rather_than_called_a_beginning():
    rows = [
        (str(i), "ana", None, "acme", str(i - 1) if i else None, "2026-06-01") for i in range(18)
    ]
    roots = thread_roots(posts_of(rows)).to_pandas()
    assert sorted(map(int, roots["post_id"])) == list(range(17))
    assert set(roots["thread"]) == {"0"}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_can_count_the_moods(engine):
    names = ["thread", "person_id", "brand", "first_post", "last_post"]
    pairs = ibis.table(dict.fromkeys(names, "string") | {"answered": "boolean"}, name="pairs")
    labels = ibis.table({"post_id": "string", "inferred_sentiment": "string"}, name="post_labels")
    assert "pairs" in ibis.to_sql(thread_moods(pairs, labels), dialect=engine)


def test_moods_are_counted_as_by_hand_and_unread_ones_left_out():
    pairs = thread_pairs(posts_of(TALK), as_of=AS_OF)
    moods = thread_moods(
        pairs, labels_of({"q": "negative", "thanks": "positive", "me too": "neutral", "hello?": ""})
    )
    assert moods.to_pandas()[["person_id", *COUNTS]].values.tolist() == [["ana", 1, 1, 1, 0, 0, 2]]


def drawn_moods(rng, *, n=400, recovers=0.0, answered=0.8, recovers_alone=0.0):
    """People have a usual mood; each reading of it is noisy; some who began badly are lifted."""
    usual = rng.normal(-0.4, 0.7, n).repeat(2)
    before, after = (
        np.clip(np.round(usual + rng.normal(0, 0.8, 2 * n)), -1, 1).astype(int) for _ in range(2)
    )
    replied = rng.random(2 * n) < answered
    lifted = (before < 0) & (rng.random(2 * n) < np.where(replied, recovers, recovers_alone))
    after = np.where(lifted, 1, after)
    rows = pd.DataFrame(
        {"person_id": np.arange(n).repeat(2), "brand": "acme", "answered": replied, "threads": 1}
    )
    rows = rows.assign(
        began_negative=before < 0, recovered=(before < 0) & (after >= 0), ended_negative=after < 0
    )
    rows = rows.assign(soured=(before >= 0) & (after < 0), change=after - before)
    return rows.groupby(["brand", "answered", "person_id"], as_index=False)[COUNTS].sum()


def test_moods_that_merely_swing_look_recovered_but_exceed_nothing():
    rng = np.random.default_rng(0)
    tables = pd.concat(recovery(drawn_moods(rng)) for _ in range(150))
    assert tables["recovered"].mean() > 0.3  # what a naive reading would praise
    for name in ("excess", "change", "difference"):
        covered = ((tables[f"{name}_low"] <= 0) & (tables[f"{name}_high"] >= 0)).mean()
        assert 0.9 <= covered <= 0.99, name
    assert tables["difference"].mean() == pytest.approx(0, abs=0.02)


def test_a_planted_recovery_is_found_by_both_comparisons():
    table = recovery(drawn_moods(np.random.default_rng(1), n=800, recovers=0.5)).iloc[0]
    assert table["excess_low"] > 0
    assert table["difference_low"] > 0
    assert table["low"] <= table["recovered"] <= table["high"]
    assert table["evidence"] == "C"


def test_a_recovery_that_comes_without_answers_too_is_told_by_the_unanswered():
    rng = np.random.default_rng(2)
    tables = pd.concat(
        recovery(drawn_moods(rng, recovers=0.5, recovers_alone=0.5, answered=0.6))
        for _ in range(60)
    )
    assert (
        tables["excess_low"] > 0
    ).mean() > 0.95  # reading backwards alone would credit the answers
    assert ((tables["difference_low"] <= 0) & (tables["difference_high"] >= 0)).mean() > 0.88


def test_brands_that_few_people_wrote_to_are_left_out_and_few_unanswered_not_shown():
    moods = drawn_moods(np.random.default_rng(3), answered=0.97)
    small = moods[moods["person_id"] < 60].assign(brand="small")
    table = recovery(pd.concat([moods, small]))
    assert table["brand"].tolist() == ["acme"]
    assert (
        table[["unanswered", "unanswered_recovered", "difference", "difference_low"]]
        .isna()
        .all(axis=None)
    )
    assert table["excess"].notna().all()
    assert recovery(moods.iloc[:0]).empty


def test_the_same_people_on_both_sides_do_not_count_twice():
    hits, trials = np.tile([0, 1], 100), np.ones(200)
    same = clustered_difference((hits, trials), (hits, trials))
    assert same == (0, 0, 0)
    apart = np.r_[trials, 0 * trials], np.r_[0 * trials, trials]
    other = clustered_difference(
        (np.r_[hits, 0 * hits], apart[0]), (np.r_[0 * hits, hits], apart[1])
    )
    assert other.high == pytest.approx(1.966 * np.sqrt(2 * 0.25 / 200), rel=0.01)


@pytest.mark.real
def test_real_conversations_are_paired_in_order(real_data):
    tweets = real_data("support_twitter") / "tweets.parquet"
    raw = pd.read_parquet(tweets)
    text = raw["text"].str.extract(r"@([A-Za-z]\w+)")[0]
    frame = pd.DataFrame(
        {"post_id": raw["tweet_id"].astype(str), "at": raw["created_at"].dt.tz_localize(None)}
    )
    frame["person_id"] = raw["author_id"].where(raw["inbound"])
    frame["brand"], frame["about_brand"] = (
        raw["author_id"].mask(raw["inbound"]),
        text.where(raw["inbound"]),
    )
    frame["in_reply_to"] = raw["in_response_to_tweet_id"].astype("string")
    kinds = dict.fromkeys(COLUMNS[:-1], "string") | {"at": "timestamp"}
    posts = ibis.memtable(
        frame[COLUMNS].astype(dict.fromkeys(COLUMNS[:-1], "object")), schema=kinds
    )
    pairs = thread_pairs(posts, as_of=date(2017, 12, 4)).to_pandas()
    at = frame.set_index("post_id")["at"]
    assert len(pairs) > 1000
    assert pairs["answered"].mean() > 0.5
    assert (at[pairs["first_post"]].to_numpy() < at[pairs["last_post"]].to_numpy()).all()
    assert not pairs.duplicated(["thread", "person_id"]).any()
