"""What a killed run leaves in temporary places, removed when the next one begins."""

import os
import shutil
import tempfile
from pathlib import Path

from coterie.lake import discard_drafts
from coterie.lake.versions.storage import is_running

PREFIX = "coterie-"
OWNED = ".coterie"  # in a temporary folder: the number of the process that made it


def sockets_folder() -> Path:
    """Make a temporary folder for the sockets and connection files of this process's kernels."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / OWNED).write_text(str(os.getpid()))
    return folder


def remove_leftovers(lake: Path) -> None:
    """Remove half-written tables, and temporary folders, of processes that are no more."""
    discard_drafts(lake)
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if is_left_over(folder):
            shutil.rmtree(folder, ignore_errors=True)


def is_left_over(folder: Path) -> bool:
    """Say whether a temporary folder is ours, and its process is no more."""
    owner = folder / OWNED
    try:
        ours = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
        return ours and not is_running(owner.read_text())
    except OSError:
        return False
