"""What 08 shows of looks before the end: which rule holds, and what the planned ones found."""

import pandas as pd

from coterie.experiments import Report, plan_hash, stop_rule
from coterie.reporting import tables
from coterie.views.forms.effects import number
from coterie.views.forms.note import Note

SHOWN = ["arm", "look", "n_people", "boundary", "effect", "low", "high", "decision"]


def taken(report: Report) -> tables.TitledTable | Note:
    """Show which rule holds for looks before the end, and what the planned looks found."""
    if report.main is None:
        return Note("No campaign, so nothing to look at before its end.")
    plan = report.plan
    rule = f"The main question is decided **{stop_rule(plan)}**."
    if not plan.spending:
        return Note(rule)
    rows = report.looks[report.looks["experiment"] == report.main]
    rows = rows[rows["plan_hash"] == plan_hash(plan)]
    if rows.empty:
        return Note(f"{rule} No look has been due yet.")
    shown = rows[
        ["arm", "look", "n_people", "boundary", "effect", "low", "high", "decision"]
    ].copy()
    for column in ("effect", "low", "high"):
        shown[column] = [number(value, plan.primary.kind, column) for value in shown[column]]
    shown["decision"] = shown["decision"].replace("", "none yet")
    return tables.table(
        shown,
        title=f"{rows['look'].max()} of {plan.looks} planned looks: {said_of(rows)}",
        subtitle=f"Decided {stop_rule(plan)}. These intervals hold at all looks together.",
        labels={"n_people": "people", "boundary": "boundary (standard errors)"},
        formats={"n_people": ",", "boundary": ".3f"},
    )


def said_of(rows: pd.DataFrame) -> str:
    """Say what the looks decided, arm by arm."""
    last = rows.groupby("arm", sort=False).last()
    words = [f"{arm}: {word}" for arm, word in last["decision"].items() if word]
    return "; ".join(words) or "nothing is decided yet"
