"""One run a study at a time, and what must not be seen by others."""

import fcntl
import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from coterie.disclosure import hide_all
from coterie.lake import LOCK, claimed_folder, owned
from coterie.study import SettingsError, Study, source_of


def new_run_id(reports: Path) -> str:
    """Name a run by the UTC time at which it begins, to a hundredth of a second; never twice."""
    run = ""
    while not run or (reports / run).exists():
        run = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"[:-4]
    return run


@contextmanager
def locked(study: Study, holder: str) -> Iterator[None]:
    """Let one hold a study at a time; the system frees the lock even when a run is killed."""
    lake = claimed_folder(study.lake, study.name, source=source_of(study))
    with open(lake / LOCK, "r+", errors="replace", opener=owned) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SettingsError(
                f"{study.name} is being run already: {lock.read()}. Wait for it to end."
            ) from None
        lock.seek(0)
        lock.truncate()
        lock.write(f"{holder}, process {os.getpid()} on {socket.gethostname()}")
        lock.flush()
        yield


def write_private(file: Path, text: str) -> None:
    """Append to a log that only its owner can read, without terminal colours and secrets."""
    with open(file, "a", opener=owned) as log:
        log.write(hide_all(re.sub(r"\x1b\[[0-9;]*m", "", text)).rstrip() + "\n")


def hide_in_log(file: Path, hide: Callable[[str], str]) -> None:
    """Mask secrets in what kernels and libraries wrote into a log themselves."""
    with suppress(OSError):  # a full disk must not hide the error that is on its way
        text = file.read_text(encoding="utf-8", errors="replace")
        plain = hide_all(hide(text))
        if plain != text:
            file.write_text(plain, encoding="utf-8")
