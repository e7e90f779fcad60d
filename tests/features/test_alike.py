"""Rings are told by sameness, and ordinary people who do the same for reasons of their own are not.

The worlds stand in `rings`. Thresholds were chosen on `concert` and `template_posters` and on the
first crowds written; the other rings confirm them.
"""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
import rings

from coterie import contracts
from coterie.features import check_bots, find_alike
from coterie.features.bots import meetings, strangers, together, twins
from coterie.features.bots.rules import ALIKE_RULES
from coterie.statistics import mean_interval

AS_OF = date(2026, 7, 1)
KINDS = {"events": contracts.Events, "posts": contracts.Posts}
ACTS = ["person_id", "object_id", "verb", "at"]
POSTS = ["person_id", "platform", "at", "text", "in_reply_to", "about_brand"]


def lake_table(frame, kind, columns):
    types = {name: KINDS[kind].types[name] for name in columns}
    return ibis.memtable(frame.reindex(columns=columns), schema=types)


def tagged_in(events=None, posts=None, **window):
    """Say who of a world is tagged for sameness alone: person_id, kind, tagged, reasons."""
    frames = [
        pd.DataFrame(columns=c) if f is None else f for f, c in ((events, ACTS), (posts, POSTS))
    ]
    tables = [lake_table(f, k, c) for f, k, c in zip(frames, KINDS, (ACTS, POSTS), strict=True)]
    alike = find_alike(*tables, as_of=AS_OF, **window)
    people = pd.DataFrame({"person_id": pd.concat([f["person_id"] for f in frames]).unique()})
    found = check_bots(people.merge(alike, how="left"), rules=ALIKE_RULES)
    return found.assign(kind=found["person_id"].str.replace(r"\d+$", "", regex=True))


def small_world(seed, ring=None):
    """Make a few ordinary people, a flash crowd and a couple, and a ring if asked for."""
    rng = np.random.default_rng(seed)
    world = rings.ordinary(rng, n=150, things=400, mean=30)
    crowds = [
        rings.goals(rng, size=150),
        rings.viral_post(rng, size=100),
        rings.couples(rng, size=4),
    ]
    return rings.events_of(world, *crowds, *([ring(rng, world)] if ring else []))


@pytest.fixture(scope="module")
def concert():
    return small_world(0, rings.concert)


@pytest.fixture(scope="module")
def in_concert(concert):
    return tagged_in(concert)


def test_a_farm_that_serves_unrelated_customers_within_the_hour_is_tagged():
    found = tagged_in(small_world(0, rings.like_farm))
    assert set(found.loc[found["tagged"], "kind"]) == {"bot-farm"}
    assert found.loc[found["kind"] == "bot-farm", "tagged"].mean() > 0.9
    assert found.loc[found["tagged"], "reasons"].str.contains("unrelated things").all()


def test_a_ring_that_shares_the_same_posts_within_seconds_is_tagged_and_crowds_are_not(in_concert):
    found = in_concert
    assert set(found.loc[found["tagged"], "kind"]) == {"bot-concert"}
    assert found.loc[found["kind"] == "bot-concert", "tagged"].all()
    assert found.loc[found["tagged"], "reasons"].str.contains("within a minute").all()


def test_the_order_of_rows_later_acts_and_acts_on_nothing_change_no_tag(concert, in_concert):
    nothing = concert.assign(object_id=None, at=concert["at"] - pd.Timedelta(hours=1))
    later = concert.assign(at=concert["at"] + pd.Timedelta(days=91))
    other = pd.concat([concert, nothing, later]).sample(frac=1, random_state=1)
    found, before = (
        rows.sort_values("person_id", ignore_index=True)
        for rows in (tagged_in(other, lookback_days=200), in_concert)
    )
    pd.testing.assert_frame_equal(found, before)


def test_the_same_ring_with_its_minutes_drawn_anew_within_the_hour_is_none(concert):
    hour = concert["at"].dt.floor("h")
    moved = hour + pd.to_timedelta(np.random.default_rng(1).integers(0, 3600, len(hour)), unit="s")
    assert not tagged_in(concert.assign(at=moved))["tagged"].any()


@pytest.mark.parametrize("step", ["minute", "one day"])
def test_one_evening_or_two_accounts_are_no_ring(step):
    moments = pd.date_range(
        "2026-06-01 20:00", periods=20, freq="D" if step == "minute" else "5min"
    )
    size = 2 if step == "minute" else 10
    ring = pd.DataFrame(
        [(f"a{i}", f"t{n}", "like", at) for n, at in enumerate(moments) for i in range(size)],
        columns=ACTS,
    )
    assert not tagged_in(ring)["tagged"].any()


def world_of_words(seed, *kinds):
    rng = np.random.default_rng(seed)
    return rings.posts_of(rng, rings.chatter(rng, n=60), *(kind(rng) for kind in kinds))


def test_swapped_words_hide_no_template_and_an_app_a_cheer_and_a_queue_are_none():
    crowds = (rings.hashtag_fans, rings.app_users, rings.customers)
    found = tagged_in(posts=world_of_words(0, rings.template_posters, *crowds))
    assert found.loc[found["tagged"], "kind"].value_counts().to_dict() == {"bot-template": 25}
    assert found.loc[found["tagged"], "reasons"].str.contains("nearly repeat").all()


