"""What lies beside the tables: text cache, sheet, audience files, pages of runs."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import ibis
import numpy as np

from coterie import contracts
from coterie.activation.keys import PLATFORMS, hashed_keys
from coterie.disclosure.search import shows_any
from coterie.lake import (
    RENAMED,
    Lake,
    discard,
    made_in,
    note_made,
    read_renamed,
    write_private_file,
)
from coterie.lake.resuming.cache import read_rows, write_rows
from coterie.psychographics.reading.texts import plain
from coterie.runner.expiry.due import Leaving
from coterie.runner.publishing.lifetimes import RUN_ID, could_not_delete, older_pages
from coterie.runner.streaming.forgetting import blank_lines, forget_on_spark, forget_people
from coterie.runner.streaming.outlet import forget_lines
from coterie.runner.streaming.places import DECISIONS, FOLDER, INBOX, SPARK, STATE
from coterie.sourcing.retention import Rule, rules_for
from coterie.study import DataError, SettingsError

SHORTEST = 6  # a shorter identifier stands in any text by chance
SHORTEST_TEXT = 25
TELLING = ("email", "phone", "handle", "crm_id")


def clear_cache(lake: Lake) -> int:
    """Keep only what was read in texts that are still there; returns how many texts left."""
    posts = lake.read(contracts.Posts)
    texts = posts.select("text").distinct().to_pandas()["text"]
    known = {hashlib.sha256(plain(text).encode()).hexdigest()[:32] for text in texts}
    n_left = 0
    for file in (lake.folder / "cache").glob("*.npz"):
        keys, rows = read_rows(file)
        stays = np.isin(keys, sorted(known))
        n_left += int((~stays).sum())
        if not stays.all():
            write_rows(file, keys[stays], rows[stays])
    return n_left


def clear_renamed(lake: Lake, leaving: Leaving) -> None:
    """Take people who must go out of the list of what former pseudonyms are called now."""
    file = lake.folder / "tables" / "vault" / RENAMED
    gone, known = set(leaving.people["person_id"]), read_renamed(file)
    kept = {old: new for old, new in known.items() if new not in gone and old not in gone}
    if len(kept) < len(known):
        write_private_file(file, json.dumps(kept).encode())


def clear_stream(lake: Lake, leaving: Leaving) -> int:
    """Take people who must go out of what `coterie watch` keeps, on Spark too, and what came in.

    Returns how many rows left.

    Raises
    ------
    DataError
        When a watch is running, which would write them again.
    """
    folder, gone = lake.folder / FOLDER, set(leaving.people["person_id"])
    file = folder / STATE
    if not gone:
        return 0
    try:
        n_gone = forget_people(file, sorted(gone)) if file.exists() else 0
        n_gone += forget_on_spark(folder / SPARK, gone, name=lake.study)
    except (duckdb.IOException, SettingsError):
        raise DataError("A watch is running; stop it, and do this again.") from None
    n_gone += blank_lines(folder / INBOX, gone)
    return n_gone + forget_lines(file.with_name(DECISIONS), file, gone)


def clear_sheet(lake: Lake, leaving: Leaving) -> int:
    """Take posts and accounts that must go off the sheets that somebody fills in."""
    posts, pairs = (lake.folder / "labels" / name for name in ("posts.csv", "pairs.csv"))
    gone, accounts = {*leaving.posts["post_id"], *leaving.words["post_id"]}, {*leaving.account_ids}
    n_left = 0
    if posts.exists():
        n_left += rewrite_csv(posts, lambda row: row[0] in gone, encoding="utf-8-sig")
    if pairs.exists():
        n_left += rewrite_csv(pairs, lambda row: not accounts.isdisjoint(row[:2]))
    return n_left


def clear_outbox(lake: Lake, leaving: Leaving, rules: list[Rule]) -> int:
    """Delete old audience files, and the hashes of people who must go from the others."""
    n_left = 0
    for rule in rules_for(rules, "outbox"):
        for folder in older_than(audience_folders(lake.folder), rule, leaving.today):
            own = [name for name in made_in(lake.folder) if name.startswith(f"outbox/{folder}/")]
            n_left += len(own)
            delete(lake.folder, own)
    own = sorted(name for name in made_in(lake.folder) if name.startswith("outbox/"))
    files = [lake.folder / name for name in own if (lake.folder / name).is_file()]
    if not files or leaving.identifiers.empty:
        return n_left
    hashes = set(hashed_keys(leaving.identifiers, platforms=list(PLATFORMS))["key"])
    for file in files:
        n_left += rewrite_csv(file, lambda row: not hashes.isdisjoint(row))
    return n_left


def rewrite_csv(file: Path, leaves: Callable[[list[str]], bool], *, encoding: str = "utf-8") -> int:
    """Write a file without the rows that leave; returns how many did."""
    with file.open(encoding=encoding, newline="") as opened:
        head, *rows = list(csv.reader(opened)) or [[]]
    kept = [row for row in rows if not leaves(row)]
    if len(kept) < len(rows):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([head, *kept])
        write_private_file(file, text.getvalue().encode(encoding))
    return len(rows) - len(kept)


def clear_runs(reports: Path, leaving: Leaving, rules: list[Rule]) -> int:
    """Delete run folders that are too old, or that show something of what must go."""
    gone = set()
    runs = runs_in(reports)
    for rule in rules_for(rules, "reports"):
        gone |= set(older_than(runs, rule, leaving.today))
    tokens = tokens_of(leaving)
    gone |= {run for run in runs if run not in gone and shows(reports / run, tokens)}
    for run in gone:
        delete(reports, [name for name in made_in(reports) if name.startswith(f"{run}/")])
    latest = reports / "latest"
    if latest.is_symlink() and not latest.exists():
        latest.unlink()
    return len(gone)


def runs_in(reports: Path) -> list[str]:
    """List the runs whose pages are the project's own, oldest first."""
    note_made(reports, *older_pages(reports))
    runs = {Path(name).parts[0] for name in made_in(reports)}
    return sorted(run for run in runs if (reports / run).is_dir())


