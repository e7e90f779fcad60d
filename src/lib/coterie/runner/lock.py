"""One run a study at a time, and what must not be seen by others."""

import fcntl
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from coterie.lake import made_folder
from coterie.study import SettingsError, Study


def new_run_id() -> str:
    """Name a run by the UTC time at which it begins, to a hundredth of a second."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"[:-4]


@contextmanager
def locked(study: Study, holder: str) -> Iterator[None]:
    """Let one hold a study at a time; the system frees the lock even when a run is killed."""
    with (made_folder(study.lake) / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SettingsError(
                f"{study.name} is being run already: {lock.read()}. Wait for it to end."
            ) from None
        lock.truncate(0)
        lock.write(f"{holder}, process {os.getpid()} on {socket.gethostname()}")
        lock.flush()
        yield


def write_private(file: Path, text: str) -> None:
    """Append to a log that only its owner can read, without terminal colours."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as log:
        log.write(re.sub(r"\x1b\[[0-9;]*m", "", text).rstrip() + "\n")
