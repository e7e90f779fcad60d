"""One run of a study: each notebook in order, unchanged ones kept, nothing published before all is well."""

from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from coterie.lake import PROGRESS, edited_pointer, made_folder, read_pointer, write_pointer
from coterie.runner.fingerprints import notebook_cells, stage_key, why_stale
from coterie.runner.records import locked, plant_world, point_latest, promote, write_private
from coterie.study import STAGES, SettingsError, Study, load_study, project_root, stage_of

if TYPE_CHECKING:
    from coterie.runner.kernels import WarmKernels


def run_study(
    name: str, *, overrides: tuple[str, ...] = (), start: str = "", only: str = "", fresh: bool = False, watch: object
) -> Path:
    """Run a study's notebooks where something changed, and return the page to read.

    `watch` hears how it goes, like `coterie.cli.Watch`. A wrong setting, or a study that is being run already,
    raises `SettingsError`; a notebook that fails raises `DataError`.
    """
    study = load_study(name, overrides)
    start, only = start and stage_of(start), only and stage_of(only)
    with locked(study, run := f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"[:-4]):
        plant_world(study)
        return Run(study, run, overrides, watch).go(start=start, only=only, fresh=fresh)


class Run:
    """One run under way: its folder, the pointer of its unfinished tables, its clock."""

    def __init__(self, study: Study, run: str, overrides: tuple[str, ...], watch: object) -> None:
        self.study, self.id, self.overrides, self.watch = study, run, overrides, watch
        self.reports = project_root() / "reports" / study.name
        self.folder, self.log = self.reports / run, self.reports / run / "private.log"
        self.staging, self.current = study.lake / "staging.json", study.lake / "current.json"
        self.keys = {stage: stage_key(stage, study) for stage in STAGES}
        self.began, self.timings = perf_counter(), {}

    def go(self, *, start: str, only: str, fresh: bool) -> Path:
        """Run what has to be run, then publish everything at once."""
        pointer = self.starting_point(start=start, only=only, fresh=fresh)
        last = self.reports / (pointer["run"] or "none")
        finished = not self.staging.exists() and (last / "index.html").exists()
        if finished and not any(self.stale(stage, pointer) for stage in STAGES):
            point_latest(last)
            self.watch.say(f"Nothing changed since {last.name}.")
            return last / "index.html"
        write_pointer(self.staging, pointer)
        made_folder(self.folder)
        write_private(self.log, f"run {self.id}")
        from coterie.runner import kernels, publish  # noqa: PLC0415 - slow to import; an unchanged run needs neither

        stages = STAGES[: STAGES.index(only or STAGES[-1]) + 1]
        told = {"COTERIE_POINTER": self.staging, "COTERIE_RUN": self.id, "COTERIE_HOME": project_root()}
        told["COTERIE_PROGRESS"] = self.study.lake / PROGRESS
        with kernels.WarmKernels(log=self.log, environment={name: str(told[name]) for name in told}) as warm:
            for at, stage in enumerate(stages, 1):
                if self.stale(stage):
                    warm.prepare(stage)
                    self.execute(stage, warm, stages[at:])
                else:
                    self.keep(stage)
        if left := list(filter(self.stale, STAGES)):
            publish.write_pages(self, stages)
            rest = f"`coterie run {self.study.name}` runs them, then publishes."
            self.watch.say(f"Now out of date: {', '.join(left)}; {rest}")
            return self.folder / f"{stages[-1]}.html"
        for stage in STAGES[len(stages) :]:
            self.keep(stage)
        publish.write_pages(self, STAGES)
        publish.write_index(self)
        promote(self.study, self.folder)
        return self.folder / "index.html"

    def starting_point(self, *, start: str, only: str, fresh: bool) -> dict:
        """Take up an unfinished run or the last good one, and forget the results to be made again."""
        pointer = read_pointer(self.staging if self.staging.exists() else self.current)
        first = start or only or STAGES[0]
        for stage in STAGES[: STAGES.index(first)]:
            if reason := self.stale(stage, pointer):
                raise SettingsError(f"{first} needs {stage} first, but: {reason}. Run without --from and --only.")
        again = [stage for stage in STAGES if stage >= first] if start or (fresh and not only) else [only]
        return pointer | {"stages": {stage: r for stage, r in pointer["stages"].items() if stage not in again}}

    def stale(self, stage: str, pointer: dict | None = None) -> str:
        """Say why a notebook must run, if it must."""
        pointer = pointer or read_pointer(self.staging)
        return why_stale(stage, self.keys[stage], pointer, lake=self.study.lake, reports=self.reports)

    def keep(self, stage: str) -> None:
        """Take an unchanged notebook over from the run that executed it."""
        made_in = read_pointer(self.staging)["stages"][stage]["run"]
        (self.folder / f"{stage}.ipynb").hardlink_to(self.reports / made_in / f"{stage}.ipynb")
        self.watch.done(stage, f"kept, unchanged since {made_in}")

    def execute(self, stage: str, warm: "WarmKernels", later: tuple[str, ...]) -> None:
        """Run one notebook, and let its result count only once it is written."""
        from coterie.runner import publish  # noqa: PLC0415

        with edited_pointer(self.staging) as pointer:
            pointer["stages"].pop(stage, None)
            for name in pointer["journal"].pop(stage, {}).get("writes", ()):
                pointer["tables"].pop(name, None)
                pointer["findings"].pop(name, None)
        last = read_pointer(self.current)["stages"]
        left = sum(last[name]["seconds"] for name in (stage, *later) if len(last) == len(STAGES))
        self.watch.stage(stage, len(notebook_cells(stage)), left)
        clock = perf_counter()
        following = next(filter(self.stale, later), "")  # the readers of what this one writes are stale by now
        notebook = warm.execute(stage, self.study.blocks[stage], following=following, on_cell=self.watch.cell)
        cells = publish.write_notebook(self, stage, notebook)
        seconds = round(perf_counter() - clock, 2)
        self.timings[stage] = {"seconds": seconds, "cells": round(cells, 3)}
        with edited_pointer(self.staging) as pointer:
            pointer["stages"][stage] = {"key": self.keys[stage], "run": self.id, "seconds": seconds}
        self.watch.done(stage, f"{seconds:.1f} s")
