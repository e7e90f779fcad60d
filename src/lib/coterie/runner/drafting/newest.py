"""The newest moment in a folder's files, from which a study's `as_of` is proposed."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import ibis
import pandas as pd

from coterie.lake.column_map.files import locate_files, read_rows
from coterie.sourcing.columns import FILL_IN, REQUIRED, map_rows
from coterie.study import DataError, SettingsError

ONE_DAY = timedelta(days=1)
DROPPED = (
    "verbs",
    "sum_by",
    "sign",
    "measures",
    "strata",
)  # of an entry, where only its moments are asked for


class Newest(NamedTuple):
    """Until when the files go."""

    as_of: str  # the day after the newest moment; empty when there is none
    problems: list[str]  # why the moments of a file cannot be read


def day_after_newest(source: str, entries: list[dict], *, today: date | None = None) -> Newest:
    """Give the day after the newest moment of acts, posts and answers, else of accounts.

    Moments after today are errors, and do not count.
    """
    latest = today or datetime.now(UTC).date()
    days, problems = {True: [], False: []}, []
    asked = {json.dumps(only_moments(entry)): entry for entry in entries}
    for entry in asked.values():
        try:
            day = newest(source, only_moments(entry), latest=latest)
        except (SettingsError, DataError) as error:
            problems.append(str(error))
            continue
        days[entry["gives"] == "accounts"] += [day] if day else []
    found = days[False] or days[True]
    return Newest((max(found) + ONE_DAY).isoformat() if found else "", problems)


def only_moments(entry: dict) -> dict:
    """Write an entry that reads nothing of a file but its moments.

    >>> entry = {"gives": "accounts", "columns": {"account": "id", "at": "since", "name": "who"}}
    >>> only_moments(entry)["columns"]
    {'account': '=no', 'at': 'since'}
    """
    gives = "exposures" if entry["gives"] == "experiments" else entry["gives"]
    columns = {"account": "=no", **dict.fromkeys(REQUIRED[gives], "=no")}
    at = entry["columns"].get("at", "=no")
    kept = {key: value for key, value in entry.items() if key not in DROPPED}
    return kept | {"gives": gives, "columns": columns | {"at": at}}


def newest(source: str, entry: dict, *, latest: date) -> date | None:
    """Find the newest day of one entry that is not after `latest`."""
    if entry["columns"]["at"].startswith("=") or entry["columns"]["at"] == FILL_IN:
        return None
    found = locate_files(source, [entry])
    files = [read_rows(path, whole, folder=source) for path, whole in found]
    moments = map_rows(files, entry["gives"]).select("at")
    moment = moments.filter(moments["at"] < ibis.timestamp(str(latest + ONE_DAY)))["at"].max()
    day = moment.execute()
    return None if pd.isna(day) else day.date()
