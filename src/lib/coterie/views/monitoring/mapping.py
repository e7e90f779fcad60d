"""What notebook 11 shows of the next round: goals and segments, who does what, content, tests."""

from html import escape

import pandas as pd

from coterie.objectives import Mapped, Merged
from coterie.reporting import figures, tables
from coterie.views.forms.note import Note
from coterie.views.forms.piece import Piece
from coterie.wording import NOT_ACTIONABLE, counted, listed


def objectives(mapped: Mapped) -> tables.TitledTable | Note:
    """Show every goal against every segment, with the content that serves it and the gap."""
    if mapped.table.empty:
        return Note("**No segment has enough people**, so no goal is held against one.")
    said = "Indices are 100 for everybody: money a person, and reactions a person. Whether a rise "
    said += "was made only an experiment tells."
    if not mapped.content_known:
        said += " The log does not say of what kind any content was."
    title = "Every goal meets every segment without a gap"
    if mapped.n_gaps:
        gaps = mapped.gaps["gap"].drop_duplicates().tolist()
        title = f"{counted(mapped.n_gaps, 'segment')} with a gap: {listed(gaps)}"
    shown = ["goal", "segment", "value", "target", "reached"]
    shown += ["value_index", "engagement_index", "content", "gap"]
    return tables.table(
        mapped.table[shown].replace({"content": {"": None}, "gap": {"": None}}),
        title=title,
        subtitle=said,
        labels={"value": "indicator now", "value_index": "value", "engagement_index": "engagement"},
        formats={"value": ".1%", "target": ".1%", "value_index": ".0f", "engagement_index": ".0f"},
    )


def stakeholders(actions: pd.DataFrame) -> Piece | Note:
    """Write one page a role: what it does with which segment, and which are not actionable."""
    if actions.empty:
        return Note("**There is no segment**, so nobody has anything to do with one.")
    pages = [role_page(role, rows) for role, rows in actions.groupby("role", sort=False)]
    idle = actions.groupby("segment")["action"].agg(lambda said: (said == NOT_ACTIONABLE).all())
    return Piece("".join(pages), f"{len(pages)} roles, {int(idle.sum())} segments for none")


def role_page(role: str, rows: pd.DataFrame) -> str:
    """Write what one role does."""
    todo = rows[rows["action"] != NOT_ACTIONABLE]
    colours = figures.colours_of(list(rows["segment"]))
    lines = "".join(
        f'<li style="border-left:6px solid {colours[row.segment]};padding-left:.6em;margin:.4em 0">'
        f"<strong>{escape(row.segment)} · {escape(row.segment_name)}</strong>: "
        f"{escape(row.action)}. <small>Because: {escape(row.why)}.</small></li>"
        for row in todo.itertuples()
    )
    left = rows[rows["action"] == NOT_ACTIONABLE]
    reasons = [f"{row.segment} ({row.why})" for row in left.itertuples()]
    idle = f"<p>Not actionable: {escape(listed(reasons))}.</p>" if reasons else ""
    return (
        '<section style="border:1px solid #ccc;padding:1em;margin:0 0 1em;max-width:44em;'
        f'break-inside:avoid;break-after:page"><h4 style="margin:0">{escape(role.capitalize())}'
        f'</h4><ul style="list-style:none;padding:0">{lines}</ul>{idle}</section>'
    )


def variants(merged: Merged) -> tables.TitledTable | Note:
    """Show whose content serves which segment, within what can be made and paid."""
    table = merged.table
    if table.empty:
        return Note("**No cleared segment has enough people** to make content for.")
    kept = f"{merged.kept_share:.0%} of what content of their own would reach"
    return tables.table(
        table[["segment", "variant", "shared"]],  # no counts: a small segment could be subtracted
        title=f"{counted(merged.n_variants, 'variant')} of content for "
        f"{counted(len(table), 'segment')}: {kept}",
        labels={"variant": "served by", "shared": "content in common"},
        formats={"shared": ".0%"},
    )


def next_test(table: pd.DataFrame) -> tables.TitledTable | Note:
    """Show how many people of each segment the next test takes."""
    if table.empty:
        return Note("**No segment has enough people** for a test.")
    most = table.loc[table["people"].idxmax()]
    return tables.table(
        table[["segment", "spread", "floor", "people"]],
        title=f"Of {table['people'].sum():,} people in the next test, {most['people']:,} are of "
        f"{most['segment']}",
        labels={"floor": "at least", "people": "to test"},
        formats={"spread": ".2f", "floor": ",", "people": ","},
    )
