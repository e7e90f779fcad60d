"""Quiet hours end when somebody's own clock says so, however clocks are changed in between."""

from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import ibis
import pytest

from coterie.rules.triggers.clocks import make_calendar, send_at, with_clocks
from coterie.rules.triggers.replay import _send_at
from coterie.rules.triggers.syntax import Act, First, Quiet, Trigger
from coterie.windows import zone_clocks

SPAN = (date(2026, 1, 1), date(2027, 1, 1))
# half an hour, two hours, at midnight, at a quarter to three, twice a year around Ramadan, none
ZONES = ["Australia/Lord_Howe", "Antarctica/Troll", "Africa/Cairo", "America/Santiago"]
ZONES += ["Pacific/Chatham", "Africa/Casablanca", "Europe/Dublin", "Asia/Beirut", "Asia/Kathmandu"]
AROUND = [timedelta(minutes=m, seconds=s) for m, s in product(range(-240, 241, 30), (0, 1, 59))]
HOURS = {"over midnight": (84_600, 1800), "in the night": (7200, 10_800), "long": (79_200, 28_800)}


def moments() -> list[tuple[str, datetime]]:
    """List moments around every change of a clock, and around a midnight where there is none."""
    clocks = zone_clocks(*SPAN).loc[ZONES].filter(like="change")
    ends = datetime(2030, 1, 1).timestamp()
    changes = {zone: [s for s in row if s < ends] for zone, row in clocks.T.items()}
    changes["Asia/Kathmandu"] = [datetime(2026, 6, 1).timestamp()]
    start = datetime(1970, 1, 1)
    return [
        (zone, start + timedelta(seconds=int(second)) + step)
        for zone, seconds in changes.items()
        for second in seconds
        for step in AROUND
    ]


@pytest.mark.parametrize("hours", HOURS.values(), ids=HOURS)
def test_what_waits_is_sent_at_the_first_moment_whose_clock_shows_no_quiet_hour(hours):
    people = ibis.memtable({"person_id": ZONES, "time_zone": ZONES})
    calendar = make_calendar(people, span=SPAN, time_zone="UTC")
    asked = moments()
    rows = ibis.memtable({"person_id": [z for z, _ in asked], "at": [at for _, at in asked]})
    told = with_clocks(rows, calendar)
    found = told.select("person_id", "at", sent=send_at(told, Quiet(*hours))).to_pandas()
    trigger = Trigger("t", "", First(Act("view")), quiet=Quiet(*hours))
    zones = {zone: ZoneInfo(zone) for zone in ZONES}
    wrong = [
        row
        for row in found.itertuples()
        if row.sent != _send_at(trigger, row.at.to_pydatetime(), zones[row.person_id])
    ]
    assert len(found) == len(asked) > 400
    assert wrong == []
