"""Pages are whole in one file, quiet about people, and show what a notebook found."""

import ast
import json
import re
from datetime import datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import great_tables
import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from coterie.disclosure import LeakError, find_leaks, identifier_tokens
from coterie.reporting import tables
from coterie.reporting.cleaning import clean
from coterie.reporting.pages import WORDS, Page, check, render_index, render_page
from coterie.reporting.safe_html import Inspector, external_loads
from coterie.segments.selection.verdict import SENTENCES
from coterie.study import STAGES

NOW = datetime(2026, 7, 1, 6, 30)
KNOWN = identifier_tokens(
    pd.DataFrame({"kind": ["email", "handle"], "identifier": ["zoe@mail.example", "zoe_canary"]})
)
SVG = (
    '<svg role="img" aria-label="S1 orders most often" width="400pt" height="120pt" '
    'viewBox="0 0 400 120">'
    "<title>S1 orders most often</title>"
    '<defs><clipPath id="clip"><rect width="400" height="120"/></clipPath></defs>'
    '<g id="axes_1"><path d="M 10 10 L 300 10" style="stroke:#2f5d8a;stroke-width:12" '
    'clip-path="url(#clip)"/>'
    '<path d="M 10 50 L 210 50" style="stroke:#c8553d;stroke-width:12"/>'
    '<text x="10" y="100">orders</text></g></svg>'
)


def shows(html=None, **data):
    data = (
        {"text/html": html}
        if html
        else {name.replace("_", "/", 1): value for name, value in data.items()}
    )
    return new_output("display_data", data={"text/plain": "<object at 0x7f00deadbeef>", **data})


def executed():
    """A small executed notebook with everything that must not get out."""
    frame = pd.DataFrame({"segment": ["S1", "S2"], "people": [410, 377]})
    table = (
        great_tables.GT(frame, id="sizes").tab_header("Two segments hold most people").as_raw_html()
    )
    cells = [
        new_markdown_cell(
            "# Segments\n\n> Which groups of people are there, and would we find them again?"
        ),
        new_markdown_cell(
            "We look for groups. *Reads* behaviour. *Writes* segments. See [Hennig](https://doi.example/1)."
        ),
        new_code_cell(
            "seed: int = 0  # every random choice follows from it",
            metadata={"tags": ["parameters"]},
        ),
        new_code_cell(
            "# Parameters\napi_key = 'hunter2hunter2'\nsource = '/home/zoe/inbox'\nseed = 7\n",
            metadata={
                "tags": ["injected-parameters"],
                "papermill": {"start_time": "2026-07-01T06:00:00"},
            },
        ),
        new_markdown_cell(
            "## Two groups survive a resample\n\n| k | kept |\n|---|---|\n| 2 | yes |"
        ),
        new_code_cell(
            "figures.bars(...)",
            outputs=[shows(**{"image_svg+xml": SVG})],
            metadata={"execution": {"at": "now"}},
        ),
        new_code_cell("tables.table(...)", outputs=[shows(table)]),
        new_markdown_cell("### What it shows\n\nThe groups differ most in how often they order."),
        new_code_cell("frame", outputs=[shows(frame.to_html())]),
        new_code_cell(
            "print('key', key)",
            outputs=[
                new_output("stream", name="stdout", text="key hunter2hunter2\n"),
                new_output("stream", name="stderr", text="warning: slow disk\n"),
                new_output(
                    "error",
                    ename="KeyError",
                    evalue="'zoe'",
                    traceback=["\x1b[31mTraceback\x1b[0m of KeyError"],
                ),
            ],
        ),
    ]
    papermill = {
        "parameters": {"api_key": "hunter2hunter2", "source": "/home/zoe/inbox", "seed": 7},
        "input_path": "/home/zoe/05.ipynb",
        "start_time": "2026-07-01T06:00:00",
    }
    return new_notebook(
        cells=cells, metadata={"papermill": papermill, "language_info": {"name": "python"}}
    )


def page(nb=None, **options):
    neighbours = [
        Page(stage, stage[3:].title(), "why?", f"{stage}.html", "ran", 3.0) for stage in STAGES
    ]
    facts = {
        "title": "Segments",
        "stage": "05_segments",
        "study_title": "Brightside",
        "run": "20260701T063000",
    }
    facts |= {"generated_at": NOW, "previous": neighbours[3], "following": neighbours[5]}
    return render_page(
        nb or clean(executed(), secret_values=["hunter2hunter2"])[0], **facts | options
    )


