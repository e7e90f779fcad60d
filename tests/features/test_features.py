"""Features count the past exactly, on everybody's own clock, and never see the future."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie import contracts
from coterie.features import FEATURES, behaviour, dictionary, leak_check, seasonal_indices
from coterie.features.learning import EFFORT
from coterie.study import SettingsError
from coterie.windows import as_of_window, outcomes

AS_OF = date(2026, 7, 1)
SECONDS = st.integers(-200 * 86_400, 60 * 86_400)  # around as_of
VERBS = ["view", "like", "create", "announce", "purchase", "refund", "hum"]
ACT = st.tuples(
    st.sampled_from("abc"),
    SECONDS,
    st.sampled_from(VERBS),
    st.sampled_from(["video", "text", "product", None]),
)
POST = st.tuples(st.sampled_from(["a", "b", None]), SECONDS, st.integers(0, 4))
EVENTS, POSTS = contracts.Events.types, contracts.Posts.types
PEOPLE = {"person_id": ["a", "b", "c"], "time_zone": [None, "Nowhere/Nothing", ""]}


def events_of(acts):
    frame = pd.DataFrame(acts, columns=["person_id", "seconds", "verb", "content_type"])
    frame["at"] = pd.Timestamp(AS_OF) + pd.to_timedelta(frame["seconds"], unit="s")
    money = frame["verb"].isin(["purchase", "refund"])
    amount = (frame["seconds"].abs() % 97 + 1.0) * np.where(frame["verb"] == "refund", -1, 1)
    frame["value"] = np.where(money, amount, np.nan)
    frame["platform"] = frame["person_id"].map({"a": "x", "b": "web", "c": "shop"})
    return ibis.memtable(
        frame.drop(columns="seconds"),
        schema={n: EVENTS[n] for n in frame.columns if n != "seconds"},
    )


def posts_of(posts):
    frame = pd.DataFrame(posts, columns=["person_id", "seconds", "reply"]).reset_index(
        names="post_id"
    )
    frame["post_id"], frame["in_reply_to"] = (
        frame["post_id"].astype(str),
        frame["reply"].astype(str),
    )
    frame["at"] = pd.Timestamp(AS_OF) + pd.to_timedelta(frame["seconds"], unit="s")
    frame["brand"] = np.where(frame["person_id"].isna(), "acme", None)
    frame["about_brand"] = np.where(frame["person_id"].isna(), None, "acme")
    names = ["post_id", "person_id", "brand", "in_reply_to", "about_brand", "at"]
    return ibis.memtable(frame[names], schema={name: POSTS[name] for name in names})


def features_of(acts, posts=(), *, people=PEOPLE, **options):
    schema = {"person_id": "string", "time_zone": "string"}
    table = behaviour(
        events_of(acts),
        posts_of(posts),
        ibis.memtable(pd.DataFrame(people), schema=schema),
        as_of=AS_OF,
        **options,
    )
    return table.order_by("person_id").to_pandas()


@settings(max_examples=5, deadline=None)
@given(st.lists(ACT, min_size=1, max_size=25), st.lists(POST, max_size=12), st.integers(1, 400))
def test_whatever_happens_on_or_after_the_day_changes_no_byte(acts, posts, lookback_days):
    past_acts, past_posts = (
        [a for a in acts if a[1] < 0],
        [p if p[1] < 0 else (*p[:1], -1, *p[2:]) for p in posts],
    )
    future = [(person, 0, verb, kind) for person, _, verb, kind in acts] + [
        a for a in acts if a[1] >= 0
    ]
    answers = [(None, abs(seconds), reply) for _, seconds, reply in posts]
    calm = features_of(past_acts, past_posts, lookback_days=lookback_days)
    busy = features_of(past_acts + future, past_posts + answers, lookback_days=lookback_days)
    assert (
        calm.drop(columns="person_id").to_numpy(float).tobytes()
        == busy.drop(columns="person_id").to_numpy(float).tobytes()
    )
    assert calm["person_id"].tolist() == busy["person_id"].tolist()


@settings(max_examples=5, deadline=None)
@given(st.lists(ACT, min_size=1, max_size=25), st.randoms())
def test_the_order_of_rows_changes_no_feature(acts, random):
    one, other = features_of(acts), features_of(random.sample(acts, len(acts)))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@settings(max_examples=5, deadline=None)
@given(st.lists(ACT, min_size=1, max_size=25), st.integers(1, 300))
def test_features_are_what_counting_by_hand_gives(acts, lookback_days):
    seen = pd.DataFrame(
        [a for a in acts if -lookback_days * 86_400 <= a[1] < 0], columns=["p", "s", "verb", "kind"]
    )
    found = features_of(acts, lookback_days=lookback_days)
    assert found["person_id"].tolist() == sorted(seen["p"].unique())
    kinds = seen["kind"].isin(["video", "image", "text"])
    everyone = (seen["kind"] == "video").sum() / kinds.sum() if kinds.any() else np.nan
    for row in found.itertuples():
        own = seen[seen["p"] == row.person_id]
        assert row.n_events == len(own)
        assert row.frequency == (own["verb"] == "purchase").sum()
        assert row.n_posts == (own["verb"] == "create").sum()
        assert row.recency_days == pytest.approx(-own["s"].max() / 86_400)
        assert row.reaction_share == pytest.approx(own["verb"].isin(["like", "announce"]).mean())
        days = np.unique(np.floor(own["s"] / 86_400))
        gaps = np.diff(days)
        assert row.active_days == len(days)
        assert row.cadence_days == pytest.approx(gaps.mean() if len(gaps) else np.nan, nan_ok=True)
        even = (gaps.std() - gaps.mean()) / (gaps.std() + gaps.mean()) if len(gaps) > 1 else np.nan
        assert row.burstiness == pytest.approx(even, nan_ok=True)
        seconds = np.sort(own["s"].to_numpy())
        assert row.n_sessions == 1 + (np.diff(seconds) > 1800).sum()
        amounts = (own["s"].abs() % 97 + 1.0).to_numpy()
        bought, returned = own["verb"] == "purchase", own["verb"] == "refund"
        assert row.spend == pytest.approx(amounts[bought].sum() - amounts[returned].sum())
        assert row.monetary_value == pytest.approx(amounts[bought].mean() if bought.any() else 0.0)
        assert row.tenure_days == pytest.approx(
            -min(a[1] for a in acts if a[0] == row.person_id) / 86_400
        )
        content = own["kind"].isin(["video", "text"]).sum()
        share = ((own["kind"] == "video").sum() + 5 * everyone) / (content + 5)
        assert row.video_share == pytest.approx(share, nan_ok=True)
        angles = 2 * np.pi * (own["s"] % 86_400) / 86_400
        assert row.hour_sin == pytest.approx(np.sin(angles).mean(), abs=1e-8)
        assert row.hour_concentration == pytest.approx(abs(np.exp(1j * angles).mean()), abs=1e-7)


@pytest.mark.parametrize("days", [0, 30, 60])
def test_an_act_of_one_half_life_ago_counts_half(days):
    weight = features_of([("a", -days * 86_400 - 1, "view", None)])["engagement"][0]
    assert weight == pytest.approx(0.5 ** (days / 30), abs=1e-4)


def test_weights_may_differ_by_platform_and_an_unknown_act_weighs_one():
    weights = pd.DataFrame(
        {"verb": ["like"], "platform": ["web"], "weight": [7.0], "half_life_days": [1e6]}
    )
    found = features_of([("a", -9, "like", None), ("b", -9, "like", None)], weights=weights)
    assert found["engagement"].round(3).tolist() == [1.0, 7.0]


def test_the_score_rises_with_engagement_from_0_to_100():
    acts = [("a", -9, "view", None)] + [("b", -9, "view", None)] * 2 + [("c", -9, "view", None)] * 3
    assert features_of(acts)["engagement_score"].tolist() == [0.0, 50.0, 100.0]


def test_evening_is_evening_on_the_persons_own_clock_and_follows_daylight_saving():
    # 17:30 UTC on 30 June is 19:30 in Rome and 13:30 in New York; 17:30 UTC on 30 January is 18:30
    # in Rome
    people = {"person_id": ["a", "b", "c"], "time_zone": ["Europe/Rome", "America/New_York", None]}
    june, january = -int(6.5 * 3600), -int((152 * 24 + 6.5) * 3600)
    acts = [(who, june, "view", None) for who in "abc"] + [("a", january, "view", None)]
    assert features_of(acts, people=people)["evening_share"].tolist() == [1.0, 0.0, 0.0]
    assert features_of(acts, people=people, time_zone="Asia/Tokyo")["evening_share"].tolist() == [
        1.0,
        0.0,
        0.0,
    ]
    assert features_of(acts, people=people, time_zone="Europe/Kyiv")["evening_share"].tolist() == [
        1.0,
        0.0,
        1.0,
    ]
    with pytest.raises(SettingsError, match="no IANA time zone"):
        features_of(acts, people=people, time_zone="Rome")


def test_a_holiday_is_a_weekend_and_a_day_begins_at_the_persons_own_midnight():
    people = {"person_id": ["a"], "time_zone": ["Pacific/Auckland"]}  # 12 hours ahead in June
    # of 30 June, by UTC
    tuesday_noon = [("a", -12 * 3600 - 1, "view", None), ("a", -12 * 3600, "view", None)]
    assert features_of(tuesday_noon, people=people)["active_days"].tolist() == [2]
    assert features_of(tuesday_noon, people=people, holidays=("2026-07-01",))[
        "weekend_share"
    ].tolist() == [0.5]


def test_the_window_holds_its_first_instant_and_not_the_day_itself():
    table = events_of(
        [
            ("a", 0, "view", None),
            ("a", -1, "view", None),
            ("a", -86_400, "view", None),
            ("a", -86_401, "x", None),
        ]
    )
    assert as_of_window(table, as_of=AS_OF, days=1).count().execute() == 2


def test_the_outcome_window_opens_after_the_gap_and_closes_with_the_horizon():
    acts = events_of([("a", day * 86_400, "purchase", None) for day in (-1, 0, 2, 3, 4, 5)])
    found = outcomes(acts, verb="purchase", as_of=AS_OF, gap_days=2, horizon_days=3).to_pandas()
    assert found["n"].tolist() == [3]


def test_the_table_fits_its_contract_and_every_feature_is_declared_once():
    table = features_of([("a", -5, "view", "video"), ("b", -9, "purchase", None)])
    assert list(FEATURES) == list(contracts.Behaviour.units)
    assert set(table.columns) == set(contracts.Behaviour.types)
    contracts.Behaviour.schema.validate(ibis.memtable(table).cast(contracts.Behaviour.types))


def test_the_dictionary_traces_every_feature_to_stored_columns():
    reads = dictionary().set_index("feature")["reads"]
    assert list(reads.index) == list(FEATURES)
    assert reads["evening_share"] == "events (rows), events.at, people.time_zone"
    assert "events.platform" in reads["n_platforms"]
    assert "posts.about_brand" in reads["response_latency_hours"]
    stored = {
        f"{t.table}.{column}"
        for t in (contracts.Events, contracts.Posts, contracts.People)
        for column in t.types
    }
    for name, read in reads.items():
        assert read, name
        assert {part for part in read.split(", ") if "(rows)" not in part} <= stored


@pytest.mark.parametrize(
    "acts",
    [
        [("a", -9, "view", None)],
        [("a", -9, "hum", None)] * 3,
        [("a", -9 * i, "view", "text") for i in range(1, 20)],
        [("a", -9, "refund", None)],
        [("a", -190 * 86_400, "view", None), ("a", -1, "view", None)],
    ],
    ids=["one act", "an unknown verb", "one day", "a refund alone", "a long gap"],
)
def test_any_shape_of_data_gives_finite_features_or_declared_gaps(acts):
    row = features_of(acts).iloc[0].drop("person_id").astype(float)
    gaps = {
        "cadence_days",
        "burstiness",
        "reply_share",
        "response_latency_hours",
        "reply_latency_hours",
    }
    gaps |= {"video_share", "image_share", "text_share"} if acts[0][3] is None else set()
    assert set(row.index[row.isna()]) <= gaps
    assert np.isfinite(row.dropna()).all()


def test_nobody_in_the_window_is_an_empty_table():
    assert features_of([("a", 5, "view", None)]).empty


def test_the_leak_check_finds_a_feature_that_sees_the_future(monkeypatch):
    events, posts = events_of([("a", -5, "view", None), ("a", 5, "view", None)]), posts_of([])
    people = ibis.memtable(pd.DataFrame({"person_id": ["a"], "time_zone": ["UTC"]}))
    seen = behaviour(events, posts, people, as_of=AS_OF).order_by("person_id").to_pandas()
    assert leak_check(seen, events, posts, people, as_of=AS_OF) == 0
    peeking = lambda table, **span: table.filter(table["at"] < pd.Timestamp("2026-07-02"))  # noqa: E731
    monkeypatch.setattr("coterie.features.activity.declared.as_of_window", peeking)
    leaking = behaviour(events, posts, people, as_of=AS_OF).order_by("person_id").to_pandas()
    assert leak_check(leaking, events, posts, people, as_of=AS_OF) == 1


def test_a_weekday_that_is_busier_stands_out_and_little_data_is_pulled_to_the_usual():
    days = pd.date_range("2026-04-01", "2026-06-30")
    at = days.repeat(np.where(days.day_of_week == 5, 30, 10))
    table = seasonal_indices(ibis.memtable({"at": at}), as_of=AS_OF, lookback_days=91).set_index(
        "part"
    )["index"]
    assert table[5] > 170
    assert table.drop(5).between(75, 100).all()
    short = seasonal_indices(ibis.memtable({"at": at}), as_of=AS_OF, lookback_days=7).set_index(
        "part"
    )["index"]
    assert short[5] < table[5]


def test_taste_in_content_foretells_next_weeks_better_than_everybodys_taste(worlds):
    """World: a person's first kind by share against the commonest kind, on the week after."""
    hits = np.zeros(2)
    for seed in range(3):
        world = worlds(600, 120, seed)
        day, kinds = date(2026, 6, 24), ["video", "image", "text"]
        tables = [ibis.memtable(part) for part in (world.events, world.posts, world.people)]
        taste = (
            behaviour(*tables, as_of=day)
            .to_pandas()
            .set_index("person_id")[[f"{kind}_share" for kind in kinds]]
        )
        taste.columns = kinds
        after = world.events[
            (world.events["at"] >= str(day)) & world.events["content_type"].isin(kinds)
        ]
        after = after[after["person_id"].isin(taste.index)]
        guess = taste.idxmax(axis=1).reindex(after["person_id"]).to_numpy()
        common = (
            world.events.loc[world.events["at"] < str(day), "content_type"]
            .value_counts()[kinds]
            .idxmax()
        )
        hits += (guess == after["content_type"]).mean(), (after["content_type"] == common).mean()
    assert hits[0] > hits[1] + 3 * 0.1


def test_the_planted_evening_is_found_on_the_local_clock(planted):
    people = planted.truth[~planted.truth["bot"]].set_index("person")["segment"]
    tables = [ibis.memtable(part) for part in (planted.events, planted.posts, planted.people)]
    found = behaviour(*tables, as_of=AS_OF).to_pandas().set_index("person_id")
    evenings = found["evening_share"].groupby(people.reindex(found.index)).mean()
    assert evenings.idxmax() == "gaming"
    assert evenings.idxmin() == "business"
    assert found["weekend_share"].groupby(people.reindex(found.index)).mean().idxmin() == "business"


def test_the_convention_is_documented():
    weights = EFFORT.set_index("verb")["weight"]
    assert weights[["view", "like", "click", "create", "purchase"]].tolist() == [1, 1, 2, 3, 5]
