"""What 09 shows: sizes against the floor, what forbids a segment, and which are cleared."""

import pandas as pd
from matplotlib.axes import Axes

from coterie import disclosure
from coterie.governance import Audit, Clearing, StatedFeatures
from coterie.reporting import figures, tables
from coterie.views.forms.note import Note
from coterie.wording import trait_label


def sizes(found: pd.DataFrame, *, floor: int, min_people: int) -> Axes | Note:
    """Draw each segment's number of people against the floor."""
    enough = int((found["n_people"] >= floor).sum())
    shown = disclosure.suppress_small(found, "n_people", min_people=min_people)
    if shown.empty:
        return Note("Every segment is too small to be shown.")
    return figures.bars(
        shown.assign(floor=floor, shown=shown["segment"] + " " + shown["segment_name"]),
        y="shown",
        x="n_people",
        null="floor",
        by="segment",
        title=f"{enough} of {len(found)} segments reach the floor of {floor:,} people",
        xlabel="people",
        alt="One bar a segment with its number of people; the tick is the floor.",
    )


def sensitive_interests(
    special: pd.DataFrame, *, n_segments: int, index_from: float
) -> tables.TitledTable | Note:
    """Show which segments a sensitive interest marks."""
    if special.empty:
        return Note(
            f"**No sensitive interest reaches index {index_from:g} in any segment** with an"
            " interval above everybody's mean."
        )
    hits = special[["segment", "trait", "index"]]  # the category would name it
    return tables.table(
        hits.assign(trait=hits["trait"].map(trait_label)),
        title=f"A sensitive interest marks {hits['segment'].nunique()} of {n_segments} segments",
        formats={"index": ".0f"},
    )


def objectionable_names(names: pd.DataFrame, *, n_segments: int) -> tables.TitledTable | Note:
    """Show which names break a rule, and what to say instead."""
    if names.empty:
        return Note("**No segment name breaks a rule.**")
    return tables.table(
        names[["segment", "name", "category", "since", "suggestion"]],
        title=f"{names['segment'].nunique()} of {n_segments} names break a rule",
        labels={"since": "rule of"},
    )


def skew(audit: Audit) -> Axes | Note:
    """Draw how segments differ from everybody else; whole percent, as finer ones tell counts."""
    found = audit.skew
    if found.empty:
        return Note(
            f"**{audit.attribute.capitalize()} cannot be audited here**: it was stated by"
            f" {1 - audit.unstated_share:.0%} of people, or there are no two groups to compare."
        )
    ends = ["share", "low", "high"]
    gaps = found[ends].sub(found["others"], axis=0).round(2)
    return figures.dots(
        found.assign(**gaps, shown=found["segment"] + ", " + found["value"]),
        y="shown",
        x="share",
        low="low",
        high="high",
        by="segment",
        reference=0,
        title=f"{len(audit.skewed)} of {audit.n_audited} audited segments differ in"
        f" {audit.attribute}",
        xlabel="share minus everybody else's",
        alt="One dot a segment and value with its 95 % interval against no difference.",
    )


def clearances(
    clearing: Clearing, *, n_steps: int, stated: StatedFeatures, min_people: int
) -> tables.TitledTable:
    """Show which segments are cleared, and why the others are not."""
    shown = disclosure.suppress_small(clearing.clearances, "n_people", min_people=min_people)
    columns = ", ".join(stated.columns) or "nothing"
    return tables.table(
        shown,
        title=f"{clearing.n_cleared} of {clearing.n_segments} segments are cleared",
        subtitle=f"{n_steps} reads and writes stand in the lineage; {stated.n_stated} of"
        f" {stated.n_features} features rest on what people stated: {columns}",
        formats={"n_people": ",.0f", "floor": ","},
    )