def index(**options):
    rows = [
        ("02", "rows_read", 61230, None, None, "D"),
        ("02", "n_people", 2876, None, None, "D"),
        ("05", "n_segments", 4, None, None, "C"),
        ("05", "stability_low", 0.81, 0.77, 0.86, "C"),
        ("05", "verdict", "segments", None, None, "C"),
        ("08", "srm_pvalue", 0.41, None, None, "A"),
        ("08", "lift", 0.031, 0.012, 0.05, "A"),
        ("09", "n_cleared", 3, None, None, "D"),
        ("10", "n_exported", 1310, None, None, "D"),
        ("10", "n_suppressed", 422, None, None, "D"),
        ("11", "a_new_one", None, None, None, "D"),
        ("11", "another_one", 12345, 12000.0, 12800.5, "D"),
    ]
    findings = pd.DataFrame(rows, columns=["stage", "name", "value", "low", "high", "evidence"])
    findings["value"] = [json.dumps(row[2]) for row in rows]
    stages = [
        Page(
            stage,
            stage[3:].title(),
            "Would we find them again?",
            f"{stage}.html",
            "ran" if n > 3 else "kept",
            4.2,
        )
        for n, stage in enumerate(STAGES)
    ]
    facts = {
        "study_title": "Brightside, spring",
        "goal": "Who answers to the spring offer?",
        "owner": "Head of CRM",
    }
    facts |= {"findings": findings, "stages": stages, "run": "20260701T063000", "generated_at": NOW}
    return render_index(
        **facts
        | {"freshness": {"Data as of": "1 July 2026", "Run at": "1 July 2026, 06:30 UTC"}}
        | options
    )


