"""The newest moment in a folder's files, from which a study's `as_of` is proposed."""

import json
from datetime import UTC, date, datetime, timedelta

import ibis
import pandas as pd

from coterie.lake.files import locate_files, read_rows
from coterie.sourcing.columns import REQUIRED, map_rows
from coterie.study import DataError, SettingsError

ONE_DAY = timedelta(days=1)
DROPPED = ("verbs", "sum_by", "sign")  # of an entry, where only its moments are asked for


def day_after_newest(source: str, entries: list[dict], *, today: date | None = None) -> str:
    """Give the day after the newest moment of acts, posts and answers, else of accounts.

    Moments after today are errors, and do not count.
    """
    latest = today or datetime.now(UTC).date()
    acts = [entry for entry in entries if entry["gives"] != "accounts"]
    others = [entry for entry in entries if entry["gives"] == "accounts"]
    for chosen in (acts, others):
        asked = {json.dumps(only_moments(entry)): only_moments(entry) for entry in chosen}
        found = [newest(source, entry, latest=latest) for entry in asked.values()]
        days = [day for day in found if day]
        if days:
            return (max(days) + ONE_DAY).isoformat()
    return ""


def only_moments(entry: dict) -> dict:
    """Write an entry that reads nothing of a file but its moments.

    >>> entry = {"gives": "accounts", "columns": {"account": "id", "at": "since", "name": "who"}}
    >>> only_moments(entry)["columns"]
    {'account': '=no', 'at': 'since'}
    """
    columns = {"account": "=no", **dict.fromkeys(REQUIRED[entry["gives"]], "=no")}
    at = entry["columns"].get("at", "=no")
    kept = {key: value for key, value in entry.items() if key not in DROPPED}
    return kept | {"columns": columns | {"at": at}}


def newest(source: str, entry: dict, *, latest: date) -> date | None:
    """Find the newest day of one entry that is not after `latest`."""
    if entry["columns"]["at"].startswith("=") or entry["columns"]["at"] == "FILL_IN":
        return None
    try:
        found = locate_files(source, [entry])
        files = [read_rows(path, whole, folder=source) for path, whole in found]
        moments = map_rows(files, entry["gives"]).select("at")
        past = moments.filter(ibis._.at < ibis.timestamp(str(latest + ONE_DAY)))
        moment = past["at"].max().execute()
    except (SettingsError, DataError, ValueError):
        return None  # 02 says why, in its own words
    return None if pd.isna(moment) else moment.date()
