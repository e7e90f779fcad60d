"""What the project made: only that is ever deleted, whatever else lies beside it.

Each folder that holds files of ours has a ledger: one name a line, written before the file is. A
file that does not stand there, a link, or a folder with other content is nobody's to delete.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from coterie.lake.ownership.folders import locked_file

LEDGER = ".made"


def note_made(folder: Path, *names: str) -> None:
    """Write down files that are about to be made, by their names under the folder."""
    with locked_file(folder / LEDGER) as ledger:
        ledger.seek(0, os.SEEK_END)
        ledger.write("\n" + "".join(f"{name}\n" for name in names))  # the last line may be half


def made_in(folder: Path) -> set[str]:
    """List the files of a folder that are the project's own.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as there:
    ...     note_made(Path(there), "tables/floors/a.parquet")
    ...     made_in(Path(there))
    {'tables/floors/a.parquet'}
    """
    ledger = folder / LEDGER
    if not ledger.exists():
        return set()
    lines = ledger.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    return {name for name in lines if name and "\0" not in name}


def discard(folder: Path, names: Iterable[str]) -> list[str]:
    """Delete files of ours that nothing needs; return those that could not be deleted.

    A folder of ours that is empty then goes too, except those right under `folder`.
    """
    unwanted = made_in(folder) & set(names)
    if not unwanted:
        return []
    left = sorted(name for name in unwanted if not deleted(folder, name))
    with locked_file(folder / LEDGER) as ledger:
        kept = sorted({*ledger.read().split("\n")} - {""} - unwanted | set(left))
        ledger.seek(0)
        ledger.truncate()
        ledger.write("".join(f"{name}\n" for name in kept))
    return left


def deleted(folder: Path, name: str) -> bool:
    """Delete one file; a link, or a way out of the folder, is left and counts as gone."""
    file = folder / name
    inside = file.parent.resolve().is_relative_to(folder.resolve())
    if not inside or file.is_symlink() or file.is_dir():
        return True
    try:
        file.unlink(missing_ok=True)
    except OSError:
        return False
    if len(Path(name).parts) > 1 and not name.startswith(("tables/", "models/")):
        with suppress(OSError):  # somebody else's files lie there
            file.parent.rmdir()
    return True
