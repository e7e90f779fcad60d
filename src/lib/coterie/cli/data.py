"""Commands about data: begin a study of one's own, fetch, label, delete, rename people."""

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from coterie.cli.app import StudyName, app, err, out
from coterie.study import SettingsError, load_study


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
        if found.doubtful:
            out.print(f"{'':<11} may say who must not be addressed: {', '.join(found.doubtful)}")
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
def watch(
    study: StudyName,
    *,
    inbox: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where events arrive, as .ndjson unless --mapped; else in the lake.",
        ),
    ] = None,
    lateness: Annotated[
        float, typer.Option(metavar="5", help="Minutes that late events are waited for.")
    ] = 5.0,
    every: Annotated[
        float, typer.Option(metavar="1", help="Seconds from one look to the next.")
    ] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Stop when nothing is new.")] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="At the end, decide on all that is open.")
    ] = False,
    wall_clock: Annotated[
        bool, typer.Option("--wall-clock", help="Let time go on although nothing happens.")
    ] = False,
    webhook: Annotated[
        str, typer.Option(metavar="URL", help="Send what is due there too; else nothing is sent.")
    ] = "",
    mapped: Annotated[
        bool,
        typer.Option("--mapped", help="Files are the study's own exports, read by its column map."),
    ] = False,
    spark: Annotated[
        bool, typer.Option("--spark", help="On Spark, for logs that one machine cannot hold.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was decided before.")] = False,
) -> None:
    """Apply a study's triggers to events as they arrive: each decision once, in event time."""
    from coterie.runner import streaming  # noqa: PLC0415 - slow to import

    options = streaming.Options(
        inbox=inbox,
        lateness=timedelta(minutes=lateness),
        every=every,
        once=once,
        finish=finish,
        wall_clock=wall_clock,
        webhook=webhook,
        mapped=mapped,
    )
    begin = streaming.watch_on_spark if spark else streaming.watch_study
    begin(load_study(study), options, tell=out.print, fresh=fresh)


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
def review(
    study: StudyName,
    *,
    pairs: Annotated[int, typer.Option(metavar="20", help="How many pairs to show.")] = 20,
) -> None:
    """Show pairs of accounts that may be one person; your yes or no binds from the next run on."""
    from coterie.lake import Lake  # noqa: PLC0415
    from coterie.runner.commands.reviewing import waiting_pairs  # noqa: PLC0415

    found = waiting_pairs(Lake(study))
    for line in found.lines[:pairs]:
        out.print(line, markup=False)
    out.print(
        f"{found.n_waiting} pairs wait in {found.file}. Fill in same_person with yes or no, empty "
        f"it to take an answer back, then: coterie run {study}"
    )


@app.command()
def expire(
    study: StudyName,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="Else today.")] = "",
) -> None:
    """Delete what the rules of retention forbid to keep: in tables, caches, files and pages."""
    from coterie.runner import expiry  # noqa: PLC0415 - slow to import

    out.print(expiry.expire(load_study(study), today=expiry.day(as_of)).told)


@app.command()
def forget(study: StudyName) -> None:
    """Erase people who asked: one e-mail, phone or handle a line on standard input."""
    from coterie.runner import expiry  # noqa: PLC0415 - slow to import

    out.print(expiry.forget(load_study(study), sys.stdin.read().splitlines()).told)


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


def shown(bars: Progress) -> Callable[[Sequence, str], Iterable]:
    """Show how far training is, by what it is at."""
    return lambda items, what: bars.track(items, description=what)


@app.command()
def train(
    head: Annotated[
        str,
        typer.Argument(
            metavar="HEAD",
            help="sentiment, emotion, intent, values, shared (all on one adapter) or your own.",
        ),
    ],
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the labelled texts.")],
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Folder to write the head into.")
    ] = Path("adapters"),
    start: Annotated[
        str,
        typer.Option(metavar="DIR", help="Begin from this trained head; for shared, from these."),
    ] = "",
    seed: Annotated[int, typer.Option(help="Every random choice follows from it.")] = 0,
) -> None:
    """Train a head of the language model on labelled texts, and evaluate it on held-out ones."""
    from coterie.training import train_and_store, train_shared_and_store  # noqa: PLC0415

    if head == "shared":
        with Progress(*Progress.get_default_columns(), console=err) as bars:
            cards, folder = train_shared_and_store(
                data, to=to, start=start, seed=seed, progress=shown(bars)
            )
        for name, card in cards.items():
            how = "shares the adapter" if card.adapter else "keeps its own adapter"
            score = card.evaluation["macro_f1"]
            out.print(f"{name} {how}: macro F1 {score:.3f} on held-out texts.")
        out.print(f"{folder} holds the heads, their shared adapter and their cards.")
        return
    with Progress(*Progress.get_default_columns(), console=err) as bars:
        card, folder = train_and_store(
            head, data, to=to, start=start, seed=seed, progress=shown(bars)
        )
    scores = ", ".join(f"{name} {score:.3f}" for name, score in card.evaluation.items())
    out.print(f"{folder} holds the head and its card. On held-out texts: {scores}.")
