"""Whether a stored file still holds what was written: its name is the digest of its content."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from coterie.study import DataError, stage_of


class Origin(NamedTuple):
    """Where a table or model comes from, for the sentence that says it is damaged."""

    study: str
    stage: str  # the notebook that writes it
    run: str  # the run that wrote it; empty when it was written by hand


def file_digest(file: Path) -> str:
    """Name a file after its content: 16 characters of its SHA-256.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a").write_bytes(b"abc")
    ...     file_digest(Path(folder) / "a")
    'ba7816bf8f01cfea'
    """
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:16]


def is_intact(file: Path) -> bool:
    """Say whether a file that is named after its content still holds it; read once a process."""
    state = file.stat()
    return digest_of_state(file, state.st_ino, state.st_size, state.st_mtime_ns) == file.stem


@lru_cache(maxsize=4096)
def digest_of_state(file: Path, inode: int, size: int, changed: int) -> str:
    """Fingerprint the content that a file in this state has."""
    return file_digest(file)


def verify(file: Path, what: str, origin: Origin) -> Path:
    """Return a stored file, once its content fits its name.

    Raises
    ------
    DataError
        Naming table or model, run and cure, when the file was changed or cut short.
    """
    if is_intact(file):
        return file
    written = f"written by run {origin.run}" if origin.run else "written by hand"
    raise DataError(
        f"{what}, {written}: its file was changed or cut short since ({file}); {cure(origin)}."
    )


def cure(origin: Origin) -> str:
    """Say how to have a table or model written anew.

    >>> cure(Origin("demo", "02", run="20260701-000000-00"))
    '`coterie run demo --from 02` writes it anew'
    """
    if origin.run:
        return f"`coterie run {origin.study} --from {origin.stage[:2]}` writes it anew"
    return f"run the notebook {stage_of(origin.stage[:2])} by hand again"
