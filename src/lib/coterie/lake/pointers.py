"""Which files are the lake's tables and models: of the last run, of one under way, and by hand.

`current.json` names the last good ones, `staging.json` those of a run under way, `scratch.json`
those written by hand since the last run. Its `run` is the run it began from: once another run has
succeeded, what was written by hand before counts for nothing, until it is written again.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

CURRENT, STAGING, SCRATCH = "current.json", "staging.json", "scratch.json"
EMPTY_POINTER = {
    "run": None,
    "pages": None,  # fingerprint of the code that drew the pages
    "tables": {},  # models too, as `model:<name>`
    "findings": {},
    "previous": {},  # the tables that these replaced
    "journal": {},  # stage -> what it read and wrote
    "stages": {},  # stage -> what its result rests on, and the run that made it
}


def read_pointer(file: Path) -> dict:
    """Read which files are the tables; an absent pointer is an empty lake."""
    return deepcopy(EMPTY_POINTER) | (json.loads(file.read_text()) if file.exists() else {})


def write_pointer(file: Path, pointer: dict) -> None:
    """Replace a pointer in one step, so that a reader sees the old or the new one, never half."""
    made_folder(file.parent)
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    draft.write_text(json.dumps(pointer, indent=1, sort_keys=True))
    draft.replace(file)


@contextmanager
def edited_pointer(file: Path) -> Iterator[dict]:
    """Read a pointer, let the caller change it, put it back."""
    pointer = read_pointer(file)
    yield pointer
    write_pointer(file, pointer)


def read_scratch(folder: Path) -> dict:
    """Read what was written by hand since the last run; nothing when that is older."""
    current = read_pointer(folder / CURRENT)
    scratch = read_pointer(folder / SCRATCH)
    if scratch["run"] == current["run"]:
        return scratch
    return deepcopy(EMPTY_POINTER) | {"run": current["run"]}


def read_by_hand(folder: Path) -> dict:
    """Read what a notebook sees that is opened by hand: the last run, and over it the scratch."""
    current = read_pointer(folder / CURRENT)
    scratch = read_scratch(folder)
    over = {section: current[section] | scratch[section] for section in ("tables", "findings")}
    return current | over


def made_folder(folder: Path) -> Path:
    """Make a folder and those above it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner can enter."""
    made_folder(folder).chmod(0o700)
    return folder


def file_state(file: Path) -> str:
    """Fingerprint a file by size and time; the content may be too large to read each time."""
    if not file.exists():
        return "absent"
    state = file.stat()
    return f"{state.st_size}:{state.st_mtime_ns}"
