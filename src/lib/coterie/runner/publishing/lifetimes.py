"""How long old versions live: what is deleted after a run, all of it files that we made.

Pages live for `keep_runs` successful runs and `keep_days` days, tables of the run before until the
next one and no longer than `keep_days`. A failed attempt lives until a run succeeds. Whoever is no
longer among the people is in no table of the run before either.
"""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from coterie import contracts
from coterie.lake import (
    CURRENT,
    SCRATCH,
    STAGING,
    discard,
    edited_pointer,
    files_in_use,
    is_intact,
    made_in,
    note_made,
    read_pointer,
    store_table,
)
from coterie.runner.planning.notebooks import code_cells
from coterie.runner.preparation.soundness import is_whole
from coterie.source_code import parse_code
from coterie.study import STAGES, SettingsError, Study

RUN_ID = re.compile(r"\d{8}-\d{6}-\d{2}")
STORED = re.compile(r"[0-9a-f]{16}\.(parquet|safetensors)")
PAGES = [f"{stage}{ending}" for stage in STAGES for ending in (".ipynb", ".html")]
PUBLISHED = [*PAGES, "index.html", "findings.json", "manifest.json", "private.log"]


def kept_previous(lake: Path, before: dict[str, str], new: dict) -> dict[str, str]:
    """Name the tables of the run before that a notebook compares with, of today's people alone."""
    read_so = compared_tables()
    names = [name for name in before if name in read_so and name not in new["lost"]]
    sound = [name for name in names if is_whole(lake / before[name])]
    known = people_of(lake, new)
    return {name: without_others(lake, name, before[name], known) for name in sound}


def compared_tables() -> set[str]:
    """List the tables that notebooks read as the run before left them, from their code."""
    calls = (
        node.args[0].attr
        for stage in STAGES
        for source in code_cells(stage)
        for node in calls_in(source)
        if getattr(node.func, "attr", "") == "read_previous"
    )
    return {getattr(contracts, name).table for name in calls}


