"""Charts say what they show, draw their intervals, and come out the same every time."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from coterie.reporting import figures
from coterie.reporting.safe_html import Inspector

FRAME = pd.DataFrame(
    {
        "segment": ["S2", "S1", "S7"],
        "share": [0.5, 0.3, 0.2],
        "low": [0.4, 0.25, np.nan],
        "high": [0.6, 0.35, np.nan],
        "week": pd.to_datetime(["2026-06-01", "2026-06-08", "2026-06-15"]),
        "trait": ["a", "b", "b"],
    }
)
WORDS = {"title": "S2 & S1 lead", "alt": 'One "row" a segment <b>'}
ENDS = {"low": "low", "high": "high"}


def drawn(kind="bars", **more):
    """One chart of each kind on the same small frame."""
    frame, more = more.pop("frame", FRAME), WORDS | more
    match kind:
        case "bars":
            return figures.bars(
                frame,
                y="segment",
                x="share",
                by="segment",
                null="low",
                xlabel="share",
                **ENDS | more,
            )
        case "dots":
            return figures.dots(
                frame, y="segment", x="share", by="segment", xlabel="share", **ENDS | more
            )
        case "lines":
            words = {"xlabel": "week", "ylabel": "share", "by": "segment"}
            return figures.lines(frame, x="week", y="share", **words | ENDS | more)
        case "heat":
            return figures.heat(
                frame, y="segment", x="trait", value="share", label="share", centre=0.3, **more
            )


def svg(axes):
    return axes._repr_mimebundle_()["image/svg+xml"]


KINDS = pytest.mark.parametrize("kind", ["bars", "dots", "lines", "heat"])


@KINDS
def test_a_chart_says_in_words_what_it_shows(kind):
    shown = drawn(kind)._repr_mimebundle_()
    label = 'aria-label="S2 &amp; S1 lead. One &quot;row&quot; a segment &lt;b&gt;"'
    assert shown["image/svg+xml"].startswith(f'<svg role="img" {label}')
    assert shown["text/plain"] == f"{WORDS['title']}. {WORDS['alt']}"
    assert ">S2 &amp; S1 lead</text>" in shown["image/svg+xml"]  # text stays text


@KINDS
def test_a_chart_is_drawn_the_same_every_time_and_needs_nothing_from_elsewhere(kind):
    assert svg(drawn(kind)) == svg(drawn(kind))
    seen = Inspector(svg(drawn(kind)))
    assert (seen.runs, seen.loads) == (set(), [])
    outside = re.findall(
        r"""https?://[^"' <]+""", re.sub(r' xmlns(:\w+)?="[^"]*"', "", svg(drawn(kind)))
    )
    assert outside == []


@pytest.mark.parametrize("kind", ["bars", "dots"])
def test_intervals_are_drawn_from_end_to_end(kind):
    ends = [
        tuple(segment[:, 0])
        for segment in drawn(kind).collections[0].get_segments()
        if len(segment)
    ]
    assert ends[:2] == [(0.4, 0.6), (0.25, 0.35)]


def test_a_line_has_its_interval_as_a_band():
    frame = FRAME.assign(segment="S1", high=[0.6, 0.5, 0.4], low=[0.4, 0.2, 0.1])
    band = drawn("lines", frame=frame).collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0.1, 0.6)
    assert not drawn("lines", low=None, high=None).collections


def test_a_segment_has_the_same_colour_in_every_chart():
    bars = [to_hex(bar.get_facecolor()) for bar in drawn("bars").patches]
    dots = [to_hex(colour) for colour in drawn("dots").collections[1].get_facecolors()]
    lines = [to_hex(line.get_color()) for line in drawn("lines").lines]
    assert bars == dots == lines == [figures.COLOURS[place] for place in (1, 0, 6)]
    assert figures.colours_of(["all", "S1 Loyal", "else"]) == {
        "all": figures.QUIET,
        "S1 Loyal": figures.COLOURS[0],
        "else": figures.COLOURS[2],
    }


def test_the_first_row_is_on_top():
    axes = drawn("dots", reference=0.0)
    assert (
        dict(
            zip(
                [text.get_text() for text in axes.get_yticklabels()], axes.get_yticks(), strict=True
            )
        )["S2"]
        == 2
    )
    assert axes.lines[0].get_xdata() == [0.0, 0.0]


def test_a_hole_in_a_matrix_reads_as_a_dash():
    texts = [text.get_text() for text in drawn("heat").texts]
    assert texts == ["0.5", "—", "—", "0.3", "—", "0.2"]


def test_axes_of_ones_own_are_drawn_on_and_given_back():
    mine = Figure().add_subplot()
    assert all(drawn(kind, ax=mine) is mine for kind in ("bars", "dots", "heat"))


def test_an_empty_frame_still_gives_a_chart():
    assert svg(drawn("dots", frame=FRAME.head(0))).startswith("<svg")


def test_rows_and_columns_of_a_matrix_stand_in_the_same_order():
    pairs = pd.DataFrame(
        {
            "of": ["S1", "S1", "S2", "S2", "S3", "S3"],
            "among": ["S3", "S2", "S1", "S3", "S2", "S1"],
            "share": [0.3, 0.2, 0.1, 0.3, 0.2, 0.1],
        }
    )
    axes = figures.heat(pairs, y="of", x="among", value="share", label="share", **WORDS)
    rows = [tick.get_text() for tick in axes.get_yticklabels()]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == rows == ["S1", "S2", "S3"]
    assert [text.get_text() for text in axes.texts][::4] == ["—"] * 3  # the diagonal


def test_bars_against_everybody_begin_at_a_hundred():
    frame = pd.DataFrame({"trait": ["buys", "writes"], "index_100": [150, 80]})
    axes = figures.bars(frame, y="trait", x="index_100", base=100, xlabel="index", **WORDS)
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(100, 50), (100, -20)]
    assert axes.lines[0].get_xdata() == [100, 100]
