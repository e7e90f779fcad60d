"""A feed gives the same history in any batches, and old records are trusted as they deserve."""

from datetime import datetime, timedelta

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.sourcing import changes

KEY = ["id"]
START = datetime(2026, 1, 1)
SCHEMA = {"id": "string", "op": "string", "town": "string", "at": "timestamp"}
CHANGE = st.tuples(
    st.sampled_from("abcdefgh"),
    st.sampled_from(["insert", "update", "delete"]),
    st.sampled_from(["Rome", "Bonn", None]),
    st.integers(0, 6),
)
IN_BATCHES = st.sets(st.integers(0, 3), min_size=1, max_size=2)


def feed(rows):
    """Make a feed of changes at whole days."""
    frame = pd.DataFrame(rows, columns=["id", "op", "town", "day"])
    at = [START + timedelta(days=int(day)) for day in frame["day"]]
    frame = (
        frame.drop(columns="day").astype(object).assign(at=pd.Series(at, dtype="datetime64[us]"))
    )
    return ibis.memtable(frame, schema=SCHEMA)


def told(state):
    """Write a history so that two can be compared."""
    frame = state.history.order_by("id", "valid_from").to_pandas()
    return [tuple(None if pd.isna(value) else value for value in row) for row in frame.values]


def by_hand(rows):
    """Play the changes one by one, as a person would with a pencil."""
    found = []
    for who in sorted({row[0] for row in rows}):
        now, since = None, None
        for day in sorted({row[3] for row in rows if row[0] == who}):
            same = [row for row in rows if row[0] == who and row[3] == day]
            towns = [row[2] for row in same if row[1] != "delete"]
            gone = any(row[1] == "delete" for row in same)
            then = None if gone else (max(t or "" for t in towns) or None,)
            if then == now:
                continue
            if now:
                found.append((who, now[0], since, day))
            now, since = then, day
        if now:
            found.append((who, now[0], since, None))
    return [
        (who, town, *(None if d is None else pd.Timestamp(START + timedelta(days=d)) for d in days))
        for who, town, *days in found
    ]


@settings(deadline=None, max_examples=12)
@given(st.lists(st.tuples(CHANGE, IN_BATCHES), min_size=1, max_size=60))
def test_any_split_of_a_feed_into_batches_gives_the_same_state(given):
    """A change comes in any of four batches, late ones before early ones, some of them twice."""
    rows = [row for row, _ in given]
    batches = [[row for row, where in given if batch in where] for batch in range(4)]
    state = changes.replay([feed(batch) for batch in batches if batch], key=KEY)
    assert told(state) == told(changes.begin(feed(rows), key=KEY)) == by_hand(rows)


@settings(deadline=None, max_examples=12)
@given(st.lists(CHANGE, min_size=1, max_size=60))
def test_no_two_rows_of_a_key_hold_at_once_and_each_ends_after_it_began(rows):
    found = changes.begin(feed(rows), key=KEY).history.order_by("id", "valid_from").to_pandas()
    assert (found["valid_to"].isna() | (found["valid_to"] > found["valid_from"])).all()
    for _, own in found.groupby("id"):
        ends, starts = own["valid_to"].iloc[:-1], own["valid_from"].iloc[1:]
        assert (ends.to_numpy() <= starts.to_numpy()).all()


@settings(deadline=None, max_examples=10)
@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["x", "y"])), st.data())
def test_the_changes_between_two_snapshots_lead_from_one_to_the_other(old, data):
    new = data.draw(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["x", "y"])))
    schema = {"id": "string", "town": "string"}
    frames = [pd.DataFrame(list(d.items()), columns=list(schema), dtype=object) for d in (old, new)]
    before, after = (ibis.memtable(frame, schema=schema) for frame in frames)
    first = before.mutate(op=ibis.literal("insert"), at=ibis.timestamp(START.isoformat()))
    later = START + timedelta(days=1)
    feed = changes.changes_between(before, after, key=KEY, at=later)
    state = changes.replay([first, feed.select(first.columns)], key=KEY)
    for moment, snapshot in ((START, old), (later, new)):
        held = changes.valid_at(state.history, moment).to_pandas()
        assert dict(zip(held["id"], held["town"], strict=True)) == snapshot
    assert len(feed.to_pandas()) == sum(old.get(k) != new.get(k) for k in {*old, *new})


