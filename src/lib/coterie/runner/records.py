"""What a run leaves beside its pages: the lock, the private log, the planted files, the last good tables."""

import fcntl
import json
import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from pathlib import Path

import pandas as pd
from pydantic import ValidationError, validate_call

from coterie.lake import Lake, made_folder, read_pointer, write_pointer
from coterie.runner.fingerprints import fingerprint, package_files
from coterie.study import SettingsError, Study, project_root


@contextmanager
def locked(study: Study, run: str) -> Iterator[None]:
    """Let one run a study at a time; the system frees the lock even when a run is killed."""
    with (made_folder(study.lake) / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SettingsError(f"{study.name} is being run already: {lock.read()}. Wait for it to end.") from None
        lock.truncate(0)
        lock.write(f"run {run}, process {os.getpid()} on {socket.gethostname()}")
        lock.flush()
        yield


def write_private(file: Path, text: str) -> None:
    """Append to a log that only its owner can read, without terminal colours."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as log:
        log.write(re.sub(r"\x1b\[[0-9;]*m", "", text).rstrip() + "\n")


def plant_world(study: Study) -> None:
    """Write a simulated study's files, unless its knobs and the code that makes them are unchanged."""
    source = study.blocks["02_sourcing"].get("source")
    if not (study.world and source):
        return
    folder, vault, lake = project_root() / source, study.lake / "tables" / "vault", Lake(study.name)
    marker, code = folder / ".world", [file for file in package_files().items() if file[0].startswith("demo")]
    state = fingerprint(sorted(study.world.items()), code)
    before, *planted = marker.read_text().splitlines() if marker.exists() else [""]
    if before == state:
        return
    if not before and folder.exists() and any(folder.iterdir()):
        raise SettingsError(f"{folder}: holds files of its own, so {study.file} must not have `world:`.")
    from coterie.demo import make_world  # noqa: PLC0415 - real studies never need it

    try:
        files = validate_call(make_world)(**study.world).files
    except ValidationError as error:
        wrong, knobs = error.errors()[0], ", ".join(signature(make_world).parameters)
        raise SettingsError(f"{study.file}: world.{wrong['loc'][0]}: {wrong['msg']}; knobs are {knobs}.") from None
    lake.write_files(folder, {".world": "\n".join(["unfinished", *planted, *files]).encode()})
    for name in set(planted) - set(files):
        (folder / name).unlink(missing_ok=True)
    for name, content in files.items():
        if not (folder / name).exists() or (folder / name).read_bytes() != content:  # an equal file keeps its date
            lake.write_files(folder, {name: content})
    lake.write_files(folder, {".world": "\n".join([state, *files]).encode()})
    if not (vault / "key").exists():
        # nobody real is behind these pseudonyms, and the same seed must give the same ones
        lake.write_files(vault, {"key": fingerprint("key", study.world.get("seed")).encode()})


def promote(study: Study, folder: Path) -> None:
    """Make an unfinished run's tables the last good ones, let `latest` name its folder, and sweep up."""
    current, staging = study.lake / "current.json", study.lake / "staging.json"
    old, new = read_pointer(current), read_pointer(staging)
    previous = old["tables"] if old["tables"] != new["tables"] else old["previous"]
    write_pointer(staging, new | {"run": folder.name, "previous": previous})
    staging.replace(current)
    point_latest(folder)
    sweep(study, folder.parent, read_pointer(current))


def point_latest(folder: Path) -> None:
    """Let `latest` name a run folder, in one step."""
    draft = folder.parent / f".latest-{os.getpid()}"
    draft.symlink_to(folder.name)
    draft.replace(folder.parent / "latest")


def sweep(study: Study, reports: Path, pointer: dict) -> None:
    """Delete what no result rests on: tables, audience files, and run folders but the newest ten."""
    tables = {file for kind in ("tables", "findings", "previous") for file in pointer[kind].values()}
    stored = (study.lake / "tables").rglob("*.parquet")
    models = (study.lake / "models").rglob("*.safetensors")
    for file in (*stored, *models):
        if str(file.relative_to(study.lake)) not in tables:
            file.unlink()
    made_in = {stage: record["run"] for stage, record in pointer["stages"].items()}
    old = [run for run in sorted(reports.glob("[0-9]*-[0-9]*-[0-9]*"))[:-10] if run.name not in made_in.values()]
    stale = [run for run in (study.lake / "outbox").glob("*") if run.name != made_in["10_activation"]]
    for folder in old + stale:
        shutil.rmtree(folder)


def read_findings(study: Study, pointer: Path) -> pd.DataFrame:
    """Read every stage's findings as stored, each value as JSON."""
    files = read_pointer(pointer)["findings"]
    return pd.concat([pd.read_parquet(study.lake / file) for _, file in sorted(files.items())] or [pd.DataFrame()])


def as_records(findings: pd.DataFrame) -> list[dict]:
    """List findings with their values decoded."""
    rows = findings.astype(object).where(findings.notna(), None).to_dict("records")
    return [row | {"value": json.loads(row["value"])} for row in rows]
