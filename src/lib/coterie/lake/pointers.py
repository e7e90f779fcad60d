"""Which files are the lake's last good tables, and the folders they lie in."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

EMPTY_POINTER = {"run": None, "tables": {}, "findings": {}, "previous": {}, "journal": {}, "stages": {}}


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


def made_folder(folder: Path) -> Path:
    """Make a folder and those above it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner can enter."""
    made_folder(folder).chmod(0o700)
    return folder
