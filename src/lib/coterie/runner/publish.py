"""What a run publishes: nine clean notebooks, their pages, the index, findings and the manifest."""

import json
import platform
import re
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import nbformat
import pandas as pd

from coterie import disclosure
from coterie.lake import read_pointer
from coterie.reporting import pages
from coterie.reporting.safe_html import external_loads
from coterie.runner.fingerprints import injected_at, notebook_cells, package_versions
from coterie.runner.records import (
    NotebookFailed,
    findings_frame,
    link,
    look_of,
    read_findings,
    recorded_look,
    write_private,
)
from coterie.study import SECRET, STAGES, project_root

if TYPE_CHECKING:
    from coterie.runner.run import Run


@cache
def identifiers_in(vault: Path | None) -> disclosure.Identifiers:
    """Arrange every identifier in the vault for the scan; words of our own prose are nobody's name."""
    frame = pd.read_parquet(vault) if vault else pd.DataFrame({"kind": [], "identifier": []})
    prose = " ".join(source for stage in STAGES for _, source, _ in notebook_cells(stage))
    return disclosure.identifier_tokens(frame, common=set(prose.replace("_", " ").split()))


def identifiers(run: "Run") -> disclosure.Identifiers:
    """Arrange the identifiers as this run knows them."""
    file = read_pointer(run.staging)["tables"].get("vault")
    return identifiers_in(run.study.lake / file if file else None)


def write_notebook(run: "Run", stage: str, notebook: nbformat.NotebookNode) -> None:
    """Clean an executed notebook, check it, and only then write it."""
    notebook, private = pages.clean(notebook, secret_values=secret_values(run.study.blocks[stage]))
    if private:
        write_private(run.log, f"{stage}\n{private}")
    try:
        pages.check(notebook, identifiers(run))
    except disclosure.LeakError as leak:
        place = f"cell {leak.cell - (leak.cell > injected_at(stage))}" if isinstance(leak.cell, int) else leak.cell
        raise NotebookFailed(f"{stage}, {place} would show {', '.join(leak.kinds)}; nothing was published.") from None
    nbformat.write(notebook, run.folder / f"{stage}.ipynb")


def write_stage_page(run: "Run", stage: str) -> None:
    """Draw one page, or take it over where it would look the same."""
    clock = perf_counter()
    pointer = read_pointer(run.staging)
    made_in = pointer["stages"][stage]["run"]
    old = run.reports / made_in / f"{stage}.html"
    if made_in != run.id and old.exists() and recorded_look(old.parent) == look_of(run.study, pointer):
        link(old, run.folder)
    else:
        write_page(run, stage, draw(run, stage, made_in))
    run.timings[stage]["drawing"] = perf_counter() - clock


def draw(run: "Run", stage: str, made_in: str) -> str:
    """Turn a stage's notebook into HTML with links to its neighbours."""
    at, cards = STAGES.index(stage), [page_card(run, name) for name in STAGES]
    return pages.render_page(
        nbformat.read(run.folder / f"{stage}.ipynb", as_version=4),
        title=cards[at].title,
        stage=stage,
        study_title=run.study.title,
        run=made_in,
        generated_at=moment(made_in),
        previous=cards[at - 1] if at else None,
        following=cards[at + 1] if at + 1 < len(cards) else None,
    )


def page_card(run: "Run", stage: str) -> pages.Page:
    """Name a notebook's page by the title and the question in its first cell."""
    first = notebook_cells(stage)[0][1]
    title, question = (re.search(pattern, first, re.MULTILINE) for pattern in (r"^# (.+)", r"^> (.+)"))
    record = read_pointer(run.staging)["stages"].get(stage, {"run": run.id, "seconds": 0.0})
    status = "ran" if record["run"] == run.id else f"kept from {record['run']}"
    return pages.Page(
        stage, title[1] if title else stage, question[1] if question else "", f"{stage}.html", status, record["seconds"]
    )


def moment(run: str) -> datetime:
    """Read a run's id as the time it started.

    >>> moment("20261121-192233-05")
    datetime.datetime(2026, 11, 21, 19, 22, 33, tzinfo=datetime.timezone.utc)
    """
    return datetime.strptime(run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def write_page(run: "Run", name: str, html: str) -> None:
    """Scan a page, then write it."""
    if kinds := [*disclosure.find_leaks(html, identifiers(run)), *(f"a load of {url}" for url in external_loads(html))]:
        raise NotebookFailed(f"{name}.html would show {', '.join(kinds)}; nothing was published.")
    (run.folder / f"{name}.html").write_text(html, encoding="utf-8")


def finish(run: "Run") -> None:
    """Write index, findings and manifest."""
    rule, sources = (table_of(run, name) for name in ("decision_rule", "sources"))
    index = pages.render_index(
        study_title=run.study.title,
        goal=rule["goal"].iloc[0] if len(rule) else "",
        owner=rule["owner"].iloc[0] if len(rule) else "",
        findings=findings_frame(run.study, run.staging),
        stages=[page_card(run, stage) for stage in STAGES],
        freshness={f: f"{last:%Y-%m-%d}" for f, last in sources[["file", "last_at"]].dropna().itertuples(index=False)},
        run=run.id,
        generated_at=moment(run.id),
    )
    write_page(run, "index", index)
    (run.folder / "findings.json").write_text(json.dumps(read_findings(run.study, run.staging), indent=1))
    (run.folder / "manifest.json").write_text(json.dumps(manifest(run), indent=1, default=str))


def table_of(run: "Run", name: str) -> pd.DataFrame:
    """Read a small table as this run left it; empty when no notebook wrote it."""
    file = read_pointer(run.staging)["tables"].get(name)
    return pd.read_parquet(run.study.lake / file) if file else pd.DataFrame(columns=["file", "last_at"])


def secret_values(settings: dict) -> dict[str, str]:
    """Collect the settings whose names say that they are secret."""
    return {name: str(value) for name, value in settings.items() if SECRET.search(name)}


def git_state() -> dict[str, object]:
    """Name the commit the code stands at, and whether it was changed since."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=project_root(), capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain", "--untracked-files=no"))}


def manifest(run: "Run") -> dict:
    """Describe a run so that another person could repeat it."""
    pointer = read_pointer(run.staging)
    seconds = perf_counter() - run.began
    cells = sum(timing.get("cells", 0) for timing in run.timings.values())
    return {
        "study": run.study.name,
        "run": run.id,
        "started": moment(run.id).isoformat(),
        "seconds": round(seconds, 2),
        "overhead_share": round(1 - cells / seconds, 3),
        "overrides": pages.masked(dict(override.split("=", 1) for override in run.overrides)),
        "parameters": pages.masked(run.study.blocks),
        "python": platform.python_version(),
        "packages": package_versions(),
        "git": git_state(),
        "look": look_of(run.study, pointer),
        "tables": pointer["tables"],
        "stages": {
            stage: {"run": pointer["stages"][stage]["run"]}
            | {name: round(t, 3) for name, t in run.timings[stage].items()}
            for stage in STAGES
        },
    }
