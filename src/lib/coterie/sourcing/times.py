"""Times as exports write them: each value by itself, day or month first by its whole column."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import ibis
import ibis.expr.types as ir
import yaml

from coterie.study import SettingsError

KNOWN = yaml.safe_load(Path(__file__).with_name("times.yml").read_text(encoding="utf-8"))
NUMERIC = ("day_first", "month_first")
FORMS = {
    name: (
        form["pattern"] + ("" if form.get("whole") else KNOWN["tail"]),
        form["groups"] + ([] if form.get("whole") else KNOWN["tail_groups"]),
    )
    for name, form in KNOWN["forms"].items()
}
UNAMBIGUOUS = [name for name in FORMS if name not in NUMERIC]
MOMENT, PARTS, APART = "its moment", "its parts", "its random number"  # beside a file's columns
BLANKS = "[\u00a0\u2007\u2009\u202f\t]+"
YEARS = range(1999, 2040)  # for which the offsets of a time zone are looked up


class TimeForms(NamedTuple):
    """How one column writes its times: which forms it has, and what a time without zone means."""

    forms: tuple[str, ...]  # names in times.yml; `plain` alone is the fast case
    stated: str = ""  # a strptime format from the entry
    time_zone: str = ""  # IANA name


def find_forms(
    text: ir.StringValue, rows: ir.Table, where: str, entry: dict, *, plain: bool = False
) -> TimeForms:
    """Find which forms a column's times have, from all its values; `plain` says that all are so.

    Raises
    ------
    SettingsError
        When every day could be a month too, or some must be days and others months; when the entry
        names no known form or time zone.
    """
    zone, stated = entry.get("time_zone", ""), entry.get("time_format", {}).get("at", "")
    if zone and zone not in available_timezones():
        raise SettingsError(
            f"{where}.time_zone: {zone!r} is no IANA time zone, like Europe/Berlin."
        )
    if stated:
        return stated_forms(stated, f"{where}.time_format.at", zone)
    if plain:
        return TimeForms(("plain",), time_zone=zone)
    text = tidied(text)
    found = rows.aggregate(**form_counts(text.nullif(""))).to_pandas().iloc[0].fillna(0)
    forms = [name for name in (*UNAMBIGUOUS, *KNOWN["epochs"]) if found[name]]
    if found["numeric"]:
        forms.append(day_or_month(found, where, entry["columns"]["at"]))
    return TimeForms(("plain", *forms), time_zone=zone)


def is_plain(text: ir.StringValue) -> ir.BooleanValue:
    """Say whether a time is in the form that nearly every export has."""
    return tidied(text).re_search(KNOWN["plain"])


def stated_forms(stated: str, where: str, zone: str) -> TimeForms:
    """Take a form from the entry: a known name, or a strptime format."""
    if stated in KNOWN["epochs"]:
        return TimeForms((stated,), time_zone=zone)
    if stated in NUMERIC:
        return TimeForms(("plain", *UNAMBIGUOUS, stated), time_zone=zone)
    if stated in FORMS:
        return TimeForms(("plain", stated) if stated == "iso" else (stated,), time_zone=zone)
    if "%" not in stated:
        known = ", ".join([*FORMS, *KNOWN["epochs"]])
        raise SettingsError(f"{where}: {stated!r} is none of {known}, and no format like %d.%m.%Y.")
    format_pattern(stated, where)
    return TimeForms((), stated=stated, time_zone=zone)


def form_counts(text: ir.StringValue) -> dict[str, ir.IntegerValue]:
    """Count the values of each form, and what their first two numbers say about day and month."""
    counts = {name: text.re_search(FORMS[name][0]).sum() for name in UNAMBIGUOUS}
    counts |= {
        name: text.re_search(form["pattern"]).sum() for name, form in KNOWN["epochs"].items()
    }
    pattern = FORMS["day_first"][0]
    numeric = text.re_search(pattern)
    first, second = (text.re_extract(pattern, i).try_cast("int64") for i in (1, 2))
    dotted = text.re_search(r"^\d{1,2}\.\d{1,2}\.")
    possible = numeric & (first.between(1, 12) | second.between(1, 12))
    return counts | {
        "numeric": numeric.sum(),
        "days_first": (possible & first.between(13, 31)).sum(),
        "months_first": (possible & second.between(13, 31)).sum(),
        "either": (possible & (first <= 12) & (second <= 12) & (first != second)).sum(),
        "dotted": (numeric & dotted).sum(),
    }


def day_or_month(found: dict, where: str, column: str) -> str:
    """Decide whether the day or the month comes first in a column of dates like 05/06/2026."""
    advice = f"say which in {where}.time_format, like  time_format: {{at: day_first}}."
    if found["days_first"] and found["months_first"]:
        raise SettingsError(
            f"{where}: the column {column!r} has dates whose first number must be the day and "
            f"others whose second must be; export it again, or {advice}"
        )
    if found["days_first"] or found["dotted"] == found["numeric"]:
        return "day_first"  # nobody writes a month first before a point
    if found["months_first"] or not found["either"]:
        return "month_first"
    raise SettingsError(
        f"{where}: every date in the column {column!r} can be read with the day first and with the "
        f"month first; {advice}"
    )


def with_time(rows: ir.Table, column: ir.Value, forms: TimeForms) -> ir.Table:
    """Add a column of times in UTC, `MOMENT`: a stated offset is applied, a known zone word too.

    Each value is read by itself, so that no row changes another. What has no known form is missing.
    """
    if column.type().is_timestamp() or column.type().is_date():
        moment = column.cast("timestamp")
        zoned = column.type().is_timestamp() and column.type().timezone
        return rows.mutate(**{MOMENT: moment if zoned else from_zone(moment, forms.time_zone)})
    text = tidied(column.cast("string"))
    branches = [numbered(text, name, forms) for name in forms.forms if name not in FORMS]
    written = [FORMS[name] for name in forms.forms if name in FORMS]
    written += [format_pattern(forms.stated, "")] if forms.stated else []
    if written:
        rows = computed(rows, PARTS, in_parts(text, written))
        branches.append((rows[PARTS].notnull(), from_parts(rows[PARTS], forms)))
    return computed(rows, MOMENT, ibis.cases(*branches, else_=ibis.null("timestamp")))


def computed(rows: ir.Table, name: str, value: ir.Value) -> ir.Table:
    """Add a column that is computed once, however often it is read.

    Ibis would write its expression out again at every place that reads it, times of many forms a
    hundred times over; it never does so across a random number.
    """
    return rows.mutate(**{name: value, APART: ibis.random()})


def tidied(text: ir.StringValue) -> ir.StringValue:
    """Make every blank a plain one."""
    return text.re_replace(BLANKS, " ").strip()


def numbered(text: ir.StringValue, name: str, forms: TimeForms) -> tuple:
    """Pair the test for the plain form, or for seconds since 1970, with the time it reads."""
    if epoch := KNOWN["epochs"].get(name):
        pattern = r"^\d+(?:\.\d*)?$" if len(forms.forms) == 1 else epoch["pattern"]
        return text.re_search(pattern), from_epoch(text, epoch["per_second"])
    bare = text.re_replace("[Zz]$", "").try_cast("timestamp")
    local = from_zone(bare, forms.time_zone)
    moment = text.re_search("[Zz]$").ifelse(bare, local) if forms.time_zone else bare
    return text.re_search(KNOWN["plain"]), moment


def from_epoch(text: ir.StringValue, per_second: int) -> ir.TimestampValue:
    """Read seconds since 1970, or their thousandths, as a time."""
    whole = text.re_extract(r"^(\d+)", 1).try_cast("int64")
    micros = whole * (1_000_000 // per_second) if per_second <= 1_000_000 else whole // 1000
    sane = (micros < 10**16).ifelse(micros, ibis.null("int64"))  # the year 2286
    return ibis.timestamp("1970-01-01") + sane.as_interval("us")


def in_parts(text: ir.StringValue, written: list[tuple]) -> ir.StringValue:
    """Write a time as year|month|day|hour:minute:second|fraction|half|zone|, whatever its form."""
    branches = []
    for pattern, groups in written:
        place = {name: f"\\{number}" for number, name in enumerate(groups, 1)}
        clock = ":".join(place.get(name, "") for name in ("hour", "minute", "second"))
        ordered = [place["year"], place["month"], place["day"], clock]
        ordered += [place.get(name, "") for name in ("fraction", "half", "zone")]
        branches.append(
            (text.re_search(pattern), text.re_replace(pattern, "|".join(ordered) + "|"))
        )
    return ibis.cases(*branches, else_=ibis.null("string"))


def from_parts(parts: ir.StringValue, forms: TimeForms) -> ir.TimestampValue:
    """Read a time from its parts; one that no calendar or clock has is missing."""
    year, month, day, clock, fraction, half, zone = (parts.split("|")[place] for place in range(7))
    century = ibis.literal("20").left(4 - year.length())
    hours = (clock == "::").ifelse("00:00:00", clock.re_replace(":$", ":00"))
    date = ibis.literal("-").join([century + year, month_number(month), day])
    padded = (date + " " + hours).re_replace(r"\b(\d)\b", r"0\1")
    local = (padded + "." + fraction.left(6) + "0").try_cast("timestamp")
    hour = clock.re_extract(r"^(\d+):", 1).try_cast("int64")
    later = (half.upper() == "P").ifelse(12, 0) - (hour == 12).ifelse(12, 0)
    shift = ibis.cases((half == "", 0), (hour.between(1, 12), later), else_=ibis.null("int64"))
    moment = local + shift.as_interval("h")
    ahead = minutes_ahead(zone.upper())
    return (zone == "").ifelse(from_zone(moment, forms.time_zone), moment - ahead.as_interval("m"))


def month_number(word: ir.StringValue) -> ir.StringValue:
    """Give a month its number; a word that is none gets 00, which is no month."""
    numbers = {name: f"{number:02}" for name, number in KNOWN["months"].items()}
    named = word.lower().left(3).substitute(numbers, else_="00")
    return word.re_search(r"^\d").ifelse(word, named)


def minutes_ahead(zone: ir.StringValue) -> ir.IntegerValue:
    """Read an offset or a zone's word as minutes ahead of UTC; missing where it is not known."""
    hours, minutes = (zone.re_extract(r"[+-](\d{1,2}):?(\d{2})?$", i) for i in (1, 2))
    digits = hours.try_cast("int64") * 60 + minutes.try_cast("int64").fill_null(0)
    words = {word: str(ahead * 60) for word, ahead in KNOWN["zones"].items()}
    named = zone.substitute(words, else_=ibis.null("string")).try_cast("int64")
    return ibis.cases((zone.contains("+"), digits), (zone.contains("-"), -digits), else_=named)


