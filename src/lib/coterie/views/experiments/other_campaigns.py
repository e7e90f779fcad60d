"""What 08 shows of campaigns besides the main one: one line a decision, however many there are."""

from coterie.experiments import Report
from coterie.reporting import tables
from coterie.views.experiments.results import SHOWN
from coterie.views.forms.effects import number, outcome
from coterie.views.forms.note import Note
from coterie.wording import counted

FIRST = ("act", "too early", "cannot tell", "do not act")  # in which order they are listed


def decided(report: Report) -> tables.TitledTable | Note:
    """List what every other campaign's own plan says of its main outcome for everyone."""
    rows = report.decisions
    primary = {name: campaign.plan.primary for name, campaign in report.campaigns.items()}
    asked = rows["metric"] == rows["experiment"].map({n: m.name for n, m in primary.items()})
    rows = rows[asked & (rows["segment"] == "all") & (rows["experiment"] != report.main)]
    rows = rows.reset_index(drop=True)
    if rows.empty:
        return Note("There is no other campaign.")
    counts = rows["decision"].value_counts().reindex(FIRST, fill_value=0)
    said = ", ".join(f"{word} {n:,}" for word, n in counts.items() if n)
    order = rows["decision"].map({word: place for place, word in enumerate(FIRST)})
    shown = rows.loc[order.sort_values(kind="stable").head(SHOWN).index]
    kinds = [primary[name] for name in shown["experiment"]]
    shown = shown.assign(metric=[outcome(metric) for metric in kinds])
    for column in ("effect", "low", "high"):
        pairs = zip(shown[column], kinds, strict=True)
        shown[column] = [number(value, metric.kind, column) for value, metric in pairs]
    left = len(rows) - len(shown)
    campaigns = counted(rows["experiment"].nunique(), "other campaign")
    columns = ["experiment", "arm", "metric", "effect", "low", "high", "evidence", "decision"]
    return tables.table(
        shown[[*columns, "reason"]],
        title=f"{campaigns}, by arm: {said}",
        subtitle=f"{left:,} more stand in the table decisions." if left else "",
        labels={"experiment": "campaign", "metric": "outcome"},
    )
