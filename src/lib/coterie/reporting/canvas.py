"""What every chart is drawn on: one look, one colour a segment, an SVG that says what it shows."""

import io
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import matplotlib as mpl
import yaml
from matplotlib.axes import Axes
from matplotlib.figure import Figure

LOOK = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
COLOURS, QUIET, INK, STYLE = LOOK["colours"], LOOK["quiet"], LOOK["ink"], LOOK["style"]
SEGMENT = re.compile(r"S(\d+)\b")


class FindingAxes(Axes):
    """Axes that a notebook shows as an accessible SVG; `alt` says what a reader would see."""

    name, alt = "finding", ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        buffer = io.StringIO()
        # else it names outside addresses
        nothing = dict.fromkeys(["Date", "Creator", "Format", "Type"])
        with mpl.rc_context(STYLE):
            self.figure.savefig(buffer, format="svg", bbox_inches="tight", metadata=nothing)
        start, drawing = (
            f'<svg role="img" aria-label="{escape(self.alt)}"',
            buffer.getvalue().partition("<svg")[2],
        )
        return {"image/svg+xml": start + drawing, "text/plain": self.alt}


def new_axes(*, title: str, alt: str, height: float, width: float = 7.2) -> FindingAxes:
    """Make one empty chart outside pyplot, so that nothing is shown twice."""
    with mpl.rc_context(STYLE):
        axes = Figure(figsize=(width, height)).add_subplot(axes_class=FindingAxes)
        axes.set_title(title, wrap=True)
    axes.alt = f"{title}. {alt}"
    return axes


def colours_of(groups: Sequence) -> dict:
    """Give each group a colour; segment S3 has the third one in every chart.

    >>> colours_of(["S2"])["S2"] == COLOURS[1]
    True
    """
    orders = enumerate(dict.fromkeys(groups))
    places = {
        group: int(found[1]) - 1 if (found := SEGMENT.match(str(group))) else order
        for order, group in orders
    }
    return {
        group: QUIET if group == "all" else COLOURS[place % len(COLOURS)]
        for group, place in places.items()
    }
