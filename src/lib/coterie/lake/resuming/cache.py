"""Rows of numbers kept by key, so that a second run computes only what is new."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from coterie.lake.ownership.folders import owned, private_folder


def cached_rows(
    folder: Path, name: str, keys: list[str], compute: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, int]:
    """Return one row of numbers a key, and how many were computed now: those of new keys.

    `compute` gets the positions of the new keys and returns their rows. Rows are kept and returned
    in 16 bits, so a cached row equals a fresh one. What is no longer asked for is deleted: a text
    that was erased leaves no numbers behind. A file that cannot be read is made anew.

    >>> import tempfile
    >>> squares = np.array([[1.0], [4.0], [9.0]])
    >>> with tempfile.TemporaryDirectory() as there:
    ...     first = cached_rows(Path(there), "squares", ["a", "b"], lambda at: squares[at])
    ...     again = cached_rows(Path(there), "squares", ["b", "c"], lambda at: squares[at + 1])
    >>> first[1], again[0].tolist(), again[1]
    (2, [[4.0], [9.0]], 1)
    """
    if not keys:
        return np.zeros((0, 0), dtype=np.float16), 0
    file = private_folder(folder) / f"{name}.npz"
    old_keys, old_rows = read_rows(file)
    old_place = {key: row for row, key in enumerate(old_keys.tolist())}
    places = np.array([old_place.get(key, -1) for key in keys], dtype=int)
    is_new = places < 0
    if is_new.any():
        fresh = compute(np.flatnonzero(is_new)).astype(np.float16, copy=False)
        rows = np.empty((len(keys), fresh.shape[1]), dtype=np.float16)
        rows[is_new] = fresh
        if not is_new.all():
            rows[~is_new] = old_rows[places[~is_new]]
    else:
        rows = old_rows[places]
    if is_new.any() or len(old_keys) != len(keys):
        write_rows(file, np.array(keys), rows)
    return rows, int(is_new.sum())


def read_rows(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read a file's keys and their rows; none where there is no file or it is broken."""
    try:
        with np.load(file) as stored:
            return stored["keys"], stored["rows"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return np.array([], dtype=str), np.zeros((0, 0), dtype=np.float16)


def write_rows(file: Path, keys: np.ndarray, rows: np.ndarray) -> None:
    """Replace a file in one step, readable by its owner only."""
    draft = file.with_name(f".draft-{os.getpid()}.npz")
    with open(draft, "wb", opener=owned) as opened:
        np.savez(opened, keys=keys, rows=rows)
    draft.replace(file)
