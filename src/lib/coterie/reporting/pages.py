"""Executed notebooks as pages: searched for leaks, each whole in one file; and the index."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import jinja2
import pandas as pd
import yaml
from nbconvert.filters import markdown2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from coterie.disclosure import Identifiers, LeakError, find_leaks
from coterie.reporting.cleaning import texts_in
from coterie.reporting.safe_html import Inspector
from coterie.reporting.tables import written
from coterie.study import STAGES

WORDS = yaml.safe_load(Path(__file__).with_name("labels.yml").read_text(encoding="utf-8"))
LOADER = jinja2.PackageLoader("coterie", "reporting")
TEMPLATES = jinja2.Environment(loader=LOADER, autoescape=True, trim_blocks=True, lstrip_blocks=True)
BOX = r'<div class="box" role="region" aria-label="Table" tabindex="0">\g<0></div>'
WITHIN_REPORT = r"#|(?:\d\d_\w+|index)\.html(?:#|$)"
OWN_ID = re.compile(r"""(?<= id=")|(?<=href="#)|(?<=url\(#)""")  # where a drawing names its parts


class WordsOnly(IPythonRenderer):
    """Renders links and pictures by their words."""

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Show a link's text, with a way to it only inside the report."""
        return super().link(text, url, title) if re.match(WITHIN_REPORT, url) else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Show what a picture is called."""
        return text


class Page(NamedTuple):
    """A notebook's page, as its neighbours and the index link to it."""

    stage: str
    title: str
    question: str
    href: str
    status: str  # ran, or kept from an earlier run
    seconds: float


def check(nb: NotebookNode, identifiers: Identifiers) -> None:
    """Raise `LeakError` when a notebook shows who somebody is, or runs or loads anything."""
    for place, part in (*enumerate(nb.cells, 1), ("notebook metadata", nb.metadata)):
        # the notebook is published too, and who opens it elsewhere sees its Markdown unescaped
        page = Inspector(cell_html(part, place) + "".join(map(markdown2html, markdown_of(part))))
        kinds = find_leaks("\n".join(texts_in(part)), identifiers) + sorted(page.runs)
        if page.loads:
            kinds.append("something loaded from elsewhere")
        if kinds:
            raise LeakError(place, kinds)


def markdown_of(part: NotebookNode) -> list[str]:
    """List the Markdown of a cell: its own, and what it showed."""
    own = [part.source] if part.get("cell_type") == "markdown" else []
    shown = [output.get("data", {}).get("text/markdown", "") for output in part.get("outputs", ())]
    return own + [markdown for markdown in shown if markdown]


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
    lowered: Sequence[str] = (),
    stale: Sequence[str] = (),
) -> str:
    """Turn a cleaned notebook into one HTML page that needs no other file; code is left out."""
    return TEMPLATES.get_template("page.html.j2").render(
        title=title,
        stage=stage,
        n_stages=len(STAGES),
        study_title=study_title,
        run=run,
        generated_at=generated_at,
        parts=[cell_html(cell, number) for number, cell in enumerate(nb.cells, 1)],
        previous=previous,
        following=following,
        lowered=lowered,
        stale=stale,
    )


def cell_html(cell: NotebookNode, number: int | str) -> str:
    """Turn a cell into HTML: prose as it is, code as the richest form of what it showed."""
    template = TEMPLATES.get_template("cell.html.j2")
    return template.render(cell=cell, number=number, prose=prose, own_id=OWN_ID)


def prose(markdown: str, *, computed: bool = False) -> str:
    """Turn Markdown into HTML; the page has a title of its own, so others step down.

    HTML in it is shown as it stands. What a cell computed may hold somebody's words, so there a
    link or a picture is shown by its text alone.

    >>> prose("# Which groups?")
    '<h2 id="Which-groups?">Which groups?</h2>'
    >>> prose("<b>S1</b> [click](https://example.org)", computed=True)
    '<p>&lt;b&gt;S1&lt;/b&gt; click</p>'
    """
    renderer = (WordsOnly if computed else IPythonRenderer)(escape=True)
    html = MarkdownWithMath(renderer=renderer).render(markdown)
    html = re.sub(r'<a class="anchor-link".*?</a>', "", html)
    html = re.sub(r"<table>.*?</table>", BOX, html, flags=re.DOTALL)
    return re.sub(r"<(/?)h1\b", r"<\1h2", html).strip()


def render_index(
    findings: pd.DataFrame,
    *,
    study_title: str,
    goal: str,
    owner: str,
    stages: Sequence[Page],
    freshness: Mapping[str, str],
    run: str,
    generated_at: datetime,
    lowered: Sequence[str] = (),
    stale: Sequence[str] = (),
    roles: Sequence[NamedTuple] = (),
) -> str:
    """Turn a study's findings into the page a reader with five minutes opens first."""
    rows = in_reading_order([finding(row) for row in findings.itertuples()])
    facts = {row["name"]: row for row in reversed(rows) if row["value"] is not None}
    return TEMPLATES.get_template("index.html.j2").render(
        WORDS,
        study_title=study_title,
        goal=goal,
        owner=owner,
        rows=rows,
        facts=facts,
        stages=stages,
        freshness=freshness,
        lowered=lowered,
        stale=stale,
        roles=roles,
        run=run,
        generated_at=generated_at,
    )


def in_reading_order(rows: list[dict]) -> list[dict]:
    """Sort findings by notebook, then as labels.yml lists them, those it does not know last."""
    place = {name: number for number, name in enumerate(WORDS["labels"])}
    last = len(place)
    return sorted(rows, key=lambda row: (row["stage"], place.get(row["name"], last)))


def finding(row: NamedTuple) -> dict[str, object]:
    """Give a finding as readers see it: its label, its number and interval in their unit."""
    words = WORDS["labels"].get(row.name, {})
    value = json.loads(row.value)
    form = words.get("format", ",.0f" if isinstance(value, int) else ",.3g")
    ends = [written(end, form) for end in (row.low, row.high) if pd.notna(end)]
    return row._asdict() | {
        "value": value,
        "label": words.get("label", row.name.replace("_", " ")),
        "text": written(value, form),
        "interval": " to ".join(end.removesuffix(" points") for end in ends),
    }
