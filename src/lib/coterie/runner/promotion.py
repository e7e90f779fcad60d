"""A finished run: its tables become the last good ones, and what nothing needs is deleted."""

import json
import os
import shutil
from pathlib import Path

import pandas as pd

from coterie.lake import CURRENT, SCRATCH, STAGING, read_pointer, write_pointer
from coterie.study import Study


def promote(study: Study, folder: Path) -> None:
    """Make a run's tables the last good ones, let `latest` name its folder, and sweep up."""
    current, staging = study.lake / CURRENT, study.lake / STAGING
    old, new = read_pointer(current), read_pointer(staging)
    previous = old["tables"] if old["tables"] != new["tables"] else old["previous"]
    write_pointer(staging, new | {"run": folder.name, "previous": previous})
    staging.replace(current)
    point_latest(folder)
    sweep(study, folder.parent)


def point_latest(folder: Path) -> None:
    """Let `latest` name a run folder, in one step."""
    draft = folder.parent / f".latest-{os.getpid()}"
    draft.symlink_to(folder.name)
    draft.replace(folder.parent / "latest")


def sweep(study: Study, reports: Path) -> None:
    """Delete what nothing needs: tables, models, audience files, run folders but the newest ten."""
    sweep_stored(study.lake)
    stages = read_pointer(study.lake / CURRENT)["stages"]
    made_in = {stage: record["run"] for stage, record in stages.items()}
    old = sorted(reports.glob("[0-9]*-[0-9]*-[0-9]*"))[:-10]
    for folder in old:
        if folder.name not in made_in.values():
            shutil.rmtree(folder)
    for outbox in (study.lake / "outbox").glob("*"):
        if outbox.name != made_in["10_activation"]:
            shutil.rmtree(outbox)


def sweep_stored(lake: Path) -> None:
    """Delete the tables and models that neither the last run nor work by hand names."""
    needed = set()
    for pointer in (read_pointer(lake / CURRENT), read_pointer(lake / SCRATCH)):
        for section in ("tables", "findings", "previous"):
            needed |= set(pointer[section].values())
    shutil.rmtree(lake / "remembered", ignore_errors=True)  # the cache, until version 0.4
    tables = (lake / "tables").rglob("*.parquet")
    models = (lake / "models").rglob("*.safetensors")
    for file in (*tables, *models):
        if str(file.relative_to(lake)) not in needed:
            file.unlink()


def read_findings(study: Study, pointer: Path) -> pd.DataFrame:
    """Read every stage's findings as stored, each value as JSON."""
    files = read_pointer(pointer)["findings"]
    frames = [pd.read_parquet(study.lake / file) for _, file in sorted(files.items())]
    return pd.concat(frames or [pd.DataFrame()])


def as_records(findings: pd.DataFrame) -> list[dict]:
    """List findings with their values decoded."""
    rows = findings.astype(object).where(findings.notna(), None).to_dict("records")
    return [row | {"value": json.loads(row["value"])} for row in rows]
