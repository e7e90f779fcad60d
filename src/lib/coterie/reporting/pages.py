"""Executed notebooks as pages: cleaned, searched for leaks, each whole in one file."""

import ast
import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path, PurePath
from typing import NamedTuple

import jinja2
import pandas as pd
import yaml
from nbconvert.filters import markdown2html, strip_ansi
from nbformat import NotebookNode

from coterie.disclosure import Identifiers, LeakError, find_leaks
from coterie.reporting.safe_html import sanitised
from coterie.study import SECRET

HERE = Path(__file__).parent
WORDS = yaml.safe_load((HERE / "labels.yml").read_text(encoding="utf-8"))
TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
MASK = "•••"
OWN_ID = re.compile(r"""(?<= id=")|(?<=href="#)|(?<=url\(#)""")
BOX = '<div class="box" role="region" aria-label="Table" tabindex="0">{}</div>'


class Page(NamedTuple):
    """A notebook's page, as its neighbours and the index link to it."""

    stage: str
    title: str
    question: str
    href: str
    status: str  # ran, or kept from an earlier run
    seconds: float


def clean(nb: NotebookNode, *, secret_values: Mapping[str, str] | None = None) -> tuple[NotebookNode, str]:
    """Take out of an executed notebook what readers must not see; return it with a private log.

    Secrets are masked, errors and stderr go to the log, machine paths and times are dropped, so
    that the same results make the same file.
    """
    nb, log = copy.deepcopy(nb), []
    nb.cells = [cell for cell in nb.cells if "papermill-error-cell-tag" not in tags(cell)]
    settings = masked(nb.metadata.get("papermill", {}).get("parameters", {}))
    kept = {key: value for key, value in nb.metadata.items() if key in ("kernelspec", "language_info")}
    nb.metadata = NotebookNode(kept | ({"papermill": {"parameters": settings}} if settings else {}))
    for number, cell in enumerate(nb.cells, 1):
        cell.metadata = NotebookNode({"tags": tags(cell)} if tags(cell) else {})
        if "injected-parameters" in tags(cell):
            cell.id, cell.source = "injected-parameters", masked_source(cell.source)
        log += [f"cell {number}: {text}" for output in cell.get("outputs", ()) if (text := private_text(output))]
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if not private_text(output)]
    secrets = [value for value in (secret_values or {}).values() if len(value) > 3]
    return mapped(nb, lambda text: hidden(text, secrets)), hidden("\n".join(log), secrets)


def tags(cell: NotebookNode) -> list[str]:
    """List a cell's tags."""
    return cell.metadata.get("tags", [])


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
    return f"…/{PurePath(value).name}" if isinstance(value, str) and PurePath(value).is_absolute() else value


def masked_source(source: str) -> str:
    """Rewrite the cell that papermill adds, with its values masked."""
    settings = {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(source).body}
    return "\n".join(["# Parameters", *(f"{name} = {value!r}" for name, value in masked(settings).items())])


def private_text(output: NotebookNode) -> str:
    """Give the traceback or stderr of an output; nothing when readers may see it."""
    if output.output_type == "error":
        return strip_ansi("\n".join(output.traceback) or f"{output.ename}: {output.evalue}")
    return strip_ansi(output.text) if output.output_type == "stream" and output.name == "stderr" else ""


