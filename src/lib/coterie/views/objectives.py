"""What notebook 01 shows: indicators, how many people a lift takes, floors, and the plans."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from coterie.experiments import Plan, stop_rule
from coterie.objectives import Smart
from coterie.reporting import figures, tables
from coterie.views.forms.effects import size as size_of
from coterie.views.forms.note import Note
from coterie.wording import counted


def indicators(kpis: pd.DataFrame, *, goal: str, owner: str) -> tables.TitledTable:
    """Show which indicator decides and which explain."""
    primary = kpis.loc[kpis["role"] == "primary", "kpi"].iloc[0]
    return tables.table(
        kpis[["kpi", "role", "formula", "unit"]],
        title=f"{primary} decides, {len(kpis) - 1} other indicators explain",
        subtitle=f"{goal} — decided by the {owner}",
    )


def goals(found: Smart) -> tables.TitledTable:
    """Show each goal with its number, its day and its owner, and what it lacks, with the key."""
    asked = found.faults["missing"] + " (`" + found.faults["key"] + "`)"
    lacks = asked.groupby(found.faults["goal"]).agg("; ".join)
    rows = found.goals.assign(lacks=found.goals["goal"].map(lacks))
    words = {"reach": "reach {:g}", "rise": "rise by {:g}", "": "—"}
    numbers = [words[row.measure].format(row.target) for row in rows.itertuples()]
    title = f"{found.n_smart} of {len(rows)} goals have a number, a day and an owner"
    return tables.table(
        rows.assign(number=numbers)[["goal", "kpi", "number", "due", "owner", "lacks"]],
        title=title,
        labels={"kpi": "measured by", "number": "by how much", "lacks": "what to add, and where"},
        formats={"due": "%d %B %Y"},
    )


def benchmarks(known: pd.DataFrame, *, kpi: str) -> tables.TitledTable | Note:
    """Show what others reach, with denominator, source and date; never a number without them."""
    rows = known[known["kpi"] == kpi]
    if rows.empty:
        return Note(f"**No benchmark of {kpi} is known.** It stays unknown.")
    return tables.table(
        rows[["platform", "denominator", "value", "n", "span", "source", "read_on"]],
        title=f"{counted(len(rows), 'benchmark')} of {kpi}, each with its source and date",
        subtitle="A dash is not known. A rate over followers is never held against impressions.",
        labels={"denominator": "over", "n": "on how many posts", "value": "others reach"},
        formats={"value": ".2%", "n": ",.0f", "read_on": "%d %B %Y"},
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


def size(sizes: pd.DataFrame, plan: Plan) -> tables.TitledTable:
    """Show how many people each arm takes, and what the plan can promise with them."""
    act = sizes["p_act"].min()
    return tables.table(
        sizes[["arm", "n_control", "n_arm", "n_total", "p_act", "mde"]],
        title=f"With {sizes['n_total'].max():,} people the plan acts on its minimum in {act:.0%} "
        "of experiments",
        subtitle=f"It acts when {plan.act_when}; a lift of {plan.minimum_lift:g} is told from none "
        f"with a power of {plan.power:.0%}.",
        labels={
            "n_control": "people in control",
            "n_arm": "people in the arm",
            "n_total": "people in all arms",
            "p_act": "acts on the minimum",
            "mde": f"lift acted on in {plan.power:.0%}",
        },
        formats={"p_act": ".0%", "mde": ".3f", "n_control": ",", "n_arm": ",", "n_total": ","},
    )


def plans(every: Sequence[Plan], registered: pd.DataFrame) -> Note:
    """Say each plan in one sentence, with its first date."""
    dates = registered.set_index("experiment").loc[registered["current"].to_numpy()]
    return Note(
        "\n>\n".join(
            f"> {sentence_of(plan)} *Written down {dates.loc[plan.id, 'registered_at']:%Y-%m-%d}.*"
            for plan in every
        )
    )


def sentence_of(plan: Plan) -> str:
    """Say what a plan decides by."""
    primary, others = plan.primary, ", ".join(metric.name for metric in plan.secondaries)
    least = size_of(plan.minimum_lift, primary.kind)
    when = "rises at all"
    if plan.act_when == "estimate >= minimum":
        when = f"rises by {least} or more"
    arms = " to ".join(f"{arm} {weight:g}" for arm, weight in plan.arms.items())
    also = f" Behind it stand {others}, and every segment." if others else ""
    return (
        f"**{plan.id}** ({arms}): act when **{primary.name}** within **{primary.horizon_days} "
        f"days** {when}, with less than a **{plan.alpha:.0%}** chance of a false alarm; do not "
        f"when a rise of **{least}** is excluded. It is decided {stop_rule(plan)}.{also}"
    )
