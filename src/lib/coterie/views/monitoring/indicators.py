"""What notebook 11 shows: indicators by week, alerts, and who changed segment."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.monitoring import HUMANS, Movement
from coterie.reporting import figures, tables
from coterie.views.forms.note import Note

LINES = {
    "x": "period",
    "y": "value",
    "low": "low",
    "high": "high",
    "xlabel": "week beginning",
    "ylabel": "share of people",
}


def everybody(facts: pd.DataFrame, *, primary: str) -> Axes | Note:
    """Draw every indicator of all people by week, with and without bots."""
    if facts.empty:
        return Note("**There is no whole week of data** before the chosen day.")
    total = facts[facts["segment"].isin(["all", HUMANS])]
    suffix = total["segment"].map({"all": "", HUMANS: ", without bots"})
    total = total.assign(line=total["kpi"] + suffix)
    last = total[(total["line"] == primary) & (total["period"] == total["period"].max())]
    latest = [
        f"{row.kpi} {row.value:.1%} ({row.low:.1%} to {row.high:.1%})" for row in last.itertuples()
    ]
    return figures.lines(
        total,
        by="line",
        title="; ".join(latest) + " in the last whole week",
        alt="One line an indicator with its 95 % interval, by week.",
        **LINES,
    )


def by_segment(facts: pd.DataFrame, *, primary: str, min_people: int = 50) -> Axes | Note:
    """Draw the primary indicator of each segment by week."""
    parts = facts[(facts["kpi"] == primary) & ~facts["segment"].isin(["all", HUMANS])]
    if parts.empty:
        return Note(f"No segment with at least {min_people} people has a whole week.")
    top = parts.groupby("segment")["value"].mean().idxmax()
    n_weeks = facts["period"].nunique()
    return figures.lines(
        parts,
        by="segment",
        title=f"{top} was highest in {primary} over the {n_weeks} weeks",
        alt="One line a segment with its 95 % interval, by week.",
        **LINES,
    )


def alerts(found: pd.DataFrame, *, n_tested: int) -> tables.TitledTable | Note:
    """Show the lines whose last week differs by more than their noise."""
    if found.empty:
        return Note(
            f"**No alert**: {n_tested} lines were tested, "
            "none moved more than its own noise explains."
        )
    return tables.table(
        found[["segment", "kpi", "value", "expected", "pvalue_adjusted"]],
        title=f"{len(found)} of {n_tested} lines alert in the last whole week",
        formats={"value": ".1%", "expected": ".1%"},
        labels={"pvalue_adjusted": "adjusted p"},
    )


def movement(
    moved: Movement, turns: pd.DataFrame, *, alpha: float, min_people: int = 50
) -> tables.TitledTable | Note:
    """Show who changed segment since the run before, in hundreds; small segments are left out."""
    if moved.migration is None:
        return Note(
            "**There is no earlier run to compare with.** The next one will be compared with this."
        )
    news = "; ".join(f"{turn.segment} {turn.event}" for turn in turns.itertuples())
    news = news or "every segment was kept"
    verdict = f"Within the limit: the segments hold ({news})."
    if moved.exceeds(alpha):
        verdict = f"More than the limit ({news}): refit before the next campaign."
    large = moved.flows[["before", "after"]].min(axis=1) >= min_people
    value, low, high = moved.share
    return tables.table(
        moved.flows[large].round(-2),
        title=f"{value:.1%} of people changed segment ({low:.1%} to {high:.1%})",
        subtitle=verdict,
        formats=dict.fromkeys(["before", "entries", "exits", "after"], ",.0f"),
    )
