"""One run of a study: each notebook in order, unchanged ones kept, nothing published before all is well."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from coterie.lake import edited_pointer, made_folder, read_pointer, write_pointer
from coterie.runner.fingerprints import imports_of, notebook_cells, stage_key, why_stale
from coterie.runner.kernels import WarmKernels
from coterie.runner.records import (
    NotebookFailed,
    is_whole,
    link,
    locked,
    plant_world,
    point_latest,
    promote,
    write_private,
)
from coterie.study import STAGES, DataError, SettingsError, Study, load_study, project_root, stage_of

if TYPE_CHECKING:
    from coterie.runner.engine import CellFailed


def run_study(
    name: str, *, overrides: tuple[str, ...] = (), start: str = "", only: str = "", fresh: bool = False, watch: object
) -> Path:
    """Run a study's notebooks where something changed, and return the index page.

    `watch` hears how it goes: `begin`, `stage`, `cell`, `done` and `say`, like `coterie.cli.Lines`.

    Raises
    ------
    SettingsError
        When a setting is wrong, or another run holds the study.
    DataError
        When a notebook fails.
    """
    study = load_study(name, overrides)
    run = f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"[:-4]
    with locked(study, run):
        plant_world(study)
        return Run(study, run, overrides, watch).go(
            start=start and stage_of(start), only=only and stage_of(only), fresh=fresh
        )


class Run:
    """One run under way: its folder, the pointer of its unfinished tables, its clock."""

    def __init__(self, study: Study, run: str, overrides: tuple[str, ...], watch: object) -> None:
        self.study, self.id, self.overrides, self.watch = study, run, overrides, watch
        self.reports = project_root() / "reports" / study.name
        self.folder, self.log = self.reports / run, self.reports / run / "private.log"
        self.staging, self.current = study.lake / "staging.json", study.lake / "current.json"
        self.keys = {stage: stage_key(stage, study) for stage in STAGES}
        self.began, self.timings = perf_counter(), {stage: {} for stage in STAGES}

    def go(self, *, start: str, only: str, fresh: bool) -> Path:
        """Run what has to be run, then publish everything at once."""
        pointer = self.starting_point(start=start, only=only, fresh=fresh)
        if not self.staging.exists() and not any(self.stale(stage, pointer) for stage in STAGES):
            last = self.reports / pointer["run"]
            if is_whole(last, self.study, pointer):
                point_latest(last)
                self.watch.say(f"Nothing changed since {last.name}.")
                return last / "index.html"
        write_pointer(self.staging, pointer)
        made_folder(self.folder)
        write_private(self.log, f"run {self.id}")
        self.watch.begin({stage: record["seconds"] for stage, record in pointer["stages"].items()})
        self.visit(STAGES[: STAGES.index(only or STAGES[-1]) + 1])
        if left := [stage for stage in STAGES if self.stale(stage)]:
            self.watch.say(
                f"Now out of date: {', '.join(left)}; `coterie run {self.study.name}` runs them, then publishes."
            )
            return self.folder / f"{only}.html"
        from coterie.runner import publish  # noqa: PLC0415 - slow to import, and an unchanged run needs none

        publish.finish(self)
        promote(self.study, self.id)
        point_latest(self.folder)
        return self.folder / "index.html"

    def visit(self, stages: tuple[str, ...]) -> None:
        """Run or keep each notebook, its page being written while the next one runs."""
        with ExitStack() as stack:
            kernels, renderer = None, stack.enter_context(ThreadPoolExecutor(1))
            written = []
            for stage in stages:
                if self.stale(stage):
                    kernels = kernels or stack.enter_context(self.warm_kernels(stage))
                    self.execute(stage, kernels, self.next_likely(stage, stages))
                else:
                    self.keep(stage)
                from coterie.runner import publish  # noqa: PLC0415 - the first kernel starts meanwhile

                written.append(renderer.submit(publish.write_stage_page, self, stage))
            for page in written:
                page.result()

    def starting_point(self, *, start: str, only: str, fresh: bool) -> dict:
        """Take up an unfinished run or the last good one, and forget the results to be made again."""
        pointer = read_pointer(self.staging if self.staging.exists() else self.current)
        first = STAGES.index(start or only or STAGES[0])
        for stage in STAGES[:first]:
            if reason := self.stale(stage, pointer):
                raise SettingsError(
                    f"{start or only} needs {stage} first, but: {reason}. Run without --from and --only."
                )
        again = STAGES[first:] if start or (fresh and not only) else (only,)
        return pointer | {"stages": {stage: r for stage, r in pointer["stages"].items() if stage not in again}}

    def stale(self, stage: str, pointer: dict | None = None) -> str:
        """Say why a notebook must run, if it must."""
        pointer = pointer or read_pointer(self.staging)
        return why_stale(stage, self.keys[stage], pointer, lake=self.study.lake, reports=self.reports)

    def warm_kernels(self, stage: str) -> WarmKernels:
        """Begin to start the first kernel, while papermill is being imported."""
        told = {"COTERIE_POINTER": self.staging, "COTERIE_RUN": self.id, "COTERIE_HOME": project_root()}
        environment = {name: str(value) for name, value in told.items()}
        kernels = WarmKernels(cwd=project_root() / "notebooks", log=self.log, environment=environment)
        kernels.prepare(stage, imports_of(stage))
        return kernels

    def next_likely(self, stage: str, stages: tuple[str, ...]) -> str:
        """Guess which notebook runs after this one: the next that is stale or reads what this one writes."""
        pointer = read_pointer(self.staging)
        journal = pointer["journal"]
        written = set(journal.get(stage, {}).get("writes", ()))
        later = stages[stages.index(stage) + 1 :]
        return next(
            (s for s in later if self.stale(s, pointer) or written & set(journal.get(s, {}).get("reads", ()))), ""
        )

    def execute(self, stage: str, kernels: WarmKernels, following: str) -> None:
        """Run one notebook while the kernel of the next one starts."""
        from coterie.runner import engine, publish  # noqa: PLC0415 - the first kernel starts meanwhile

        self.forget(stage)
        self.watch.stage(stage, len(notebook_cells(stage)))
        clock = perf_counter()
        manager = kernels.take(stage, imports_of(stage))
        waited = perf_counter() - clock
        if following:
            kernels.prepare(following, imports_of(following))
        try:
            notebook = engine.execute(stage, self.study.blocks[stage], manager=manager, on_cell=self.watch.cell)
        except engine.CellFailed as error:
            raise self.failure(stage, error) from None
        finally:
            kernels.drop(manager)
        cells = engine.cell_seconds(notebook)
        around = perf_counter() - clock - waited - cells
        self.timings[stage] |= {"kernel": waited, "cells": cells, "around_cells": around}
        clock_pages = perf_counter()
        publish.write_notebook(self, stage, notebook)
        self.timings[stage]["cleaning"] = perf_counter() - clock_pages
        self.count_as_done(stage, round(perf_counter() - clock, 2))

    def forget(self, stage: str) -> None:
        """Drop what a notebook left earlier, so that a half-run one leaves nothing that counts."""
        with edited_pointer(self.staging) as pointer:
            pointer["stages"].pop(stage, None)
            for name in pointer["journal"].pop(stage, {}).get("writes", ()):
                pointer["tables"].pop(name, None)
                pointer["findings"].pop(name, None)

    def count_as_done(self, stage: str, seconds: float) -> None:
        """Note that a notebook's result stands, so that a later run may keep it."""
        with edited_pointer(self.staging) as pointer:
            pointer["stages"][stage] = {"key": self.keys[stage], "run": self.id, "seconds": seconds}
        self.watch.done(stage, f"{seconds:.1f} s")

    def keep(self, stage: str) -> None:
        """Take an unchanged notebook over from the run that executed it."""
        made_in = read_pointer(self.staging)["stages"][stage]["run"]
        link(self.reports / made_in / f"{stage}.ipynb", self.folder)
        self.watch.done(stage, f"kept, unchanged since {made_in}")

    def failure(self, stage: str, error: "CellFailed") -> Exception:
        """Put a failed cell into one sentence; its traceback goes into the private log."""
        write_private(self.log, f"{stage}, cell {error.cell}\n{error.traceback}")
        if error.name == "SettingsError":
            return SettingsError(f"{stage}: {error.message}")
        if error.name == "DataError":
            return DataError(f"{stage}: {error.message}")
        if error.name == "DeadKernelError":
            return NotebookFailed(f"{stage}, cell {error.cell}: its kernel was killed; most often memory ran out.")
        return NotebookFailed(f"{stage}, cell {error.cell} failed ({error.name}); the traceback is in {self.log}.")