def hidden(text: str, secrets: Sequence[str]) -> str:
    """Mask known secret values, and drop memory addresses, which differ from run to run."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return re.sub(r" at 0x[0-9a-f]{6,}", "", text)


def mapped(value: object, change: Callable[[str], str]) -> object:
    """Apply a change to every string of a nested value, keys included."""
    if isinstance(value, dict):
        return NotebookNode({change(key): mapped(item, change) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return [mapped(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def check(nb: NotebookNode, identifiers: Identifiers) -> None:
    """Raise `LeakError`, naming cell and kinds, when anything in a notebook identifies a person."""
    for place, part in (*enumerate(nb.cells, 1), ("notebook metadata", nb.metadata)):
        texts = []
        mapped(part, lambda text, texts=texts: texts.append(text) or text)
        if kinds := find_leaks("\n".join(texts), identifiers):
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
    code: bool = False,
) -> str:
    """Turn a cleaned notebook into one HTML page that needs nothing beside it."""
    facts = {"title": title, "stage": stage, "study_title": study_title, "run": run, "generated_at": generated_at}
    parts = list(blocks(nb, code=code))
    return TEMPLATES.get_template("page.html.j2").render(facts, parts=parts, previous=previous, following=following)


def blocks(nb: NotebookNode, *, code: bool) -> Iterator[str]:
    """Give a notebook's prose and outputs as HTML, in order."""
    for number, cell in enumerate(nb.cells, 1):
        if cell.cell_type == "markdown":
            yield prose(re.sub(r"\A\s*# .*", "", cell.source) if number == 1 else cell.source)
        elif cell.cell_type == "code":
            if code and cell.source:
                yield f"<details><summary>Code</summary><pre>{escape(cell.source)}</pre></details>"
            for order, output in enumerate(cell.outputs):
                yield shown(output, prefix=f"c{number}-{order}-")


def prose(markdown: str) -> str:
    """Turn Markdown into HTML; the page has a title of its own, so others step down.

    >>> prose("# Which groups?")
    '<h2 id="Which-groups?">Which groups?</h2>'
    """
    html = re.sub(r'<a class="anchor-link".*?</a>', "", markdown2html(markdown))
    html = re.sub(r"<table>.*?</table>", lambda table: BOX.format(table[0]), html, flags=re.DOTALL)
    return sanitised(re.sub(r"<(/?)h1\b", r"<\1h2", html)).strip()


def shown(output: NotebookNode, *, prefix: str) -> str:
    """Give the richest form of an output as HTML; `prefix` keeps a drawing's ids its own."""
    data = output.get("data", {"text/plain": output.get("text", "")})
    plain = escape(data.get("text/plain", ""))
    if svg := data.get("image/svg+xml"):
        return f"<figure>{sanitised(OWN_ID.sub(prefix, svg))}</figure>"
    if html := data.get("text/html"):
        return BOX.format(sanitised(html))
    if markdown := data.get("text/markdown"):
        return prose(markdown)
    if png := data.get("image/png"):
        return f'<figure><img alt="{plain}" src="data:image/png;base64,{png.strip()}"></figure>'
    return f"<pre>{plain}</pre>" if plain.strip() else ""


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
    rows = [finding(row) for row in findings.sort_values("stage", kind="stable").itertuples()]
    facts = {row["name"]: row for row in rows if row["value"] is not None}
    return TEMPLATES.get_template("index.html.j2").render(
        {
            "study_title": study_title,
            "goal": goal,
            "owner": owner,
            "stages": stages,
            "freshness": freshness,
            "run": run,
        },
        generated_at=generated_at,
        rows=rows,
        pages={page.stage[:2]: page for page in stages},
        facts=facts,
        headline=[facts[name] for name in WORDS["headline"] if name in facts],
        grades=WORDS["grades"],
    )


def finding(row: NamedTuple) -> dict:
    """Give a finding as readers see it: its label, its number and interval in their unit."""
    words = WORDS["labels"].get(row.name, {})
    value, form = json.loads(row.value), words.get("format")
    ends = [written(end, form).removesuffix(" points") for end in (row.low, row.high) if pd.notna(end)]
    label = words.get("label", row.name.replace("_", " "))
    seen = {"name": row.name, "label": label, "stage": row.stage, "value": value, "evidence": row.evidence}
    return seen | {"text": written(value, form), "interval": " to ".join(ends)}


def written(value: object, form: str | None) -> str:
    """Write a value in its format; words stay words, nothing is a dash.

    >>> written(0.0312, "points"), written(1234, ",.0f"), written(None, None), written("no groups", ",.0f")
    ('+3.1 points', '1,234', '—', 'no groups')
    """
    if value is None or isinstance(value, bool):
        return {None: "—", True: "yes", False: "no"}[value]
    if isinstance(value, str | list | dict):
        return str(value)
    if form == "points":
        return f"{100 * value:+.1f} points"
    return format(value, form or (",d" if isinstance(value, int) else ",.3g"))
