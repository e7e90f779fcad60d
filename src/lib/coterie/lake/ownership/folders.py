"""Folders made private whatever the umask, and files that one process changes at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

MARKER = ".coterie-lake"  # whose lake a folder is
LOCK = "lock"  # who runs the study now


def made_folder(folder: Path) -> Path:
    """Make a folder and those above it, which nobody but their owner may write into."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o755, exist_ok=True)
    return folder


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner can enter."""
    made_folder(folder).chmod(0o700)
    return folder


def owned(file: str, flags: int) -> int:
    """Open a file of ours: private from its first byte, and never through somebody's link.

    It is the `opener` of the builtin `open`.
    """
    return os.open(file, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)


@contextmanager
def locked_file(file: Path) -> Iterator[TextIO]:
    """Open a file for one process at a time, whatever is in it; the others wait."""
    with open(file, "r+", encoding="utf-8", errors="surrogateescape", opener=owned) as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield opened
