"""What 08 shows: whom to believe, what campaigns changed, and what follows."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from coterie.experiments import Report, Shrunken
from coterie.experiments.deciding.aggregates import AS_ASSIGNED
from coterie.reporting import figures, tables
from coterie.views.forms.effects import UNITS, number, outcome, size, span
from coterie.views.forms.note import Note

NO_EXPERIMENT = Note(
    "**There is no experiment in these data.** Nobody was assigned to a campaign, so nothing here"
    " can say what one would change."
)
ALT_LIFT = "One dot a {what} with its 95 % interval against no difference."
ALPHA = 0.05  # of differences between segments
SHOWN = 25  # campaigns and arms drawn, or listed, at most
# simulated: one in eight buys, a lognormal sum of sigma 1.5; 1,000 in control, 2,000 in the arm
ONE_SIDED = (
    " A few large orders carry a mean of money: where control is the smaller arm and nothing"
    " changed, its interval lies above the truth in about 5 of 100 campaigns and below it in 1."
)
UNLIKE = "Chance may explain how segments differ in reacting"


def campaigns(report: Report, *, min_people: int) -> tables.TitledTable | Note:
    """Show which campaigns are experiments; sizes of arms under `min_people` are left out."""
    if not report.tried:
        return NO_EXPERIMENT
    rows = [campaign_row(report, name, min_people) for name in report.tried]
    return tables.table(
        pd.DataFrame(rows),
        title=f"{len(report.trusted)} of {len(rows)} campaigns can show what they changed",
        labels={"sizes": "people by arm", "p_sizes": "p of these sizes", "because": "why not A"},
    )


def campaign_row(report: Report, name: str, min_people: int) -> dict:
    """Say of one campaign who was in it, and of which grade it is."""
    asked = report.checks[report.checks["experiment"] == name].set_index(["check", "segment"])
    sums = report.sums[(report.sums["experiment"] == name) & (report.sums["segment"] == "all")]
    sizes = sums.groupby("arm")["n_assigned"].max()
    shown = [
        f"{arm} {'—' if 0 < n < min_people else format(int(n), ',')}" for arm, n in sizes.items()
    ]
    failed = asked[~asked["passed"] & (asked["caps"] > "A")]
    return {
        "campaign": name,
        "randomised": report.campaigns[name].randomised,
        "sizes": "; ".join(shown),
        "p_sizes": asked.loc[("sizes", "all"), "pvalue"],
        "evidence": report.grades[name],
        "because": next(iter(failed["reason"]), "—"),
    }


def checks(report: Report) -> tables.TitledTable | Note:
    """Show what was asked of the main campaign; of segments only what failed."""
    if report.main is None:
        return Note("No campaign passed its checks, so none is shown in full.")
    rows = report.checks[report.checks["experiment"] == report.main]
    shown = rows[(rows["segment"] == "all") | ~rows["passed"]]
    return tables.table(
        shown[["check", "segment", "passed", "pvalue", "reason"]],
        title=f"{report.main} passed {int(rows['passed'].sum())} of {len(rows)} checks",
        labels={"pvalue": "p-value", "reason": "what was found"},
    )


def no_lift(report: Report, *, min_people: int) -> Note:
    """Say why nothing can be said about a lift."""
    if not report.tried:
        return NO_EXPERIMENT
    flaw = "were not randomised"
    if any(report.campaigns[name].randomised for name in report.tried):
        flaw = f"have no two arms of {min_people} people whose outcome is known"
    held = sum(has_control(report, name) for name in report.tried)
    return Note(
        f"**These campaigns {flaw}, so nothing can be said about lift.**"
        f" {held} of {len(report.tried)} held anybody out; what people did, they might have done"
        " anyway."
    )


def has_control(report: Report, name: str) -> bool:
    """Tell whether a campaign held anybody out."""
    rows = report.sums[report.sums["experiment"] == name]
    return bool((rows["arm"] == report.campaigns[name].plan.control).any())


def lift_by_campaign(report: Report, *, min_people: int) -> Axes | Note:
    """Draw how people in each arm differ from control, one dot a campaign and arm."""
    found = report.overall
    if found.empty:
        return no_lift(report, min_people=min_people)
    kind, found = of_one_kind(report, found)
    found, left = largest(report, found)
    kinds = found["evidence"].map({"A": " (randomised)", "B": " (randomised, with reservations)"})
    several = found.groupby("experiment")["arm"].transform("nunique") > 1
    named = found["experiment"].where(~several, found["experiment"] + ", " + found["arm"])
    return figures.dots(
        found.assign(shown=named + kinds.fillna(" (not a lift)")),
        y="shown",
        x="effect",
        low="low",
        high="high",
        reference=0,
        title=lift_title(report, min_people=min_people),
        xlabel=f"arm minus control, {UNITS[kind]}{left}",
        alt=ALT_LIFT.format(what="campaign"),
    )


def largest(report: Report, found: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Keep what can be drawn on one page, the main campaign and those of most people first."""
    sizes = found["n_arm"] + found["n_control"]
    order = sizes.where(found["experiment"] != report.main, np.inf).sort_values(ascending=False)
    kept = found.loc[order.head(SHOWN).index.sort_values()]
    left = len(found) - len(kept)
    return kept, f" ({left:,} arms of smaller campaigns are not drawn)" if left else ""


