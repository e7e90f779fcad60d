"""What an index says of a run beside its findings: the goal, how far files reach, stale lists."""

from pathlib import Path

import pandas as pd

from coterie.contracts import contract
from coterie.lake import Origin, read_pointer, verify
from coterie.runner.planning.state import RunState
from coterie.study import stage_of


def table_file(state: RunState, name: str) -> Path | None:
    """Locate a table as this run left it, if any notebook wrote it."""
    pointer = read_pointer(state.staging)
    if not (file := pointer["tables"].get(name)):
        return None
    stage = stage_of(contract(name).stage)
    run = pointer["stages"].get(stage, {}).get("run", state.id)
    return verify(state.study.lake / file, f"table {name}", Origin(state.study.name, stage, run))


def goal_and_owner(state: RunState) -> tuple[str, str]:
    """Read what the study is for, and who decides on it."""
    file = table_file(state, "decision_rule")
    if not file:
        return "", ""
    rule = pd.read_parquet(file).iloc[0]
    return rule["goal"], rule["owner"]


def freshness(state: RunState) -> dict[str, str]:
    """Say up to which day each source file reaches."""
    file = table_file(state, "sources")
    if not file:
        return {}
    dated = pd.read_parquet(file)[["file", "last_at"]].dropna()
    return {name: reaches(last_at) for name, last_at in dated.itertuples(index=False)}


def reaches(last_at: pd.Timestamp) -> str:
    """Write the day up to which a file reaches; a wrong clock makes no file fresh.

    >>> reaches(pd.Timestamp("2026-06-30 12:00")), reaches(pd.Timestamp("2092-03-01"))
    ('2026-06-30', 'unknown: it holds days that are yet to come')
    """
    if pd.Timestamp(last_at).tz_localize(None) > pd.Timestamp.now():
        return "unknown: it holds days that are yet to come"
    return f"{last_at:%Y-%m-%d}"


def stale_lists(state: RunState) -> list[str]:
    """Say of each stale list of 07 why it is."""
    file = table_file(state, "lists")
    if not file:
        return []
    lists = pd.read_parquet(file)
    return [f"{row.rule}: {row.why}" for row in lists[lists["stale"]].itertuples()]
