"""One run under way: where it writes, what it rests on, and how long its notebooks took."""

from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from coterie.disclosure import secrets_in
from coterie.lake import CURRENT, STAGING, read_pointer
from coterie.runner.planning.staleness import stage_key, why_changed, why_stale
from coterie.study import STAGES, Study, project_root


class RunState(NamedTuple):
    """What every part of a run needs to know."""

    study: Study
    id: str  # the UTC time at which it began; its folder is called so
    overrides: tuple[str, ...]  # settings of the command line
    keys: dict[str, dict[str, str]]  # stage -> what its result rests on
    began: float  # of the clock that never jumps
    timings: dict[str, dict[str, float]]  # stage -> seconds, filled in as notebooks end
    computed: list[tuple[datetime, datetime]]  # from when to when each cell ran

    @property
    def reports(self) -> Path:
        """The folder of all runs of the study."""
        return reports_of(self.study)

    @property
    def folder(self) -> Path:
        """The folder of this run's pages."""
        return self.reports / self.id

    @property
    def secrets(self) -> set[str]:
        """What is secret in the study's settings, those of the command line included."""
        study = self.study
        settings = (study.blocks, study.world, {"title": study.title, "engine": study.engine})
        return {secret for part in settings for secret in secrets_in(part)}

    @property
    def log(self) -> Path:
        """The log that only its owner can read."""
        return self.folder / "private.log"

    @property
    def current(self) -> Path:
        """The pointer of the last good tables."""
        return self.study.lake / CURRENT

    @property
    def staging(self) -> Path:
        """The pointer of this run's unfinished tables."""
        return self.study.lake / STAGING

    def must_run(self, stage: str) -> bool:
        """Say whether a notebook must run whatever the earlier ones write."""
        return bool(why_changed(stage, self.keys[stage], read_pointer(self.staging)))

    def why_stale(self, stage: str, pointer: dict | None = None) -> str:
        """Say why a notebook must run, if it must."""
        pointer = pointer or read_pointer(self.staging)
        key, lake = self.keys[stage], self.study.lake
        return why_stale(stage, key, pointer, lake=lake, reports=self.reports)


def reports_of(study: Study) -> Path:
    """Locate the folder of all runs of a study."""
    return project_root() / "reports" / study.name


def begin(study: Study, run: str, overrides: tuple[str, ...]) -> RunState:
    """Take down what a run that begins now rests on."""
    keys = {stage: stage_key(stage, study) for stage in STAGES}
    return RunState(study, run, overrides, keys=keys, began=perf_counter(), timings={}, computed=[])
