"""A trigger means one thing: in the engine, by hand, and at the edges of time."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rules.streams import LOGS, PLATFORMS, START, VERBS, by_engine, by_hand, events_of, triggers

from coterie.rules.triggers.checking import read_triggers
from coterie.rules.triggers.replay import Decision, Event
from coterie.rules.triggers.syntax import Trigger
from coterie.study import SettingsError

FAR = datetime(2026, 12, 31)
NOON = datetime(2026, 5, 5, 12)


def read(text: str) -> Trigger:
    [trigger] = read_triggers({"x": text}, verbs=VERBS, platforms=PLATFORMS)
    return trigger


def decided(text: str, *acts: tuple, until: datetime = FAR) -> list[Decision]:
    """Decide on `(seconds after noon, verb)` of one person, both ways."""
    events = [
        Event(f"e{n}", person[0] if person else "cy", NOON + timedelta(seconds=at), verb, "web")
        for n, (at, verb, *person) in enumerate(acts)
    ]
    found = by_engine([read(text)], events, until=until)
    assert found == by_hand([read(text)], events, until=until)
    return sorted(found, key=lambda decision: (decision.at, decision.event_id))


def moments(found: list[Decision]) -> list[float]:
    """Say how many seconds after noon each decision was made."""
    return [(decision.at - NOON).total_seconds() for decision in found]


@settings(max_examples=12, deadline=None)
@given(drawn=LOGS, hours=st.integers(0, 200))
def test_engine_and_replay_decide_alike(drawn, hours):
    events, until = events_of(drawn), START + timedelta(hours=hours)
    assert by_engine(triggers(), events, until=until) == by_hand(triggers(), events, until=until)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(drawn=LOGS, weeks=st.sampled_from([0, 30]), hours=st.integers(0, 300))
def test_engine_and_replay_decide_alike_on_both_sides_of_the_year(drawn, weeks, hours):
    start = START + timedelta(weeks=weeks, days=2 if weeks else 0)  # 25 October: back to winter
    events, until = events_of(drawn, start), start + timedelta(hours=hours)
    assert by_engine(triggers(), events, until=until) == by_hand(triggers(), events, until=until)


ABANDONED = "add then no purchase within 30 minutes"


@pytest.mark.parametrize(("bought", "n"), [(1799, 0), (1800, 1), (1801, 1), (0, 0)])
def test_half_an_hour_ends_with_its_last_second(bought, n):
    assert len(decided(ABANDONED, (0, "add"), (bought, "purchase"))) == n


def test_a_basket_that_is_still_filled_is_not_abandoned_and_then_once():
    assert moments(decided(ABANDONED, (0, "add"), (1799, "add"))) == [1799 + 1800]
    assert moments(decided(ABANDONED, (0, "add"), (1800, "add"))) == [1800, 3600]
    assert moments(decided(ABANDONED, (0, "add"), (0, "add"))) == [1800]


def test_what_is_not_over_yet_is_not_decided():
    early = NOON + timedelta(seconds=1800)
    assert decided(ABANDONED, (0, "add"), until=early) == []
    assert len(decided(ABANDONED, (0, "add"), until=early + timedelta(microseconds=1))) == 1


@pytest.mark.parametrize(("third", "n"), [(86_399, 1), (86_400, 0)])
def test_a_day_holds_what_is_sooner_than_a_day_later(third, n):
    looks = [(0, "view"), (60, "view"), (third, "view")]
    assert len(decided("3 views within 24 hours", *looks)) == n


def test_every_look_that_makes_it_three_counts_until_it_is_cooled_down():
    looks = [(second, "view") for second in (0, 1, 2, 3, 7201, 7202)]
    assert len(decided("3 views within 24 hours", *looks)) == 4
    cooled = decided("3 views within 24 hours, cooldown 2 hours", *looks)
    assert moments(cooled) == [2, 7202]


def test_first_stopped_and_back_again():
    days = [0, 86_400, 10 * 86_400]
    bought = [(second, "purchase") for second in days]
    assert moments(decided("first purchase", *bought)) == [0]
    assert moments(decided("no purchase for 2 days", *bought)) == [3 * 86_400, 12 * 86_400]
    assert moments(decided("purchase after 9 days without", *bought)) == [10 * 86_400]
    assert moments(decided("purchase after 10 days without", *bought)) == []


def test_the_cap_counts_days_of_the_persons_own_calendar():
    late = [(9 * 3600 + 1800, "view", "ana"), (10 * 3600 + 60, "view", "ana")]  # Rome: 23:30, 0:01
    looks = [(0, "view", "ana"), (1, "view", "ana"), *late]
    found = decided("1 view within 1 second, at most 1 a day", *looks)
    assert [decision.capped for decision in found] == [False, True, True, False]


def sent(moment: str, quiet: str, person: str) -> datetime:
    """Say when a first purchase at a moment (UTC) may be answered."""
    event = Event("e", person, datetime.fromisoformat(moment), "purchase", "web")
    trigger = read(f"first purchase, quiet from {quiet}")
    [decision] = by_engine([trigger], [event], until=FAR)
    assert {decision} == by_hand([trigger], [event], until=FAR)
    return decision.send_at


@pytest.mark.parametrize(
    ("moment", "quiet", "person", "due"),
    [
        ("2026-05-05 19:00", "21:00 to 08:00", "ana", "2026-05-06 06:00"),  # Rome: 21:00 to 08:00
        ("2026-05-05 18:59:59", "21:00 to 08:00", "ana", "2026-05-05 18:59:59"),
        ("2026-05-06 06:00", "21:00 to 08:00", "ana", "2026-05-06 06:00"),
        ("2026-05-05 10:15", "12:00 to 13:30", "ana", "2026-05-05 11:30"),
        ("2026-03-28 22:00", "21:00 to 08:00", "ana", "2026-03-29 06:00"),  # an hour is lost
        ("2026-10-24 22:00", "21:00 to 08:00", "ana", "2026-10-25 07:00"),  # an hour is won
        ("2026-03-29 00:30", "22:00 to 02:30", "ana", "2026-03-29 01:00"),  # 02:30 does not exist
        ("2026-10-24 23:30", "22:00 to 02:30", "ana", "2026-10-25 00:30"),  # 02:30 exists twice
        ("2026-10-25 01:10", "22:00 to 02:30", "ana", "2026-10-25 01:30"),  # the second one
        ("2026-05-05 07:00", "21:00 to 08:00", "di", "2026-05-05 08:00"),  # no such zone: UTC
        ("2026-03-08 05:00", "21:00 to 08:00", "bo", "2026-03-08 12:00"),  # New York, an hour lost
    ],
)
def test_quiet_hours_end_on_the_persons_own_clock(moment, quiet, person, due):
    assert sent(moment, quiet, person) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3 views within 24", "the trigger ends; expected a unit like days"),
        ("3 looks within 1 hour", "nobody did looks; there are add, purchase, view"),
        ("3 view on shp within 1 hour", "did you mean shop"),
        ("add then no purchase", "expected within"),
        ("view then view within 1 hour", "one act would be both"),
        ("view then no view on shop within 1 hour", "one act would be both"),
        ("0 view within 1 hour", "at least 1 act"),
        ("99999999999999999999 view within 1 hour", "at most 1,000,000"),
        ("first purchase, at most 0 a day", "of none, leave it out"),
        ("first purchase, cooldown 99999999 days", "at most ten years"),
        ("3 view within 0 hours", "more than nothing"),
        ("3 view within 60 weeks", "at most a year"),
        ("first purchase, quiet from 25:00 to 08:00", "there is no 25:00"),
        ("first purchase, quiet from 08:00 to 08:00", "quiet all day"),
        ("first purchase, cooldown 1 day, cooldown 2 days", "the same thing twice"),
        ("first purchase " + " " * 500, "at most 500"),
        (3, "write it as a text"),
    ],
)
def test_what_makes_no_sense_is_refused(text, said):
    with pytest.raises(SettingsError, match=said):
        read(text)
