"""What a run publishes: clean notebooks, their pages, the index, findings and the manifest."""

import json
import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import perf_counter

import nbformat
import pandas as pd

from coterie import disclosure
from coterie.lake import log_access, note_made, read_pointer
from coterie.reporting import cleaning, pages, roles
from coterie.reporting.safe_html import external_loads
from coterie.runner.planning.notebooks import committed_place, notebook_cells
from coterie.runner.planning.staleness import package_versions
from coterie.runner.planning.state import RunState
from coterie.runner.preparation.lock import write_private
from coterie.runner.publishing.own_words import own_words
from coterie.runner.publishing.promotion import as_records, read_findings
from coterie.runner.publishing.run_facts import freshness, goal_and_owner, stale_lists, table_file
from coterie.study import STAGES, DataError, lowered_safeguards, parse_override, project_root

NOTED = ("09_governance", "10_activation")  # pages that say which safeguards are lowered


def write_notebook(
    state: RunState, stage: str, notebook: nbformat.NotebookNode
) -> list[tuple[datetime, datetime]]:
    """Clean an executed notebook, check it, and only then write it; return when its cells ran."""
    times = cell_times(notebook)
    notebook, private = cleaning.clean(notebook, secret_values=state.secrets)
    if private:
        write_private(state.log, f"{stage}\n{private}")
    known = known_identifiers(state)
    try:
        pages.check(notebook, known)
    except disclosure.LeakError as leak:
        place = committed_place(stage, leak.cell) if isinstance(leak.cell, int) else leak.cell
        why = disclosure.LeakError(place, leak.kinds)
        said = "\n".join(cleaning.texts_in(notebook))
        raise DataError(f"{stage}, {why}{cure(state, said, leak.kinds)}") from None
    nbformat.write(notebook, state.folder / f"{stage}.ipynb")
    return times


def cell_times(notebook: nbformat.NotebookNode) -> list[tuple[datetime, datetime]]:
    """List from when to when each cell ran, as papermill noted it."""
    noted = [cell.metadata.get("papermill", {}) for cell in notebook.cells]
    return [
        (datetime.fromisoformat(cell["start_time"]), datetime.fromisoformat(cell["end_time"]))
        for cell in noted
        if cell.get("start_time") and cell.get("end_time")
    ]


def covered_seconds(times: list[tuple[datetime, datetime]]) -> float:
    """Add up the time in which at least one cell ran; two at once count once.

    >>> minutes = [datetime(2026, 7, 1, 12, minute) for minute in range(5)]
    >>> covered_seconds([(minutes[0], minutes[2]), (minutes[1], minutes[3])])
    180.0
    """
    seconds = 0.0
    end = datetime.min.replace(tzinfo=times[0][0].tzinfo) if times else None
    for start, stop in sorted(times):
        seconds += max((stop - max(start, end)).total_seconds(), 0.0)
        end = max(end, stop)
    return seconds


def known_identifiers(state: RunState) -> disclosure.Identifiers:
    """Arrange what identifies the people of a study, for the scan of its pages."""
    words = own_words(state.study)
    return identifiers_in(table_file(state, "vault"), state.folder.name, words)


@cache
def identifiers_in(vault: Path | None, run: str, words: frozenset[str]) -> disclosure.Identifiers:
    """Arrange the vault's identifiers for the scan; words of our own are nobody's name."""
    frame = pd.read_parquet(vault) if vault else pd.DataFrame({"kind": [], "identifier": []})
    if vault:
        reader = {"run": run, "stage": "page scan", "table": "vault", "rows": len(frame)}
        log_access(vault.parents[2], reader)
    return disclosure.identifier_tokens(frame, common=words)


def cure(state: RunState, text: str, kinds: Sequence[str]) -> str:
    """Say how to let a word pass that is somebody's handle; which one it is stands in the log."""
    if "handle" not in kinds:
        return ""
    found = disclosure.words_found(text, known_identifiers(state))
    write_private(state.log, f"handles on a page: {', '.join(found)}")
    return (
        f" Which words are handles stands in {state.log}: name the brand's own accounts in "
        f"02_sourcing.brands, everyday words in everyday_words of {state.study.file.name}, and "
        "rename files that are called after a person."
    )


def write_unfinished(state: RunState, failure: Exception) -> Path | None:
    """Write the page of a notebook that stopped at a sentence, as far as it came.

    Nothing is written where it may not be shown.
    """
    stage, notebook = getattr(failure, "unfinished", ("", None))
    if not notebook:
        return None
    stopped = nbformat.v4.new_markdown_cell(f"**Stopped here.** {failure}", id="stopped-here")
    notebook.cells.append(stopped)
    card = page_card(state, stage)
    try:
        write_notebook(state, stage, notebook)
        html = pages.render_page(
            nbformat.read(state.folder / f"{stage}.ipynb", as_version=4),
            title=card.title,
            stage=stage,
            study_title=state.study.title,
            run=state.id,
            generated_at=moment(state.id),
        )
        write_page(state, card.href, html, state.id)
    except DataError:
        return None
    return state.folder / card.href


