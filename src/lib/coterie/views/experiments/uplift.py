"""What 08 shows of people: whether some are moved more than others."""

from matplotlib.axes import Axes

from coterie.experiments import Uplift
from coterie.reporting import figures
from coterie.views.forms.note import Note

FIFTHS = {1: "first fifth (predicted most)", 5: "last fifth (predicted least)"}


def nobody(found: Uplift) -> Note:
    """Say why nobody is sorted by a predicted effect."""
    why = found.reason or (
        "held out, the predictions sort people no better than permuted treatments"
        f" (p = {found.pvalue:.2g})"
    )
    return Note(f"**There is no evidence that people differ** in what the campaign changes: {why}.")


def gates(found: Uplift) -> Axes | Note:
    """Draw the effect in each fifth of people by their predicted effect, held out."""
    if not found.differs:
        return nobody(found)
    rows = found.gates.assign(shown=[FIFTHS.get(group, group) for group in found.gates["group"]])
    first, last = rows["effect"].iloc[0], rows["effect"].iloc[-1]
    return figures.dots(
        rows.assign(shown=rows["shown"].astype(str)),
        y="shown",
        x="effect",
        low="low",
        high="high",
        reference=0,
        title=f"{found.arm} changed {first:+.2g} where predicted most, {last:+.2g} where least",
        xlabel="arm minus control",
        alt="One dot a fifth of people by predicted effect, with its 95 % interval (GATES).",
    )


def qini(found: Uplift) -> Axes | Note:
    """Draw what treating people in the predicted order gains, beside permuted treatments."""
    if not found.differs:
        return Note("Nobody is sorted by a predicted effect, so there is no curve of it.")
    return figures.lines(
        found.curve,
        x="share",
        y="gain",
        low="null_low",
        high="null_high",
        title=f"Sorting people gains more than chance would (Qini, p = {found.pvalue:.2g})",
        xlabel="share of people treated, predicted most first",
        ylabel="gain per person of the arm",
        alt="The Qini curve; the band holds 95 % of curves with permuted treatment.",
    )
