"""A stream decides what the whole log decides: any order, twice, late, killed half way."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.streams import CALENDAR, LOGS, START, arrow, by_engine, by_hand, events_of, triggers

from coterie.rules.triggers.replay import Decision, Event
from coterie.runner.streaming.state import State

PATIENT = timedelta(days=30)  # longer than any log here
END = START + timedelta(days=60)
KINDS = ["view", "view", "add", "purchase"]


def a_log(n: int, *, seed: int) -> list[Event]:
    """Draw a log with many edges: half an hour, a day, one moment."""
    rng = random.Random(seed)
    gaps = [0, 1, 1799, 1800, 3600, 86_400, 40_000, 400, 400, 7]
    people, places = ["ana", "bo", "cy", "di"], ["web", "shop"]
    drawn = [
        (rng.choice(gaps), rng.choice(people), rng.choice(KINDS), rng.choice(places))
        for _ in range(n)
    ]
    return events_of(drawn)


def made(state: State) -> set[Decision]:
    """Read what a stream decided."""
    rows = [{k: v for k, v in row.items() if k != "number"} for row in state.decisions()]
    assert len({(row["trigger"], row["event_id"]) for row in rows}) == len(rows)
    return {Decision(**row) for row in rows}


def streamed(arrivals: list[list[Event]], *, lateness=PATIENT, file: Path | str = ":memory:"):
    """Let batches arrive, one after the other, and finish."""
    state = State(file, triggers(), CALENDAR, lateness=lateness)
    for batch in arrivals:
        state.arrive(arrow(batch))
    state.finish()
    found, counts = made(state), state.counts()
    state.close()
    return found, counts


def in_batches(events: list[Event], size: int) -> list[list[Event]]:
    return [events[at : at + size] for at in range(0, len(events), size)]


def whole(events: list[Event]) -> set[Decision]:
    """Decide on the whole log by hand, up to where a finished stream has come."""
    newest = max(event.at for event in events)
    until = newest + timedelta(days=2, microseconds=1)
    by_the_engine = by_engine(triggers(), events, until=until)
    assert by_the_engine == by_hand(triggers(), events, until=until)
    return by_the_engine


def check_orders(n_orders: int) -> None:
    """Let one log arrive in many orders, some of it twice."""
    events = a_log(100, seed=1)
    expected = whole(events)
    assert len({decision.trigger for decision in expected}) == len(triggers())
    for seed in range(n_orders):
        rng = random.Random(seed)
        twice = rng.sample(events, len(events)) + rng.sample(events, 10)
        found, counts = streamed(in_batches(twice, rng.choice([30, 60, 110])))
        assert found == expected
        assert counts == {"n_events": 100, "n_late": 0, "n_twice": 10}


def test_any_order_of_arrival_comes_to_one_result():
    check_orders(5)


@pytest.mark.slow
def test_fifty_orders_of_arrival_come_to_one_result():
    check_orders(50)


def test_in_order_nothing_has_to_be_waited_for():
    events = a_log(30, seed=2)
    moments = [[e for e in events if e.at == at] for at in sorted({e.at for e in events})]
    found, counts = streamed(moments, lateness=timedelta(0))
    assert found == whole(events)
    assert counts["n_late"] == 0


def test_a_watch_that_is_killed_goes_on_where_it_stood(tmp_path):
    events = a_log(60, seed=3)
    file = tmp_path / "state.duckdb"
    for at, batch in enumerate(in_batches(events, 12)):
        state = State(file, triggers(), CALENDAR, lateness=timedelta(hours=30))
        if at == 2:
            interrupted(state, batch)
        state.arrive(arrow(batch))
        state.close()
    state = State(file, triggers(), CALENDAR, lateness=timedelta(hours=30))
    state.arrive(arrow(events[-12:]))  # the last batch comes again
    state.finish()
    assert made(state) == whole(events)
    state.close()


def interrupted(state: State, batch: list[Event]) -> None:
    """Kill a batch after its decisions are made and before they count."""
    before = state.decisions()
    prune, state._prune = state._prune, None
    with pytest.raises(TypeError):
        state.arrive(arrow(batch))
    state._prune = prune
    assert state.decisions() == before


def test_what_comes_too_late_is_counted_and_changes_nothing():
    events = a_log(40, seed=4)
    late = Event("late", "ana", events[0].at, "purchase", "shop")
    found, counts = streamed([events[:20], [*events[20:], late]], lateness=timedelta(0))
    assert counts["n_late"] == 1
    assert found == whole(events)


def test_old_events_are_deleted_and_still_prove_that_there_was_one():
    far = timedelta(days=40)
    later = [event._replace(event_id=f"l{event.event_id}", at=event.at + far)
             for event in a_log(30, seed=6)]  # fmt: skip
    events = a_log(30, seed=5)
    state = State(":memory:", triggers(), CALENDAR, lateness=timedelta(days=3))
    for batch in (events, later[:15], later[15:]):
        state.arrive(arrow(batch))
    kept = state.con.execute("select count(*) from events").fetchone()[0]
    state.finish()
    assert made(state) == whole(events + later)
    assert kept < len(events) + len(later)
    state.close()


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(drawn=LOGS.filter(len), order=st.randoms(use_true_random=False))
def test_any_log_in_any_order_comes_to_one_result(drawn, order):
    events = events_of(drawn)
    shuffled = order.sample(events, len(events))
    assert streamed(in_batches(shuffled, 6))[0] == whole(events)
