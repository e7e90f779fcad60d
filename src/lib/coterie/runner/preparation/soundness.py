"""Whether the stored files that a run would build on are what was written."""

from pathlib import Path

from coterie.lake import Origin, is_intact, verify
from coterie.runner.planning.staleness import described
from coterie.study import Study


def refuse_damaged(study: Study, pointer: dict, kept: dict[str, dict]) -> None:
    """Raise a readable `DataError` when a file that kept notebooks wrote is not as they wrote it.

    A file that is gone is no damage: its notebook runs again.
    """
    stored = pointer["tables"] | pointer["findings"]
    for stage, record in kept.items():
        for name, file in pointer["journal"].get(stage, {}).get("writes", {}).items():
            if stored.get(name) == file and (study.lake / file).exists():
                origin = Origin(study.name, stage, record["run"])
                verify(study.lake / file, described(name), origin)


def lost_tables(lake: Path, current: dict) -> list[str]:
    """Name the tables of the last run that are gone or damaged, so that nothing compares to them.

    A run compares with the last run's tables while it writes its own.
    """
    return [name for name, file in current["tables"].items() if not is_whole(lake / file)]


def is_whole(file: Path) -> bool:
    """Say whether a stored file is there and as it was written."""
    return file.exists() and is_intact(file)
