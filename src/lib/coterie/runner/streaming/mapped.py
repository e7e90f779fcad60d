"""New rows of files in the study's own shape: read by its column map, as 02 reads them.

A file that changed is read whole again: its events have the ids that 02 would give them, so that
what was here already is known by them. Who is behind an account is what the last run found out;
rows of accounts that it did not know wait for the next run and are counted as unreadable.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import ibis
import pandas as pd
import pyarrow as pa

from coterie import contracts, sourcing
from coterie.lake import Lake
from coterie.lake.column_map.files import Entry, read_rows
from coterie.lake.column_map.listing import matching_files
from coterie.runner.streaming.intake import AHEAD, Arrived
from coterie.runner.streaming.state import ARRIVING, utc_now
from coterie.sourcing.identity.linking import account_labels, account_pseudonyms
from coterie.sourcing.quarantine import check_rows, sort_rows
from coterie.study import SettingsError, Study

KINDS = ("events", "posts")  # what a person did, and what they wrote, which is an act too
ACCOUNT = ["platform", "account"]
QUIET = 1.0  # seconds that a file has to be left alone: what is being written is not whole


class ColumnMaps(NamedTuple):
    """How a study's files are read, and whose the accounts in them are."""

    entries: list[dict]
    money: dict  # `currency` and `rates`
    owners: Mapping[str, str]  # pseudonym of an account -> person
    key: bytes


def column_maps(lake: Lake, study: Study) -> ColumnMaps:
    """Read a study's column map, and whose accounts are as its last run left it.

    Raises
    ------
    SettingsError
        When no file of the study gives events.
    """
    settings = study.blocks["02_sourcing"]
    given = [entry for entry in settings.get("files", []) if entry.get("gives") in KINDS]
    if not given:
        raise SettingsError(f"{study.name}: no file under 02_sourcing, files: gives events.")
    links = lake.read(contracts.Links)
    now = links.filter(links["valid_to"].isnull()).select("account_id", "person_id").to_pandas()
    return ColumnMaps(
        [Entry.model_validate(entry).model_dump(by_alias=True) for entry in given],
        {"currency": settings.get("currency", ""), "rates": settings.get("rates", {})},
        dict(zip(now["account_id"], now["person_id"], strict=True)),
        lake.secret_key(),
    )


def read_mapped(folder: Path, seen: Mapping[str, int], maps: ColumnMaps) -> Arrived:
    """Read the files of a folder that changed since they were seen, laid out as the study's source.

    `seen` says when each file was changed last as it was read, in nanoseconds.
    """
    rows, moved, problems, n_unreadable = [ARRIVING.empty_table()], {}, [], 0
    for name, entries in entries_by_file(folder, maps.entries).items():
        changed = quiet_since(folder / name)
        if changed is None or seen.get(name) == changed:
            continue
        try:
            events, n_left = events_of(folder, name, entries, maps)
        except SettingsError as error:  # one file that cannot be read stops no other
            events, n_left = ARRIVING.empty_table(), 1
            problems.append(str(error))
        if quiet_since(folder / name) == changed:  # else it was written to while it was read
            rows.append(events)
            moved[name] = changed
            n_unreadable += n_left
    return Arrived(pa.concat_tables(rows), moved, n_unreadable, tuple(problems))


def entries_by_file(folder: Path, entries: list[dict]) -> dict[str, list[dict]]:
    """List the files of a folder that the column map names, with the entries that do."""
    found: dict[str, list[dict]] = {}
    for entry in entries:
        for path in matching_files(folder, entry["path"], key="02_sourcing.files.path"):
            found.setdefault(str(path.relative_to(folder)), []).append(entry)
    return dict(sorted(found.items()))


def quiet_since(file: Path) -> int | None:
    """Say when a file was changed last; None while it is being written, after a second's wait."""
    for _ in range(2):
        changed = file.stat().st_mtime_ns
        if time.time_ns() - changed >= QUIET * 1e9:
            return changed
        time.sleep(QUIET)
    return None


def events_of(
    folder: Path, name: str, entries: list[dict], maps: ColumnMaps
) -> tuple[pa.Table, int]:
    """Read one file's events of people who are known, and count the rows that gave none."""
    source = folder.absolute()
    files = [read_rows(source / name, entry, folder=str(source)) for entry in entries]
    end = (utc_now() + AHEAD).date()
    checked = {kind: check_rows(files, kind, as_of=end, **maps.money).cache() for kind in KINDS}
    rows = {kind: sort_rows(some) for kind, some in checked.items()}
    acts, posts = rows["events"].kept, rows["posts"].kept
    mentioned = ibis.union(acts.select(ACCOUNT), posts.select(ACCOUNT)).distinct().to_pandas()
    ids = account_pseudonyms(account_labels(mentioned), maps.key)
    known = mentioned.assign(person_id=ids.map(maps.owners).astype("str"))
    kept = known.dropna(subset="person_id")
    links = ibis.memtable(kept, schema=dict.fromkeys([*ACCOUNT, "person_id"], "string"))
    events = sourcing.events_table(acts, posts, links, key=maps.key)
    n_aside = sum(int(rows[kind].quarantined.count().execute()) for kind in KINDS)
    strangers = known[known["person_id"].isna()][ACCOUNT]
    n_strangers = rows_of(acts, strangers) + rows_of(posts, strangers)
    found = events.select(ARRIVING.names).to_pyarrow().cast(ARRIVING)
    return found, n_aside + n_strangers + sum(len(file.broken) for file in files)


def rows_of(rows: ibis.Table, accounts: pd.DataFrame) -> int:
    """Count the rows of some accounts."""
    if accounts.empty:
        return 0
    named = ibis.memtable(accounts, schema=dict.fromkeys(ACCOUNT, "string"))
    return int(rows.semi_join(named, ACCOUNT).count().execute())
