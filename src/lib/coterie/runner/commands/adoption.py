"""Work by hand becomes the study's result: `coterie adopt STUDY`."""

from typing import NamedTuple

from coterie.lake import (
    COPY,
    CURRENT,
    SCRATCH,
    STAGING,
    locked_pointer,
    read_pointer,
    write_pointer,
)
from coterie.runner.planning.staleness import described
from coterie.runner.preparation.lock import locked
from coterie.runner.publishing.lifetimes import kept_previous, note_older_audiences, sweep_stored
from coterie.study import SettingsError, Study


class Adopted(NamedTuple):
    """What adopting changed."""

    changed: list[str]  # tables, models and findings that are others now
    to_run_again: list[str]  # notebooks whose stored result this replaced


def adopt(study: Study) -> Adopted:
    """Make what was written by hand since the last run the study's result.

    What it replaced becomes `previous`. The page of a notebook must show what its tables say, so
    the next run executes the notebooks whose tables were replaced, and those that read them.

    Raises
    ------
    SettingsError
        When there is nothing to adopt, when a run is under way or stopped half-way, or when
        another run has succeeded since the work by hand began.
    """
    with locked(study, "adopting work by hand"), locked_pointer(study.lake / SCRATCH):
        current, scratch = read_pointer(study.lake / CURRENT), read_pointer(study.lake / SCRATCH)
        written = scratch["tables"] | scratch["findings"]
        if not written:
            raise SettingsError(f"{study.name}: nothing was written by hand since the last run.")
        refuse_outdated(study, current, scratch)
        note_older_audiences(study.lake, current)
        stored = current["tables"] | current["findings"]
        changed = sorted(name for name in written if stored.get(name) != written[name])
        if any(current["tables"].get(name) != file for name, file in scratch["tables"].items()):
            replaced = current | {"tables": current["tables"] | scratch["tables"]}
            current["previous"] = kept_previous(study.lake, current["tables"], replaced)
            current["replaced"] = current["run"]
        sections = {name: current[name] | scratch[name] for name in ("tables", "findings")}
        for pointer in (CURRENT, COPY):
            write_pointer(study.lake / pointer, current | sections)
        (study.lake / SCRATCH).unlink()
        sweep_stored(study.lake)
    journal = current["journal"]
    replaced = [stage for stage in journal if set(journal[stage].get("writes", ())) & set(changed)]
    return Adopted([label(name) for name in changed], sorted(replaced))


def refuse_outdated(study: Study, current: dict, scratch: dict) -> None:
    """Raise a readable `SettingsError` when a run has gone its own way meanwhile."""
    if (study.lake / STAGING).exists():
        raise SettingsError(
            f"{study.name}: a run stopped half-way; `coterie run {study.name}` ends it. "
            "Then run the notebook by hand again and adopt its result."
        )
    if scratch["run"] != current["run"]:
        raise SettingsError(
            f"{study.name}: the work by hand began from run {scratch['run'] or 'none'}, and the "
            f"study is at run {current['run']} now. Run the notebook by hand again, then adopt."
        )


def label(name: str) -> str:
    """Name what was adopted.

    >>> label("segments"), label("model:assignment"), label("findings_05")
    ('table segments', 'model assignment', 'findings 05')
    """
    kind, _, stage = name.partition("findings_")
    return described(name) if kind else f"findings {stage}"
