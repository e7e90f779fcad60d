"""What 08 shows of contamination: other campaigns at the same time, and whom a message reached."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from coterie.experiments import Overlap, Report
from coterie.experiments.deciding.aggregates import AS_ASSIGNED
from coterie.reporting import figures, tables
from coterie.views.forms.effects import number
from coterie.views.forms.note import Note

NO_LONGER = "no longer randomised"


def overlap(report: Report, found: Overlap, *, min_people: int) -> Axes | Note:
    """Draw which share of each arm and segment was in which other campaign at the same time."""
    if report.main is None:
        return Note("No campaign passed its checks, so no other can have disturbed it.")
    hit, n = found.multi_exposed
    if found.table["n_people"].sum() == 0:
        days = report.plan.primary.horizon_days
        return Note(
            f"Nobody in {report.main} was in another campaign less than {days} days before or"
            " after: there is nothing that could have blurred the arms."
        )
    rows = found.table[found.table["n_group"] >= min_people]
    few = rows["n_people"].between(1, min_people - 1)
    few |= (rows["n_group"] - rows["n_people"]).between(1, min_people - 1)
    percent = (100 * rows["n_people"] / rows["n_group"]).where(~few, np.nan)
    return figures.heat(
        rows.assign(percent=percent, shown=rows["of"] + " " + rows["group"].astype(str)),
        y="shown",
        x="other",
        value="percent",
        title=f"{hit / n:.0%} of {report.main} were treated by another campaign as well",
        label="% of people who were in this arm of another campaign",
        alt="A matrix: one row an arm or segment, one column an arm of another campaign.",
    )


def sensitivity(report: Report) -> tables.TitledTable | Note:
    """Show the effect for everyone beside what it is with people left out."""
    rows = report.sensitivity
    if rows.empty or set(rows["analysis"]) == {AS_ASSIGNED}:
        return Note("Nobody need be left out, so there is one effect: that of being assigned.")
    kind = report.plan.primary.kind
    ends = ("effect", "low", "high")
    shown = rows.assign(
        read=np.where(rows["analysis"] == AS_ASSIGNED, "the effect", NO_LONGER),
        **{name: [number(value, kind, name) for value in rows[name]] for name in ends},
    )
    whole = rows[rows["analysis"] == AS_ASSIGNED].set_index("arm")["effect"]
    gap = (rows["effect"] - rows["arm"].map(whole)).abs().max()
    return tables.table(
        shown[["arm", "analysis", "n_control", "n_arm", *ends, "read"]],
        title=f"Leaving people out moves the effect by at most {number(gap, kind, 'effect')}",
        subtitle="Who is left out was not drawn by chance, so only the first line is the effect.",
        labels={"n_control": "people of control", "n_arm": "people of the arm", "read": "read as"},
    )


def delivered(report: Report, *, min_people: int) -> Note:
    """Say whom of each arm the message in fact reached."""
    rows = report.delivered
    if rows.empty:
        return Note(
            "No plan says by which act it is known that a message arrived (`delivery`), so nobody"
            " can say whom it reached. The effect is that of being assigned."
        )
    said = ", ".join(
        f"{arm}: " + (f"**{share:.1%}** of {n:,}" if n >= min_people else "too few to say")
        for arm, share, n in zip(rows["arm"], rows["share"], rows["n_people"], strict=True)
    )
    return Note(
        f"Whom the message reached, by arm: {said}. The effect stays that of being assigned; where"
        " few were reached, being reached may change more."
    )


def suited(rows: pd.DataFrame, *, alpha: float) -> tables.TitledTable | Note:
    """Show whether content written for a segment does better there than elsewhere."""
    if rows.empty:
        return Note(
            "No arm was written for a segment (`content_for` in a plan) and compared with generic"
            " content, so nothing can be said about writing for segments."
        )
    last = rows[rows["where"] == "difference"]
    n_suited = int(((last["pvalue"] * len(last) < alpha) & (last["effect"] > 0)).sum())
    return tables.table(
        rows.drop(columns="stderr"),
        title=f"{n_suited} of {len(last)} contents suit the segment that they were written for",
        subtitle="Specific minus generic content, in the segment and elsewhere; the difference of"
        " the two says whether it suits the segment.",
        labels={"pvalue": "p-value", "where": "among", "segment": "written for"},
    )
