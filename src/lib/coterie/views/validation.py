"""What 08 shows: which campaigns are experiments, what they changed, and whether segments last."""

from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.validation import Experiments, Ruling, Stability
from coterie.views.note import Note

LASTING = 0.8  # adjusted Rand index from which borders count as the same
STAYING = 0.6  # kappa from which people do: "substantial" to Landis and Koch (1977)
LIFT_UNIT = "assigned minus held out, share of people"
NO_EXPERIMENT = Note(
    "**There is no experiment in these data.** Nobody was assigned to a campaign, so nothing here"
    " can say what one would change."
)
ALT_LIFT = "One dot a {what} with its 95 % interval against no difference."


def sample_ratios(experiments: Experiments, *, min_people: int) -> tables.TitledTable | Note:
    """Show which campaigns are experiments; sizes of arms under `min_people` are left out."""
    ratio = experiments.ratio
    if ratio.empty:
        return NO_EXPERIMENT
    sizes = ratio[["n_control", "n_treatment"]]
    return tables.table(
        ratio.assign(**sizes.where((sizes == 0) | (sizes >= min_people))),
        title=f"{experiments.n_trusted} of {len(ratio)} campaigns can show what they changed",
        labels={
            "srm_pvalue": "p of these sizes",
            "n_control": "held out",
            "n_treatment": "assigned",
        },
        formats={"n_control": ",.0f", "n_treatment": ",.0f"},
    )


def no_lift(experiments: Experiments, *, outcome: str, min_people: int) -> Note:
    """Say why nothing can be said about a lift."""
    if not experiments.n_campaigns:
        return NO_EXPERIMENT
    flaw = "were not randomised"
    if experiments.any_randomised:
        flaw = f"have no two arms of {min_people} people"
    if experiments.large_enough(min_people):  # what does not vary has no interval
        flaw = f"have arms in which nobody, or everybody, came to {outcome}"
    return Note(
        f"**These campaigns {flaw}, so nothing can be said about lift.**"
        f" {experiments.n_held_out} of {experiments.n_campaigns} held anybody out; what people did,"
        " they might have done anyway."
    )


def lift_by_campaign(
    ruling: Ruling, experiments: Experiments, *, outcome: str, min_people: int
) -> Axes | Note:
    """Draw how assigned and held-out people differ, one dot a campaign."""
    found = ruling.conversions
    if found.empty:
        return no_lift(experiments, outcome=outcome, min_people=min_people)
    kinds = found["evidence"].map({"A": " (randomised)"}).fillna(" (not a lift)")
    title = "No randomised campaign passed its checks"
    if experiments.campaign is not None:
        title = f"{experiments.campaign} has no two arms of {min_people} people to compare"
    if experiments.campaign in experiments.large_enough(min_people):
        title = f"In {experiments.campaign} nobody, or everybody, came to {outcome}"
    if ruling.evidence == "A":
        lift, low, high = 100 * ruling.overall[["lift", "low", "high"]].astype(float)
        title = f"{ruling.campaign} changed {outcome} by {lift:+.1f} points"
        title += f" ({low:+.1f} to {high:+.1f})"
    return figures.dots(
        found.assign(shown=found["campaign"] + kinds),
        y="shown",
        x="lift",
        low="low",
        high="high",
        reference=0,
        title=title,
        xlabel=LIFT_UNIT,
        alt=ALT_LIFT.format(what="campaign"),
    )


def lift_by_segment(ruling: Ruling) -> Axes | Note:
    """Draw the campaign's lift, one dot a segment."""
    if not ruling.n_compared:
        return Note("No segment can be compared.")
    return figures.dots(
        ruling.by_segment,
        y="label",
        x="lift",
        low="low",
        high="high",
        by="segment",
        reference=0,
        title=f"{ruling.n_lifted} of {ruling.n_compared} segments show a lift that chance does not"
        " explain",
        xlabel=LIFT_UNIT,
        alt=ALT_LIFT.format(what="segment"),
    )


def decision(ruling: Ruling) -> Note:
    """Say what the rule says for everyone, and whether it is older than the campaign."""
    order = "**not pre-registered**: written down after the campaign began, or without one"
    if ruling.pre_registered:
        order = "fixed before the campaign began"
    return Note(
        f"By the rule, a lift of at least {100 * ruling.rule['minimum_lift']:.1f} points at alpha"
        f" {ruling.rule['alpha']:g}, for everyone: **{ruling.decision}**. The rule was {order}."
    )


def decision_by_segment(ruling: Ruling, *, outcome: str) -> tables.TitledTable | Note:
    """Show what the same rule says in each segment."""
    if ruling.campaign is None:
        return Note("No campaign, so no segment to act in.")
    absent = ", ".join(ruling.not_compared)
    columns = ["label", "treatment", "control", "lift", "low", "high", "decision"]
    shares = {"treatment": ".1%", "control": ".1%"}
    return tables.table(
        ruling.by_segment[columns],
        title=f"The same rule by segment: act in {len(ruling.to_act_on)} of {ruling.n_compared}",
        subtitle=f"Too few people to compare: {absent}" if absent else "",
        formats=shares | {"lift": "points", "low": "points", "high": "points"},
        labels={
            "label": "segment",
            "control": f"{outcome} held out",
            "treatment": f"{outcome} assigned",
        },
    )


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
