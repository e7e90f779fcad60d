"""What a run publishes: eleven clean notebooks, their pages, the index, findings and the manifest."""

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
from coterie.runner.fingerprints import committed_place, notebook_cells, package_versions
from coterie.runner.records import as_records, read_findings, write_private
from coterie.study import SECRET, STAGES, DataError, parse_override, project_root

if TYPE_CHECKING:
    from coterie.runner.run import Run


@cache
def identifiers_in(vault: Path | None) -> disclosure.Identifiers:
    """Arrange every identifier in the vault for the scan; words of our own prose are nobody's name."""
    frame = pd.read_parquet(vault) if vault else pd.DataFrame({"kind": [], "identifier": []})
    prose = " ".join(source for stage in STAGES for _, source, _ in notebook_cells(stage))
    return disclosure.identifier_tokens(frame, common=set(prose.replace("_", " ").split()))


def table_file(run: "Run", name: str) -> Path | None:
    """Locate a table as this run left it, if any notebook wrote it."""
    file = read_pointer(run.staging)["tables"].get(name)
    return run.study.lake / file if file else None


def write_notebook(run: "Run", stage: str, notebook: nbformat.NotebookNode) -> float:
    """Clean an executed notebook, check it, and only then write it; return the seconds its cells took."""
    seconds = sum(cell.metadata.papermill.get("duration") or 0 for cell in notebook.cells)
    secrets = {name: str(value) for name, value in run.study.blocks[stage].items() if SECRET.search(name)}
    notebook, private = pages.clean(notebook, secret_values=secrets)
    if private:
        write_private(run.log, f"{stage}\n{private}")
    try:
        pages.check(notebook, identifiers_in(table_file(run, "vault")))
    except disclosure.LeakError as leak:
        place = committed_place(stage, leak.cell) if isinstance(leak.cell, int) else leak.cell
        raise DataError(f"{stage}, {disclosure.LeakError(place, leak.kinds)}") from None
    nbformat.write(notebook, run.folder / f"{stage}.ipynb")
    return seconds


def write_pages(run: "Run", stages: tuple[str, ...]) -> None:
    """Draw each notebook's page, with links to its neighbours."""
    cards = [page_card(run, stage) for stage in STAGES]
    for stage, previous, card, following in zip(stages, [None, *cards], cards, [*cards[1:], None], strict=False):
        made_in = read_pointer(run.staging)["stages"][stage]["run"]
        notebook = nbformat.read(run.folder / f"{stage}.ipynb", as_version=4)
        facts = {"title": card.title, "stage": stage, "study_title": run.study.title, "run": made_in}
        facts |= {"generated_at": moment(made_in), "previous": previous, "following": following}
        write_page(run, card.href, pages.render_page(notebook, **facts), made_in)


def page_card(run: "Run", stage: str) -> pages.Page:
    """Name a notebook's page by the title and the question in its first cell."""
    first = notebook_cells(stage)[0][1]
    title, question = (re.search(pattern, first, re.MULTILINE) for pattern in (r"^# (.+)", r"^> (.+)"))
    record = read_pointer(run.staging)["stages"].get(stage, {"run": run.id, "seconds": 0.0})
    words = (title[1] if title else stage, question[1] if question else "", f"{stage}.html")
    return pages.Page(stage, *words, "ran" if record["run"] == run.id else "kept", record["seconds"])


def moment(run: str) -> datetime:
    """Read a run's id as the time it started.

    >>> moment("20261121-192233-05")
    datetime.datetime(2026, 11, 21, 19, 22, 33, tzinfo=datetime.timezone.utc)
    """
    return datetime.strptime(run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def write_page(run: "Run", name: str, html: str, made_in: str) -> None:
    """Scan a page, then write it, or link the equal one of the run that made its notebook."""
    leaks = disclosure.find_leaks(html, identifiers_in(table_file(run, "vault")))
    if kinds := [*leaks, *(f"a load of {url}" for url in external_loads(html))]:
        raise DataError(f"{name} would show {', '.join(kinds)}; nothing was published.")
    old, page = run.reports / made_in / name, run.folder / name
    if old.exists() and old.read_text(encoding="utf-8") == html:
        page.hardlink_to(old)
    else:
        page.write_text(html, encoding="utf-8")


def write_index(run: "Run") -> None:
    """Write index, findings and manifest."""
    rule, sources = (pd.read_parquet(f) if (f := table_file(run, t)) else None for t in ("decision_rule", "sources"))
    last_at = {} if sources is None else dict(sources[["file", "last_at"]].dropna().itertuples(index=False))
    goal, owner = ("", "") if rule is None else rule[["goal", "owner"]].iloc[0]
    findings, cards = read_findings(run.study, run.staging), [page_card(run, stage) for stage in STAGES]
    facts = {"study_title": run.study.title, "goal": goal, "owner": owner, "findings": findings, "stages": cards}
    facts |= {"freshness": {f: f"{at:%Y-%m-%d}" for f, at in last_at.items()}, "generated_at": moment(run.id)}
    write_page(run, "index.html", pages.render_index(**facts, run=run.id), run.id)
    (run.folder / "findings.json").write_text(json.dumps(as_records(findings), indent=1))
    (run.folder / "manifest.json").write_text(json.dumps(manifest(run), indent=1, default=str))


def manifest(run: "Run") -> dict:
    """Describe a run so that another person could repeat it."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=project_root(), capture_output=True, text=True, check=False)
        return done.stdout.strip()

    pointer, seconds = read_pointer(run.staging), perf_counter() - run.began
    cells = sum(timing["cells"] for timing in run.timings.values())
    return {
        "study": run.study.name,
        "run": run.id,
        "started": moment(run.id).isoformat(),
        "seconds": round(seconds, 2),
        "overhead_share": round(1 - cells / seconds, 3),
        "overrides": pages.masked(
            {f"{stage}.{name}": value for stage, name, value in map(parse_override, run.overrides)}
        ),
        "parameters": pages.masked(run.study.blocks),
        "python": platform.python_version(),
        "packages": package_versions(),
        "git": {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain", "-uno"))},
        "tables": pointer["tables"],
        "stages": {stage: {"run": r["run"]} | run.timings.get(stage, {}) for stage, r in pointer["stages"].items()},
    }
