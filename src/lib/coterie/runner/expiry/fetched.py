"""What APIs sent: records of people who must go leave the checkpoint and the files made from it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from coterie.disclosure.search import shows_any
from coterie.lake import Lake, write_private_file
from coterie.lake.resuming.checkpoints import FETCHED, FILE
from coterie.runner.expiry.artefacts import tokens_of
from coterie.runner.expiry.due import Leaving


def clear_fetched(lake: Lake, leaving: Leaving) -> int:
    """Delete every fetched record that shows somebody who must go; returns how many left.

    The next `coterie fetch` brings back what the API still gives: tell the platform too.
    """
    folder, tokens = lake.folder / FETCHED, tokens_of(leaving)
    if not (folder / FILE).exists() or not tokens:
        return 0
    for file in folder.glob("*.jsonl"):
        clear_lines(file, tokens)
    with closing(sqlite3.connect(folder / FILE)) as checkpoint:
        checkpoint.create_function("shows", 1, lambda body: shows_any(body, tokens))
        checkpoint.execute("pragma secure_delete = on")
        with checkpoint:
            n_left = checkpoint.execute("delete from records where shows(body)").rowcount
            n_left += checkpoint.execute("delete from dead_letters where shows(body)").rowcount
        checkpoint.execute("vacuum")
    return n_left


def clear_lines(file: Path, tokens: list[str]) -> None:
    """Write a file of records without those that show one of the tokens."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not shows_any(line, tokens)]
    if len(kept) < len(lines):
        write_private_file(file, "".join(kept).encode())
