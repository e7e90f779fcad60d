"""The notebooks of a run: stale ones executed, others kept, everything published at once."""

from functools import partial
from itertools import islice
from pathlib import Path

import nbformat

from coterie.lake import edited_pointer, file_digest, progress_file, read_pointer
from coterie.runner.planning.notebooks import notebook_cells
from coterie.runner.planning.staleness import pages_key
from coterie.runner.planning.state import RunState
from coterie.runner.preparation.soundness import refuse_damaged
from coterie.runner.publishing import publish
from coterie.runner.publishing.promotion import promote
from coterie.runner.running.kernels import WarmKernels
from coterie.runner.running.schedule import Schedule
from coterie.study import STAGES, DataError, SettingsError, project_root


def execute(state: RunState, *, until: str, watch: object) -> Path:
    """Run what is stale up to a notebook; publish when nothing is left; return the page to read."""
    stages = STAGES[: STAGES.index(until) + 1]
    with (
        WarmKernels(log=state.log, environment=partial(environment, state)) as kernels,
        Schedule(kernels, stages=stages) as schedule,
    ):
        run_stages(state, stages, schedule, watch)
    if left := [stage for stage in STAGES if state.why_stale(stage)]:
        publish.write_pages(state, stages)
        rest = f"`coterie run {state.study.name}` runs them, then publishes."
        watch.say(f"Now out of date: {', '.join(left)}; {rest}")
        return state.folder / f"{until}.html"
    for stage in STAGES[len(stages) :]:
        keep_stage(state, stage, watch)
    publish.write_pages(state, STAGES)
    publish.write_index(state)
    with edited_pointer(state.staging) as pointer:
        pointer["pages"] = pages_key()
    refuse_damaged(state.study, pointer, pointer["stages"])
    for line in promote(state.study, state.folder):
        watch.say(line)
    return state.folder / "index.html"


def environment(state: RunState, stage: str) -> dict[str, str]:
    """Tell a notebook's kernel which run it belongs to."""
    return {
        "COTERIE_HOME": str(project_root()),
        "COTERIE_POINTER": str(state.staging),
        "COTERIE_PROGRESS": str(progress_file(state.study.lake, stage)),
        "COTERIE_RUN": state.id,
        "COTERIE_STAGE": stage,
    }


def run_stages(state: RunState, stages: tuple[str, ...], schedule: Schedule, watch: object) -> None:
    """Go through the notebooks in order: start the stale ones, two at once, and keep the others."""
    for stage in stages:
        while schedule.running and (schedule.is_full or not state.must_run(stage)):
            finish_stage(state, schedule, watch)
        if state.why_stale(stage):
            start_stage(state, stage, stages, schedule, watch)
        else:
            keep_stage(state, stage, watch)
            schedule.release(stage)
    while schedule.running:
        finish_stage(state, schedule, watch)


def start_stage(
    state: RunState, stage: str, stages: tuple[str, ...], schedule: Schedule, watch: object
) -> None:
    """Begin with one notebook, and start the kernel of the next one."""
    forget_results(state, stage)
    later = stages[stages.index(stage) + 1 :]
    watch.stage(stage, len(notebook_cells(stage)), seconds_left(state, (stage, *later)))
    schedule.kernels.prepare(stage)
    schedule.start(stage, state.study.blocks[stage], on_cell=watch.cell)
    # the readers of what this one writes are stale by now, so that the next kernel is the right one
    following = (other for other in later if state.why_stale(other))
    for other in islice(following, 1):
        schedule.kernels.prepare(other)


def finish_stage(state: RunState, schedule: Schedule, watch: object) -> None:
    """Wait for a notebook to end, and let its result count only once it is written."""
    try:
        stage, notebook, seconds = schedule.next_ended()
    except (SettingsError, DataError) as failure:
        if page := publish.write_unfinished(state, failure):
            watch.say(f"What it showed before it stopped: {page}")
        raise
    state.timings[stage] = {"seconds": round(seconds, 2)}
    state.computed.extend(publish.write_notebook(state, stage, notebook))
    page = file_digest(state.folder / f"{stage}.ipynb")
    record = {"key": state.keys[stage], "run": state.id, "executed": page}
    with edited_pointer(state.staging) as pointer:
        pointer["stages"][stage] = record | state.timings[stage]
    schedule.release(stage)
    watch.done(stage, f"{seconds:.1f} s")


def forget_results(state: RunState, stage: str) -> None:
    """Take what a notebook wrote before out of the unfinished run."""
    with edited_pointer(state.staging) as pointer:
        pointer["stages"].pop(stage, None)
        for name in pointer["journal"].pop(stage, {}).get("writes", ()):
            pointer["tables"].pop(name, None)
            pointer["findings"].pop(name, None)


def seconds_left(state: RunState, stages: tuple[str, ...]) -> float:
    """Add up how long notebooks took the last time; 0 when it is not known of each."""
    last = read_pointer(state.current)["stages"]
    if not all(stage in last for stage in STAGES):
        return 0.0
    return sum(last[stage]["seconds"] for stage in stages)


def keep_stage(state: RunState, stage: str, watch: object) -> None:
    """Take an unchanged notebook over from the run that executed it.

    It is cleaned and checked again when the code that does so has changed since.
    """
    pointer = read_pointer(state.staging)
    made_in = pointer["stages"][stage]["run"]
    executed = state.reports / made_in / f"{stage}.ipynb"
    if pointer["pages"] == pages_key():
        (state.folder / f"{stage}.ipynb").hardlink_to(executed)
    else:
        publish.write_notebook(state, stage, nbformat.read(executed, as_version=4))
    watch.done(stage, f"kept, unchanged since {made_in}")
