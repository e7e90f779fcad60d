"""What notebook 07 shows: the rules as they were understood, and how many people qualify."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.reporting import figures, tables
from coterie.rules import Column, Migration, Qualified, Refreshed, Triggered
from coterie.rules.language.columns import MEASURES
from coterie.rules.lists.by_hand import ByHand
from coterie.views.forms.measures import TOO_FEW
from coterie.views.forms.note import Note
from coterie.wording import counted, listed

NO_RULE = Note(
    "**No rule is written.** Add some to the study file, under `07_rules`, `rules:`, "
    'like `loyal: "frequency > 4 and engagement_score > 80"`.'
)

NO_TRIGGER = Note(
    "**No trigger is written.** Add some to the study file, under `07_rules`, `triggers:`, "
    'like `abandoned: "add then no purchase within 30 minutes"`.'
)


def vocabulary(columns: dict[str, Column]) -> tables.TitledTable:
    """List what rules may speak of; what can be asked of every kind of act stands there once."""
    own = [c for c in columns.values() if c.measure is None]
    rows = [(c.name, c.meaning, c.unit or c.kind) for c in own]
    acts = [c for c in columns.values() if c.measure is not None]
    verbs = sorted({c.measure.verb for c in acts})
    if verbs:
        said = {how: meaning.format("act") for how, (*_, meaning, _, _) in MEASURES.items()}
        units = {how: unit for how, (*_, unit) in MEASURES.items()}
        asked = {how: [c.name for c in acts if c.measure.how == how] for how in MEASURES}
        rows += [(", ".join(asked[how]), said[how], units[how]) for how in MEASURES if asked[how]]
    return tables.table(
        pd.DataFrame(rows, columns=["column", "meaning", "unit"]),
        title=f"Rules may speak of {len(columns)} columns",
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
    shown = found.table[["rule"]].assign(unknown=shares.map("{:.0%}".format).mask(small, TOO_FEW))
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


def obstacles(stops: pd.DataFrame) -> tables.TitledTable | Note:
    """Show which clause keeps most people out of each rule."""
    if stops.empty:
        return Note("**No rule has two clauses that each keep enough people out** to be shown.")
    first = stops.sort_values("share", ascending=False).iloc[0]
    return tables.table(
        stops[["rule", "clause", "share"]],
        title=f"{first['rule']}: {first['share']:.0%} of those outside fail first at "
        f"“{first['clause']}”",
        formats={"share": ".0%"},
        labels={"clause": "first clause that fails", "share": "of those outside"},
    )


def lists(found: Refreshed, *, min_people: int = 50) -> tables.TitledTable | Note:
    """Show how many are on each list, and how many came and went; small numbers are not told."""
    if found.states.empty:
        return NO_RULE
    counts = ["n_people", "n_entered", "n_left"]
    shown = found.states[["rule", *counts]]
    labels = {"n_people": "people on it", "n_entered": "came", "n_left": "went"}
    share = found.by_act_share(min_people=min_people)
    told = share if isinstance(share, str) else f"{share:.0%} by an act, the others by time alone"
    return tables.table(
        without_small(shown, counts, min_people=min_people),
        title=f"Who came and went since {found.earlier}: {told}",
        labels=labels,
    )


def freshness(found: Refreshed, hands: ByHand) -> Note:
    """Say which lists nobody may be addressed by, and what was changed by hand."""
    stale = found.states[found.states["stale"]]
    reasons = [f"{row.rule} ({row.why})" for row in stale.itertuples()]
    fresh = f"**Stale: {listed(reasons)}.**" if reasons else "**Every list is fresh.**"
    changed = counted(len(hands.entries), "change")
    expired = f", {hands.n_expired:,} more have ended" if hands.n_expired else ""
    return Note(f"{fresh} By hand: {changed} in force{expired}.")


def migration(moved: Migration) -> Axes | Note:
    """Draw where buyers of each fifth of recency stand now."""
    if moved.table.empty:
        return Note("**Too few people bought on both days** to say who moved where.")
    return figures.heat(
        moved.table.assign(percent=100 * moved.table["share"]),
        y="before",
        x="now",
        value="percent",
        title=f"{moved.stayed_share:.0%} of buyers stand where they stood {moved.days} days ago",
        label="fifth now (5 bought the latest), percent of the fifth before",
        alt="One row a fifth of recency before, one column a fifth now.",
    )


def triggers(found: Triggered) -> tables.TitledTable | Note:
    """Show each trigger as it was written and as it was understood."""
    if found.table.empty:
        return NO_TRIGGER
    return tables.table(
        found.table[["trigger", "expression", "english"]],
        title=f"{counted(found.n_triggers, 'trigger')} read without a doubt",
        labels={"expression": "as written", "english": "as understood"},
    )


def met(found: Triggered, *, min_people: int = 50) -> tables.TitledTable | Note:
    """Show how often each trigger was met, of how many people; small numbers are not told."""
    if found.table.empty:
        return NO_TRIGGER
    counts = ["n_people", "n_decisions", "n_capped", "n_waiting"]
    shown = without_small(found.table[["trigger", *counts]], counts, min_people=min_people)
    of_few = shown["n_people"] == TOO_FEW  # however often: it would tell of each of them
    labels = {"n_people": "people", "n_decisions": "times met", "n_capped": "held back by the cap"}
    return tables.table(
        shown.assign(n_decisions=shown["n_decisions"].mask(of_few, TOO_FEW)),
        title=f"{found.n_met} of {counted(found.n_triggers, 'trigger')} "
        f"{'was' if found.n_met == 1 else 'were'} met",
        labels=labels | {"n_waiting": "waited for quiet hours to end"},
    )


def without_small(rows: pd.DataFrame, counts: list[str], *, min_people: int) -> pd.DataFrame:
    """Put words in place of counts that are small and not 0."""
    few = (rows[counts] > 0) & (rows[counts] < min_people)
    return rows.assign(**rows[counts].astype(object).mask(few, TOO_FEW))


def safe_counts(found: Qualified, *, min_people: int) -> pd.DataFrame:
    """Keep the rules whose members, and whose others, are enough people; add their `share`."""
    n = found.table["n_people"]
    others = found.n_people - n
    enough = (n >= min_people) & ((others >= min_people) | (others == 0))
    return found.table[enough].assign(share=n / max(found.n_people, 1))
