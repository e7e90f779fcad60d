"""How far long work has come: on the terminal, in JupyterLab, or for the command that waits."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from coterie.lake.ownership.folders import owned

EVERY = 0.5  # seconds between two lines


def progress(batches: Sequence[Sequence], *, what: str = "texts") -> Iterator[Sequence]:
    """Go through batches and say, twice a second, how many are done, how fast, and the time left.

    In a run of a study the line goes to the file COTERIE_PROGRESS, which `coterie run` shows;
    elsewhere to standard error. Nothing of what is worked on is shown, only how much.

    >>> [list(batch) for batch in progress([[1, 2], [3]])]
    [[1, 2], [3]]
    """
    total = sum(map(len, batches))
    done = 0
    began = last_shown = time.monotonic()
    for batch in batches:
        yield batch
        done += len(batch)
        now = time.monotonic()
        if now - last_shown > EVERY:
            show(pace(done, total, now - began, what))
            last_shown = now
    if last_shown > began:
        show("")


def progress_file(lake: Path, stage: str) -> Path:
    """Locate what a running notebook last said of its progress."""
    return lake / f"progress-{stage}.txt"


def pace(done: int, total: int, seconds: float, what: str) -> str:
    """Write one line.

    >>> pace(50, 200, 10.0, "texts")
    '50 of 200 texts, 5 a second, about 30 s left'
    """
    speed = done / max(seconds, 1e-9)
    left = (total - done) / speed
    return f"{done:,} of {total:,} {what}, {speed:,.0f} a second, about {left:,.0f} s left"


def show(line: str) -> None:
    """Show a line in place of the one before."""
    if file := os.environ.get("COTERIE_PROGRESS"):
        with open(file, "w", encoding="utf-8", opener=owned) as opened:
            opened.write(line)
    elif not os.environ.get("COTERIE_RUN") and sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
