"""What notebook 07 shows of triggers' thresholds: precision against volume, and what was chosen."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.rules import Tuning
from coterie.statistics import Interval
from coterie.views.forms.measures import TOO_FEW, with_interval
from coterie.views.forms.note import Note
from coterie.wording import counted

NOTHING = "**No threshold of a trigger was tried on conversion**"


def curve(found: Tuning, *, min_people: int = 50) -> Axes | Note:
    """Draw which share of moments converted against how many there were, in both halves."""
    if found.why_not:
        return Note(f"{NOTHING}: {found.why_not}.")
    table = safe_points(found.table, min_people=min_people)
    if table.empty:
        return Note(f"{NOTHING} for enough people to be shown.")
    best = table.sort_values("precision").iloc[-1]
    return figures.lines(
        table.assign(
            line=table["trigger"] + ", " + table["half"],
            volume=table["n_decisions"].map("{:.2g}".format).astype(float),
        ),
        x="volume",
        y="precision",
        low="low",
        high="high",
        by="line",
        title=f"{best['trigger']}: up to {best['precision']:.0%} of moments convert",
        xlabel="moments in the half of the record, one point a threshold",
        ylabel="share that converts",
        alt="One line a trigger and half: the share of moments that convert against their number.",
    )


def verdicts(found: Tuning, *, min_people: int = 50) -> tables.TitledTable | Note:
    """Show the threshold that is written beside the one chosen, judged on the later half."""
    if found.why_not:
        return Note(f"{NOTHING}: {found.why_not}.")
    own = found.verdicts
    gains = [
        with_interval(Interval(row.gain, row.low, row.high), "+.0f") for row in own.itertuples()
    ]
    same = own["written"] == own["chosen"]
    told = pd.Series(gains, index=own.index).mask(own["n_people"] < min_people, TOO_FEW)
    return tables.table(
        own[["trigger", "written"]].assign(
            chosen=own["chosen"].mask(same, "the same"), gain=told.mask(same, "")
        ),
        title=f"{found.n_confirmed} of {counted(len(own), 'trigger')}: another threshold brings "
        "more, in both halves",
        labels={"gain": "conversions beyond anybody's that it brings more, later half"},
    )


def safe_points(table: pd.DataFrame, *, min_people: int) -> pd.DataFrame:
    """Keep thresholds met by enough people, with enough conversions and enough without."""
    rest = table["n_decisions"] - table["n_converted"]
    smallest = pd.concat([table["n_people"], table["n_converted"], rest], axis=1).min(axis=1)
    kept = table[smallest >= min_people]
    return kept.assign(**kept[["precision", "low", "high"]].round(2))