def test_texts_made_anew_stay_invisible_and_so_does_a_person_who_repeats_only_herself():
    posts = world_of_words(1, rings.generated_posts)
    own = rings.template_posters(np.random.default_rng(2), name="ana", size=1)
    own = rings.posts_of(np.random.default_rng(2), own)
    assert not tagged_in(posts=pd.concat([posts, own]))["tagged"].any()


def test_where_nobody_one_account_or_nothing_in_common_is_seen_nobody_is_alike():
    one = pd.DataFrame([("a", "t", "like", pd.Timestamp("2026-06-01"))], columns=ACTS)
    texts = [" ".join(f"{word}{n}" for word in "abcdefg") for n in "abcdefghij"]
    posts = rings.posts_of(np.random.default_rng(0), rings.texts(["a", "b"] * 5, texts))
    for events, written in ((None, None), (one, posts)):
        assert not tagged_in(events, written)["tagged"].any()


@pytest.mark.parametrize("engine", ["bigquery", "postgres"])
def test_pairs_compile_for_every_engine(engine):
    events, posts = (ibis.table(dict(c.types), name=c.table) for c in KINDS.values())
    seen, pace = meetings.first_acts(events), together.MINUTE
    acts = meetings.with_pace(seen, pace)
    pairs = meetings.count_together(meetings.candidates(acts, pace), acts, pace)
    met = meetings.meetings(pairs.select("one", "other"), acts, pace)
    rings_of = pd.DataFrame({"person_id": ["a"], "ring": [0]})
    visits = strangers.audiences(rings_of, met, seen)
    words = twins.words_of(twins.worded(posts))
    for table in (pairs, visits, twins.similar(twins.candidates(words), words)):
        assert "JOIN" in str(ibis.to_sql(table, dialect=engine))


def whole_world(seed, *, with_rings):
    """Tag who is alike in one world of every crowd, with every ring or with none."""
    rng = np.random.default_rng(seed)
    world = rings.ordinary(rng)
    crowds = [crowd(rng) for crowd in rings.CROWDS]
    made = [ring(rng, world) for ring in rings.RINGS] if with_rings else []
    events = rings.events_of(world, *crowds, *made)
    said = [kind(rng) for kind in rings.SAID + (rings.SAID_BY_RINGS if with_rings else [])]
    return tagged_in(events, rings.posts_of(rng, *said))


@pytest.mark.slow
def test_rings_are_found_and_people_left_alone_in_worlds_not_looked_at_before():
    """Recall by kind, mean over worlds: accounts of one ring are found or missed together."""
    found = pd.concat([whole_world(s, with_rings=True).assign(seed=s) for s in range(100, 110)])
    shares = found.groupby(["kind", "seed"])["tagged"].mean().unstack()
    recall = pd.DataFrame({kind: mean_interval(row) for kind, row in shares.iterrows()}).T
    people = found[~found["kind"].str.startswith("bot-")]
    print(recall, people["tagged"].sum(), len(people))  # the figures of the table of evidence
    value = recall[0]
    assert value[[f"bot-{kind}" for kind in ("concert", "farm", "template", "spun")]].min() > 0.9
    assert value[["bot-promo", "bot-follow"]].min() > 0.3  # half of the ring skips each order
    assert value[["bot-slow", "bot-generated"]].max() < 0.1  # what stays invisible
    assert people["tagged"].mean() < 0.002


@pytest.mark.slow
def test_in_worlds_without_rings_under_one_in_a_hundred_of_any_crowd_is_tagged():
    found = pd.concat([whole_world(seed, with_rings=False) for seed in range(200, 210)])
    pages = [
        tagged_in(rings.events_of(rings.own_page(np.random.default_rng(seed))))
        for seed in range(200, 210)
    ]
    shares = pd.concat([found, *pages]).groupby("kind")["tagged"].agg(["sum", "size"])
    print(shares)
    assert (shares["sum"] < 0.01 * shares["size"]).all()


def test_hardly_any_real_customer_writes_from_a_template(real_data):
    """As if nothing were addressed to a brand: 325 wrote five posts or more."""
    tweets = pd.read_parquet(real_data("support_twitter") / "tweets.parquet").query("inbound")
    posts = tweets[["text"]].assign(
        person_id=tweets["author_id"].astype(object),
        platform="x",
        at=tweets["created_at"].dt.tz_localize(None),
    )
    assert not tagged_in(posts=posts, lookback_days=3000)["tagged"].any()


@pytest.mark.slow
def test_real_shoppers_who_buy_the_same_within_the_hour_are_no_ring(real_data):
    path = real_data("online_retail") / "online_retail_II_2009_2010.parquet"
    lines = pd.read_parquet(path).dropna(subset="Customer ID")
    bought = pd.DataFrame(
        {
            "person_id": lines["Customer ID"].astype(int).astype(str),
            "object_id": lines["StockCode"].astype(str),
            "verb": "purchase",
            "at": pd.to_datetime(lines["InvoiceDate"]),
        }
    )
    found = tagged_in(bought, lookback_days=6000)
    assert len(found) == 4383
    assert not found["tagged"].any()
