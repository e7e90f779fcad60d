"""What notebook 07 shows: the rules as they were understood, and how many people qualify."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.rules import Column, Qualified
from coterie.views.note import Note
from coterie.wording import counted

NO_RULE = Note(
    "**No rule is written.** Add some to the study file, under `07_rules`, `rules:`, "
    'like `loyal: "frequency > 4 and engagement_score > 80"`.'
)


def vocabulary(columns: dict[str, Column]) -> tables.TitledTable:
    """List what rules may speak of."""
    rows = [(c.name, c.meaning, c.unit or c.kind) for c in columns.values()]
    return tables.table(
        pd.DataFrame(rows, columns=["column", "meaning", "unit"]),
        title=f"Rules may speak of {len(rows)} columns",
        subtitle="Nothing else is known to them: no name, no protected attribute, no guessed trait",
    )


def readings(found: Qualified) -> tables.TitledTable | Note:
    """Show each rule as it was written and as it was understood."""
    if found.table.empty:
        return NO_RULE
    return tables.table(
        found.table[["rule", "expression", "english"]],
        title=f"{counted(found.n_rules, 'rule')} read without a doubt",
        labels={"expression": "as written", "english": "as understood"},
    )


def qualifying(found: Qualified, *, min_people: int = 50) -> Axes | Note:
    """Draw which share of people qualifies; small numbers, also of the others, are left out."""
    if found.table.empty:
        return NO_RULE
    shown = safe_counts(found, min_people=min_people)
    hidden = found.n_rules - len(shown)
    left_out = f"; {hidden} too small to show" if hidden else ""
    if shown.empty:
        return Note(
            f"**No rule can be counted here**: each holds for fewer than {min_people} people, "
            f"or for all but so few."
        )
    widest = shown.sort_values("share", ascending=False)
    first = widest.iloc[0]
    return figures.bars(
        widest,
        y="rule",
        x="share",
        title=f"{first['rule']} holds for {first['share']:.0%} of people{left_out}",
        xlabel=f"share of {found.n_people:,} people who qualify",
        alt="One bar a rule: the share of people who qualify.",
    )


def unknowns(found: Qualified, *, min_people: int = 50) -> tables.TitledTable | Note:
    """Say for how many people a rule cannot tell, because something it asks for is missing."""
    if found.table.empty:
        return NO_RULE
    shares = found.table["n_unknown"] / max(found.n_people, 1)
    count = found.table["n_unknown"]
    small = ((count > 0) & (count < min_people)) | (
        (count < found.n_people) & (found.n_people - count < min_people)
    )
    shown = found.table[["rule"]].assign(
        unknown=shares.map("{:.0%}".format).mask(small, "too few to show")
    )
    return tables.table(
        shown,
        title=f"{found.n_certain} of {found.n_rules} rules can be told for everybody",
        labels={"unknown": "people about whom the rule cannot tell"},
    )


def by_segment(shares: pd.DataFrame) -> Axes | Note:
    """Draw which share of each segment qualifies, as far as enough people do."""
    if shares.empty:
        return Note("**No rule holds for enough people of any segment** to be shown by segment.")
    top = shares.sort_values("share").iloc[-1]
    return figures.heat(
        shares.assign(percent=100 * shares["share"]),
        y="segment",
        x="rule",
        value="percent",
        title=f"{top['rule']}: {top['share']:.0%} of {top['segment']}, the most of those shown",
        label="percent of the segment that qualifies",
        alt="One row a segment, one column a rule.",
    )


def safe_counts(found: Qualified, *, min_people: int) -> pd.DataFrame:
    """Keep the rules whose members, and whose others, are enough people; add their `share`."""
    n = found.table["n_people"]
    others = found.n_people - n
    enough = (n >= min_people) & ((others >= min_people) | (others == 0))
    return found.table[enough].assign(share=n / max(found.n_people, 1))
