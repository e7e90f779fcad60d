"""What 10 shows: whom the rules leave out, who is exported where, and the files."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.activation import Decisions, Outbox
from coterie.reporting import figures, tables
from coterie.views.note import Note


def people_by_rule(counts: pd.DataFrame, *, min_people: int) -> tables.TitledTable:
    """Show how many people fall under each rule; groups under `min_people` are a dash."""
    shown = counts["n_people"].where(counts["n_people"] >= min_people)
    return tables.table(
        counts.assign(n_people=shown),
        title="A person may fall under several rules",
        subtitle=f"Groups under {min_people} people are not shown.",
        formats={"n_people": ",.0f"},
        labels={"n_people": "people"},
    )


def reach(counts: pd.DataFrame, decisions: Decisions) -> Axes | Note:
    """Draw people by platform and first reason."""
    if counts.empty:
        return Note("Every group is too small to be shown.")
    return figures.bars(
        counts.assign(shown=counts["platform"] + ": " + counts["reason"]),
        y="shown",
        x="n_people",
        by="platform",
        xlabel="people, first reason only",
        title=f"{decisions.n_exported:,} of {decisions.n_people:,} people are exported to at least"
        " one platform",
        alt="One bar a platform and reason with its number of people.",
    )


def outbox(found: Outbox) -> tables.TitledTable | Note:
    """Show the files that lie ready."""
    if not found.n_files:
        return Note(
            "**No file was written**: no cleared segment has enough addressable people for a"
            " platform."
        )
    return tables.table(
        found.table,
        title=f"Files in the outbox: {found.n_files}; nothing was sent",
        formats={"keys": ",", "people": ","},
    )


def refusals(*, opt_outs: int, uncleared: int) -> Note:
    """Say how many were exported although they must not be."""
    return Note(
        f"Exported although they said no: **{opt_outs}**. Exported from a segment that is not"
        f" cleared: **{uncleared}**."
    )
