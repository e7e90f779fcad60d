"""Features count the past exactly and never see the future."""

from datetime import date, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts
from coterie.features import answer_times, behaviour, cadence, leak_check, response_latency, rfm, spread, window

AS_OF = date(2026, 7, 1)
SECONDS = st.integers(-200 * 86_400, 60 * 86_400)  # around as_of
VERBS = ["view", "like", "create", "announce", "purchase", "hum"]
ACT = st.tuples(
    st.sampled_from("abc"), SECONDS, st.sampled_from(VERBS), st.sampled_from(["video", "text", "product", None])
)
POST = st.tuples(st.sampled_from(["a", "b", None]), SECONDS, st.integers(0, 4))
EVENTS, POSTS = contracts.Events.types, contracts.Posts.types


def events_of(acts):
    frame = pd.DataFrame(acts, columns=["person_id", "seconds", "verb", "content_type"])
    frame["at"] = pd.Timestamp(AS_OF) + pd.to_timedelta(frame["seconds"], unit="s")
    frame["value"] = np.where(frame["verb"] == "purchase", frame["seconds"].abs() % 97 + 1.0, np.nan)
    frame["platform"] = frame["person_id"].map({"a": "x", "b": "web", "c": "shop"})
    return ibis.memtable(frame.drop(columns="seconds"), schema={n: EVENTS[n] for n in frame.columns if n != "seconds"})


def posts_of(posts):
    frame = pd.DataFrame(posts, columns=["person_id", "seconds", "reply"]).reset_index(names="post_id")
    frame["post_id"], frame["in_reply_to"] = frame["post_id"].astype(str), frame["reply"].astype(str)
    frame["at"] = pd.Timestamp(AS_OF) + pd.to_timedelta(frame["seconds"], unit="s")
    frame["brand"] = np.where(frame["person_id"].isna(), "acme", None)
    names = ["post_id", "person_id", "brand", "in_reply_to", "at"]
    return ibis.memtable(frame[names], schema={name: POSTS[name] for name in names})


def frame_of(table):
    return table.order_by("person_id").to_pandas()


@settings(max_examples=10, deadline=None)
@given(st.lists(ACT, min_size=1, max_size=25), st.lists(POST, max_size=12), st.integers(1, 400))
def test_whatever_happens_on_or_after_the_day_changes_no_feature(acts, posts, lookback_days):
    past_acts, past_posts = [a for a in acts if a[1] < 0], [p if p[1] < 0 else (*p[:1], -1, *p[2:]) for p in posts]
    future = [(person, 0, verb, kind) for person, _, verb, kind in acts] + [a for a in acts if a[1] >= 0]
    answers = [(None, abs(seconds), reply) for _, seconds, reply in posts]
    options = {"as_of": AS_OF, "lookback_days": lookback_days}
    calm = frame_of(behaviour(events_of(past_acts), posts_of(past_posts), **options))
    busy = frame_of(behaviour(events_of(past_acts + future), posts_of(past_posts + answers), **options))
    pd.testing.assert_frame_equal(calm, busy)


@settings(max_examples=5, deadline=None)
@given(st.lists(ACT, min_size=1, max_size=25), st.randoms())
def test_the_order_of_rows_changes_no_feature(acts, random):
    shuffled = random.sample(acts, len(acts))
    one, other = (frame_of(behaviour(events_of(rows), posts_of([]), as_of=AS_OF)) for rows in (acts, shuffled))
    pd.testing.assert_frame_equal(one, other)


@settings(max_examples=10, deadline=None)
@given(st.lists(ACT, min_size=1, max_size=25), st.integers(1, 300))
def test_features_are_what_counting_by_hand_gives(acts, lookback_days):
    seen = pd.DataFrame([a for a in acts if -lookback_days * 86_400 <= a[1] < 0], columns=["p", "s", "verb", "kind"])
    found = frame_of(behaviour(events_of(acts), posts_of([]), as_of=AS_OF, lookback_days=lookback_days))
    assert found["person_id"].tolist() == sorted(seen["p"].unique())
    for row in found.itertuples():
        own = seen[seen["p"] == row.person_id]
        assert row.n_events == len(own)
        assert row.frequency == (own["verb"] == "purchase").sum()
        assert row.n_posts == (own["verb"] == "create").sum()
        assert row.recency_days == pytest.approx(-own["s"].max() / 86_400)
        assert row.reaction_share == pytest.approx(own["verb"].isin(["like", "announce"]).mean())
        days = np.unique(np.floor(own["s"] / 86_400))
        gaps = np.median(np.diff(days)) if len(days) > 1 else np.nan
        assert row.cadence_days == pytest.approx(gaps, nan_ok=True)
        assert row.active_days == len(days)
        assert row.tenure_days == pytest.approx(-min(a[1] for a in acts if a[0] == row.person_id) / 86_400)
        content = own["kind"].isin(["video", "text"])
        share = (own["kind"] == "video").sum() / content.sum() if content.any() else np.nan
        assert row.video_share == pytest.approx(share, nan_ok=True)


@pytest.mark.parametrize("days", [0, 30, 60])
def test_an_act_of_one_half_life_ago_counts_half(days):
    act = events_of([("a", -days * 86_400 - 1, "view", None)])
    weight = frame_of(behaviour(act, posts_of([]), as_of=AS_OF, half_life_days=30))["engagement"][0]
    assert weight == pytest.approx(0.5 ** (days / 30), abs=1e-4)


def test_the_window_holds_its_first_instant_and_not_the_day_itself():
    table = events_of(
        [("a", 0, "view", None), ("a", -1, "view", None), ("a", -86_400, "view", None), ("a", -86_401, "x", None)]
    )
    assert window(table, as_of=AS_OF, lookback_days=1).count().execute() == 2


def test_an_answer_after_the_day_is_no_answer_and_the_first_one_counts():
    posts = [("a", -7200, 9), (None, -3600, 0), (None, -1800, 0), ("b", -60, 9), (None, 60, 3)]
    found = response_latency(posts_of(posts), as_of=AS_OF, lookback_days=9).order_by("person_id").to_pandas()
    assert dict(found.values.tolist()).get("a") == 1.0
    assert "b" not in found.dropna()["person_id"].tolist()


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle():
    found = cadence(events_of([("a", -86_400 * d, "view", None) for d in (20, 17, 10)]), as_of=AS_OF, lookback_days=90)
    assert found.to_pandas()["cadence_days"].tolist() == [5.0]


def test_a_refund_is_counted_and_lowers_the_mean_order():
    orders = events_of([("a", -9, "purchase", None)] * 2).mutate(value=ibis.ifelse(ibis.row_number() == 0, 30.0, -10.0))
    assert rfm(orders, as_of=AS_OF).to_pandas()["monetary_value"].tolist() == [10.0]


def test_the_table_fits_its_contract_and_the_spread_lists_every_feature():
    table = behaviour(
        events_of([("a", -5, "view", "video"), ("b", -9, "purchase", None)]), posts_of([]), as_of=AS_OF
    ).cache()
    assert set(table.columns) == set(contracts.Behaviour.types)
    contracts.Behaviour.schema.validate(table.select(*contracts.Behaviour.types).cast(contracts.Behaviour.types))
    assert spread(table)["feature"].tolist() == [name for name in table.columns if name != "person_id"]


def test_nobody_in_the_window_is_an_empty_table():
    assert frame_of(behaviour(events_of([("a", 5, "view", None)]), posts_of([]), as_of=AS_OF)).empty


def test_the_leak_check_finds_a_feature_that_sees_the_future(monkeypatch):
    events = events_of([("a", -5, "view", None), ("a", 5, "view", None)])
    assert leak_check(events, posts_of([]), as_of=AS_OF) == 0
    monkeypatch.setattr("coterie.features.moment", lambda day: ibis.timestamp((day + timedelta(days=1)).isoformat()))
    real = ibis.timestamp(AS_OF.isoformat())
    leaking = behaviour(events, posts_of([]), as_of=AS_OF)
    honest = behaviour(events.filter(events["at"] < real), posts_of([]), as_of=AS_OF)
    assert leaking.difference(honest).count().execute() == 1


@pytest.mark.parametrize("engine", ["duckdb", "bigquery", "snowflake", "postgres"])
def test_the_same_features_compile_for_every_engine(engine):
    events, posts = (ibis.table(dict(c.types), name=c.table) for c in (contracts.Events, contracts.Posts))
    sql = str(ibis.to_sql(behaviour(events, posts, as_of=AS_OF), dialect=engine))
    assert "2026" in sql
    assert "2025" in sql  # the first day of the look-back window


def test_brands_are_compared_by_share_answered_and_median_hours_and_small_ones_not_at_all():
    asked = [(f"q{n}", f"p{n}", None, "acme" if n < 3 else "tiny", None, f"2026-06-01 1{n}:00") for n in range(4)]
    replies = [
        ("a0", None, "acme", None, "q0", "2026-06-01 12:00"),
        ("a1", None, "acme", None, "q1", "2026-06-01 15:00"),
    ]
    columns = ["post_id", "person_id", "brand", "about_brand", "in_reply_to", "at"]
    frame = pd.DataFrame([*asked, *replies], columns=columns).astype(dict.fromkeys(columns, "object"))
    posts = ibis.memtable(frame.assign(at=pd.to_datetime(frame["at"])))
    window = {"as_of": date(2026, 7, 1), "lookback_days": 90}
    found = answer_times(posts, **window, smallest=2)
    assert found["brand"].tolist() == ["acme"]
    assert found[["posts", "people", "median_hours"]].values.tolist() == [[3, 3, 3.0]]
    assert found["answered"].item() == pytest.approx(2 / 3)
    assert answer_times(posts, **window, smallest=9).empty
