"""Commands about runs: run one, show what it found, adopt what was tried by hand."""

import json
from typing import Annotated

import pandas as pd
import typer
from rich.table import Table

from coterie.cli.app import StudyName, app, out
from coterie.lake import CURRENT, read_pointer
from coterie.study import DataError, SettingsError, Study, load_study, study_names


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
    from coterie.runner.running.watch import Watch  # noqa: PLC0415

    watch = Watch(out, quiet=quiet, lake=load_study(study).lake)
    with watch.bars:
        page = run_study(
            study, overrides=tuple(settings or ()), start=start, only=only, fresh=fresh, watch=watch
        )
    watch.say(f"Read it: {page}")


@app.command()
def check(study: StudyName) -> None:
    """Run 01 and 02 alone, and say of each file how it was read and what became of its rows."""
    from coterie.runner import run_study  # noqa: PLC0415 - slow to import
    from coterie.runner.commands.readback import read_back  # noqa: PLC0415
    from coterie.runner.running.watch import Watch  # noqa: PLC0415

    settings = load_study(study)
    watch = Watch(out, quiet=False, lake=settings.lake)
    try:
        with watch.bars:
            page = run_study(study, until="02", watch=watch)
        watch.say(f"Read it: {page}")
    finally:
        for rows in read_back(settings):
            print_rows(rows)


def print_rows(rows: pd.DataFrame) -> None:
    """Print a small table; nothing where it is empty."""
    if len(rows):
        table = Table(*(str(name).replace("_", " ") for name in rows.columns))
        for row in rows.itertuples(index=False):
            table.add_row(*map(str, row))
        out.print(table, soft_wrap=False)


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
    from coterie.runner.publishing.promotion import as_records, read_findings  # noqa: PLC0415

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
def doctor() -> None:
    """Check whether everything a run needs is here and sound."""
    from coterie.runner.commands.checkup import checks  # noqa: PLC0415

    wrong = dict(checks())
    for what, why in wrong.items():
        out.print(f"FAIL  {what}: {why}" if why else f"ok    {what}")
    raise typer.Exit(2 if any(wrong.values()) else 0)
