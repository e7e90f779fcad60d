"""What lies beside the tables: text cache, sheet, audience files, pages of runs."""

import csv
import hashlib
import io
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import ibis
import numpy as np

from coterie import contracts
from coterie.activation.keys import PLATFORMS, hashed_keys
from coterie.disclosure.search import shows_any
from coterie.lake import Lake, write_private_file
from coterie.lake.cache import read_rows, write_rows
from coterie.psychographics.reading.texts import plain
from coterie.runner.expiry.due import Leaving
from coterie.sourcing.retention import Rule, rules_for

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


def clear_sheet(lake: Lake, leaving: Leaving) -> int:
    """Take posts that must go off the sheet that somebody labels; returns how many left."""
    file = lake.folder / "labels" / "posts.csv"
    if not file.exists():
        return 0
    gone = {*leaving.posts["post_id"], *leaving.words["post_id"]}
    return rewrite_csv(file, lambda row: row[0] in gone, encoding="utf-8-sig")


def clear_outbox(lake: Lake, leaving: Leaving, rules: list[Rule]) -> int:
    """Delete old audience files, and the hashes of people who must go from the others."""
    n_left = 0
    for rule in rules_for(rules, "outbox"):
        for folder in older_than(lake.folder / "outbox", rule, leaving.today):
            n_left += sum(1 for _ in folder.rglob("*.csv"))
            shutil.rmtree(folder)
    files = sorted((lake.folder / "outbox").rglob("*.csv"))
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
    for rule in rules_for(rules, "reports"):
        gone |= set(older_than(reports, rule, leaving.today))
    tokens = tokens_of(leaving)
    gone |= {run for run in runs_in(reports) if run not in gone and shows(run, tokens)}
    for run in gone:
        shutil.rmtree(run)
    latest = reports / "latest"
    if latest.is_symlink() and not latest.exists():
        latest.unlink()
    return len(gone)


def runs_in(folder: Path) -> list[Path]:
    """List the folders of runs, oldest first."""
    return sorted(run for run in folder.glob("[0-9]*-[0-9]*-[0-9]*") if run.is_dir())


def older_than(folder: Path, rule: Rule, today: date | None) -> list[Path]:
    """List the folders of runs that a rule forbids to keep."""
    if today is None:
        return []
    began = {run: datetime.strptime(run.name[:8], "%Y%m%d") for run in runs_in(folder)}
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
