"""What notebook 01 shows: indicators, how many people a lift takes, floors, and the rule."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.views.note import Note


def indicators(kpis: pd.DataFrame, *, goal: str, owner: str) -> tables.TitledTable:
    """Show which indicator decides and which explain."""
    primary = kpis.loc[kpis["role"] == "primary", "kpi"].iloc[0]
    return tables.table(
        kpis[["kpi", "role", "formula", "unit"]],
        title=f"{primary} decides, {len(kpis) - 1} other indicators explain",
        subtitle=f"{goal} — decided by the {owner}",
    )


def power(curve: pd.DataFrame, *, base_rate: float, minimum_lift: float, needed: int) -> Axes:
    """Draw how many people a segment needs, by the lift that must be seen."""
    return figures.lines(
        curve.assign(points=100 * curve["minimum_lift"]),
        x="points",
        y="people",
        title=f"Seeing {100 * minimum_lift:g} points on a base of {base_rate:.0%} "
        f"takes {needed:,} people a segment",
        xlabel="smallest lift to be seen, percentage points",
        ylabel="people in the segment",
        alt="People needed fall steeply as the lift to be seen grows.",
    )


def floors(rules: pd.DataFrame) -> Axes:
    """Draw the rules that keep a segment from being too small; the longest bar binds."""
    binding = rules.loc[rules["people"].idxmax()]
    return figures.bars(
        rules,
        y="rule",
        x="people",
        title=f"A segment needs {binding['people']:,} people, because {binding['reason']}",
        xlabel="fewest people in a segment",
        alt="One bar a rule; the longest binds.",
    )


def decision_rule(rule: pd.DataFrame) -> Note:
    """Say the rule in one sentence."""
    row = rule.iloc[0]
    return Note(
        f"> Act when **{row['metric']}** within **{row['horizon_days']} days** rises by at least "
        f"**{row['minimum_lift']:.1%}**, with less than a **{row['alpha']:.0%}** chance of a false "
        f"alarm. Stop {row['stop_rule']}."
    )
