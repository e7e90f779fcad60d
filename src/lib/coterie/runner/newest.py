"""The newest moment in a folder's files, from which a study's `as_of` is proposed."""

from datetime import UTC, date, datetime, timedelta

import ibis
import pandas as pd

from coterie.lake.files import locate_files, read_rows
from coterie.sourcing.columns import map_rows
from coterie.study import DataError, SettingsError

ONE_DAY = timedelta(days=1)


def day_after_newest(source: str, entries: list[dict], *, today: date | None = None) -> str:
    """Give the day after the newest moment of acts, posts and answers, else of accounts.

    Moments after today are errors, and do not count.
    """
    latest = today or datetime.now(UTC).date()
    acts = [entry for entry in entries if entry["gives"] != "accounts"]
    others = [entry for entry in entries if entry["gives"] == "accounts"]
    for chosen in (acts, others):
        found = [newest(source, entry, latest=latest) for entry in chosen]
        days = [day for day in found if day]
        if days:
            return (max(days) + ONE_DAY).isoformat()
    return ""


def newest(source: str, entry: dict, *, latest: date) -> date | None:
    """Find the newest day of one entry that is not after `latest`."""
    stated = str(entry["columns"].get("at", "=")).startswith("=")
    if stated or "FILL_IN" in str(entry["columns"]):
        return None
    try:
        files = [
            read_rows(path, found, folder=source) for path, found in locate_files(source, [entry])
        ]
        at = map_rows(files, entry["gives"])["at"]
        past = at.as_table().filter(ibis._[at.get_name()] < ibis.timestamp(str(latest + ONE_DAY)))
        moment = past[at.get_name()].max().execute()
    except (SettingsError, DataError, ValueError):
        return None  # 02 says why, in its own words
    return None if pd.isna(moment) else moment.date()
