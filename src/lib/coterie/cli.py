"""Audience segmentation for social media analytics: eleven notebooks, one command."""

import errno
import json
import os
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from coterie.lake import CURRENT, read_pointer
from coterie.study import DataError, SettingsError, Study, load_study, study_names

app = typer.Typer(
    help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
StudyName = Annotated[
    str, typer.Argument(metavar="STUDY", help="A settings file's name in notebooks/studies.")
]


@app.command()
def run(
    study: StudyName,
    *,
    start: Annotated[
        str, typer.Option("--from", metavar="05", help="Run this notebook and all after it anew.")
    ] = "",
    only: Annotated[str, typer.Option(metavar="05", help="Run just this notebook anew.")] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="05_segments.n_segments=6", help="Set a parameter; repeatable."
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run every notebook, changed or not.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Run a study's notebooks, in order, where something changed since the last run."""
    from coterie.runner import run_study  # noqa: PLC0415 - slow to import, and help needs none
    from coterie.runner.watch import Watch  # noqa: PLC0415

    watch = Watch(out, quiet=quiet, lake=load_study(study).lake)
    with watch.bars:
        page = run_study(
            study, overrides=tuple(settings or ()), start=start, only=only, fresh=fresh, watch=watch
        )
    watch.say(f"Read it: {page}")


@app.command()
def findings(
    study: StudyName,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")] = False,
) -> None:
    """Show what the last successful run of a study found."""
    rows = last_findings(load_study(study))
    if as_json:
        print(json.dumps(rows, indent=1))
    elif rows:
        table = Table("stage", "name", "value", "low", "high", "evidence")
        for row in rows:
            table.add_row(*(shown(row[column.header]) for column in table.columns))
        out.print(table, soft_wrap=False)
    else:
        out.print(f"Nothing found yet: `coterie run {study}` first.")


def last_findings(study: Study) -> list[dict]:
    """List what a study's last successful run found."""
    from coterie.runner.promotion import as_records, read_findings  # noqa: PLC0415

    return as_records(read_findings(study, study.lake / CURRENT))


def shown(value: object) -> str:
    """Write a value for the terminal."""
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@app.command()
def adopt(study: StudyName) -> None:
    """Make what was written by hand since the last run, in JupyterLab for instance, the study's."""
    from coterie.runner import adopt as adopt_scratch  # noqa: PLC0415 - slow to import

    adopted = adopt_scratch(load_study(study))
    if not adopted.changed:
        out.print("What was written by hand is what the study has already; nothing changed.")
        return
    out.print(f"Adopted: {', '.join(adopted.changed)}.")
    if adopted.to_run_again:
        out.print(
            f"The next `coterie run {study}` executes {', '.join(adopted.to_run_again)} anew, and "
            "what reads their tables: settings tried by hand belong into the study file first."
        )


@app.command()
def rotate(study: StudyName) -> None:
    """Give every person a new pseudonym: a new key, and a private list of what became of whom."""
    from coterie.runner import rotate_key  # noqa: PLC0415 - slow to import

    rotated = rotate_key(load_study(study))
    out.print(
        f"{rotated.n_people:,} people and {rotated.n_accounts:,} accounts have new pseudonyms; "
        f"{rotated.file} says, for this machine only, what the former ones are called now. "
        f"The next `coterie run {study}` runs from 02. Who is held out is drawn anew: "
        "end running experiments first."
    )


@app.command()
def studies() -> None:
    """List the studies, their last run and its verdict."""
    table = Table("study", "title", "last run", "verdict")
    for name in study_names():
        try:
            study = load_study(name)
            verdict = {row["name"]: row["value"] for row in last_findings(study)}.get("verdict")
            table.add_row(
                name,
                study.title,
                read_pointer(study.lake / CURRENT)["run"] or "never",
                shown(verdict),
            )
        except (SettingsError, DataError) as error:
            table.add_row(name, "", "", str(error))
    out.print(table, soft_wrap=False)


@app.command()
def new(
    study: Annotated[
        str,
        typer.Argument(metavar="STUDY", help="What to call it: lower-case letters, digits and _."),
    ],
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Where the exported files lie.")
    ] = None,
    *,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FOLDER", help="The same folder.")
    ] = None,
) -> None:
    """Write a settings file for your own data, and say of each file what it was taken for."""
    from coterie.runner import draft_study  # noqa: PLC0415

    if not (place := folder or source):
        raise SettingsError("Say where the files lie: coterie new STUDY FOLDER.")
    draft = draft_study(study, place)
    for found in draft.looked:
        out.print(f"{found.verdict:<11} {found.path}: {found.sentence}")
    for problem in draft.problems:
        out.print(f"mend        {problem}")
    out.print(f"as_of is {draft.as_of}." if draft.as_of else "No moment was found; set as_of.")
    out.print(f"{draft.file} is written. Correct its column map, then: coterie run {study}")


@app.command()
def fetch(
    study: StudyName,
    *,
    max_wait: Annotated[
        float, typer.Option(metavar="900", help="Longest wait, in seconds, that is waited out.")
    ] = 900.0,
) -> None:
    """Ask the APIs of a study for their records; the only command that sends anything."""
    from coterie.collection import CLOCK, fetch_study, maps_to_begin_with  # noqa: PLC0415

    settings = load_study(study)
    states = fetch_study(settings, tell=out.print, clock=CLOCK._replace(max_wait=max_wait))
    if entries := maps_to_begin_with(settings):
        out.print(f"Not yet in 02_sourcing.files; with source {settings.lake}:\n{entries}")
    raise typer.Exit(0 if all(state.finished for state in states) else 1)


