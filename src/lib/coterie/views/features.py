"""What notebook 03 shows: what counts how much, what people did, who may be a bot, what moved."""

import calendar

import pandas as pd
from matplotlib.axes import Axes

from coterie.features.activity.scales import Scale
from coterie.features.learning.decay import HalfLives
from coterie.features.learning.weights import Weights
from coterie.features.stability.leaks import Forecast
from coterie.reporting import figures, tables
from coterie.views.forms.note import Note
from coterie.wording import counted, listed, trait_label

SHOWN = 12  # rows of a chart at most


def decay_curves(half_lives: HalfLives) -> Axes | Note:
    """Draw what every half-life tried loses out of time, one line a verb whose own was learned."""
    chosen = half_lives.chosen
    if chosen.empty:
        return Note(
            "**No half-life is learned**: it is fixed by the setting, or none forecasts better "
            "than a steady rate. The convention stands."
        )
    losses = half_lives.losses[half_lives.losses["verb"].isin(chosen["verb"])]
    return figures.lines(
        losses,
        x="half_life_days",
        y="share_of_gain",
        by="verb",
        title=f"Half-lives in days: {half_lives.sentence}",
        xlabel="half-life tried, days",
        ylabel="loss above the best, share of what decay saves",
        alt="Out-of-time loss by half-life, one line a verb: 0 is the half-life chosen, "
        "1 as bad as no decay.",
    )


def learned_weights(weights: Weights, *, outcome: str, horizon_days: int) -> Axes | Note:
    """Draw the largest learned weights with their intervals."""
    table = weights.table.dropna(subset="low").nlargest(SHOWN, "weight")
    if table.empty:
        return Note(
            f"**Nothing was learned**: too few people had a {outcome} in the last "
            f"{horizon_days} days. The convention stands."
        )
    saved = weights.loss_saved
    verdict = "used" if weights.used else "not used"
    return figures.dots(
        table.assign(event=table["verb"] + " on " + table["platform"]),
        y="event",
        x="weight",
        low="low",
        high="high",
        reference=1.0,
        title=f"Log-loss that learned weights save out of time: {saved.value:.4f} "
        f"({saved.low:.4f} to {saved.high:.4f}) a person, {verdict}",
        xlabel=f"weight of one event for a later {outcome}; the convention for a like is 1",
        alt="Learned weights with their intervals, the dozen largest.",
    )


def dictionary(entries: pd.DataFrame, behaviour: pd.DataFrame) -> tables.TitledTable:
    """Show every feature by its label, its meaning, its sources, and how many people have it."""
    numbers = behaviour[entries["feature"]].astype(float)
    shown = pd.DataFrame(
        {
            "feature": entries["label"],
            "meaning": entries["meaning"] + " (" + entries["unit"] + ")",
            "reads": entries["reads"],
            "known": numbers.notna().mean().to_numpy(),
            "median": numbers.median().to_numpy(),
        }
    )
    return tables.table(
        shown,
        title=f"{counted(len(shown), 'feature')} describe "
        f"{counted(len(behaviour), 'person', 'people')}",
        subtitle=f"{behaviour['n_events'].mean():.1f} events a person",
        formats={"known": ".0%"},
        labels={"reads": "computed from", "known": "people who have it"},
    )


def bot_band(
    band: pd.DataFrame, bots: pd.DataFrame, *, horizon_days: int, min_people: int
) -> Axes | Note:
    """Draw every indicator with and without the people tagged as bots."""
    n_tagged = int(bots["tagged"].sum())
    if n_tagged == 0:
        return Note("**Nobody behaves like a bot**: no indicator depends on them.")
    if n_tagged < min_people:
        return Note(
            f"**Fewer than {min_people} people behave like bots**: too few to show an indicator "
            "without them, since the difference would tell of single people."
        )
    without = {"value": band["value_without"], "low": band["low_without"]}
    without["high"] = band["high_without"]
    sides = [band.assign(people="everybody"), band.assign(people="without the tagged", **without)]
    both = pd.concat(sides).sort_values("kpi", kind="stable")
    moved = (band["value"] - band["value_without"]).abs().max()
    return figures.dots(
        both.assign(row=both["kpi"] + ", " + both["people"]),
        y="row",
        x="value",
        low="low",
        high="high",
        by="people",
        title=f"{n_tagged / len(bots):.1%} of people behave like bots; "
        f"the indicators move by at most {moved:.1%}",
        xlabel=f"share of people, last {horizon_days} days",
        alt="Every indicator with its interval, with and without people tagged as bots.",
    )


