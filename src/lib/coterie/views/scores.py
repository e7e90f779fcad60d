"""What notebook 06 shows: whether there is enough to go on, and how good the forecast is."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.scores import Cuts, Decision, Sufficiency, Trial, ValueDays, ValueTrial
from coterie.statistics import Interval
from coterie.views.note import Note

NAMES = {
    "auc": "ranking (AUC; 0.5 is guessing)",
    "log_loss": "surprise (log loss; less is better)",
    "brier": "squared error (Brier score; less is better)",
    "calibration_error": "distance of forecasts from what happened (ECE)",
}
VALUE_NAMES = {
    "spearman": "order (Spearman; 0 is none, 1 is perfect)",
    "gini": "order, weighted by money (normalised Gini)",
    "decile_error": "distance of tenths from what came, in shares of the mean",
    "total_error": "total forecast over what came, less one",
}
VALUE_KINDS = {
    "bgnbd_gamma_gamma": "BG/NBD and Gamma-Gamma",
    "last_year_repeats": "what people spent lately, day for day",
}


def sufficiency(
    gate: Sufficiency, *, cuts: Cuts, verb: str, min_people: int = 50
) -> tables.TitledTable:
    """Show every requirement next to what there is; few people are not counted out loud."""
    met = int(gate.checks["met"].sum())
    people = gate.checks["counts"] == "people"
    few = people & (gate.checks["have"] < min_people)
    shown = gate.checks.assign(
        check=gate.checks["counts"] + " " + gate.checks["check"],
        have=gate.checks["have"].map("{:,}".format).mask(few, f"under {min_people}"),
    )
    return tables.table(
        shown[["check", "need", "have", "met"]],
        title=f"{met} of {len(gate.checks)} requirements are met",
        subtitle=f"Outcome: a {verb} within {cuts.horizon_days} days; "
        f"fitted on {cuts.fit_on}, judged on {cuts.judge_on}",
        labels={"check": "requirement", "need": "at least"},
    )


def comparison(trial: Trial) -> tables.TitledTable | Note:
    """Show all measures of all forecasts with their intervals, one column a forecast."""
    if trial.measures.empty:
        return Note("**No forecast was fitted**, so there is nothing to compare.")
    cells = [
        f"{row.value:.3f} ({row.low:.3f} to {row.high:.3f})" for row in trial.measures.itertuples()
    ]
    wide = trial.measures.assign(cell=cells).pivot(
        index="measure", columns="forecast", values="cell"
    )
    order = trial.measures["forecast"].unique()
    shown = wide.loc[list(NAMES), order].rename(index=NAMES).reset_index()
    verb = "beats" if trial.gain.low > 0 else "does not beat"
    return tables.table(
        shown,
        title=f"The forecast {verb} the base rate on days it never saw",
        subtitle=f"Log loss saved a person: {_interval(trial.gain, '.4f')}",
    )


def reliability(trial: Trial, *, verb: str) -> Axes | Note:
    """Draw what happened against what was forecast, group by group."""
    if trial.reliability.empty:
        return Note("**No forecast, so none to hold against what happened.**")
    rows = trial.reliability.assign(
        group=trial.reliability["forecast"].map("forecast {:.0%}".format)
        + trial.reliability["group"].map(", group {}".format)
    )
    inside = rows["forecast"].between(rows["low"], rows["high"]).sum()
    return figures.bars(
        rows.iloc[::-1],
        y="group",
        x="value",
        low="low",
        high="high",
        null="forecast",
        title=f"{inside} of {len(rows)} groups did as forecast, within their interval",
        xlabel=f"share of people with a {verb}; the tick is the forecast",
        alt="One bar a group of equally many people, the likeliest on top, with its forecast.",
    )


def sentinels(trial: Trial) -> Axes | Note:
    """Draw the ranking on true and on shuffled outcomes, and name columns that are too good."""
    if trial.measures.empty:
        return Note("**No forecast, so no alarm to raise.**")
    rows = pd.DataFrame(
        [("outcomes as they were", *trial.measure("auc")), ("outcomes shuffled", *trial.shuffled)],
        columns=["what", "auc", "low", "high"],
    )
    alarm = "no column alone is too good to be true"
    if trial.too_good:
        alarm = f"{', '.join(trial.too_good)} alone tells too much: look for a leak"
    return figures.dots(
        rows,
        y="what",
        x="auc",
        low="low",
        high="high",
        reference=0.5,
        title=f"Shuffled outcomes give an AUC of {trial.shuffled.value:.2f}; {alarm}",
        xlabel="AUC on days the forecast never saw; 0.5 is guessing",
        alt="AUC with its interval, for true and for shuffled outcomes.",
    )


def deciles(
    people: pd.DataFrame, *, decision: Decision, verb: str, min_people: int = 50
) -> Axes | Note:
    """Draw what is forecast for each tenth of people, or say why nothing is."""
    if people.empty:
        return Note(f"**{decision.sentence}** No person gets a score.")
    rows = people.groupby("decile", as_index=False)["value"].agg(["mean", "size"])
    if rows["size"].min() < min_people:
        return Note(f"**Fewer than {min_people} people in a tenth**: too few to show apart.")
    rows = rows.sort_values("decile", ascending=False)
    top = rows["mean"].iloc[0]
    everyone = people["value"].mean()
    return figures.bars(
        rows.assign(everyone=everyone),
        y="decile",
        x="mean",
        null="everyone",
        title=f"Forecast to have a {verb}: {top:.0%} of the likeliest tenth, {everyone:.0%} of all",
        xlabel="mean forecast; the tick is everybody's",
        alt="One bar a tenth of people, 10 the likeliest.",
    )


def value_comparison(trial: ValueTrial, *, plan: ValueDays) -> tables.TitledTable | Note:
    """Show how three ways to tell lifetime value did, or say why there is none."""
    if not plan.record_days:
        return Note("**These data hold no purchase**, so nobody has a lifetime value.")
    if not trial.sufficiency.enough:
        reasons, needed = (
            "; ".join(words) for words in (trial.sufficiency.reasons, trial.sufficiency.needed)
        )
        return Note(f"**No lifetime value**: {reasons}. Needed: {needed}.")
    cells = [
        f"{row.value:.3f} ({row.low:.3f} to {row.high:.3f})" for row in trial.measures.itertuples()
    ]
    wide = trial.measures.assign(cell=cells).pivot(
        index="measure", columns="forecast", values="cell"
    )
    order = trial.measures["forecast"].unique()
    title = "The model puts buyers in no worse an order than last year's purchases"
    if trial.last_year_ranks_better:
        title = "Last year's purchases put buyers in a better order than the model"
    return tables.table(
        wide.loc[list(VALUE_NAMES), order].rename(index=VALUE_NAMES).reset_index(),
        title=title,
        subtitle=f"Money of {plan.days} days from {plan.judge_on} on; difference of Spearman "
        f"{_interval(trial.order_gain, '.3f')}",
    )


def value_tenths(trial: ValueTrial) -> Axes | Note:
    """Draw what tenths of buyers brought against what was forecast."""
    if trial.tenths.empty:
        return Note("**No lifetime value, so none to hold against what came.**")
    rows = trial.tenths.iloc[::-1]
    top = rows.iloc[0]
    return figures.bars(
        rows,
        y="decile",
        x="actual",
        null="forecast",
        title=f"The highest tenth brought {top['actual']:,.0f} each; {top['forecast']:,.0f} "
        "were forecast",
        xlabel="money a person in the outcome window; the tick is the forecast",
        alt="One bar a tenth of buyers, 10 the highest, with the model's forecast.",
    )


def value_ruling(trial: ValueTrial, *, plan: ValueDays, value_days: int) -> Note:
    """Say what lifetime values are computed by, and for how long they were checked."""
    if not trial.sufficiency.enough:
        return Note("**Nobody gets a lifetime value.**")
    sentences = [f"**Lifetime values are computed by {VALUE_KINDS[trial.kind]}.**"]
    if trial.last_year_ranks_better and trial.kind == "bgnbd_gamma_gamma":
        sentences += [
            "Where only the order counts, take last year's purchases: they rank better.",
            "The level of the money is closer with the model, so it is used.",
        ]
    if value_days > plan.days:
        checked = f"They cover {value_days} days and were checked over {plan.days}"
        sentences += [f"{checked}: the rest is extrapolated."]
    return Note(" ".join(sentences))


def ruling(decision: Decision) -> Note:
    """Say whether the forecast is used."""
    return Note(f"**{decision.sentence}**")


def _interval(found: Interval, form: str) -> str:
    """Write an estimate with its interval."""
    return f"{found.value:{form}} ({found.low:{form}} to {found.high:{form}})"