def of_one_kind(report: Report, found: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Keep the campaigns whose outcome has the main one's unit: one axis has one."""
    kinds = found["experiment"].map({n: c.plan.primary.kind for n, c in report.campaigns.items()})
    kind = kinds.iloc[0] if report.main is None else report.plan.primary.kind
    return kind, found[kinds == kind].reset_index(drop=True)


def lift_title(report: Report, *, min_people: int) -> str:
    """Say what the main campaign changed, or why nothing can be said."""
    value, low, high, _ = report.lift
    if report.main is None:
        return "No randomised campaign passed its checks"
    if report.decision == "too early" and value is None:
        return f"For {report.main} it is too early: nobody has had the whole horizon yet"
    if value is None:
        return f"{report.main} has no two arms of {min_people} people to compare"
    metric = report.plan.primary
    arm = report.decided["arm"].iloc[0]
    by = f"{arm} in {report.main}" if len(report.plan.treatments) > 1 else report.main
    return f"{by} changed {outcome(metric)} by {span(value, low, high, metric.kind)}"


def other_metrics(report: Report) -> tables.TitledTable | Note:
    """Show every metric of the main campaign for everyone, with what follows from each."""
    if report.main is None or report.decided["effect"].isna().all():
        return Note("There is no campaign whose outcomes can be compared.")
    keys = ["experiment", "metric", "arm", "segment"]
    rows = pd.concat([report.decided, report.secondary]).dropna(subset="effect")
    means = report.effects[report.effects["analysis"] == AS_ASSIGNED]
    shown = rows.merge(means[[*keys, "control_mean", "arm_mean", "method"]], on=keys)
    kinds = {metric.name: metric.kind for metric in report.plan.metrics}
    for column in ("control_mean", "arm_mean", "effect", "low", "high"):
        shown[column] = [
            number(value, kinds[metric], column)
            for metric, value in zip(shown["metric"], shown[column], strict=True)
        ]
    columns = ["metric", "arm", "control_mean", "arm_mean", "effect", "low", "high", "decision"]
    acting = shown.loc[shown["decision"] == "act", "metric"].nunique()
    return tables.table(
        shown[[*columns, "method"]],
        title=f"{acting} of {shown['metric'].nunique()} outcomes speak for acting",
        subtitle=f"Everyone in {report.main}, as assigned; the first outcome decides."
        + (ONE_SIDED if "mean" in shown["metric"].map(kinds).tolist() else ""),
        labels={"control_mean": "control", "arm_mean": "in the arm"},
    )


def lift_by_segment(report: Report) -> Axes | Note:
    """Draw the main campaign's effect, one dot a segment."""
    rows = report.by_segment
    if rows.empty:
        return Note("No segment can be compared.")
    return figures.dots(
        rows,
        y="label",
        x="effect",
        low="low",
        high="high",
        by="segment",
        reference=0,
        title=f"{report.n_lifted} of {len(rows)} segments show a lift that chance does not explain",
        xlabel=f"arm minus control, {UNITS[report.plan.primary.kind]}",
        alt=ALT_LIFT.format(what="segment"),
    )


def decision(report: Report, registered: pd.DataFrame) -> Note:
    """Say what the plan says for everyone, and whether it is older than the campaign."""
    if report.main is None:
        return Note("Without a campaign that passed its checks, for everyone: **cannot tell**.")
    order = "**not pre-registered**: written down after the campaign began, or without its date"
    if report.pre_registered(registered):
        order = "fixed before the campaign began"
    plan, rows = report.plan, report.decided
    least = size(plan.minimum_lift, plan.primary.kind)
    asked = "a rise beyond chance"
    if plan.act_when == "estimate >= minimum":
        asked = f"a rise beyond chance whose estimate is {least}"
    said = "; ".join(
        f"{row.arm}: **{row.decision}** ({row.reason})" for row in rows.itertuples(index=False)
    )
    if len(rows) == 1:
        said = f"**{rows['decision'].iloc[0]}** ({rows['reason'].iloc[0]})"
    return Note(
        f"The plan asks for {asked} at alpha {plan.alpha:g}, and gives up where a rise of"
        f" {least} is excluded. For everyone: {said}. The plan was"
        f" {order}."
    )


def decision_by_segment(report: Report) -> tables.TitledTable | Note:
    """Show what the same plan says in each segment."""
    if report.main is None:
        return Note("No campaign, so no segment to act in.")
    rows = report.by_segment
    absent = ", ".join(report.not_compared)
    metric = report.plan.primary
    numbers = ["arm_mean", "control_mean", "effect", "low", "high"]
    shown = rows.reindex(columns=["label", *numbers, "decision", "reason"])
    for column in numbers:
        shown[column] = [number(value, metric.kind, column) for value in shown[column]]
    return tables.table(
        shown,
        title=f"The same plan by segment: act in {len(report.to_act_on)} of {len(rows)}",
        subtitle=f"Too few people to compare: {absent}" if absent else "",
        labels={
            "label": "segment",
            "control_mean": f"{outcome(metric)}, control",
            "arm_mean": f"{outcome(metric)}, in the arm",
            "effect": "lift",
        },
    )


def shrunken(found: Shrunken) -> tables.TitledTable | Note:
    """Show each segment's effect as found, and pulled to the common mean."""
    if found.table.empty:
        return Note("No segment's effect is known, so none can be pulled to the others.")
    words = "Segments differ in how they react" if found.pvalue < ALPHA else UNLIKE
    shown = found.table[["label", "effect", "shrunken", "shrunken_error"]].copy()
    for column in ("effect", "shrunken"):
        shown[column] = [number(value, found.kind, "effect") for value in shown[column]]
    shown["shrunken_error"] = [size(value, found.kind) for value in shown["shrunken_error"]]
    return tables.table(
        shown,
        title=f"{words} (p = {found.pvalue:.2g})",
        labels={
            "label": "segment",
            "effect": "as found",
            "shrunken": "pulled to the mean",
            "shrunken_error": "standard error",
        },
    )


def alike(pairs: pd.DataFrame, report: Report) -> Note:
    """Say which segments react alike."""
    if pairs.empty:
        return Note("No two segments are proven to react alike; that takes many people.")
    named = "; ".join(f"{row.one} and {row.other}" for row in pairs.itertuples(index=False))
    within = size(report.minimum, report.plan.primary.kind)
    return Note(
        f"**{len(pairs)} pairs of segments react alike**, to within {within}: {named}. One campaign"
        " may do for both; nothing is merged by this."
    )


def holdout(report: Report, *, min_people: int) -> Note:
    """Say what being addressed at all changed, against the standing holdout."""
    row = report.holdout
    if row is None or pd.isna(row["low"]):
        return Note(
            f"The standing holdout has fewer than {min_people} people, or nothing varies in it:"
            " nothing can be said yet about the whole."
        )
    change = span(*row[["effect", "low", "high"]], "share")  # as the plan for any campaign counts
    return Note(
        f"Of {int(row['n_arm']):,} people who may be addressed {row['arm_mean']:.1%} did it, of"
        f" {int(row['n_control']):,} held out {row['control_mean']:.1%}: **{change}**. This is"
        " measured, not decided on."
    )