def bot_reasons(bots: pd.DataFrame) -> Note:
    """Say why people are tagged, the commonest reason first, without counts of a few people."""
    reasons = bots.loc[bots["tagged"], "reasons"].str.split("; ").explode().value_counts()
    if reasons.empty:
        return Note("**Nobody behaves like a bot**, alone or with others.")
    return Note(
        f"**Why people are tagged**, the commonest reason first: {'; '.join(reasons.index)}."
    )


def platform_scale(scale: Scale) -> Axes | Note:
    """Draw how well the platform can be guessed from raw counts, and from ranked engagement."""
    if pd.isna(scale.raw):
        return Note("**There is one platform**, and nothing to guess.")
    rows = [("counts of events and weeks", scale.raw), ("ranked engagement", scale.relative)]
    return figures.bars(
        pd.DataFrame(rows, columns=["known", "auc"]).assign(guessing=0.5),
        y="known",
        x="auc",
        null="guessing",
        title=f"Ranks hide the platform: AUC {scale.relative:.2f}, from counts {scale.raw:.2f}",
        xlabel="how well the platform is guessed (AUC); the tick is guessing",
        alt="Two bars, counts and ranks, beside what guessing gives.",
    )


def drift(table: pd.DataFrame) -> Axes | Note:
    """Draw the features that moved most, each beside its limit from permutations."""
    if table.empty:
        return Note("**Too few people in one of the windows** to look for drift.")
    largest = table.sort_values("psi", ascending=False).head(SHOWN)
    trends = int((table["course"] == "trend").sum())
    fads = int((table["course"] == "fad").sum())
    drifted = int(table["drifted"].sum())
    return figures.bars(
        largest.assign(row=largest["feature"].map(trait_label) + ", " + largest["course"]),
        y="row",
        x="psi",
        null="limit",
        title=f"{drifted} of {counted(len(table), 'feature')} moved beyond chance; "
        f"{counted(trends, 'trend')}, {counted(fads, 'fad')}",
        xlabel="population stability index; the tick is the limit from permutations",
        alt="The features that moved most between two windows, with their limits.",
    )


def seasons(table: pd.DataFrame, *, by: str) -> Axes | Note:
    """Draw the index of every weekday, or month: 100 is like the usual day."""
    if table["n_events"].sum() == 0:
        return Note("**Nothing happened** in the window, so no day is busier than another.")
    names = calendar.day_name if by == "weekday" else calendar.month_name
    rows = table.assign(name=[names[part] for part in table["part"]], usual=100.0)
    busiest = rows.loc[rows["index"].idxmax()]
    return figures.bars(
        rows,
        y="name",
        x="index",
        null="usual",
        title=f"Busiest {by}: {busiest['name']}, {busiest['index'] - 100:+.0f} % on the usual day",
        xlabel="events a day, index; 100 is the usual day, the tick",
        alt=f"One bar a {by} with its seasonal index.",
    )


def funnel(table: pd.DataFrame, *, min_people: int) -> Axes | Note:
    """Draw how many people reach each step, and name the largest loss."""
    if len(table) < 2:
        return Note("**No steps before the outcome were recorded**: there is no funnel to draw.")
    if table["people"].min() < min_people:
        return Note(f"**Fewer than {min_people} people reach a step**: the funnel stays hidden.")
    steps = table.assign(previous=table["step"].shift(fill_value="the beginning"))
    lost = steps[steps["largest_loss"]]
    where = [f"{row.previous} to {row.step} ({row.share_lost:.0%})" for row in lost.itertuples()]
    return figures.bars(
        table,
        y="step",
        x="people",
        title=f"Most are lost from {listed(where)}" if where else "Nobody is lost on the way",
        xlabel="people who reach the step, having reached those before it",
        alt="One bar a step with the people who reach it in order.",
    )