def tags(html):
    """Every start tag with its attributes, as a browser would read them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))
    parser.feed(html)
    return found


def test_secrets_paths_and_times_leave_no_trace_in_a_cleaned_notebook():
    nb, log = clean(executed(), secret_values=["hunter2hunter2"])
    text = nbformat.writes(nb)
    for trace in ("hunter2", "/home", "06:00:00", "0x7f", "slow disk", "KeyError", "input_path"):
        assert trace not in text
    assert "api_key = '•••'\nsource = '…/inbox'\nseed = 7" in nb.cells[3].source
    assert "cell 10: warning: slow disk" in log
    assert "cell 10: Traceback of KeyError" in log


def test_two_runs_of_the_same_notebook_clean_to_the_same_file():
    first, second = executed(), executed()
    for one, other in zip(first.cells, second.cells, strict=True):
        other.id = one.id if "injected-parameters" not in one.metadata.get("tags", ()) else other.id
        other.metadata["papermill"] = {"duration": 1.0}
    assert clean(first)[0] == clean(second)[0]
    assert executed().metadata.papermill.start_time  # the executed notebook itself is left alone


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("cell 2", lambda nb: nb.cells[1].update(source="as @zoe_canary said")),
        (
            "cell 6",
            lambda nb: (
                nb.cells[5]
                .outputs[0]
                .data.update({"image/svg+xml": SVG.replace("S1 orders", "zoe_canary")})
            ),
        ),
        (
            "cell 7",
            lambda nb: nb.cells[6].outputs[0].data.update({"text/plain": "zoe@mail.example"}),
        ),
        ("cell 3", lambda nb: nb.cells[2].metadata.update(note="zoe_canary")),
        ("notebook metadata", lambda nb: nb.metadata.update(author="zoe@mail.example")),
    ],
)
def test_a_leak_anywhere_in_a_notebook_names_the_cell_and_never_the_value(place, change):
    nb = clean(executed(), secret_values=["hunter2hunter2"])[0]
    check(nb, KNOWN)
    change(nb)
    with pytest.raises(LeakError, match=f"^{place} would show") as caught:
        check(nb, KNOWN)
    assert "zoe" not in str(caught.value)


@pytest.mark.parametrize("html", [page(), index()], ids=["page", "index"])
def test_a_page_loads_nothing_runs_nothing_and_forbids_both(html):
    assert external_loads(html) == []
    assert not {"script", "iframe", "object", "link", "base"} & {tag for tag, _ in tags(html)}
    assert not [name for _, attrs in tags(html) for name in attrs if name.startswith("on")]
    policy = next(
        attrs["content"]
        for tag, attrs in tags(html)
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert find_leaks(html, KNOWN) == []


@pytest.mark.parametrize("html", [page(), index()], ids=["page", "index"])
def test_a_page_can_be_read_by_everybody(html):
    found = tags(html)
    assert ("html", {"lang": "en"}) in found
    levels = [int(tag[1]) for tag, _ in found if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert ("a", {"class": "skip", "href": "#main"}) in found
    assert all(
        attrs.get("role") == "img" and attrs.get("aria-label")
        for tag, attrs in found
        if tag == "svg"
    )
    assert all("alt" in attrs for tag, attrs in found if tag == "img")
    ids = [attrs["id"] for _, attrs in found if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {
        attrs["href"][1:] for tag, attrs in found if tag == "a" and attrs["href"].startswith("#")
    } <= set(ids)


def test_a_page_shows_the_richest_form_and_no_code():
    html = page()
    assert html.count("<svg") == 1
    assert "object at" not in html
    assert "figures.bars" not in html
    assert "Two segments hold most people" in html
    assert 'clip-path="url(#c6-0-clip)"' in html
    assert "<pre>key •••\n</pre>" in html


def test_a_figure_without_a_drawing_is_told_in_words():
    cell = new_code_cell("plt.show()", outputs=[shows(**{"image_png": "AAAA"})])
    assert "data:image" not in page(new_notebook(cells=[cell]))


def test_a_page_links_to_the_index_and_its_neighbours_by_relative_addresses():
    links = {attrs["href"] for tag, attrs in tags(page()) if tag == "a"}
    assert {"index.html", "04_psychographics.html", "06_scores.html"} <= links
    assert 'class="turn"' in page(previous=None, following=None)


def test_the_index_answers_with_interval_and_evidence():
    text = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", "", index(), flags=re.DOTALL))
    assert "4 groups of people were found among 2,876" in text
    assert "the campaign changed the outcome by +3.1 points (95 % interval +1.2 to +5.0) A." in text
    assert "1,310 people are ready for activation, 422 are held back" in text
    assert "a new one—" in text
    assert "another one12,34512,000 to 12,800" in text
    assert "Objectives, Sourcing, Features, Psychographics" in text


def lead(**findings):
    """The opening sentences of an index with these findings alone."""
    rows = [("08", name, json.dumps(value), None, None, "A") for name, value in findings.items()]
    html = index(
        findings=pd.DataFrame(rows, columns=["stage", "name", "value", "low", "high", "evidence"])
    )
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]*>", "", html.split("<section")[1].split("</section>")[0])
    )


def test_a_hurried_reader_sees_the_decision_first():
    text = lead(decision="do not act", lift=0.044, minimum_lift=0.1, pre_registered=True)
    assert "Do not act: a lift large enough to matter can be ruled out." in text
    assert (
        "The smallest lift worth acting on is +10.0 points. It was fixed before the campaign began."
        in text
    )
    assert "lies below it" not in text
    named = lead(
        decision="do not act", n_segments_to_act_on=2, segments_to_act_on="S3 Fitness; S5 Food"
    )
    assert "Act in 2 segments: S3 Fitness; S5 Food. There the lift is beyond chance" in named
    assert "For everyone: do not act; a lift large enough to matter can be ruled out." in named
    assert "Act in 1 segment." in lead(n_segments_to_act_on=1)
    many = lead(n_segments_to_act_on=7, segments_to_act_on="; ".join(f"S{n}" for n in range(7)))
    assert "Act in 7 groups of people and messages, among them S0; S1; S2." in many
    assert "suggestion for the next experiment" in lead(
        decision="act", lift=0.1, pre_registered=False
    )


def test_a_real_lift_that_is_surely_too_small_is_called_so():
    columns = ["stage", "name", "value", "low", "high", "evidence"]
    rows = [("08", "decision", '"act"', None, None, "A"), ("08", "lift", "0.04", 0.01, 0.07, "A")]
    rows.append(("01", "minimum_lift", "0.1", None, None, "D"))
    html = index(findings=pd.DataFrame(rows, columns=columns))
    assert "Act</strong>: the lift is beyond chance." in html
    assert "All of the interval lies below it" in html


def test_without_an_experiment_the_index_promises_nothing():
    text = lead(decision="cannot tell", pre_registered=False, lift=None)
    assert "Cannot tell: the data neither show a lift that matters nor rule one out." in text
    assert "No experiment was found, so nothing here says what a campaign would change." in text
    assert "rule was" not in text


@pytest.mark.parametrize("verdict", SENTENCES)
def test_the_verdict_is_said_in_a_plain_sentence(verdict):
    text = lead(n_segments=1 if verdict == "none" else 4, verdict=verdict, n_people=3322)
    assert WORDS["verdicts"][verdict] in text
    assert "Verdict" not in text
    assert ("one audience" in text) == (verdict == "none")


def test_every_finding_of_the_notebooks_has_a_plain_label():
    notebooks = sorted((Path(__file__).parents[2] / "notebooks").glob("[01]*.ipynb"))
    cells = [
        cell
        for path in notebooks
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    ]
    calls = [
        call
        for cell in cells
        for call in ast.walk(ast.parse(cell.source))
        if isinstance(call, ast.Call)
    ]
    records = [
        call
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "record"
    ]
    assert len(records) >= len(notebooks)
    names = {keyword.arg for call in records for keyword in call.keywords}
    assert (
        names - {"evidence", None} <= WORDS["labels"].keys()
    )  # None: accuracies are given as a dictionary


def test_an_index_without_experiment_or_findings_still_stands():
    empty = pd.DataFrame(columns=["stage", "name", "value", "low", "high", "evidence"])
    assert "Every finding" in index(findings=empty)
    unrandomised = pd.DataFrame([("08", "lift", "0.01", 0.0, 0.02, "C")], columns=empty.columns)
    assert "changed" not in index(findings=unrandomised).split("<h2>")[0].split("</header>")[1]


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ('<img src="http://a.example/i.png">', "http://a.example/i.png"),
        ("<IMG SRC=//a.example/i.png>", "//a.example/i.png"),
        (
            '<img srcset="data:image/png;base64,AA 1x, http://a.example/2.png 2x">',
            "http://a.example/2.png",
        ),
        ('<link rel="stylesheet" href="https://a.example/s.css">', "https://a.example/s.css"),
        ("<style>@import 'https://a.example/s.css';</style>", "https://a.example/s.css"),
        (
            "<style>p { background: URL( https://a.example/b.png ) }</style>",
            "https://a.example/b.png ",
        ),
        (
            "<style>p { background: u\\72l(https://a.example/b.png) }</style>",
            "https://a.example/b.png",
        ),
        ('<p style="background:url(&quot;file:///b.png&quot;)">', "file:///b.png"),
        ('<svg><image xlink:href="http://a.example/i.svg"/></svg>', "http://a.example/i.svg"),
        ('<svg><rect fill="url(http://a.example/#g)"/></svg>', "http://a.example/#g"),
        ('<object data="file:///a.svg"></object>', "file:///a.svg"),
        ('<video poster="http://a.example/p.png"></video>', "http://a.example/p.png"),
        ('<script src="http://a.example/x.js"></script>', "http://a.example/x.js"),
        ('<meta http-equiv="refresh" content="0; url=http://a.example">', "http://a.example"),
    ],
)
def test_every_way_to_load_is_seen(html, address):
    assert external_loads(html) == [address]


def test_what_a_page_carries_itself_is_no_load():
    assert (
        external_loads(
            f'<a href="https://a.example">x</a>{SVG}<img src="data:image/png;base64,AA">'
        )
        == []
    )


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<script>x()</script>", "<script>"),
        ("<SCRIPT src=data:,x()>", "<script>"),
        ("<p>broken <svg/onload=x()>", "an event handler"),
        ("<p title='>' onclick=x()>", "an event handler"),
        ("<iframe></iframe>", "<iframe>"),
        ("<svg><foreignObject><b>x</b></foreignObject></svg>", "<foreignobject>"),
        ("<form action='#'><input></form>", "<form>, <input>"),
        ("<base href='#'>", "<base>"),
        ('<a href="java&#x09;script:x()">x</a>', "a link that runs"),
        ('<a href=" data:text/html,x">x</a>', "a link that runs"),
        ("<object></object><embed>", "<embed>, <object>"),
        ('<img src="https://a.example/i.png">', "something loaded from elsewhere"),
        (
            "<style>p { background: url(//a.example/i.png) }</style>",
            "something loaded from elsewhere",
        ),
    ],
)
@pytest.mark.parametrize("form", ["prose", "text/html", "text/markdown", "image/svg+xml"])
def test_what_runs_or_loads_is_refused_by_cell(html, found, form):
    output = new_output("display_data", data={form: html, "text/plain": "x"})
    cell = new_markdown_cell(html) if form == "prose" else new_code_cell("1", outputs=[output])
    with pytest.raises(
        LeakError, match=rf"^cell 2 would show {re.escape(found)}; nothing was published\.$"
    ):
        check(new_notebook(cells=[new_markdown_cell("# Segments"), cell]), KNOWN)


def test_what_only_looks_like_code_is_let_through():
    harmless = "a <script> in words: `<script>x()</script>`, 5 &lt; 6, only = 3, "
    harmless += "[why](05_segments.html#why)"
    outputs = [
        new_output("stream", text="<object at work> <script>x()</script>"),
        shows("<a title='data: x' href='#'>&lt;script&gt;</a>"),
    ]
    check(
        new_notebook(
            cells=[new_markdown_cell(harmless.split(": ")[1]), new_code_cell("1", outputs=outputs)]
        ),
        KNOWN,
    )


@given(
    st.lists(
        st.sampled_from(
            ["<script", ">", "<p ", "onload=x ", "</script>", "<iframe>", "-->", "a", '"']
        )
    )
)
def test_no_piece_of_broken_html_hides_what_would_run(pieces):
    html = "".join(pieces)
    runs = any(tag in ("script", "iframe") or "onload" in attrs for tag, attrs in tags(html))
    assert runs == bool(Inspector(html).runs)


HOSTILE = {
    "style": "<style>main { display: none }</style>",
    "placed": '<div style="position:fixed;inset:0">covered</div>',
    "link": '<a href="https://a.example/">click</a>',
    "link in Markdown": "[click](https://a.example/)",
    "picture in Markdown": "![seen](https://a.example/i.png)",
    "data": '<img src="data:image/svg+xml;base64,AAAA">',
    "data in Markdown": "[click](data:text/html;base64,AAAA)",
}


def of_cell(html):
    """The part of a page that a cell filled."""
    return html[html.index('<main id="main">') : html.index('<nav class="turn"')]


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_somebody_wrote_is_shown_as_text_in_a_sentence_a_table_and_the_index(kind):
    name = HOSTILE[kind]
    sentence = shows(**{"text_markdown": f"Most people of {name} ordered."})
    frame = tables.table(pd.DataFrame({"segment": [name]}), title=f"{name} leads").as_raw_html()
    nb = new_notebook(
        cells=[
            new_markdown_cell("# T"),
            new_code_cell("view.note()", outputs=[sentence]),
            new_code_cell("view.table()", outputs=[shows(frame)]),
        ]
    )
    shown = of_cell(page(nb))
    found = tags(shown.replace(frame[frame.index("<style>") : frame.index("</style>") + 8], ""))
    assert not {"a", "img", "div style", "style"} & {tag for tag, _ in found}
    assert not [attrs for _, attrs in found if "position" in (attrs.get("style") or "")]
    words = tags(index(goal=name, owner=name, study_title=name))
    assert not [tag for tag, attrs in words if tag == "img" or "a.example" in str(attrs)]
    assert not [attrs for _, attrs in words if "data:" in (attrs.get("href") or "")]


def test_an_element_placed_over_the_page_is_refused():
    for html in ('<p style="pos\\69tion: fixed">x</p>', "<style>p { position : sticky }</style>"):
        nb = new_notebook(
            cells=[new_markdown_cell("# T"), new_code_cell("x", outputs=[shows(html)])]
        )
        with pytest.raises(LeakError, match="an element placed over others"):
            check(nb, KNOWN)


def test_lowered_safeguards_are_said_on_a_page_and_on_the_index():
    said = "people who were never asked for their consent are addressed"
    for html in (page(lowered=[said]), index(lowered=[said])):
        assert f"<li>{said}.</li>" in html
        assert "This study lowers what protects people" in html
    assert "lowers what protects" not in page() + index()
