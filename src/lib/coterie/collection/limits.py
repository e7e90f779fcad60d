"""When an API may be asked again: what its headers say, in each of the dialects there are.

Times are seconds since 1970. The server's own clock (its `Date`) is the one its times are compared
with, so a wrong clock here shortens no wait.
"""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from coterie.collection.declarations import Limits


def http_time(text: str) -> float | None:
    """Read a date as HTTP writes it; nothing where it is none.

    >>> http_time("Sun, 06 Nov 1994 08:49:37 GMT"), http_time("soon")
    (784111777.0, None)
    """
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC).timestamp()


def number(text: object) -> float | None:
    """Read a finite number that is not negative; nothing where it is none.

    >>> number("120"), number("-1"), number("inf"), number("a day")
    (120.0, None, None, None)
    """
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def retry_after(headers: Mapping[str, str], *, now: float) -> float:
    """Give the seconds that a refusal asks to wait: a number of seconds, or a date.

    >>> retry_after({"Retry-After": "90"}, now=0)
    90.0
    >>> dates = {"Retry-After": "Sun, 06 Nov 1994 08:50:37 GMT"}
    >>> retry_after(dates | {"Date": "Sun, 06 Nov 1994 08:49:37 GMT"}, now=0)
    60.0
    """
    asked = headers.get("Retry-After", "")
    if (seconds := number(asked)) is not None:
        return seconds
    until = http_time(asked)
    return 0.0 if until is None else max(0.0, until - server_time(headers, now))


def server_time(headers: Mapping[str, str], now: float) -> float:
    """Give the time by the server's clock, or by ours where it does not say."""
    stated = http_time(headers.get("Date", ""))
    return now if stated is None else stated


def used_up(headers: Mapping[str, str], limits: Limits, *, now: float) -> float:
    """Give the seconds to wait before the next request, by the headers of any answer.

    >>> x = Limits(remaining="x-rate-limit-remaining", reset="x-rate-limit-reset")
    >>> used_up({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1060"}, x, now=1000)
    60.0
    >>> used_up({"x-rate-limit-remaining": "7", "x-rate-limit-reset": "1060"}, x, now=1000)
    0.0
    """
    waits = [percent_wait(headers.get(name, ""), limits) for name in limits.usage]
    if limits.remaining and number(headers.get(limits.remaining)) == 0:
        waits.append(seconds_to_reset(headers, limits, now))
    return max(waits, default=0.0)


def seconds_to_reset(headers: Mapping[str, str], limits: Limits, now: float) -> float:
    """Give the seconds until a used-up limit begins anew."""
    text = headers.get(limits.reset, "")
    if limits.reset_is == "seconds":
        return number(text) or 0.0
    until = number(text) if limits.reset_is == "epoch" else iso_time(text)
    return 0.0 if until is None else max(0.0, until - server_time(headers, now))


def iso_time(text: str) -> float | None:
    """Read a time like 2026-08-01T13:50:00.143Z; nothing where it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC).timestamp()


def percent_wait(text: str, limits: Limits) -> float:
    """Give the seconds to wait by a header of percentages used, as Meta sends them.

    A business use case states the minutes until access comes back; an app only how much is used.

    >>> percent_wait('{"call_count": 96, "total_time": 25}', Limits())
    300.0
    >>> percent_wait(
    ...     '{"17": [{"call_count": 100, "estimated_time_to_regain_access": 9}]}', Limits()
    ... )
    540.0
    """
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return 0.0
    wait = 0.0
    for usage in usages(found):
        minutes = number(usage.get("estimated_time_to_regain_access")) or 0.0
        percents = [
            number(value) or 0.0 for name, value in usage.items() if "estimated" not in name
        ]
        pause = limits.pause_seconds if max(percents, default=0.0) >= limits.pause_at else 0.0
        wait = max(wait, 60.0 * minutes or pause)
    return wait


def usages(found: object) -> Iterator[dict]:
    """List the flat mappings of a usage header, however they are nested."""
    if isinstance(found, list):
        for item in found:
            yield from usages(item)
    elif isinstance(found, dict):
        yield {name: value for name, value in found.items() if not isinstance(value, dict | list)}
        for item in found.values():
            yield from usages(item)


def day_of(now: float, time_zone: str) -> str:
    """Name the day of a quota.

    >>> day_of(0, "America/Los_Angeles")
    '1969-12-31'
    """
    return datetime.fromtimestamp(now, ZoneInfo(time_zone)).date().isoformat()


def next_day(now: float, time_zone: str) -> float:
    """Give the moment at which the next day of a quota begins.

    >>> next_day(0, "UTC")
    86400.0
    """
    zone = ZoneInfo(time_zone)
    tomorrow = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).timestamp()
