"""The loop of `coterie watch`: read what is new, decide, write it down, wait; how fast it was."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np

from coterie.lake import Lake
from coterie.runner.streaming.beginning import begin, changed
from coterie.runner.streaming.intake import Arrived, read_new
from coterie.runner.streaming.mapped import column_maps, read_mapped
from coterie.runner.streaming.outlet import Lines, Webhook
from coterie.runner.streaming.places import DECISIONS, FOLDER, INBOX, STATE
from coterie.runner.streaming.state import State, utc_now
from coterie.study import SettingsError, Study

Reader = Callable[[Path, dict[str, int]], Arrived]


class Options(NamedTuple):
    """How a watch goes about it."""

    inbox: Path | None = None  # else stream/inbox of the study's lake
    lateness: timedelta = timedelta(minutes=5)  # how long late events are waited for
    every: float = 1.0  # seconds from one look to the next
    once: bool = False  # whether to stop once there is nothing new
    finish: bool = False  # whether to decide at the end on all that is open
    wall_clock: bool = False  # whether time goes on although nothing happens
    webhook: str = ""
    mapped: bool = False  # whether files are read by the study's column map, as 02 reads them


class Speed(NamedTuple):
    """How fast a watch was."""

    n_rows: int  # rows read
    n_decided: int  # decisions made
    n_unreadable: int  # lines that are no event
    seconds: float  # spent on batches that had rows
    latencies: tuple[float, ...]  # seconds from reading a batch to its decisions on the disk

    @property
    def told(self) -> str:
        """Say it in a line."""
        if not self.latencies:
            return "Nothing new."
        p50, p95 = np.percentile(self.latencies, [50, 95])
        return (
            f"{self.n_rows:,} rows, {self.n_unreadable:,} unreadable, "
            f"{self.n_decided:,} decisions; "
            f"{self.n_rows / max(self.seconds, 1e-9):,.0f} rows a second, "
            f"latency p50 {p50:.3f} s, p95 {p95:.3f} s"
        )


def watch_study(
    study: Study, options: Options, *, tell: Callable[[str], None], fresh: bool = False
) -> Speed:
    """Apply a study's triggers to events as they come, until nothing is left or somebody stops it.

    Raises
    ------
    SettingsError
        When the triggers are not those that the state was made with, or another watch runs.
    """
    lake = Lake(study.name)
    folder = lake.claimed() / FOLDER
    inbox = options.inbox or folder / INBOX
    for place in (folder, inbox):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = opened(lake, study, folder / STATE, options.lateness, fresh=fresh)
    try:
        tell(f"Events are read from {inbox}, decisions written to {folder / DECISIONS}.")
        reader = partial(read_mapped, maps=column_maps(lake, study)) if options.mapped else read_new
        return watch(state, inbox, folder / DECISIONS, options, tell=tell, reader=reader)
    finally:
        state.close()


def watch(
    state: State,
    inbox: Path,
    decisions: Path,
    options: Options,
    *,
    tell: Callable[[str], None],
    reader: Reader = read_new,
) -> Speed:
    """Do the loop over a state that is open; `reader` reads what is new in the inbox."""
    lines = Lines(decisions, state)
    lines.write()  # what a killed watch had decided and not written
    webhook = Webhook(options.webhook, state) if options.webhook else None
    speed = Speed(0, 0, 0, 0.0, ())
    try:
        while True:
            speed, n_rows, problems = look(state, inbox, lines, options, speed, reader=reader)
            for problem in problems:
                tell(problem)
            if webhook:
                webhook.send(utc_now())
            if not n_rows and options.once:
                break
            if not n_rows:
                time.sleep(options.every)
    except KeyboardInterrupt:
        tell("Stopped; the next watch goes on from here.")
    if options.finish:
        state.finish()
        speed = speed._replace(n_decided=speed.n_decided + lines.write())
        if webhook:
            webhook.send(utc_now())
    tell(speed.told)
    counts = state.counts()
    tell(f"Since it began: {counts['n_events']:,} events, {counts['n_twice']:,} that came twice, "
         f"{counts['n_late']:,} too late, {state.n_before:,} from before it.")  # fmt: skip
    return speed


def look(
    state: State, inbox: Path, lines: Lines, options: Options, speed: Speed, *, reader: Reader
) -> tuple[Speed, int, tuple[str, ...]]:
    """Look once for new rows, and decide; says how many there were, and what could not be read."""
    began = time.perf_counter()
    arrived = reader(inbox, state.offsets())
    n_rows = len(arrived.rows)
    if n_rows or arrived.offsets or options.wall_clock:
        now = utc_now() if options.wall_clock else None
        state.arrive(arrived.rows, offsets=arrived.offsets, now=now)
    n_decided = lines.write()
    took = time.perf_counter() - began
    timed = (took,) if n_rows else ()
    return (
        Speed(
            speed.n_rows + n_rows,
            speed.n_decided + n_decided,
            speed.n_unreadable + arrived.n_unreadable,
            speed.seconds + sum(timed),
            speed.latencies + timed,
        ),
        n_rows,
        arrived.problems,
    )


def opened(lake: Lake, study: Study, file: Path, lateness: timedelta, *, fresh: bool) -> State:
    """Open the state of a study's watch, with the triggers and the people of its last run."""
    start = begin(lake, study)
    if fresh:
        for part in (file, file.with_name(DECISIONS)):
            part.unlink(missing_ok=True)
    try:
        state = State(file, start.triggers, start.calendar, lateness=lateness)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise SettingsError(f"Another watch of {study.name} is running.") from None
    if state.is_new:
        state.begin(start.parts())
    if not state.is_of(start.definition):
        state.close()
        raise changed(study)
    return state
