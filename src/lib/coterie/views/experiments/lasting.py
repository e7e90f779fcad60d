"""What 08 shows of time: whether people stay in their segments, and whether borders last."""

from matplotlib.axes import Axes

from coterie.experiments import Stability
from coterie.reporting import figures
from coterie.views.forms.note import Note

LASTING = 0.8  # adjusted Rand index from which borders count as the same
STAYING = 0.6  # kappa from which people do: "substantial" to Landis and Koch (1977)


def kept_people(stability: Stability, *, earlier_days: int, min_people: int) -> Axes | Note:
    """Draw the share of people who were in the same segment earlier, against what chance keeps."""
    shown = stability.table[stability.table["n_people"] >= min_people]
    if shown.empty:
        return Note("Every segment is too small to be shown.")
    return figures.bars(
        shown,
        y="segment",
        x="kept_share",
        low="low",
        high="high",
        null="null_share",
        by="segment",
        title=f"{stability.n_lasting} of {len(stability.table)} segments keep more people than"
        f" chance over {earlier_days} days",
        xlabel="share of people kept",
        alt="One bar a segment: share of its people placed there earlier; the tick is what chance"
        " keeps.",
    )


def persistence(stability: Stability, borders: float | None, *, earlier_days: int) -> Note:
    """Say in words whether borders last, and whether people do: the two are not the same.

    Parameters
    ----------
    borders
        Adjusted Rand index of borders drawn anew earlier and today's; None with one segment.
    """
    if borders is None:
        return Note("One segment has no borders that anybody could cross.")
    kept = f"{stability.kept.value:.0%} of people stood in the same segment {earlier_days} days"
    people = f"{kept} earlier (kappa {stability.kappa:.2f}: 1 is everybody, 0 is chance)"
    drawn = f"drawn anew among the people of then, borders agree with today's at {borders:.2f}"
    lasting = borders >= LASTING
    staying = stability.kappa >= STAYING
    said = {
        (True, True): "**Borders are stable, and people mostly stay.**",
        (True, False): "**Borders are stable and people are not:** a segment is a state that people"
        " pass through, so assign them anew before each use.",
        (False, True): "**People mostly stay, by today's borders;** others would be drawn then.",
        (False, False): "**Neither borders nor people are stable.**",
    }[lasting, staying]
    return Note(f"{said} {people[0].upper()}{people[1:]}; {drawn} (adjusted Rand index).")
