"""What notebook 07 shows of intent and engagement: the grid, and whether its borders are right."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.rules import Grid
from coterie.statistics import Interval
from coterie.views.forms.measures import TOO_FEW, with_interval
from coterie.views.forms.note import Note


def grid(found: Grid, *, min_people: int = 50) -> Axes | Note:
    """Draw which share of people converted in each cell, under the thresholds that stand."""
    if found.why_not:
        return Note(f"**There is no grid of intent and engagement**: {found.why_not}.")
    shown = safe_cells(found.cells, min_people=min_people)
    if shown.empty:
        return Note("**Every cell of the grid holds too few people** to be shown.")
    best = shown.sort_values("share").iloc[-1]
    return figures.heat(
        found.cells.assign(percent=100 * shown["share"]).reset_index(drop=True),
        y="intent_level",
        x="engagement_level",
        value="percent",
        title=f"Intent {best['intent_level']}, engagement {best['engagement_level']}: "
        f"{best['share']:.0%} converted, {best['lift']:.1f} times everybody",
        label="engagement (across), intent (down); percent who converted after the later day",
        alt="Two rows of intent, two columns of engagement: the percent who converted.",
    )


def thresholds(found: Grid, *, min_people: int = 50) -> tables.TitledTable | Note:
    """Show the default thresholds beside the chosen ones, judged on the later day."""
    if found.why_not:
        return Note(f"**No threshold was tried**: {found.why_not}.")
    both = found.table[
        (found.table["intent_level"] == "high") & (found.table["engagement_level"] == "high")
    ]
    told = [
        with_interval(Interval(row.share, row.low, row.high), ".0%") if row.n_people else TOO_FEW
        for row in both.itertuples()
    ]
    kept = safe_cells(both, min_people=min_people).index
    rows = pd.DataFrame({"thresholds": both["thresholds"], "borders": found.borders, "both": told})
    verdict = "The chosen thresholds are confirmed" if found.confirmed else "The defaults stand"
    return tables.table(
        rows.assign(both=rows["both"].where(rows.index.isin(kept), TOO_FEW)),
        title=f"{verdict}: on the later day the chosen tell "
        f"{with_interval(found.gain, '+.4f')} bits a person more",
        labels={"both": "converted, of those with both high"},
    )


def safe_cells(cells: pd.DataFrame, *, min_people: int) -> pd.DataFrame:
    """Keep the cells in which those who converted, and those who did not, are no few people.

    Shares stand alone on the page, without a count or a total, so that no cell left out follows.
    """
    rest = cells["n_people"] - cells["n_converted"]
    return cells[(cells["n_converted"] >= min_people) & (rest >= min_people)]
