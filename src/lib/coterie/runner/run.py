"""One run of a study: each notebook in order, unchanged ones kept, nothing half published."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coterie.disclosure import hider
from coterie.lake import made_folder, note_made, read_pointer, write_pointer
from coterie.runner.planning.staleness import pages_key
from coterie.runner.planning.state import RunState, begin, reports_of
from coterie.runner.preparation.leftovers import remove_leftovers
from coterie.runner.preparation.lock import hide_in_log, locked, new_run_id, write_private
from coterie.runner.preparation.soundness import lost_tables, refuse_damaged
from coterie.runner.preparation.worlds import plant_world
from coterie.runner.publishing.lifetimes import PUBLISHED, sweep
from coterie.runner.publishing.promotion import point_latest, refuse_foreign_latest
from coterie.study import STAGES, DataError, SettingsError, load_study, stage_of


def run_study(
    name: str,
    *,
    overrides: tuple[str, ...] = (),
    start: str = "",
    only: str = "",
    until: str = "",
    fresh: bool = False,
    watch: object,
) -> Path:
    """Run a study's notebooks where something changed, and return the page to read.

    `watch` hears how it goes, like `coterie.runner.running.watch.Watch`.

    Raises
    ------
    SettingsError
        When a setting is wrong, or the study is being run already.
    DataError
        When a notebook fails.
    """
    study = load_study(name, overrides)
    if start and only:
        raise SettingsError("Give --from or --only, not both: one runs on, the other stops there.")
    start = stage_of(start) if start else ""
    only = stage_of(only) if only else ""
    last_stage = only or (stage_of(until) if until else STAGES[-1])
    run = new_run_id(reports_of(study))
    with locked(study, f"run {run}"):
        refuse_foreign_latest(reports_of(study))
        remove_leftovers(study.lake)
        plant_world(study)
        state = begin(study, run, overrides)
        hide_in_old_logs(state)
        pointer = starting_point(state, start=start, only=only, fresh=fresh)
        for table in pointer["lost"]:
            watch.say(
                f"Table {table} of the last run is gone or damaged: nothing is compared with it."
            )
        last = state.reports / (pointer["run"] or "none")
        if is_finished(state, pointer, last):
            point_latest(last)
            for line in sweep(study, state.reports):
                watch.say(line)
            watch.say(f"Nothing changed since {last.name}.")
            return last / "index.html"
        write_pointer(state.staging, pointer)
        made_folder(state.reports)
        note_made(state.reports, *(f"{run}/{name}" for name in PUBLISHED))
        made_folder(state.folder)
        write_private(state.log, f"run {run}")
        with secrets_hidden(state):
            from coterie.runner.running.execution import execute  # noqa: PLC0415 - slow to import

            return execute(state, until=last_stage, watch=watch)


@contextmanager
def secrets_hidden(state: RunState) -> Iterator[None]:
    """Mask the study's secrets in what a run says when it fails, and in its log."""
    hide = hider(state.secrets)
    try:
        yield
    except (SettingsError, DataError) as error:
        raise type(error)(hide(str(error))) from None
    except Exception as error:  # a fault of ours may not come again when somebody looks for it
        write_private(state.log, traceback.format_exc())
        error.log = state.log
        raise
    finally:
        hide_in_log(state.log, hide)


def hide_in_old_logs(state: RunState) -> None:
    """Mask the study's secrets in the logs of runs that were killed before they could."""
    hide = hider(state.secrets)
    for log in state.reports.glob("*/private.log"):
        if not (log.parent / "manifest.json").exists():
            hide_in_log(log, hide)


def starting_point(state: RunState, *, start: str, only: str, fresh: bool) -> dict:
    """Take up an unfinished run or the last good one, and forget the results to be made again."""
    unfinished = state.staging.exists()
    pointer = read_pointer(state.staging if unfinished else state.current)
    first = start or only or STAGES[0]
    for stage in STAGES[: STAGES.index(first)]:
        if reason := state.why_stale(stage, pointer):
            raise SettingsError(
                f"{first} needs {stage} first, but: {reason}. Run without --from and --only."
            )
    all_after = bool(start) or (fresh and not only)
    again = STAGES[STAGES.index(first) :] if all_after else (only,)
    kept = {stage: record for stage, record in pointer["stages"].items() if stage not in again}
    refuse_damaged(state.study, pointer, kept)
    lost = lost_tables(state.study.lake, read_pointer(state.current))
    return pointer | {"stages": kept, "attempt": state.id, "lost": lost}


def is_finished(state: RunState, pointer: dict, last: Path) -> bool:
    """Say whether the last run's pages stand, and nothing that they rest on changed."""
    if state.staging.exists() or not (last / "index.html").exists():
        return False
    if pointer["pages"] != pages_key():
        return False
    return not any(state.why_stale(stage, pointer) for stage in STAGES)
