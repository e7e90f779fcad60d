"""What was reckoned for a text before: numbers by key, so that a second run reckons only what is new."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from coterie.lake.pointers import private_folder


def remember(
    folder: Path, name: str, keys: list[str], reckon: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, int]:
    """Return one row of numbers a key, reckoning only keys not seen under this name; and how many were new.

    `reckon` gets the positions of the new keys and returns their rows. Rows are kept and returned in
    16 bits, so a remembered row equals a fresh one. What is no longer asked for is forgotten: a text
    that was erased leaves no numbers behind. A file that cannot be read is made anew.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as there:
    ...     first = remember(Path(there), "squares", ["a", "b"], lambda at: np.array([[1.0], [4.0]])[at])
    ...     again = remember(Path(there), "squares", ["b", "c"], lambda at: np.array([[0.0], [9.0]])[at])
    >>> first[1], again[0].tolist(), again[1]
    (2, [[4.0], [9.0]], 1)
    """
    file = private_folder(folder) / f"{name}.npz"
    old_keys, old_rows = known(file)
    place = {key: row for row, key in enumerate(old_keys.tolist())}
    found = np.array([place.get(key, -1) for key in keys], dtype=int)
    new = np.flatnonzero(found < 0)
    if not len(keys):
        return np.zeros((0, 0), dtype=np.float32), 0
    fresh = reckon(new).astype(np.float16) if len(new) else old_rows[:0]
    rows = np.empty((len(keys), (fresh if len(new) else old_rows).shape[1]), dtype=np.float16)
    rows[new] = fresh
    if len(new) < len(keys):
        rows[found >= 0] = old_rows[found[found >= 0]]
    if len(new) or len(old_keys) != len(keys):
        keep(file, np.array(keys), rows)
    return rows.astype(np.float32), len(new)


def known(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read what a file remembers; nothing where there is none or it is broken."""
    try:
        with np.load(file) as stored:
            return stored["keys"], stored["rows"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return np.array([], dtype=str), np.zeros((0, 0), dtype=np.float16)


def keep(file: Path, keys: np.ndarray, rows: np.ndarray) -> None:
    """Replace a file in one step, readable by its owner only."""
    draft = file.with_name(f".draft-{os.getpid()}.npz")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        np.savez(opened, keys=keys, rows=rows)
    draft.replace(file)
