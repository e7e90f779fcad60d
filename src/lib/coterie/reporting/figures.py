"""Charts for readers: a tidy frame in, axes with words out, as SVG whose text stays readable."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm

from coterie.reporting.canvas import COLOURS, INK, QUIET, colours_of, new_axes


def rows_of(
    frame: pd.DataFrame,
    ax: Axes | None,
    *,
    y: str,
    by: str | None,
    title: str,
    xlabel: str,
    alt: str,
) -> tuple[Axes, np.ndarray, list[str]]:
    """Set out axes with one line a row, the first on top; return them, places and colours."""
    ax = ax or new_axes(title=title, alt=alt, height=1.2 + 0.34 * len(frame))
    places = np.arange(len(frame))[::-1]
    ax.set_yticks(places, frame[y].astype(str))
    ax.set_ylim(-0.7, len(frame) - 0.3)
    ax.set_xlabel(xlabel)
    return (
        ax,
        places,
        list(frame[by].map(colours_of(frame[by]))) if by else [COLOURS[0]] * len(frame),
    )


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
    base: float = 0.0,
    by: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one horizontal bar a row, with its interval and, as a tick, what chance would give.

    Bars begin at `base`: with 100 and an index, they show who is above everybody and who below.
    """
    ax, places, colours = rows_of(frame, ax, y=y, by=by, title=title, xlabel=xlabel, alt=alt)
    lengths = frame[x].astype(float) - base
    ax.barh(places, lengths, left=base, color=colours, height=0.7, alpha=0.8)
    if base:
        ax.axvline(base, color=INK, linewidth=1)
    if low and high:
        ax.hlines(
            places, frame[low].astype(float), frame[high].astype(float), colors=INK, linewidth=1.5
        )
    if null:
        ax.plot(frame[null].astype(float), places, "|", color=INK, markersize=14, markeredgewidth=2)
    return ax


def waterfall(
    frame: pd.DataFrame,
    *,
    y: str,
    start: str,
    end: str,
    title: str,
    xlabel: str,
    alt: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw one bar a step from where it starts to where it ends, the first step on top."""
    ax, places, _ = rows_of(frame, ax, y=y, by=None, title=title, xlabel=xlabel, alt=alt)
    starts, ends = frame[start].astype(float), frame[end].astype(float)
    colours = [COLOURS[0] if up else QUIET for up in ends >= starts]
    ax.barh(places, ends - starts, left=starts, color=colours, height=0.7, alpha=0.8)
    ax.axvline(0.0, color=INK, linewidth=1)
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
    ax, places, colours = rows_of(frame, ax, y=y, by=by, title=title, xlabel=xlabel, alt=alt)
    if reference is not None:
        ax.axvline(reference, color=QUIET, linewidth=1, linestyle="--")
    ax.hlines(
        places, frame[low].astype(float), frame[high].astype(float), colors=colours, linewidth=2
    )
    ax.scatter(frame[x].astype(float), places, c=colours, zorder=3)
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
    groups = frame.groupby(by, sort=False) if by else [("", frame)]
    colours = colours_of([name for name, _ in groups])
    for name, rows in groups:
        ax.plot(
            rows[x],
            rows[y].astype(float),
            color=colours[name],
            marker="o",
            markersize=3,
            label=str(name),
        )
        if low and high:
            ax.fill_between(
                rows[x], *rows[[low, high]].to_numpy(float).T, color=colours[name], alpha=0.15, lw=0
            )
    if by:
        ax.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    if pd.api.types.is_datetime64_any_dtype(frame[x]):
        ax.tick_params("x", rotation=30)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def orders_of(rows: pd.Series, columns: pd.Series) -> tuple[list, list]:
    """Order the rows and columns of a matrix: as they come, what is both in one order.

    >>> orders_of(pd.Series(["S1", "S2", "S3"]), pd.Series(["S3", "else", "S1"]))
    (['S1', 'S2', 'S3'], ['S1', 'S3', 'else'])
    """
    down, across = list(dict.fromkeys(rows)), list(dict.fromkeys(columns))
    shared = [name for name in down if name in set(across)]
    return down, shared + [name for name in across if name not in set(down)]


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
    """Draw a tidy frame as a matrix with its numbers; `centre` is the value that reads as neutral.

    Rows stand in the order of the frame; a column that is also a row stands in the rows' order.
    """
    rows, columns = orders_of(frame[y], frame[x])
    wide = frame.pivot(index=y, columns=x, values=value).loc[rows, columns].astype(float)
    ax = ax or new_axes(
        title=title,
        alt=alt,
        height=1.4 + 0.36 * len(wide),
        width=max(4.0, 2.6 + 0.95 * wide.shape[1]),
    )
    neutral = CenteredNorm(centre) if centre is not None else None
    ax.pcolormesh(
        wide, cmap="RdBu_r" if neutral else "Blues", norm=neutral, alpha=0.6, edgecolor="white"
    )
    for (row, column), number in np.ndenumerate(wide.to_numpy()):
        text = "—" if np.isnan(number) else f"{number:.3g}"
        ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=INK, fontsize=8)
    ax.set_xticks(np.arange(wide.shape[1]) + 0.5, wide.columns.astype(str), rotation=30, ha="right")
    ax.set_yticks(np.arange(len(wide)) + 0.5, wide.index.astype(str))
    ax.invert_yaxis()
    ax.spines[:].set_visible(False)
    ax.set_xlabel(label, labelpad=8)
    return ax


def outlines(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    by: str,
    title: str,
    xlabel: str,
    ylabel: str,
    alt: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw one closed outline a group, with its name inside."""
    ax = ax or new_axes(title=title, alt=alt, height=4.2)
    colours = colours_of(frame[by].unique())
    for name, rows in frame.groupby(by, sort=False):
        ax.fill(
            rows[x].astype(float),
            rows[y].astype(float),
            color=colours[name],
            alpha=0.25,
            linewidth=0,
        )
        ax.text(rows[x].mean(), rows[y].mean(), str(name), ha="center", va="center", color=INK)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax
