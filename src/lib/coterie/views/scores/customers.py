"""What notebook 06 shows of money and moves: lifetime value, contacts that pay, segment shift."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.disclosure.cells import hidden_cells
from coterie.reporting import figures, tables
from coterie.scores import ContactPlan, Migration, ValueDays, ValueTrial
from coterie.views.forms.measures import wide_measures, with_interval
from coterie.views.forms.note import Note

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


def value_comparison(trial: ValueTrial, *, plan: ValueDays) -> tables.TitledTable | Note:
    """Show how three ways to tell lifetime value did, or say why there is none."""
    if not plan.record_days:
        return Note("**These data hold no purchase**, so nobody has a lifetime value.")
    if not trial.sufficiency.enough:
        reasons, needed = (
            "; ".join(words) for words in (trial.sufficiency.reasons, trial.sufficiency.needed)
        )
        return Note(f"**No lifetime value**: {reasons}. Needed: {needed}.")
    title = "The model puts buyers in no worse an order than last year's purchases"
    if trial.last_year_ranks_better:
        title = "Last year's purchases put buyers in a better order than the model"
    return tables.table(
        wide_measures(trial.measures, VALUE_NAMES),
        title=title,
        subtitle=f"Money of {plan.days} days from {plan.judge_on} on; difference of Spearman "
        f"{with_interval(trial.order_gain, '.3f')}",
    )


def value_tenths(trial: ValueTrial) -> Axes | Note:
    """Draw what groups of buyers brought against what was forecast."""
    if trial.tenths.empty:
        return Note("**No lifetime value, so none to hold against what came.**")
    rows = trial.tenths.iloc[::-1]
    top = rows.iloc[0]
    return figures.bars(
        rows,
        y="decile",
        x="actual",
        null="forecast",
        title=f"The highest of {len(rows)} groups brought {top['actual']:,.0f} each; "
        f"{top['forecast']:,.0f} were forecast",
        xlabel="money a person in the outcome window; the tick is the forecast",
        alt="One bar a group of equally many buyers, the highest on top, with the forecast.",
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


def contacts(plan: ContactPlan, *, cost: float, moved_share: float) -> Axes | Note:
    """Draw what contacting the most promising share brings, as planned and as it came."""
    if plan.curve.empty:
        return Note("**No forecast or no money**, so no contact can be weighed against its cost.")
    planned = plan.curve.assign(line="planned", money=plan.curve["planned"], low=None, high=None)
    came = plan.curve.assign(line="with what came", money=plan.curve["realised"])
    title = f"Contacting stops paying after {plan.stop:.0%} of people"
    if not plan.pays:
        title = "No contact is expected to bring what it costs"
    here = f"{plan.planned:,.0f} planned there, {with_interval(plan.realised, ',.0f')} came"
    return figures.lines(
        pd.concat([planned, came], ignore_index=True),
        x="share",
        y="money",
        low="low",
        high="high",
        by="line",
        title=f"{title}: {here}",
        xlabel="share of people contacted, the most promising first",
        ylabel=f"money after {cost:g} a contact, if each adds {moved_share:.0%}",
        alt="Money by the share of people contacted, as planned and with what came.",
    )


def migration(found: Migration, *, min_people: int = 50) -> Axes | Note:
    """Draw where each segment's people went; small cells, and segments, are left out."""
    if found.moves["from_segment"].nunique() < 2:
        return Note("**There are no two segments**, so nobody can move.")
    counts = found.moves.pivot(index="from_segment", columns="to_segment", values="n_people")
    shares = found.moves.pivot(index="from_segment", columns="to_segment", values="share")
    large = counts.sum(axis=1) >= min_people
    if found.reason or not large.any():
        return Note("**Too few people moved** to show from where to where.")
    hidden = hidden_cells(counts[large].to_numpy(), min_people=min_people)
    moved = f"{found.moved.value:.0%} of people changed segment in the last window"
    if hidden.all():
        return Note(f"**{moved}**, too few of each to show from where to where.")
    shown = (100 * shares[large]).round().mask(hidden).stack(future_stack=True)
    return figures.heat(
        shown.rename("percent").reset_index(),
        y="from_segment",
        x="to_segment",
        value="percent",
        title=moved,
        label="percent of a segment's people, by where they went; a dash is too few to show",
        alt="A matrix: segments before in rows, after in columns.",
    )


def migration_ruling(found: Migration) -> Note:
    """Say what tells people's next segment best."""
    if found.reason:
        return Note(f"**Do not model moves between segments**: {found.reason}.")
    rows = found.measures[found.measures["measure"] == "accuracy"]
    right = "; ".join(
        f"{row.forecast} {row.value:.1%} ({row.low:.1%} to {row.high:.1%})"
        for row in rows.itertuples()
    )
    told = f"Next segments named rightly: {right}."
    if found.best == "they stay":
        sharper = [name for name, saved in found.saved.items() if saved.low > 0]
        told += " Nothing names the next segment better than the present one."
        if sharper:
            told += f" How surely they stay is told better by the {' and the '.join(sharper)}."
        return Note(f"**Persistence wins.** {told}")
    return Note(f"**The {found.best} tells moves better than persistence.** {told}")