def calls_in(source: str) -> list[ast.Call]:
    """List the calls in a cell; none in one that is no Python."""
    try:
        return [node for node in ast.walk(parse_code(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return []


def people_of(lake: Path, pointer: dict) -> pa.Array | None:
    """List who is known to a run; None where it has no table of people."""
    if "people" not in pointer["tables"]:
        return None
    file = lake / pointer["tables"]["people"]
    return pq.read_table(file, columns=["person_id"])["person_id"].combine_chunks()


def without_others(lake: Path, name: str, file: str, known: pa.Array | None) -> str:
    """Store a table again without the people who are no longer known; return where it lies."""
    if known is None or "person_id" not in pq.read_schema(lake / file).names:
        return file
    table = pq.read_table(lake / file)
    stays = pc.is_in(table["person_id"], value_set=known.cast(table["person_id"].type))
    if pc.all(stays).as_py() is not False:  # None of an empty table
        return file
    return store_table(lake, name, lambda draft: pq.write_table(table.filter(stays), draft))


def sweep(study: Study, reports: Path) -> list[str]:
    """Delete what nothing needs; return what of it could not be deleted, and why not."""
    forget_old_previous(study)
    return [*sweep_stored(study.lake), *sweep_outbox(study.lake), *sweep_runs(study, reports)]


def forget_old_previous(study: Study) -> None:
    """Let go of the tables of the run before when they are older than `keep_days`."""
    current = read_pointer(study.lake / CURRENT)
    if current["previous"] and age_in_days(current["replaced"]) > study.keep_days:
        with edited_pointer(study.lake / CURRENT) as pointer:
            pointer["previous"] = {}


def age_in_days(run: str | None) -> int:
    """Count the days since a run began; 0 without one, and of one that is to come.

    >>> age_in_days("20200101-000000-00") > 1000, age_in_days(None)
    (True, 0)
    """
    if not (run and RUN_ID.fullmatch(run)):
        return 0
    began = datetime.strptime(run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    return max(0, (datetime.now(UTC) - began).days)


def sweep_stored(lake: Path) -> list[str]:
    """Delete the tables and models that neither the last run nor work by hand since then names."""
    try:
        current, scratch = read_pointer(lake / CURRENT), read_pointer(lake / SCRATCH)
        staging = read_pointer(lake / STAGING)
    except SettingsError as error:
        return [f"Old tables were left: {error}"]
    note_made(lake, *older_files(lake))
    since = [scratch] if scratch["run"] == current["run"] else []
    needed = files_in_use(current, staging, *since)
    made = {name for name in made_in(lake) if STORED.fullmatch(Path(name).name)}
    return could_not_delete(lake, discard(lake, made - needed))


def older_files(lake: Path) -> list[str]:
    """List stored files that no ledger knows: of versions without one, told by name and content."""
    known = made_in(lake)
    files = (*(lake / "tables").glob("*/*"), *(lake / "models").glob("*/*"))
    unknown = [file for file in files if str(file.relative_to(lake)) not in known]
    named = [file for file in unknown if STORED.fullmatch(file.name) and not file.is_symlink()]
    return [str(file.relative_to(lake)) for file in named if file.is_file() and is_intact(file)]


def note_older_audiences(lake: Path, pointer: dict) -> None:
    """Write down the last run's audience files, told by their names, if no ledger knows them."""
    file = pointer["tables"].get("audiences")
    run = pointer["stages"].get("10_activation", {}).get("run")
    if not (file and run and is_whole(lake / file)):
        return
    audiences = pq.read_table(lake / file, columns=["platform", "segment"]).to_pandas()
    pairs = audiences.drop_duplicates().itertuples(index=False)
    names = {f"outbox/{run}/{platform}_{segment}.csv" for platform, segment in pairs}
    note_made(lake, *sorted(name for name in names - made_in(lake) if (lake / name).is_file()))


def sweep_outbox(lake: Path) -> list[str]:
    """Delete audience files of other runs than the one that wrote the last good ones."""
    record = read_pointer(lake / CURRENT)["stages"].get("10_activation", {})
    audiences = [name for name in made_in(lake) if name.startswith("outbox/")]
    old = [name for name in audiences if Path(name).parts[1] != record.get("run")]
    return could_not_delete(lake, discard(lake, old))


def sweep_runs(study: Study, reports: Path) -> list[str]:
    """Delete old runs' pages and failed attempts, except what the last good results rest on."""
    note_made(reports, *older_pages(reports))
    made = made_in(reports)
    runs = {Path(name).parts[0] for name in made}
    current = read_pointer(study.lake / CURRENT)
    finished = sorted(run for run in runs if (reports / run / "manifest.json").exists())
    newest = finished[-study.keep_runs :]
    needed = {record["run"] for record in current["stages"].values()} | {current["run"]}
    needed |= {run for run in newest if age_in_days(run) <= study.keep_days}
    old = [name for name in made if Path(name).parts[0] not in needed]
    return could_not_delete(reports, discard(reports, old))


def older_pages(reports: Path) -> list[str]:
    """List what runs of versions without a ledger published, told by name and log."""
    known = {Path(name).parts[0] for name in made_in(reports)}
    places = [place for place in reports.glob("*-*-*") if RUN_ID.fullmatch(place.name)]
    ours = [place.name for place in places if place.name not in known and is_run(place)]
    return [f"{run}/{name}" for run in ours for name in PUBLISHED]


def is_run(place: Path) -> bool:
    """Say whether a folder is a run's, by the first line of its log."""
    log = place / "private.log"
    if place.is_symlink() or not log.is_file():
        return False
    with log.open("rb") as opened:
        return opened.readline().strip() == f"run {place.name}".encode()


def could_not_delete(folder: Path, names: list[str]) -> list[str]:
    """Say which old files are still there.

    >>> could_not_delete(Path("lake"), ["outbox/1/a.csv"])
    ['Not allowed to delete lake/outbox/1/a.csv, which nothing needs.']
    """
    return [f"Not allowed to delete {folder / name}, which nothing needs." for name in names]
