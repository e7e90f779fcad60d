"""Charts for readers: a tidy frame in, labelled axes out, no arithmetic.

Charts are drawn on axes that show themselves as SVG with real text: sharp in print, readable by
a screen reader, and open to the privacy scan, which cannot look into pixels.
"""

import io
import re
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#2f5d8a", "#c8553d", "#5b8e7d", "#b08900", "#7d5ba6", "#4a7c9b", "#a63d66", "#6b705c", "#d08c60", "#3d405b")
QUIET = "#9aa0a6"
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "coterie",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.grid.axis": "x",
}


class FindingAxes(Axes):
    """Axes that a notebook shows as an accessible SVG; `alt` says what a reader would see."""

    name = "finding"
    alt = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        buffer = io.StringIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
        return {"image/svg+xml": accessible(buffer.getvalue(), self.alt), "text/plain": self.alt}


def accessible(svg: str, alt: str) -> str:
    """Give a bare SVG its description, and drop the header and metadata that name outside addresses.

    >>> accessible('<?xml version="1.0"?><svg width="1"><metadata>x</metadata><g/></svg>', "One bar")
    '<svg role="img" aria-label="One bar" width="1"><title>One bar</title><g/></svg>'
    """
    text = alt.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    return re.sub(r"<svg([^>]*)>", rf'<svg role="img" aria-label="{text}"\1><title>{text}</title>', svg, count=1)


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
    distinct = list(dict.fromkeys(groups))
    place = {group: number for number, group in enumerate(distinct)}
    for group in distinct:
        if match := re.match(r"S(\d+)\b", str(group)):
            place[group] = int(match[1]) - 1
    return {group: QUIET if group == "all" else COLOURS[place[group] % len(COLOURS)] for group in distinct}


def row_colours(frame: pd.DataFrame, by: str | None) -> list[str]:
    """Give each row the colour of its group, or all rows the first colour."""
    if by is None:
        return [COLOURS[0]] * len(frame)
    colours = colours_of(frame[by])
    return [colours[group] for group in frame[by]]


def whiskers(frame: pd.DataFrame, x: str, low: str, high: str) -> np.ndarray:
    """Turn interval ends into the distances that error bars want."""
    return np.nan_to_num(np.abs(np.vstack([frame[x] - frame[low], frame[high] - frame[x]]).astype(float)))


def bars(
    frame: pd.DataFrame,
    *,
    y: str,
    x: str,
    title: str,
    xlabel: str,
    alt: str,
    low: str | None = None,
    high: str | None = None,
    null: str | None = None,
    by: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one horizontal bar a row, with its interval and, as a grey tick, what chance would give."""
    ax = ax or new_axes(title=title, alt=alt, height=1.2 + 0.34 * len(frame))
    at = np.arange(len(frame))[::-1]
    error = whiskers(frame, x, low, high) if low and high else None
    ax.barh(at, frame[x].astype(float), color=row_colours(frame, by), xerr=error, ecolor="#333", capsize=2, height=0.7)
    if null:
        ax.plot(frame[null].astype(float), at, "|", color="#111", markersize=14, markeredgewidth=2)
    ax.set_yticks(at, frame[y].astype(str))
    ax.set_xlabel(xlabel)
    return ax


def dots(
    frame: pd.DataFrame,
    *,
    y: str,
    x: str,
    low: str,
    high: str,
    title: str,
    xlabel: str,
    alt: str,
    reference: float | None = None,
    by: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one estimate a row with its interval, against a reference line such as no difference."""
    ax = ax or new_axes(title=title, alt=alt, height=1.2 + 0.34 * len(frame))
    at = np.arange(len(frame))[::-1]
    if reference is not None:
        ax.axvline(reference, color=QUIET, linewidth=1, linestyle="--")
    for place, (_, row), colour in zip(at, frame.iterrows(), row_colours(frame, by), strict=True):
        ax.plot([row[low], row[high]], [place, place], color=colour, linewidth=2)
        ax.plot(row[x], place, "o", color=colour)
    ax.set_yticks(at, frame[y].astype(str))
    ax.set_ylim(-0.7, len(frame) - 0.3)
    ax.set_xlabel(xlabel)
    return ax


def lines(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    title: str,
    xlabel: str,
    ylabel: str,
    alt: str,
    by: str | None = None,
    low: str | None = None,
    high: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one line a group, with its interval as a band."""
    ax = ax or new_axes(title=title, alt=alt, height=3.4)
    groups = list(frame.groupby(by, sort=False)) if by else [("", frame)]
    colours = colours_of([name for name, _ in groups])
    for name, rows in groups:
        ax.plot(rows[x], rows[y].astype(float), color=colours[name], marker="o", markersize=3, label=str(name))
        if low and high:
            ends = rows[low].astype(float), rows[high].astype(float)
            ax.fill_between(rows[x], *ends, color=colours[name], alpha=0.15, linewidth=0)
    if by:
        ax.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    if pd.api.types.is_datetime64_any_dtype(frame[x]):
        ax.tick_params("x", rotation=30)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    return ax


def heat(
    frame: pd.DataFrame,
    *,
    y: str,
    x: str,
    value: str,
    title: str,
    label: str,
    alt: str,
    centre: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a tidy frame as a matrix with its numbers; `centre` is the value that reads as neutral."""
    wide = frame.pivot(index=y, columns=x, values=value)
    wide = wide.loc[list(dict.fromkeys(frame[y])), list(dict.fromkeys(frame[x]))].astype(float)
    ax = ax or new_axes(title=title, alt=alt, height=1.4 + 0.36 * len(wide), width=max(4.0, 2.6 + 0.95 * wide.shape[1]))
    reach = np.nanmax(np.abs(wide.to_numpy() - (centre or 0))) or 1.0
    limits = {} if centre is None else {"vmin": centre - reach, "vmax": centre + reach}
    image = ax.pcolormesh(wide.to_numpy(), cmap="Blues" if centre is None else "RdBu_r", edgecolor="white", **limits)
    for (row, column), number in np.ndenumerate(wide.to_numpy()):
        dark = sum(image.cmap(image.norm(number))[:3]) < 1.5
        ax.text(
            column + 0.5, row + 0.5, f"{number:.3g}", ha="center", va="center", color="w" if dark else "k", fontsize=8
        )
    ax.set_xticks(np.arange(wide.shape[1]) + 0.5, wide.columns.astype(str), rotation=30, ha="right")
    ax.set_yticks(np.arange(len(wide)) + 0.5, wide.index.astype(str))
    ax.invert_yaxis()
    ax.spines[:].set_visible(False)
    ax.set_xlabel(label, labelpad=8)
    return ax
