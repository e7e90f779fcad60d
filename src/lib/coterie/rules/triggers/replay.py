"""A trigger by hand: every act of a person looked at in plain Python, to check the engine by.

Nothing here is shared with the expressions but the definition itself; no window, no table.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from coterie.rules.triggers.syntax import Act, Count, First, Followed, Missed, Restarted, Trigger


class Event(NamedTuple):
    """One act as the log has it."""

    event_id: str
    person_id: str
    at: datetime  # UTC, without a zone
    verb: str
    platform: str


class Decision(NamedTuple):
    """One moment at which a trigger was met."""

    trigger: str
    event_id: str
    person_id: str
    at: datetime  # when it was met
    send_at: datetime  # the same, or when the quiet hours end
    capped: bool  # whether the person had enough of it already


def replay(
    trigger: Trigger,
    events: Sequence[Event],
    *,
    until: datetime,
    zones: Mapping[str, str],
    time_zone: str = "UTC",
) -> list[Decision]:
    """Decide by hand, person by person, on everything that is met before a moment."""
    unique = {event.event_id: event for event in events}.values()
    people = sorted({event.person_id for event in unique})
    found = []
    for person in people:
        own = sorted(
            (event for event in unique if event.person_id == person),
            key=lambda event: (event.at, event.event_id),
        )
        zone = ZoneInfo(zones.get(person) or time_zone)
        met = sorted(_met(trigger, own), key=lambda pair: (pair[1], pair[0].event_id))
        found += _decided(trigger, [pair for pair in met if pair[1] < until], zone)
    return found


def _met(trigger: Trigger, events: list[Event]) -> Iterator[tuple[Event, datetime]]:
    """Walk through the acts on which the pattern is met, and when."""
    for at, event in enumerate(events):
        moment = _met_by(trigger, events, at, event)
        if moment is not None:
            yield event, moment


def _met_by(trigger: Trigger, events: list[Event], at: int, event: Event) -> datetime | None:
    """Say when the pattern is met because of one act, if it ever is."""
    before = events[:at]
    match trigger.pattern:
        case Count(act, n, within):
            near = [e for e in before if _is(e, act) and event.at - e.at < _span(within)]
            return event.at if _is(event, act) and len(near) + 1 >= n else None
        case Missed(act, other, within):
            if not _is(event, act):
                return None
            others = [e for e in events if _is(e, other) and act != other]
            again = [e for e in events[at + 1 :] if _is(e, act)]
            near = [e for e in others + again if timedelta(0) <= e.at - event.at < _span(within)]
            return None if near else event.at + _span(within)
        case Followed(act, other, within):
            begun = [e for e in events if _is(e, act) and e.at <= event.at]
            near = [e for e in begun if event.at - e.at < _span(within)]
            return event.at if _is(event, other) and near else None
        case First(act):
            return event.at if _is(event, act) and not any(_is(e, act) for e in before) else None
        case Restarted(act, after):
            earlier = [e.at for e in before if _is(e, act)]
            long_ago = bool(earlier) and event.at - max(earlier) >= _span(after)
            return event.at if _is(event, act) and long_ago else None


def _decided(
    trigger: Trigger, met: list[tuple[Event, datetime]], zone: ZoneInfo
) -> Iterator[Decision]:
    """Apply cooldown, cap and quiet hours to one person's moments, in order of time."""
    last, counts = None, {}
    for event, moment in met:
        if trigger.cooldown and last is not None and moment < last + _span(trigger.cooldown):
            continue
        last, capped = moment, False
        if trigger.cap:
            period = _period(moment, zone, trigger.cap.period)
            counts[period] = counts.get(period, 0) + 1
            capped = counts[period] > trigger.cap.n
        sent = _send_at(trigger, moment, zone)
        yield Decision(trigger.name, event.event_id, event.person_id, moment, sent, capped)


def _send_at(trigger: Trigger, moment: datetime, zone: ZoneInfo) -> datetime:
    """Find the first moment that is not quiet, minute by minute of the person's own clock."""
    if trigger.quiet is None or not _is_quiet(trigger, moment, zone):
        return moment
    waiting = moment.replace(second=0, microsecond=0)
    while _is_quiet(trigger, waiting, zone) or waiting < moment:
        waiting += timedelta(minutes=1)
    return waiting


def _is_quiet(trigger: Trigger, moment: datetime, zone: ZoneInfo) -> bool:
    """Say whether somebody's clock shows a quiet hour."""
    start, end = trigger.quiet
    local = _local(moment, zone)
    now = local.hour * 3600 + local.minute * 60 + local.second
    return start <= now < end if start < end else now >= start or now < end


def _period(moment: datetime, zone: ZoneInfo, period: str) -> tuple:
    """Name the day, week or month of somebody's own calendar."""
    local = _local(moment, zone)
    week = tuple(local.isocalendar())[:2]
    return {"day": local.date(), "week": week, "month": (local.year, local.month)}[period]


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Read somebody's own clock."""
    return moment.replace(tzinfo=UTC).astimezone(zone)


def _is(event: Event, act: Act) -> bool:
    """Say whether an event is an act."""
    return event.verb == act.verb and act.platform in (None, event.platform)


def _span(seconds: int) -> timedelta:
    """Turn seconds into a time."""
    return timedelta(seconds=seconds)
