"""Executed notebooks as pages: cleaned, searched for leaks, each whole in one file."""

import copy
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePath
from typing import NamedTuple

import jinja2
import pandas as pd
import yaml
from nbconvert.filters import markdown2html, strip_ansi
from nbformat import NotebookNode

from coterie.disclosure import Identifiers, LeakError, find_leaks
from coterie.reporting.safe_html import Inspector
from coterie.reporting.tables import Words, written
from coterie.study import SECRET

WORDS = yaml.safe_load(Path(__file__).with_name("labels.yml").read_text(encoding="utf-8"))
LOADER = jinja2.PackageLoader("coterie", "reporting")
TEMPLATES = jinja2.Environment(loader=LOADER, autoescape=True, trim_blocks=True, lstrip_blocks=True)
BOX = r'<div class="box" role="region" aria-label="Table" tabindex="0">\g<0></div>'
MASK = "•••"
OWN_ID = re.compile(r"""(?<= id=")|(?<=href="#)|(?<=url\(#)""")  # where a drawing names its parts
ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}")  # of an object, another one in every run


class Page(NamedTuple):
    """A notebook's page, as its neighbours and the index link to it."""

    stage: str
    title: str
    question: str
    href: str
    status: str  # ran, or kept from an earlier run
    seconds: float


def clean(nb: NotebookNode, *, secret_values: Words | None = None) -> tuple[NotebookNode, str]:
    """Take secrets, errors, machine paths and times out of an executed notebook; return it with a private log."""
    nb, log = copy.deepcopy(nb), []
    nb.cells = [
        cell for cell in nb.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])
    ]
    settings = masked(nb.metadata.get("papermill", {}).get("parameters", {}))
    kept = {
        key: value for key, value in nb.metadata.items() if key in ("kernelspec", "language_info")
    }
    nb.metadata = NotebookNode(kept, papermill={"parameters": settings})
    for number, cell in enumerate(nb.cells, 1):
        cell.metadata = NotebookNode(
            {key: value for key, value in cell.metadata.items() if key == "tags"}
        )
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
            cell.source = "\n".join(
                ["# Parameters", *(f"{name} = {value!r}" for name, value in settings.items())]
            )
        private = [
            each
            for each in cell.get("outputs", ())
            if "traceback" in each or each.get("name") == "stderr"
        ]
        told = (each.get("text") or "\n".join(each.traceback) or each.ename for each in private)
        log += [f"cell {number}: {strip_ansi(text)}" for text in told]
        if private:
            cell.outputs = [output for output in cell.outputs if output not in private]
    secrets = sorted(
        (value for value in (secret_values or {}).values() if len(value) > 3), key=len, reverse=True
    )

    def hidden(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, MASK)
        return ADDRESS.sub("", text)

    return mapped(nb, hidden), hidden("\n".join(log))


def masked(value: object, name: str = "") -> object:
    """Hide a setting whose name says that it is secret, and the folders above an absolute path.

    >>> masked({"api_key": "abc", "source": "/home/ana/inbox", "seed": 7})
    {'api_key': '•••', 'source': '…/inbox', 'seed': 7}
    """
    if isinstance(value, dict):
        return {key: masked(item, key) for key, item in value.items()}
    if value and SECRET.search(name):
        return MASK
    if isinstance(value, list):
        return [masked(item, name) for item in value]
    return (
        f"…/{PurePath(value).name}"
        if isinstance(value, str) and PurePath(value).is_absolute()
        else value
    )


def mapped(value: object, change: Callable[[str], str]) -> object:
    """Apply a change to every string of a nested value, keys included."""
    if isinstance(value, dict):
        return NotebookNode({change(key): mapped(item, change) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return [mapped(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def check(nb: NotebookNode, identifiers: Identifiers) -> None:
    """Raise `LeakError`, naming cell and kinds, when a notebook shows who somebody is, or runs or loads anything."""
    for place, part in (*enumerate(nb.cells, 1), ("notebook metadata", nb.metadata)):
        texts, page = [], Inspector(cell_html(part, place))
        mapped(part, lambda text, texts=texts: texts.append(text) or text)
        kinds = find_leaks("\n".join(texts), identifiers) + sorted(page.runs)
        if kinds := kinds + ["something loaded from elsewhere"] * bool(page.loads):
            raise LeakError(place, kinds)


def render_page(
    nb: NotebookNode,
    *,
    title: str,
    stage: str,
    study_title: str,
    run: str,
    generated_at: datetime,
    previous: Page | None = None,
    following: Page | None = None,
) -> str:
    """Turn a cleaned notebook into one HTML page that needs nothing beside it; the code stays in the notebook."""
    facts = {
        "title": title,
        "stage": stage,
        "study_title": study_title,
        "run": run,
        "generated_at": generated_at,
    }
    parts = [cell_html(cell, number) for number, cell in enumerate(nb.cells, 1)]
    return TEMPLATES.get_template("page.html.j2").render(
        facts, parts=parts, previous=previous, following=following
    )


def cell_html(cell: NotebookNode, number: int | str) -> str:
    """Turn a cell into HTML: prose as it is, code as the richest form of what it showed."""
    return TEMPLATES.get_template("cell.html.j2").render(
        cell=cell, number=number, prose=prose, own_id=OWN_ID
    )


def prose(markdown: str) -> str:
    """Turn Markdown into HTML; the page has a title of its own, so others step down.

    >>> prose("# Which groups?")
    '<h2 id="Which-groups?">Which groups?</h2>'
    """
    html = re.sub(r'<a class="anchor-link".*?</a>', "", markdown2html(markdown))
    html = re.sub(r"<table>.*?</table>", BOX, html, flags=re.DOTALL)
    return re.sub(r"<(/?)h1\b", r"<\1h2", html).strip()


def render_index(
    *,
    study_title: str,
    goal: str,
    owner: str,
    findings: pd.DataFrame,
    stages: Sequence[Page],
    freshness: Mapping[str, str],
    run: str,
    generated_at: datetime,
) -> str:
    """Turn a study's findings into the page a reader with five minutes opens first."""
    order = {name: place for place, name in enumerate(WORDS["labels"])}
    rows = sorted(
        map(finding, findings.itertuples()),
        key=lambda row: (row["stage"], order.get(row["name"], 99)),
    )
    facts = {row["name"]: row for row in reversed(rows) if row["value"] is not None}
    about = {
        "study_title": study_title,
        "goal": goal,
        "owner": owner,
        "run": run,
        "generated_at": generated_at,
    }
    about |= {"stages": stages, "freshness": freshness, "rows": rows, "facts": facts}
    return TEMPLATES.get_template("index.html.j2").render(about | WORDS)


def finding(row: NamedTuple) -> dict[str, object]:
    """Give a finding as readers see it: its label, its number and interval in their unit."""
    words, value = WORDS["labels"].get(row.name, {}), json.loads(row.value)
    form = words.get("format", ",.0f" if isinstance(value, int) else ",.3g")
    ends = [
        written(end, form).removesuffix(" points") for end in (row.low, row.high) if pd.notna(end)
    ]
    label = words.get("label", row.name.replace("_", " "))
    return row._asdict() | {
        "value": value,
        "label": label,
        "text": written(value, form),
        "interval": " to ".join(ends),
    }
