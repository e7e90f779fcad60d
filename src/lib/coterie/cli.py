"""The command `coterie`: run a study, read its findings, set up the next one."""

import json
import os
import signal
import sys
import tempfile
import traceback
from importlib import metadata
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from coterie.study import STAGES, DataError, SettingsError, load_study, study_names

app = typer.Typer(
    help="Audience segmentation for social media analytics: nine notebooks, one command.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out, err = Console(highlight=False), Console(stderr=True, highlight=False)
StudyName = Annotated[str, typer.Argument(metavar="STUDY", help="A settings file's name in notebooks/studies.")]


class Lines:
    """Tells how a run goes in plain lines; what a log or cron mail wants."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet, self.current, self.n_cells = quiet, "", 0

    def begin(self, seconds: dict[str, float]) -> None:
        """Remember how long each notebook took the last time."""
        self.seconds = seconds

    def stage(self, stage: str, n_cells: int) -> None:
        """Name the notebook that starts."""
        self.current, self.n_cells = stage, n_cells
        self.say(f"{stage}: running")

    def cell(self, number: int) -> None:
        """Stay silent; a line a cell would be too many."""

    def done(self, stage: str, how: str) -> None:
        """Tell what became of a notebook."""
        self.say(f"{stage}: {how}")

    def say(self, text: str) -> None:
        """Print one line."""
        if not self.quiet:
            out.print(text, soft_wrap=True, markup=False)


class Bars(Lines):
    """Shows two bars on a terminal: notebooks, and the cells of the running one."""

    def begin(self, seconds: dict[str, float]) -> None:
        """Start the bars; the time left comes from the last run."""
        super().begin(seconds)
        columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, TextColumn("{task.fields[left]}"), console=out, transient=True)
        self.notebooks = self.progress.add_task("notebooks", total=len(STAGES), left="")
        self.cells = self.progress.add_task("cells", total=None, left="")
        self.progress.start()
        self.waiting = dict.fromkeys(STAGES)

    def stage(self, stage: str, n_cells: int) -> None:
        """Point the second bar at the notebook that starts."""
        self.current, self.n_cells, self.since = stage, n_cells, monotonic()
        self.progress.reset(self.cells, description=stage, total=n_cells)

    def cell(self, number: int) -> None:
        """Move the second bar, and say how long the rest took the last time."""
        known = [self.seconds[stage] for stage in self.waiting if stage in self.seconds]
        left = max(0, sum(known) - (monotonic() - self.since))
        self.progress.update(self.cells, completed=number - 1)
        self.progress.update(self.notebooks, left=f"about {left:.0f} s left" if len(known) == len(self.waiting) else "")

    def done(self, stage: str, how: str) -> None:
        """Move the first bar."""
        self.waiting.pop(stage)
        self.progress.advance(self.notebooks)
        self.say(f"{stage}: {how}")
        if not self.waiting:
            self.close()

    def close(self) -> None:
        """Take the bars off the screen."""
        if hasattr(self, "progress"):
            self.progress.stop()


@app.callback(invoke_without_command=True)
def options(version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False) -> None:
    """Audience segmentation for social media analytics: nine notebooks, one command."""
    if version:
        out.print(metadata.version("coterie"))
        raise typer.Exit


@app.command()
def run(
    study: StudyName,
    *,
    start: Annotated[str, typer.Option("--from", metavar="05", help="Run this notebook and all after it anew.")] = "",
    only: Annotated[str, typer.Option(metavar="05", help="Run just this notebook anew.")] = "",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="05_segments.n_segments=6", help="Set a parameter; repeatable.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run every notebook, changed or not.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Run a study's notebooks, in order, where something changed since the last run."""
    from coterie.runner import run_study  # noqa: PLC0415 - slow to import, and help needs none

    watch = Bars() if out.is_terminal and not quiet else Lines(quiet=quiet)
    try:
        page = run_study(study, overrides=tuple(settings or ()), start=start, only=only, fresh=fresh, watch=watch)
    finally:
        if isinstance(watch, Bars):
            watch.close()
    watch.say(f"Read it: {page}")


@app.command()
def findings(
    study: StudyName, as_json: Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")] = False
) -> None:
    """Show what the last successful run of a study found."""
    from coterie.runner import read_findings  # noqa: PLC0415

    settings = load_study(study)
    rows = read_findings(settings, settings.lake / "current.json")
    if as_json:
        return print(json.dumps(rows, indent=1))
    if not rows:
        return out.print(f"Nothing found yet: `coterie run {study}` first.")
    table = Table("stage", "name", "value", "low", "high", "evidence")
    for row in rows:
        table.add_row(*(shown(row[column.header]) for column in table.columns))
    return out.print(table)


def shown(value: object) -> str:
    """Write a value for the terminal."""
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


@app.command()
def studies() -> None:
    """List the studies, their last run and its verdict."""
    from coterie.lake import read_pointer  # noqa: PLC0415
    from coterie.runner import read_findings  # noqa: PLC0415

    table = Table("study", "title", "last run", "verdict")
    for name in study_names():
        try:
            study = load_study(name)
            current = study.lake / "current.json"
            found = {row["name"]: row["value"] for row in read_findings(study, current)}
            table.add_row(name, study.title, read_pointer(current)["run"] or "never", str(found.get("verdict", "")))
        except SettingsError as error:
            table.add_row(name, "", "", str(error))
    out.print(table)


@app.command()
def new(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="What to call it: lower-case letters, digits and _.")],
    folder: Annotated[Path, typer.Option("--from", metavar="FOLDER", help="Where the exported files lie.")],
) -> None:
    """Write a settings file for your own data, with a guessed column map for you to correct."""
    from coterie.runner import draft_study  # noqa: PLC0415

    file = draft_study(study, folder)
    out.print(f"{file} is written. Correct its column map, then: coterie run {study}", soft_wrap=True, markup=False)


@app.command()
def doctor() -> None:
    """Check whether everything a run needs is here and sound."""
    from coterie.runner.checkup import checks  # noqa: PLC0415

    found = list(checks())
    for check in found:
        out.print(f"{'ok  ' if check.good else 'FAIL'}  {check.what}: {check.found}", soft_wrap=True, markup=False)
    raise typer.Exit(0 if all(check.good for check in found) else 2)


class Stopped(BaseException):
    """Ctrl-C, or a polite kill."""


def stop(*signal_and_frame: object) -> None:
    """Leave whatever is being done, kernels and lock included."""
    raise Stopped


def main() -> None:
    """Run the command; every error a user can cause is one sentence, never a traceback."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        app()
    except SettingsError as error:
        fail(2, str(error))
    except DataError as error:
        fail(1, str(error))
    except Stopped:
        fail(1, "Stopped. The last good results are untouched; the same command goes on where this one stopped.")
    except Exception:
        if os.environ.get("COTERIE_DEBUG"):
            raise
        with tempfile.NamedTemporaryFile("w", prefix="coterie-", suffix=".log", delete=False) as log:
            log.write(traceback.format_exc())
        fail(1, f"Something in coterie itself went wrong; the details are in {log.name}.")


def fail(code: int, text: str) -> None:
    """Print one sentence and end with an exit code."""
    err.print(text, soft_wrap=True, markup=False)
    sys.exit(code)
