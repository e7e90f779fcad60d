"""Two notebooks at once: a cell waits for the notebooks whose tables it names, the rest runs on."""

import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Event
from time import perf_counter
from typing import NamedTuple

from nbformat import NotebookNode

from coterie.runner.planning.needs import stages_needed
from coterie.runner.running.kernels import WarmKernels

AT_ONCE = min(2, os.cpu_count() or 1)  # two cores are what a notebook alone seldom uses


class Executed(NamedTuple):
    """A notebook that ran to its end."""

    stage: str
    notebook: NotebookNode
    seconds: float  # without those in which it waited for other notebooks


class Schedule:
    """The notebooks that run now, those that have ended, and those that wait for them."""

    def __init__(self, kernels: WarmKernels, *, stages: tuple[str, ...]) -> None:
        self.kernels = kernels
        self.running: dict[Future, str] = {}
        self.ended = {stage: Event() for stage in stages}
        self.pool = ThreadPoolExecutor(AT_ONCE)

    @property
    def is_full(self) -> bool:
        """Whether another notebook has to wait for a place."""
        return len(self.running) >= AT_ONCE

    def start(self, stage: str, parameters: dict, *, on_cell: Callable[[str, int], None]) -> None:
        """Let a notebook run beside those that run."""
        self.running[self.pool.submit(self.execute, stage, parameters, on_cell)] = stage

    def execute(
        self, stage: str, parameters: dict, on_cell: Callable[[str, int], None]
    ) -> Executed:
        """Run a notebook, holding back each cell until what it reads is written."""
        waited = 0.0

        def before_cell(code: str, place: int) -> None:
            nonlocal waited
            on_cell(stage, place)
            began = perf_counter()
            for needed in stages_needed(code, stage):
                self.ended[needed].wait()
            waited += perf_counter() - began

        began = perf_counter()
        notebook = self.kernels.execute(stage, parameters, before_cell=before_cell)
        return Executed(stage, notebook, perf_counter() - began - waited)

    def next_ended(self) -> Executed:
        """Wait for the next notebook to end.

        Raises
        ------
        SettingsError, DataError
            When it failed.
        """
        ended = next(iter(wait(self.running, return_when=FIRST_COMPLETED).done))
        self.running.pop(ended)
        return ended.result()

    def release(self, stage: str) -> None:
        """Let the cells go on that waited for a notebook, now that its results stand."""
        self.ended[stage].set()

    def __enter__(self) -> "Schedule":
        return self

    def __exit__(self, *error: object) -> None:
        """End what still runs: after a failure, or when the user wants it to stop."""
        if self.running:
            self.kernels.kill_all()
        for ended in self.ended.values():
            ended.set()
        self.pool.shutdown()
