"""What notebook 06 shows: whether there is enough to go on, and how good the forecasts are."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.scores import Cuts, Decision, Sentinels, Sufficiency, Target, Trial
from coterie.views.forms.measures import wide_measures, with_interval
from coterie.views.forms.note import Note
from coterie.wording import trait_label

NAMES = {
    "auc": "ranking (AUC; 0.5 is guessing)",
    "log_loss": "surprise (log loss; less is better)",
    "brier": "squared error (Brier score; less is better)",
    "calibration_error": "distance of forecasts from what happened (ECE)",
}
TOP = 8  # behaviours that are drawn
Shown = tables.TitledTable | Note
Trials = dict[str, Trial]
Targets = Sequence[Target]


def sufficiency(
    gates: dict[str, Sufficiency], *, cuts: Cuts, targets: Targets, min_people: int = 50
) -> tables.TitledTable:
    """Show every requirement next to what there is; few people are not counted out loud."""
    columns = {}
    for target in targets:
        checks = gates[target.score].checks
        few = (checks["counts"] == "people") & (checks["have"] < min_people)
        have = checks["have"].map("{:,}".format).mask(few, f"under {min_people}")
        columns[target.words] = have.where(checks["met"], have + " (too few)")
    first = gates[targets[0].score].checks
    enough = sum(gate.enough for gate in gates.values())
    rows = {"requirement": first["counts"] + " " + first["check"], "at least": first["need"]}
    return tables.table(
        pd.DataFrame(rows | columns),
        title=f"There is enough to go on for {enough} of {len(gates)} outcomes",
        subtitle=f"Fitted on {cuts.fit_on}, judged on {cuts.judge_on}, "
        f"{cuts.lookback_days} days of behaviour each",
    )


def comparison(trials: Trials, *, targets: Targets) -> Shown:
    """Show all measures of all forecasts with their intervals, one column a forecast."""
    fitted = [target for target in targets if not trials[target.score].measures.empty]
    if not fitted:
        return Note("**No forecast was fitted**, so there is nothing to compare.")
    blocks = [_measures(trials[target.score], target) for target in fitted]
    ahead = sum(trials[target.score].gain.low > 0 for target in fitted)
    saved = "; ".join(
        f"{target.words}: {with_interval(trials[target.score].gain, '.4f')}" for target in fitted
    )
    return tables.table(
        pd.concat(blocks, ignore_index=True),
        title=f"{ahead} of {len(fitted)} forecasts beat the base rate on days they never saw",
        subtitle=f"Log loss saved a person: {saved}",
    )


def _measures(trial: Trial, target: Target) -> pd.DataFrame:
    """Lay out the measures of one outcome, one row a measure."""
    wide = wide_measures(trial.measures, NAMES)
    return wide.assign(outcome=target.words)[["outcome", *wide.columns]]


def reliability(trials: Trials, *, targets: Targets) -> Axes | Note:
    """Draw what happened against what was forecast, group by group."""
    parts = [
        trials[target.score].reliability.iloc[::-1].assign(outcome=target.words)
        for target in targets
    ]
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        return Note("**No forecast, so none to hold against what happened.**")
    names = rows["forecast"].map("forecast {:.0%}".format)
    rows["group"] = rows["outcome"] + ", " + names + rows["group"].map(", group {}".format)
    inside = rows["forecast"].between(rows["low"], rows["high"]).sum()
    return figures.bars(
        rows,
        y="group",
        x="value",
        low="low",
        high="high",
        null="forecast",
        by="outcome",
        title=f"{inside} of {len(rows)} groups did as forecast, within their interval",
        xlabel="share of people with the outcome; the tick is the forecast",
        alt="One bar a group of equally many people, the likeliest on top, with its forecast.",
    )


def sentinels(found: dict[str, Sentinels], trials: Trials, *, targets: Targets) -> Axes | Note:
    """Draw the ranking on true and on shuffled outcomes, and say which alarms ring."""
    fitted = [target for target in targets if not trials[target.score].measures.empty]
    if not fitted:
        return Note("**No forecast, so no alarm to raise.**")
    rows = []
    for target in fitted:
        shuffled = found[target.score].shuffled
        rows += [(f"{target.words}: as it was", *trials[target.score].measure("auc"))]
        rows += [(f"{target.words}: shuffled", *shuffled)]
    alarms = [alarm for target in fitted for alarm in found[target.score].alarms]
    return figures.dots(
        pd.DataFrame(rows, columns=["what", "auc", "low", "high"]),
        y="what",
        x="auc",
        low="low",
        high="high",
        reference=0.5,
        title="; ".join(dict.fromkeys(alarms)) or "No alarm rings, and nothing is found by chance",
        xlabel="AUC on days the forecast never saw; 0.5 is guessing",
        alt="AUC with its interval, for true and for shuffled outcomes.",
    )


def rulings(decisions: dict[str, Decision], *, targets: Targets) -> Note:
    """Say which forecasts are used, and what the others would need."""
    lines = []
    for target in targets:
        decision = decisions[target.score]
        line = f"**{target.words.capitalize()}.** {decision.sentence}"
        needed = f" Needed: {'; '.join(decision.needed)}." if decision.needed else ""
        lines.append(line + needed)
    return Note("\n\n".join(lines))


def deciles(*scored: pd.DataFrame, targets: Targets, min_people: int = 50) -> Axes | Note:
    """Draw what is forecast for each tenth of people, or say why nothing is."""
    parts = [_tenths(people, target) for people, target in zip(scored, targets, strict=True)]
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        return Note("**No forecast is used**, so no person gets a probability.")
    if rows["size"].min() < min_people:
        return Note(f"**Fewer than {min_people} people in a tenth**: too few to show apart.")
    tops = rows[rows["decile"] == rows["decile"].max()]
    return figures.bars(
        rows,
        y="group",
        x="mean",
        null="everyone",
        by="outcome",
        title="; ".join(
            f"{row.outcome}: {row.mean:.0%} of the likeliest tenth, {row.everyone:.0%} of all"
            for row in tops.itertuples()
        ),
        xlabel="mean forecast; the tick is everybody's",
        alt="One bar a tenth of people, 10 the likeliest.",
    )


def _tenths(people: pd.DataFrame, target: Target) -> pd.DataFrame:
    """Average a score within its tenths, the highest first."""
    rows = people.groupby("decile", as_index=False)["value"].agg(["mean", "size"])
    rows = rows.sort_values("decile", ascending=False)
    group = target.words + ", tenth " + rows["decile"].astype(str)
    return rows.assign(outcome=target.words, everyone=people["value"].mean(), group=group)


def importance(found: dict[str, pd.DataFrame], *, targets: Targets) -> Axes | Note:
    """Draw the behaviours that forecasts rest on most, with their intervals."""
    parts = [found[target.score].head(TOP).assign(outcome=target.words) for target in targets]
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        return Note("**No forecast, so it rests on nothing.**")
    first = rows.drop_duplicates("outcome")
    leading = [f"{row.outcome}: {trait_label(row.feature)}" for row in first.itertuples()]
    labels = rows["outcome"] + ": " + rows["feature"].map(trait_label)
    return figures.bars(
        rows.assign(behaviour=labels),
        y="behaviour",
        x="value",
        low="low",
        high="high",
        by="outcome",
        title=f"What forecasts rest on most: {'; '.join(leading)}",
        xlabel="surprise saved a person (log loss), on people and days it never saw",
        alt="One bar a behaviour, the most important on top, with its interval.",
    )