@app.command()
def label(
    study: StudyName,
    *,
    posts: Annotated[int, typer.Option(metavar="200", help="How many posts to sample.")] = 200,
) -> None:
    """Sample posts onto a sheet for you to label; notebook 04 then states its accuracy on them."""
    from coterie import contracts  # noqa: PLC0415
    from coterie.lake import Lake  # noqa: PLC0415
    from coterie.psychographics import choose_posts  # noqa: PLC0415

    lake = Lake(study)
    known, labelled = lake.read(contracts.Posts), lake.read(contracts.PostLabels)
    file = lake.write_sheet(choose_posts(known, labelled, n_posts=posts))
    out.print(
        f"{file} is written and stays on this machine. "
        f"Fill in what you know, then: coterie run {study} --from 04"
    )


@app.command()
def expire(
    study: StudyName,
    *,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="DATE", help="The day to apply the rules on; today.")
    ] = "",
) -> None:
    """Delete what the rules of retention forbid to keep: in tables, caches, files and pages."""
    from coterie.runner import expiry  # noqa: PLC0415 - slow to import

    today = as_date(as_of) if as_of else datetime.now(UTC).date()
    say_deleted(study, expiry.expire(load_study(study), today=today))


@app.command()
def forget(study: StudyName) -> None:
    """Erase people who asked: one e-mail, phone, handle or number a line on standard input."""
    from coterie.runner import expiry  # noqa: PLC0415 - slow to import

    if sys.stdin.isatty():
        err.print("One identifier a line, then Ctrl-D; nothing of it is kept.")
    say_deleted(study, expiry.forget(load_study(study), sys.stdin.read().splitlines()))


def as_date(text: str) -> date:
    """Read a day of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"--as-of {text}: a day is written like 2026-07-01.") from None


def say_deleted(study: str, deleted: object) -> None:
    """Say what was deleted, and what is to be done now."""
    if deleted.nothing:
        out.print("Nothing is kept longer than its rule allows.")
        return
    table = Table("deleted", "how many")
    for what, n in deleted.told:
        table.add_row(what, f"{n:,}")
    out.print(table, soft_wrap=False)
    if deleted.models:
        models = ", ".join(deleted.models)
        out.print(f"Fitted on some of it: {models}. `coterie run {study}` fits them anew.")


@app.command()
def train(
    head: Annotated[
        str,
        typer.Argument(metavar="HEAD", help="sentiment, emotion, intent, values or a new name."),
    ],
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the labelled texts.")],
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Folder to write the head into.")
    ] = Path("adapters"),
    start: Annotated[str, typer.Option(metavar="DIR", help="Begin from this trained head.")] = "",
    seed: Annotated[int, typer.Option(help="Every random choice follows from it.")] = 0,
) -> None:
    """Train a head of the language model on labelled texts, and evaluate it on held-out ones."""
    from coterie.training import teach_head  # noqa: PLC0415

    with Progress(*Progress.get_default_columns(), console=err) as bars:
        card, folder = teach_head(head, data, to=to, start=start, seed=seed, progress=bars.track)
    scores = ", ".join(f"{name} {score:.3f}" for name, score in card.evaluation.items())
    out.print(f"{folder} holds the head and its card. On held-out texts: {scores}.")


@app.command()
def doctor() -> None:
    """Check whether everything a run needs is here and sound."""
    from coterie.runner.checkup import checks  # noqa: PLC0415

    wrong = dict(checks())
    for what, why in wrong.items():
        out.print(f"FAIL  {what}: {why}" if why else f"ok    {what}")
    raise typer.Exit(2 if any(wrong.values()) else 0)


SECONDS_TO_STOP = 8


class Stopped(BaseException):
    """Ctrl-C, or a polite kill: what is being done ends, kernels and lock included."""


def stop(*signal_and_frame: object) -> None:
    """Turn a signal into an exception, and see that the command ends soon, whatever it waits for.

    Another signal meanwhile changes nothing.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS_TO_STOP)
    raise Stopped


def give_up(*signal_and_frame: object) -> None:
    """End at once; kernels end when they see that nobody waits for them."""
    err.print(in_one_sentence(Stopped()))
    os._exit(1)


def main() -> None:
    """Run the command; every error a user can cause is one sentence, never a traceback."""
    os.umask(os.umask(0o022) | 0o022)  # nobody but the owner may write what is made
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        app()
    except (Stopped, Exception) as error:
        signal.alarm(0)
        known = (SettingsError, DataError, Stopped, OSError)
        if os.environ.get("COTERIE_DEBUG") and not isinstance(error, known):
            raise
        err.print(in_one_sentence(error))
        sys.exit(2 if isinstance(error, SettingsError) else 1)


def in_one_sentence(error: BaseException) -> str:
    """Say what went wrong, and what to do about it.

    >>> in_one_sentence(OSError(13, "Permission denied", "page.html"))
    'Cannot read or write page.html: Permission denied.'
    """
    if isinstance(error, SettingsError | DataError):
        from coterie.disclosure import hide_shapes  # noqa: PLC0415 - slow to import

        return hide_shapes(str(error))
    if isinstance(error, Stopped):
        return (
            "Stopped. The last good results are untouched; "
            "the same command goes on where this one stopped."
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk is full ({error.filename or 'a file'} could not be written). The last good "
            "results are untouched; free some space, then the same command goes on."
        )
    if isinstance(error, OSError):
        return f"Cannot read or write {error.filename or 'a file'}: {error.strerror or error}."
    kind = type(error).__name__
    return f"Something in coterie itself went wrong ({kind}); COTERIE_DEBUG=1 shows where."
