"""The command line: `coterie`.

app      the command itself
runs     run, check, findings, adopt, studies, doctor
data     new, fetch, label, expire, forget, rotate, train
ending   `main`, and how it ends
"""

from coterie.cli import data, runs
from coterie.cli.ending import in_one_sentence, main

__all__ = ["data", "in_one_sentence", "main", "runs"]
