"""The command about tests that were added up elsewhere."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from coterie.cli.app import StudyName, app, out
from coterie.lake.spreadsheets.cells import plain_cells
from coterie.study import load_study
from coterie.wording import counted

NAMED = ["experiment", "metric", "arm", "segment"]


@app.command()
def judge(
    study: StudyName,
    *,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every decision there too.")
    ] = None,
    rows: Annotated[int, typer.Option(metavar="50", help="How many decisions to print.")] = 50,
) -> None:
    """Judge the tests of which a file gives sums (`gives: sums`), without people and at once."""
    from coterie.runner.commands.judging import judge_sums  # noqa: PLC0415 - slow to import

    report, aside = judge_sums(load_study(study))
    table = Table("test", *NAMED[1:], "effect", "decision")
    for row in report.decisions.head(rows).itertuples(index=False):
        effect = f"{row.effect:+.4g} ({row.low:+.4g} to {row.high:+.4g})"
        table.add_row(*(getattr(row, name) for name in NAMED), effect, row.decision)
    out.print(table, soft_wrap=False)
    words = report.decisions["decision"].value_counts()
    said = ", ".join(f"{word} {n:,}" for word, n in words.items())
    tests, decisions = len(report.campaigns), len(report.decisions)
    out.print(f"{counted(tests, 'test')}, {counted(decisions, 'decision')}: {said}.")
    for reason, n in aside["reason"].value_counts().items():
        out.print(f"{counted(n, 'row')} set aside: {reason}.")
    if csv:
        plain_cells(report.decisions).to_csv(csv, index=False)
        out.print(f"{csv} is written.")
