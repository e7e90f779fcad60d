"""Quiet hours and calendars of each person's own clock, daylight saving to the second."""

from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from coterie.rules.triggers.syntax import Quiet
from coterie.study import SettingsError
from coterie.windows import DAY, NEVER, zone_clocks

MONDAY = 4 * DAY  # 1970 began on a Thursday
WEEK = 7 * DAY


class Calendar(NamedTuple):
    """What everybody's clock shows over a span of days."""

    clocks: ir.Table  # `person_id` and the columns of `coterie.windows.zone_clocks`
    usual: dict[str, int]  # the same of the zone of whoever states none


def make_calendar(people: ir.Table, *, span: tuple[date, date], time_zone: str) -> Calendar:
    """Look up everybody's clock; who states no zone, or an unknown one, lives in `time_zone`.

    Before and after `span` clocks stand as at its ends.

    >>> people = ibis.memtable({"person_id": ["ana"], "time_zone": ["Europe/Rome"]})
    >>> span = (date(2026, 1, 1), date(2027, 1, 1))
    >>> calendar = make_calendar(people, span=span, time_zone="UTC")
    >>> calendar.clocks["ahead_1"].execute().tolist(), calendar.usual["ahead_0"]
    ([7200], 0)
    """
    clocks = zone_clocks(*span)
    if time_zone not in clocks.index:
        raise SettingsError(
            f"07_rules.time_zone: {time_zone!r} is no IANA time zone; write it like Europe/Rome."
        )
    known = ibis.memtable(clocks.reset_index())
    own = people.join(known, people["time_zone"] == known["zone"])
    usual = {name: int(value) for name, value in clocks.loc[time_zone].items()}
    return Calendar(own.select("person_id", *clocks.columns), usual)


def with_clocks(moments: ir.Table, calendar: Calendar) -> ir.Table:
    """Add to moments what the person's clock shows: `local`, and when it changes next.

    `local` is in seconds since 1970 as the wall showed them, `ahead` how far that is before UTC,
    `change` the second of the next change and `ahead_then` how far it is from then on.
    """
    own = calendar.clocks.rename(who="person_id")
    told = moments.left_join(own, moments["person_id"] == own["who"])
    clock = {name: ibis.coalesce(told[name], value) for name, value in calendar.usual.items()}
    second = told["at"].truncate("s").epoch_seconds().cast("int64")
    ahead, then = clock["ahead_0"], clock["ahead_0"]
    change = ibis.literal(NEVER[0], "int64")
    for k in range(len(clock) // 2, 0, -1):
        later = second < clock[f"change_{k}"]
        change = later.ifelse(clock[f"change_{k}"], change)
        then = later.ifelse(clock[f"ahead_{k}"], then)
    for k in range(1, len(clock) // 2 + 1):
        ahead = (second >= clock[f"change_{k}"]).ifelse(clock[f"ahead_{k}"], ahead)
    return told.select(
        *moments.columns, local=second + ahead, ahead=ahead, change=change, ahead_then=then
    )


def send_at(told: ir.Table, quiet: Quiet) -> ir.TimestampValue:
    """Say when something may be sent: at once, or when the person's quiet hours end.

    Where clocks change in between, it is the first moment whose clock shows no quiet hour.
    """
    is_quiet, end = quiet_end(told["local"], quiet)
    as_now = end - told["ahead"]
    still_quiet, then = quiet_end(told["change"] + told["ahead_then"], quiet)
    changed = still_quiet.ifelse(then - told["ahead_then"], told["change"])
    due = (as_now < told["change"]).ifelse(as_now, changed)
    return is_quiet.ifelse(moment_of(due), told["at"])


def quiet_end(local: ir.IntegerValue, quiet: Quiet) -> tuple[ir.BooleanValue, ir.IntegerValue]:
    """Say whether a clock shows a quiet hour, and what it shows when that ends; in its seconds."""
    of_day = local % DAY
    over_midnight = quiet.start > quiet.end
    late, early = of_day >= quiet.start, of_day < quiet.end
    tomorrow = late.ifelse(DAY, 0) if over_midnight else 0
    return late | early if over_midnight else late & early, local - of_day + quiet.end + tomorrow


def period_of(told: ir.Table, period: str) -> ir.IntegerValue:
    """Number the day, the week (from Monday) or the month that a person's calendar shows."""
    if period == "day":
        return told["local"] // DAY
    if period == "week":
        return (told["local"] - MONDAY) // WEEK
    day = moment_of(told["local"])
    return day.year() * 12 + day.month()


def moment_of(second: ir.IntegerValue) -> ir.TimestampValue:
    """Turn seconds since 1970 into a moment, whatever time zone the engine's session is in.

    >>> str(moment_of(ibis.literal(86_400)).execute())
    '1970-01-02 00:00:00'
    """
    return ibis.timestamp("1970-01-01") + second.as_interval("s")