def write_pages(state: RunState, stages: tuple[str, ...]) -> None:
    """Draw each notebook's page, with links to its neighbours."""
    cards = [page_card(state, stage) for stage in STAGES]
    lowered = [low.sentence for low in lowered_safeguards(state.study)]
    stale = stale_lists(state)
    neighbours = zip(stages, [None, *cards], cards, [*cards[1:], None], strict=False)
    for stage, previous, card, following in neighbours:
        made_in = read_pointer(state.staging)["stages"][stage]["run"]
        html = pages.render_page(
            nbformat.read(state.folder / f"{stage}.ipynb", as_version=4),
            title=card.title,
            stage=stage,
            study_title=state.study.title,
            run=made_in,
            generated_at=moment(made_in),
            previous=previous,
            following=following,
            lowered=lowered if stage in NOTED else (),
            stale=stale,
        )
        write_page(state, card.href, html, made_in)


def page_card(state: RunState, stage: str) -> pages.Page:
    """Name a notebook's page by the title and the question in its first cell."""
    first = notebook_cells(stage)[0][1]
    title = re.search(r"^# (.+)", first, re.MULTILINE)
    question = re.search(r"^> (.+)", first, re.MULTILINE)
    stages = read_pointer(state.staging)["stages"]
    record = stages.get(stage, {"run": state.id, "seconds": 0.0})
    return pages.Page(
        stage,
        title=title[1] if title else stage,
        question=question[1] if question else "",
        href=f"{stage}.html",
        status="ran" if record["run"] == state.id else "kept",
        seconds=record["seconds"],
    )


def moment(run: str) -> datetime:
    """Read a run's id as the time it started.

    >>> moment("20261121-192233-05")
    datetime.datetime(2026, 11, 21, 19, 22, 33, tzinfo=datetime.timezone.utc)
    """
    return datetime.strptime(run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def write_page(state: RunState, name: str, html: str, made_in: str) -> None:
    """Scan a page, then write it, or link the equal one of the run that made its notebook."""
    leaks = disclosure.find_leaks(html, known_identifiers(state))
    loads = [f"a load of {url}" for url in external_loads(html)]
    if kinds := [*leaks, *loads]:
        raise DataError(f"{name} would show {', '.join(kinds)}; nothing was published.")
    old, page = state.reports / made_in / name, state.folder / name
    if old.exists() and old.read_text(encoding="utf-8") == html:
        page.hardlink_to(old)
    else:
        page.write_text(html, encoding="utf-8")


def write_roles(state: RunState) -> list[roles.RolePage]:
    """Write one page a role: what it does with each segment, as 11 left it."""
    file = table_file(state, "stakeholders")
    if not file:
        return []
    goal, _ = goal_and_owner(state)
    cards = []
    for role, rows in pd.read_parquet(file).groupby("role", sort=False):
        card = roles.role_card(role, rows)
        note_made(state.reports, f"{state.id}/{card.href}")
        html = roles.render_role(
            card,
            rows.sort_values("segment"),
            study_title=state.study.title,
            goal=goal,
            run=state.id,
            generated_at=moment(state.id),
            lowered=[low.sentence for low in lowered_safeguards(state.study)],
            stale=stale_lists(state),
        )
        write_page(state, card.href, html, state.id)
        cards.append(card)
    return cards


def write_index(state: RunState) -> None:
    """Write the roles' pages, index, findings and manifest."""
    findings = read_findings(state.study, state.staging)
    goal, owner = goal_and_owner(state)
    html = pages.render_index(
        findings,
        study_title=state.study.title,
        goal=goal,
        owner=owner,
        stages=[page_card(state, stage) for stage in STAGES],
        freshness=freshness(state),
        lowered=[low.sentence for low in lowered_safeguards(state.study)],
        stale=stale_lists(state),
        roles=write_roles(state),
        run=state.id,
        generated_at=moment(state.id),
    )
    write_page(state, "index.html", html, state.id)
    hide = disclosure.hider(state.secrets)
    for name, content in (("findings", as_records(findings)), ("manifest", manifest(state))):
        plain = json.loads(json.dumps(content, default=str))
        text = json.dumps(cleaning.mapped(plain, hide), indent=1)
        (state.folder / f"{name}.json").write_text(text)


def manifest(state: RunState) -> dict:
    """Describe a run so that another person could repeat it."""
    pointer, seconds = read_pointer(state.staging), perf_counter() - state.began
    overrides = {
        f"{stage}.{name}": value for stage, name, value in map(parse_override, state.overrides)
    }
    return {
        "study": state.study.name,
        "run": state.id,
        "started": moment(state.id).isoformat(),
        "seconds": round(seconds, 2),
        "overhead_share": round(1 - covered_seconds(state.computed) / seconds, 3),
        "overrides": cleaning.masked(overrides),
        "parameters": cleaning.masked(state.study.blocks),
        "lowered_safeguards": [low._asdict() for low in lowered_safeguards(state.study)],
        "python": platform.python_version(),
        "packages": package_versions(),
        "git": {
            "commit": git("rev-parse", "HEAD"),
            "changed": bool(git("status", "--porcelain", "-uno")),
        },
        "tables": pointer["tables"],
        "stages": {
            stage: {"run": record["run"]} | state.timings.get(stage, {})
            for stage, record in pointer["stages"].items()
        },
    }


def git(*words: str) -> str:
    """Ask git about the project; nothing where it is no repository."""
    command = ["git", *words]
    done = subprocess.run(command, cwd=project_root(), capture_output=True, text=True, check=False)
    return done.stdout.strip()