def audience_folders(lake: Path) -> list[str]:
    """List the runs that have audience files of the project's own."""
    return sorted({Path(name).parts[1] for name in made_in(lake) if name.startswith("outbox/")})


def delete(folder: Path, names: list[str]) -> None:
    """Delete files of ours; what lies beside them is nobody's to delete.

    Raises
    ------
    DataError
        Naming what could not be deleted.
    """
    if left := could_not_delete(folder, discard(folder, names)):
        raise DataError(" ".join(left))


def older_than(runs: list[str], rule: Rule, today: date | None) -> list[str]:
    """List the runs that a rule forbids to keep."""
    if today is None:
        return []
    dated = [run for run in runs if RUN_ID.fullmatch(run)]
    began = {run: datetime.strptime(run[:8], "%Y%m%d") for run in dated}
    return [run for run, day in began.items() if day < rule.cut_off(today)]


def tokens_of(leaving: Leaving) -> list[str]:
    """List what would show somebody or something that must go, as it would stand in a page."""
    telling = leaving.identifiers[leaving.identifiers["kind"].isin(TELLING)]["identifier"]
    words = leaving.words["text"]
    found = [text for text in telling if len(text) >= SHORTEST]
    found += [text for text in words if len(text) >= SHORTEST_TEXT]
    return sorted({text.lower() for text in (*found, *leaving.people["person_id"])})


def shows(run: Path, tokens: list[str]) -> bool:
    """Say whether any file of a run shows one of the tokens."""
    files = [file for file in run.rglob("*") if file.is_file()]
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return any(shows_any(text, tokens) for text in texts)


def months_of(lake: Lake, rule: Rule, today: date, *, min_people: int) -> dict[str, int]:
    """Count the rows that leave by month and what they were, small cells left out."""
    name = rule.tables[0]
    rows = lake.read(contracts.contract(name))
    old = rows.filter(rows["at"] < ibis.timestamp(rule.cut_off(today).isoformat()))
    what = "verb" if "verb" in rows.columns else "campaign"
    cells = old.group_by(month=old["at"].strftime("%Y-%m"), what=old[what]).agg(
        n=old.count(), people=old["person_id"].nunique()
    )
    large = cells.filter(cells["people"] >= min_people).order_by("month", "what").to_pandas()
    pairs = large["month"] + " " + large["what"]
    return dict(zip(pairs, large["n"].astype(int).tolist(), strict=True))
