"""The command line: `coterie`.

app      the command itself
runs     run, check, findings, adopt, studies, doctor
data     new, fetch, watch, label, review, expire, forget, rotate, train
tests    judge
ending   `main`, and how it ends
"""

from coterie.cli.ending import main

__all__ = ["main"]