def step_matrix(steps: pd.DataFrame, *, min_people: int) -> Axes | Note:
    """Draw what people do next as a matrix, steps that few people took left blank."""
    shown = steps[steps["people"] >= min_people]
    if shown.empty:
        return Note(f"**No step was taken by {min_people} people**: the matrix stays hidden.")
    likeliest = shown[shown["source"] != "start"].nlargest(1, "share")
    commonest = [
        f"after {row.source}, {row.share:.0%} go to {row.target}" for row in likeliest.itertuples()
    ]
    sources = shown["source"].unique()
    targets = shown["target"].unique()
    grid = pd.MultiIndex.from_product([sources, targets], names=["source", "target"])
    filled = shown.set_index(["source", "target"]).reindex(grid).reset_index()
    return figures.heat(
        filled,
        y="source",
        x="target",
        value="share",
        title=f"What comes next: {listed(commonest) or 'every journey is one step'}",
        label=f"next step; share of the row's steps, those of fewer than {min_people} people blank",
        alt="A matrix of what follows what; rows are steps, columns the next ones.",
    )


def removal(effects: pd.DataFrame, *, outcome: str, min_people: int) -> Axes | Note:
    """Draw what each platform takes part in, as described, not caused."""
    shown = effects[effects["people"] >= min_people].head(SHOWN - 2)
    if not shown["low"].notna().any():
        return Note(f"**No journey ends in a {outcome}**, or too few people took one.")
    return figures.dots(
        shown,
        y="channel",
        x="effect",
        low="low",
        high="high",
        title=f"Described journeys to {outcome}: what each platform takes part in",
        xlabel="removal effect, share of outcomes",
        alt="Removal effect by platform with intervals.",
    )


def answered(brands: pd.DataFrame) -> Axes | Note:
    """Draw which share of the posts that address each brand it answered, and how fast."""
    if brands.empty:
        return Note(
            "**Too few people address any brand** for a comparison that keeps them private."
        )
    shown = brands.head(SHOWN)
    hours = shown["median_hours"].map("median {:.1f} h".format)
    hours = hours.where(shown["median_hours"].notna(), "most still open")
    share = (shown["answered"] * shown["posts"]).sum() / shown["posts"].sum()
    return figures.bars(
        shown.assign(row=shown["brand"] + ", " + hours),
        y="row",
        x="answered",
        low="low",
        high="high",
        title=f"{share:.0%} of the posts that address these brands were answered",
        xlabel="share of posts answered",
        alt="One bar a brand with its interval and median wait.",
    )


def forecast_check(
    check: Forecast, *, changed: int, outcome: str, horizon_days: int
) -> Axes | Note:
    """Draw how well features predict the outcome, beside shuffled outcomes, and name leaks."""
    seeing = counted(changed, "person", "people")
    if pd.isna(check.auc.value):
        return Note(
            f"**Too few people with, or without, a {outcome}** in the last {horizon_days} days to "
            f"test a forecast. {seeing} have features that see the future."
        )
    rows = [("features of the time", *check.auc), ("the same, outcomes shuffled", *check.shuffled)]
    labels = [trait_label(name) for name in check.too_good]
    alarm = f"{listed(labels)} alone tells too much" if labels else "no feature alone is too good"
    return figures.dots(
        pd.DataFrame(rows, columns=["what", "auc", "low", "high"]),
        y="what",
        x="auc",
        low="low",
        high="high",
        reference=0.5,
        title=f"Features of {seeing} change without the future; {alarm}",
        xlabel=f"AUC for a {outcome} in the next {horizon_days} days; 0.5 is guessing",
        alt="AUC with and without shuffled outcomes.",
    )