def test_the_last_by_number_counts_where_a_feed_numbers_its_changes():
    rows = feed([("a", "insert", "Rome", 1), ("a", "update", "Bonn", 1)])
    numbered = rows.mutate(seq=(rows["town"] == "Rome").ifelse(2, 1))
    held = changes.begin(numbered, key=KEY).history.to_pandas()
    assert held["town"].tolist() == ["Rome"]


def test_triggers_fire_for_the_same_people_by_micro_batch_and_by_batch():
    rng = np.random.default_rng(0)
    rows = [
        (
            f"p{rng.integers(60)}",
            str(rng.choice(["update", "update", "delete"])),
            str(town),
            int(day),
        )
        for town, day in zip(
            rng.integers(0, 9, 900), np.sort(rng.integers(0, 60, 900)), strict=True
        )
    ]
    batch = changes.begin(feed(rows), key=KEY)
    parts = [feed(rows[start : start + 150]) for start in range(0, 900, 150)]
    micro = changes.replay(parts, key=KEY)
    sets = []
    for state in (batch, micro):
        now = changes.valid_at(state.history, START + timedelta(days=61))
        visits = now.mutate(visits=now["town"].cast("int64"))
        qualify = visits.filter((visits["visits"] >= 5) & (visits["visits"] < 8))
        sets.append(set(qualify["id"].to_pandas()))
    assert sets[0] == sets[1]
    assert 5 < len(sets[0]) < 60


def moved_people(n: int, *, half_life: float, days: float, seed: int):
    """Simulate when people change their address, each at a constant rate, from a first day on."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(n):
        at = 0.0
        while at < days:
            lasts = rng.exponential(half_life / np.log(2))
            rows.append((f"p{person}", at, at + lasts if at + lasts < days else np.nan))
            at += lasts
    frame = pd.DataFrame(rows, columns=["person_id", "valid_from", "valid_to"])
    start = pd.Timestamp("2024-01-01")
    dated = frame[["valid_from", "valid_to"]].apply(lambda d: start + pd.to_timedelta(d, unit="D"))
    return frame.assign(**dated), start + pd.Timedelta(days=days)


def test_the_half_life_of_a_field_is_learned_from_how_long_values_lasted():
    history, now = moved_people(400, half_life=300, days=900, seed=1)
    found = changes.learn_half_life(history, now=now)
    assert found.low < 300 < found.high
    assert found.days == pytest.approx(300, rel=0.1)
    none = changes.learn_half_life(history[history["valid_to"].isna()].head(3), now=now)
    assert none.high == float("inf")
    assert np.isfinite(none.low)


def test_as_many_records_hold_still_as_their_confidence_says():
    history, now = moved_people(3000, half_life=300, days=900, seed=2)
    rng = np.random.default_rng(3)
    age = pd.Series(rng.uniform(0, 900, 3000))
    seen = now - pd.to_timedelta(age, unit="D")
    first = history[history["valid_to"].isna() | (history["valid_to"] > history["valid_from"])]
    current = first[first["valid_to"].isna()].set_index("person_id")["valid_from"]
    since = pd.Series([f"p{i}" for i in range(3000)]).map(current)
    holds = since <= seen
    trusted = changes.confidence(age, half_life_days=300)
    for low in (0.2, 0.4, 0.6, 0.8):
        inside = (trusted >= low) & (trusted < low + 0.2)
        assert holds[inside].mean() == pytest.approx(trusted[inside].mean(), abs=0.06)


def test_who_is_to_be_asked_again_is_listed_with_the_reason_the_least_certain_first():
    now = pd.Timestamp("2026-07-01")
    linked = pd.DataFrame(
        {
            "person_id": ["p1", "p1", "p2", "p3", "p4"],
            "email": ["a@b.org", "other@b.org", "c@d.org", "e@f.org", "g@h.org"],
            "phone": ["+1 415 555 0100", "+14155550100", None, None, None],
        }
    )
    days = {"p1": 1, "p2": 1, "p3": 1460}
    last = pd.Series({who: now - pd.Timedelta(days=n) for who, n in days.items()})
    records = changes.contact_records(linked, last)
    listed = changes.clean_up_list(records, now=now, half_life_days=730)
    reasons = listed.set_index(["person_id", "kind"])["reason"].to_dict()
    assert reasons == {
        ("p4", "email"): "never seen",
        ("p3", "email"): "not confirmed for long",
        ("p1", "email"): "several values",
    }
    assert listed["confidence"].is_monotonic_increasing
    assert listed.loc[1, "confidence"] == pytest.approx(0.25)
