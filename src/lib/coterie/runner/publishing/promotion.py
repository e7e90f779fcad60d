"""A finished run: its tables become the last good ones, and `latest` names its folder."""

import json
from pathlib import Path

import pandas as pd

from coterie.lake import COPY, CURRENT, STAGING, Origin, read_pointer, verify, write_pointer
from coterie.runner.publishing.lifetimes import kept_previous, note_older_audiences, sweep
from coterie.study import SettingsError, Study

LATEST, DRAFT = "latest", ".latest"


def promote(study: Study, folder: Path) -> list[str]:
    """Make a run's tables the last good ones, and sweep up; return what could not be deleted."""
    current, staging = study.lake / CURRENT, study.lake / STAGING
    old, new = read_pointer(current), read_pointer(staging)
    note_older_audiences(study.lake, old)
    changed = old["tables"] != new["tables"]
    before = old["tables"] if changed else old["previous"]
    pointer = new | {
        "run": folder.name,
        "attempt": None,
        "lost": [],
        "previous": kept_previous(study.lake, before, new),
        "replaced": old["run"] if changed else old["replaced"],
    }
    write_pointer(staging, pointer)
    staging.replace(current)
    write_pointer(study.lake / COPY, pointer)
    point_latest(folder)
    return sweep(study, folder.parent)


def refuse_foreign_latest(reports: Path) -> None:
    """Raise a readable `SettingsError` where `latest` is somebody's file or folder, not our link.

    Asked before a run, not after it: pages that nothing can name would be made for nothing.
    """
    for place in (reports / LATEST, reports / DRAFT):
        if place.exists() and not place.is_symlink():
            raise SettingsError(
                f"{place} is not the link that a run leaves; nothing in it was touched. "
                "Move it away, then run again."
            )


def point_latest(folder: Path) -> None:
    """Let `latest` name a run folder, in one step."""
    refuse_foreign_latest(folder.parent)
    draft = folder.parent / DRAFT
    if draft.is_symlink():  # a killed run's
        draft.unlink()
    draft.symlink_to(folder.name)
    draft.replace(folder.parent / LATEST)


def read_findings(study: Study, pointer: Path) -> pd.DataFrame:
    """Read every stage's findings as stored, each value as JSON.

    Raises
    ------
    DataError
        When a file of findings was changed or cut short.
    """
    known = read_pointer(pointer)
    frames = []
    for name, file in sorted(known["findings"].items()):
        origin = Origin(study.name, name.removeprefix("findings_"), str(known["run"] or "now"))
        frames.append(pd.read_parquet(verify(study.lake / file, f"table {name}", origin)))
    return pd.concat(frames or [pd.DataFrame()])


def as_records(findings: pd.DataFrame) -> list[dict]:
    """List findings with their values decoded."""
    rows = findings.astype(object).where(findings.notna(), None).to_dict("records")
    return [row | {"value": json.loads(row["value"])} for row in rows]