def from_zone(local: ir.TimestampValue, time_zone: str) -> ir.TimestampValue:
    """Turn a zone's wall-clock time into UTC; an hour that comes twice is the first of the two."""
    if not time_zone:
        return local
    *changes, (_, last) = offset_changes(time_zone)
    branches = [(local < ibis.timestamp(until.isoformat()), minutes) for until, minutes in changes]
    return local - ibis.cases(*branches, else_=last).as_interval("m")


def offset_changes(time_zone: str) -> list[tuple[datetime, int]]:
    """List until which wall-clock time a zone is how many minutes ahead of UTC.

    >>> offset_changes("Europe/Berlin")[-2][1], len(offset_changes("UTC"))
    (120, 1)
    """
    zone, hour = ZoneInfo(time_zone), timedelta(hours=1)
    moment, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (YEARS[0], YEARS[-1]))
    changes, before = [], moment.astimezone(zone).utcoffset()
    while moment < end:
        offset = (moment + 24 * hour).astimezone(zone).utcoffset()
        if offset != before:
            hours = (moment + n * hour for n in range(25))
            change = next(h for h in hours if h.astimezone(zone).utcoffset() == offset)
            until = (change + before).replace(tzinfo=None)
            changes.append((until, int(before.total_seconds() // 60)))
            before = offset
        moment += 24 * hour
    return [*changes, (datetime.max, int(before.total_seconds() // 60))]


def format_pattern(stated: str, where: str) -> tuple[str, list[str]]:
    """Turn a strptime format into a pattern and the names of its groups.

    >>> format_pattern("%d.%m.%Y", "")
    ('^(\\\\d{1,2})\\\\.(\\\\d{1,2})\\\\.(\\\\d{4})$', ['day', 'month', 'year'])

    Raises
    ------
    SettingsError
        When it holds a directive that is not known, or lacks day, month or year.
    """
    pattern, groups = "", []
    for literal, directive in re.findall(r"([^%]+)|%(.)", stated):
        if directive and directive not in KNOWN["directives"]:
            known = ", ".join(f"%{letter}" for letter in KNOWN["directives"])
            raise SettingsError(f"{where}: %{directive} is none of {known}.")
        group, part = KNOWN["directives"].get(directive, ("", re.escape(literal)))
        pattern += part
        groups += [group] if group else []
    if missing := [name for name in ("year", "month", "day") if name not in groups]:
        raise SettingsError(f"{where}: {stated!r} holds no {', '.join(missing)}.")
    return f"^{pattern}$", groups
