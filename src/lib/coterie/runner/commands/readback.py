"""What 02 last read of each file, finished or not: for `coterie check`."""

from typing import NamedTuple

import pandas as pd

from coterie.lake import CURRENT, STAGING, read_pointer
from coterie.study import Study

COUNTS = ["rows_read", "rows_kept", "rows_merged", "rows_quarantined"]


class ReadBack(NamedTuple):
    """What became of the rows of each file."""

    files: pd.DataFrame  # file, gives, read_as, counts; empty where 02 stopped
    reasons: pd.DataFrame  # file, rows, reason: why rows were set aside
    notes: pd.DataFrame  # file, fate, rows, note


def read_back(study: Study) -> ReadBack:
    """Read what the last run of 02 wrote about its files, whether it came to its end or not."""
    unfinished = study.lake / STAGING
    pointer = read_pointer(unfinished if unfinished.exists() else study.lake / CURRENT)
    tables = {
        name: pd.read_parquet(study.lake / pointer["tables"][name])
        for name in ("sources", "quarantine", "row_notes")
        if name in pointer["tables"]
    }
    aside = tables.get("quarantine", pd.DataFrame(columns=["file", "row", "reason"]))
    reasons = aside.groupby(["file", "reason"]).size().rename("rows").reset_index()
    files = tables.get("sources", pd.DataFrame(columns=["file", "gives", "read_as", *COUNTS]))
    notes = tables.get("row_notes", pd.DataFrame(columns=["file", "fate", "note", "rows"]))
    return ReadBack(
        files[["file", "gives", "read_as", *COUNTS]],
        reasons[["file", "rows", "reason"]].sort_values(["file", "rows"], ascending=[True, False]),
        notes[["file", "fate", "rows", "note"]],
    )
