"""Which files are the lake's tables and models: of the last run, of one under way, and by hand.

`current.json` names the last good ones, `staging.json` those of a run under way, `scratch.json`
those written by hand since the last run. Its `run` is the run it began from: once another run has
succeeded, what was written by hand before counts for nothing, until it is written again.

A pointer carries a checksum, and is changed by one process at a time.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

from coterie.lake.ownership.folders import MARKER, locked_file, made_folder, owned
from coterie.study import SettingsError

CURRENT, STAGING, SCRATCH = "current.json", "staging.json", "scratch.json"
COPY = "current.json.copy"  # the same again, for the day on which the first is damaged
EMPTY_POINTER = {
    "run": None,
    "attempt": None,  # the run under way that may write
    "pages": None,  # fingerprint of the code that drew the pages
    "tables": {},  # models too, as `model:<name>`
    "findings": {},
    "previous": {},  # the tables that these replaced
    "replaced": None,  # the run that had written `previous`
    "lost": [],  # tables of the last run whose files are gone or damaged
    "journal": {},  # stage -> what it read and wrote
    "stages": {},  # stage -> what its result rests on, and the run that made it
}
CURES = {
    CURRENT: "Put its copy back: mv {folder}/" + COPY + " {file}; where that is damaged too, move "
    "both away and run the study, which makes everything anew",
    STAGING: "Remove it: the next run then begins from the last good tables",
    SCRATCH: "Remove it, and run by hand again what was written since the last run",
}


def read_pointer(file: Path) -> dict:
    """Read which files are the tables; an absent pointer is an empty lake.

    Raises
    ------
    SettingsError
        Naming file and cure, when the pointer was changed, cut short or deleted since it was
        written: of the last run's, a copy tells that there was one.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        if file.name == CURRENT and file.with_name(COPY).exists():
            raise SettingsError(f"{file} is gone. {cure_of(file)}.") from None
        return deepcopy(EMPTY_POINTER)
    try:
        pointer = json.loads(content)
        checksum = pointer.pop("checksum", None)
        sound = checksum == checksum_of(pointer) if checksum else is_unmarked(file)
    except (ValueError, AttributeError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise SettingsError(
            f"{file} was changed or cut short since it was written. {cure_of(file)}."
        )
    return deepcopy(EMPTY_POINTER) | pointer


def cure_of(file: Path) -> str:
    """Say what to do about a pointer that is gone or damaged."""
    return CURES.get(file.name, "Remove it").format(folder=file.parent, file=file)


def is_unmarked(file: Path) -> bool:
    """Say whether a pointer may be one of the versions that wrote neither checksum nor marker."""
    return not (file.parent / MARKER).exists()


def checksum_of(pointer: dict) -> str:
    """Fingerprint a pointer.

    >>> checksum_of({"run": None})[:8]
    '0891171b'
    """
    return hashlib.sha256(json.dumps(pointer, sort_keys=True).encode()).hexdigest()[:32]


def write_pointer(file: Path, pointer: dict) -> None:
    """Replace a pointer in one step, so that a reader sees the old or the new one, never half."""
    with locked_pointer(file):
        put_pointer(file, pointer)


@contextmanager
def edited_pointer(file: Path) -> Iterator[dict]:
    """Read a pointer, let the caller change it, put it back; meanwhile nobody else does."""
    with locked_pointer(file):
        pointer = read_pointer(file)
        yield pointer
        put_pointer(file, pointer)


@contextmanager
def locked_pointer(file: Path) -> Iterator[None]:
    """Let nobody else write a pointer."""
    made_folder(file.parent)
    with locked_file(file.with_name(f".{file.name}.lock")):
        yield


def put_pointer(file: Path, pointer: dict) -> None:
    """Write a pointer with its checksum; the caller holds its lock."""
    draft = file.with_name(f".{file.name}.draft")
    signed = pointer | {"checksum": checksum_of(pointer)}
    with open(draft, "w", opener=owned) as opened:
        opened.write(json.dumps(signed, indent=1, sort_keys=True))
    draft.chmod(0o600)
    draft.replace(file)


@contextmanager
def edited_scratch(folder: Path) -> Iterator[dict]:
    """Change what was written by hand since the last run; nobody else does meanwhile."""
    file = folder / SCRATCH
    with locked_pointer(file):
        scratch = read_scratch(folder)
        yield scratch
        put_pointer(file, scratch)


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
