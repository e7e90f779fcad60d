"""One table as one immutable file, named after its content and written down before it is made."""

import os
from collections.abc import Callable
from pathlib import Path

from coterie.lake.ownership.folders import made_folder, private_folder
from coterie.lake.ownership.ledger import discard, made_in, note_made
from coterie.lake.versions.integrity import file_digest


def store_table(
    lake: Path, name: str, write: Callable[[Path], None], *, restricted: bool = False
) -> str:
    """Let `write` fill one Parquet file and name it after its content; return where it lies.

    When `write` raises, nothing is left behind.
    """
    folder = made_folder(lake / "tables" / name)
    if restricted:
        private_folder(folder)
    draft = folder / f".draft-{os.getpid()}.parquet"
    place = str(draft.relative_to(lake))
    note_made(lake, place)
    try:
        write(draft)
        draft.chmod(0o600 if restricted else 0o644)
        stored = f"tables/{name}/{file_digest(draft)}.parquet"
        note_made(lake, stored)
        draft.replace(lake / stored)
    finally:
        draft.unlink(missing_ok=True)
    return stored


def discard_drafts(lake: Path) -> None:
    """Delete the drafts of processes that are no more."""
    drafts = [name for name in made_in(lake) if Path(name).name.startswith(".draft-")]
    discard(lake, [name for name in drafts if not is_running(Path(name).stem)])
    for draft in (lake / "cache").glob(".draft-*.npz"):
        if not is_running(draft.stem) and not draft.is_symlink():
            draft.unlink()


def is_running(draft: str) -> bool:
    """Say whether the process that a draft is named after still runs.

    >>> is_running(f".draft-{os.getpid()}"), is_running(".draft-0000")
    (True, False)
    """
    number = draft.removeprefix(".draft-")
    if not number.isdigit() or int(number) == 0:
        return False
    try:
        os.kill(int(number), 0)  # asks, and does nothing
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def files_in_use(*pointers: dict) -> set[str]:
    """Name the files that any of these pointers stands for."""
    sections = ("tables", "findings", "previous")
    return {file for pointer in pointers for name in sections for file in pointer[name].values()}
