"""What a run leaves beside its pages: the lock, the private log, the planted files, the last good pointer."""

import fcntl
import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from coterie.lake import Lake, made_folder, private_folder, read_pointer, write_pointer
from coterie.runner.fingerprints import fingerprint, package_files
from coterie.study import STAGES, DataError, SettingsError, Study, project_root


class NotebookFailed(DataError):
    """A notebook that did not finish; the message says where its traceback is."""


@contextmanager
def locked(study: Study, run: str) -> Iterator[None]:
    """Let one run a study at a time; the system frees the lock even when a run is killed."""
    with (made_folder(study.lake) / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SettingsError(
                f"{study.name} is being run already: {lock.read().strip()}. Wait for it to end."
            ) from None
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
    if not study.world:
        return
    folder = project_root() / study.blocks["02_sourcing"].get("source", f"data/{study.name}/inbox")
    marker = folder / ".world"
    state = fingerprint(sorted(study.world.items()), [i for i in package_files().items() if i[0].startswith("demo")])
    if marker.exists() and marker.read_text() == state:
        return
    if not marker.exists() and folder.exists() and any(folder.iterdir()):
        raise SettingsError(f"{folder}: holds files of its own, so {study.file} must not have `world:`.")
    files = demo_files(study)
    lake = Lake(study.name)
    marker.unlink(missing_ok=True)
    lake.write_files(
        folder, {n: c for n, c in files.items() if not same_content(folder / n, c)} | {".world": state.encode()}
    )
    if not (private_folder(study.lake / "tables" / "vault") / "key").exists():
        # nobody real is behind these pseudonyms, and the same seed must give the same ones
        lake.write_files(study.lake / "tables" / "vault", {"key": fingerprint("key", study.world.get("seed")).encode()})


def demo_files(study: Study) -> dict[str, bytes]:
    """Make the planted world, or say which knob is unknown."""
    from coterie import demo  # noqa: PLC0415 - real studies never need it

    try:
        return demo.make_world(**study.world).files
    except TypeError as error:
        raise SettingsError(f"{study.file}: world: {error}.") from None


def same_content(file: Path, content: bytes) -> bool:
    """Tell whether a file holds this already, so that its date, and what rests on it, may stay."""
    return file.exists() and file.read_bytes() == content


def look_of(study: Study, pointer: dict) -> str:
    """Fingerprint what a page rests on beside its notebook: how it is drawn, and what must not be on it."""
    drawing = [item for item in package_files().items() if item[0].startswith(("disclosure", "reporting"))]
    return fingerprint(study.title, drawing, pointer["tables"].get("vault"))


def is_whole(folder: Path, study: Study, pointer: dict) -> bool:
    """Tell whether a run's folder has every page, drawn as it would be drawn today."""
    names = [*(f"{stage}.html" for stage in STAGES), "index.html", "findings.json"]
    return all((folder / name).exists() for name in names) and recorded_look(folder) == look_of(study, pointer)


def recorded_look(folder: Path) -> str:
    """Read how a finished run drew its pages; an unfinished one has no manifest."""
    manifest = folder / "manifest.json"
    return json.loads(manifest.read_text())["look"] if manifest.exists() else ""


def link(file: Path, folder: Path) -> None:
    """Let a file lie in a second folder without a copy."""
    if file.parent != folder:
        (folder / file.name).hardlink_to(file)


def promote(study: Study, run: str) -> None:
    """Make the unfinished run's tables the last good ones, and delete those that nobody points to."""
    current, staging = study.lake / "current.json", study.lake / "staging.json"
    old, new = read_pointer(current), read_pointer(staging)
    previous = old["tables"] if old["tables"] != new["tables"] else old["previous"]
    write_pointer(staging, new | {"run": run, "previous": previous})
    staging.replace(current)
    kept = {*new["tables"].values(), *new["findings"].values(), *previous.values()}
    for file in (study.lake / "tables").rglob("*.parquet"):
        if str(file.relative_to(study.lake)) not in kept:
            file.unlink()


def point_latest(folder: Path) -> None:
    """Let `latest` name a run folder, in one step."""
    link, draft = folder.parent / "latest", folder.parent / f".latest-{os.getpid()}"
    draft.symlink_to(folder.name)
    draft.replace(link)


def findings_frame(study: Study, pointer: Path) -> pd.DataFrame:
    """Read every stage's findings as stored."""
    files = read_pointer(pointer)["findings"]
    return pd.concat([pd.read_parquet(study.lake / file) for _, file in sorted(files.items())] or [pd.DataFrame()])


def read_findings(study: Study, pointer: Path) -> list[dict]:
    """List every stage's findings, values decoded."""
    frame = findings_frame(study, pointer)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [row | {"value": json.loads(row["value"])} for row in rows]
