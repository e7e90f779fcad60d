"""What notebook 02 shows: where every row went, and which accounts are one person."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.disclosure import suppress_small
from coterie.reporting import figures, tables
from coterie.sourcing import Consents, Reconciliation
from coterie.sourcing.identity import Explanation, Guard
from coterie.views.forms.note import Note
from coterie.wording import counted

RULES = {
    "email": "one e-mail address",
    "phone": "one phone number",
    "crm_id": "one customer number",
    "similar": "likeness",
    "several": "several keys",
}
LABELS = {
    "reading": "how answers were told apart",
    "n_yes": "yes",
    "n_no": "no",
    "n_silent": "neither",
    "n_unreadable": "may hide a no",
}


def reconciliation(found: Reconciliation) -> tables.TitledTable:
    """Show that every row read was kept, merged or set aside, file by file."""
    counts = ["rows_read", "rows_kept", "rows_merged", "rows_quarantined"]
    by_kind = found.sources.groupby("gives", sort=False)[counts].sum().reset_index()
    lost = "no row is lost"
    if found.n_lost:
        lost = f"{found.n_lost:,} rows are unaccounted for"
    parts = f"{found.n_kept:,} kept + {found.n_merged:,} merged or left out"
    return tables.table(
        by_kind,
        title=f"{found.n_read:,} rows read = {parts} + {found.n_quarantined:,} set aside",
        subtitle=f"Of {len(found.sources)} files: {lost}.",
        labels={
            "gives": "kind of row",
            "rows_merged": "rows merged or left out",
            "rows_quarantined": "rows set aside",
        },
        formats=dict.fromkeys(counts, ","),
    )


def by_file(found: Reconciliation) -> tables.TitledTable:
    """Show of each file how it was read and what became of its rows."""
    counts = ["rows_read", "rows_kept", "rows_merged", "rows_quarantined"]
    order = found.sources["rows_quarantined"] + found.sources["rows_merged"]
    files = found.sources.assign(order=order).sort_values("order", ascending=False, kind="stable")
    return tables.table(
        files[["file", "gives", "read_as", *counts]],
        title="How each file was read, and what became of its rows",
        labels={
            "gives": "kind of row",
            "read_as": "read as",
            "rows_merged": "rows merged or left out",
            "rows_quarantined": "rows set aside",
        },
        formats=dict.fromkeys(counts, ","),
    )


def row_notes(found: Reconciliation) -> tables.TitledTable | Note:
    """Show what was merged, left out or put right, and what is worth a look."""
    if found.notes.empty:
        return Note("**No row was merged, left out or changed on the way in.**")
    n_merged = found.n_merged
    return tables.table(
        found.notes.sort_values(["fate", "rows"], ascending=[True, False]),
        title=f"{n_merged:,} rows say nothing of their own, and why",
        subtitle="What was put right is counted too: in rows, or in values of a file.",
        labels={"gives": "kind of row", "fate": "what became of them", "note": "why"},
        formats={"rows": ","},
    )


def set_aside(found: Reconciliation, *, at_most: int = 8) -> Axes:
    """Draw the files with the largest share of rows set aside."""
    share = found.sources["rows_quarantined"] / found.sources["rows_read"]
    files = found.sources.assign(percent=100 * share).nlargest(at_most, "percent")
    return figures.bars(
        files,
        y="file",
        x="percent",
        title=f"{found.n_quarantined:,} of {found.n_read:,} rows "
        f"({found.n_quarantined / found.n_read:.1%}) were set aside",
        xlabel="rows set aside, percent of the file",
        alt="The files with the largest share of rows set aside, one bar a file.",
    )


def reasons(found: Reconciliation) -> tables.TitledTable | Note:
    """Show why rows were set aside."""
    if found.quarantine.empty:
        return Note("**No row was set aside.**")
    by_reason = found.quarantine.groupby("reason")
    counts = by_reason.agg(rows=("row", "size"), files=("file", "nunique")).reset_index()
    return tables.table(
        counts.sort_values("rows", ascending=False),
        title=f"{len(counts)} reasons put rows aside",
        formats={"rows": ","},
    )


def feeds(known: pd.DataFrame) -> tables.TitledTable | Note:
    """Show how far each resource of an API was fetched, and since when it is stale."""
    if known.empty:
        return Note(
            "**No API is asked by this study**: all its rows are files that somebody exported."
        )
    stale = known[~known["complete"]]
    since = stale["stale_since"].min()
    never = int(stale["stale_since"].isna().sum())
    parts = [f"stale since {since:%d %B %Y, %H:%M} UTC at the oldest"] if pd.notna(since) else []
    parts += [f"{never} never fetched"] if never else []
    dead = int(known["dead_letters"].sum())
    parts += [f"{dead:,} entries were no record and are set aside"] if dead else []
    times = dict.fromkeys(("last_success", "stale_since"), "%d %B %Y, %H:%M")
    return tables.table(
        known,
        title=f"{len(known) - len(stale)} of {len(known)} resources of APIs are complete",
        subtitle="; ".join(parts),
        labels={"dead_letters": "set aside", "last_success": "complete as of"},
        formats=times | dict.fromkeys(("records", "dead_letters"), ","),
    )


def people_by_key(
    rules: pd.DataFrame, *, n_accounts: int, n_people: int, min_people: int = 50
) -> Axes:
    """Draw how many people rest on which key; rules that join few people are left out."""
    shown = suppress_small(rules, "people", min_people=min_people)
    return figures.bars(
        shown.sort_values("people", ascending=False),
        y="link_rule",
        x="people",
        title=f"{n_accounts:,} accounts are {n_people:,} people",
        xlabel="people",
        alt="How many people rest on which key; single means one account.",
    )


def over_merges(guard: Guard) -> tables.TitledTable:
    """Show what was kept from joining too much, and name the largest person by its size."""
    joined = "has one account only"
    if guard.largest > 1:
        joined = f"is {counted(guard.largest, 'account')}, joined by {RULES[guard.largest_rule]}"
    return tables.table(
        guard.table,
        title=f"The largest person {joined}",
        subtitle="Few people have more accounts than there are platforms: look at the largest.",
        labels={"reason": "what speaks for two people in one"},
        formats={"found": ",", "accounts": ","},
    )


def evidence(why: Explanation | None) -> Axes | Note:
    """Draw what each field added to the least sure link, as a waterfall."""
    if why is None:
        return Note(
            "**Every link rests on an exact key**, so there is no likeness to explain. "
            "`linkage: fuzzy` compares names, addresses and handles too."
        )
    words = why.table["level"].where(why.table["level"].eq(""), ": " + why.table["level"])
    steps = why.table.assign(step=why.table["field"].str.replace("_", " ") + words)
    return figures.waterfall(
        steps.assign(start=steps["total"] - steps["bits"]),
        y="step",
        start="start",
        end="total",
        title=f"The least sure link is right with {why.match_probability:.0%}; "
        f"{why.strongest.replace('_', ' ')} speaks loudest for it",
        xlabel="evidence, bits: one more doubles the odds of one person",
        alt="What each field adds to the evidence that two accounts are one person.",
    )


def evidence_table(why: Explanation | None) -> tables.TitledTable | Note:
    """Show the same evidence as a table."""
    if why is None:
        return Note("No pair of accounts was joined by likeness.")
    return tables.table(
        why.table.replace({"field": {"_": " "}}, regex=True),
        title=f"{why.table['total'].iloc[-1]:.1f} bits are a probability of "
        f"{why.match_probability:.1%}",
        labels={"bits": "evidence added, bits", "total": "evidence so far, bits"},
        formats={"bits": "+.1f", "total": "+.1f"},
    )


def review(queue: pd.DataFrame) -> tables.TitledTable | Note:
    """Say how many pairs wait for a person's word, and why; which ones stays in the lake."""
    if queue.empty:
        return Note("**No pair of accounts waits for a review.**")
    n_waiting = int(queue["answer"].isna().sum())
    waiting = queue.groupby("reason").agg(
        pairs=("reason", "size"),
        low=("match_probability", "min"),
        high=("match_probability", "max"),
    )
    return tables.table(
        waiting.reset_index(),
        title=f"{counted(n_waiting, 'pair')} of accounts wait for a person's word;"
        f" {len(queue) - n_waiting:,} have it",
        labels={"low": "lowest probability", "high": "highest probability"},
        formats={"pairs": ",", "low": ".2f", "high": ".2f"},
    )


def link_changes(changes: pd.DataFrame, *, first: bool) -> tables.TitledTable | Note:
    """Show how many accounts changed their person since the run before."""
    if first:
        return Note("**This is the first history of links**: there is nothing to compare with.")
    n_moved = int(changes["accounts"].sum())
    if not n_moved:
        return Note("**No account changed its person** since the run before.")
    return tables.table(
        changes,
        title=f"{counted(n_moved, 'account')} changed their person",
        formats={"accounts": ","},
    )


def activity(weekly: pd.DataFrame, *, n_events: int, last: pd.Timestamp) -> Axes | Note:
    """Draw events a week and platform."""
    if weekly.empty:
        return Note("**No event of a person was found**, so there is nothing to follow over time.")
    return figures.lines(
        weekly,
        x="week",
        y="events",
        by="platform",
        title=f"{n_events:,} events, the last on {last:%d %B %Y}",
        xlabel="week",
        ylabel="events a week",
        alt="Events a week and platform over the last half year of data.",
    )


def consent_files(allowed: Consents, *, min_people: int) -> tables.TitledTable | Note:
    """Show how each consent file was read, and the rows that may hide a no.

    Counts of answers under `min_people` are a dash.
    """
    if allowed.files.empty:
        return Note("**Nobody was asked**: no file gives consents, so nobody has allowed anything.")
    answers = ["n_yes", "n_no", "n_silent"]
    shown = allowed.files[answers].where(allowed.files[answers] >= min_people)
    n_no = int(allowed.files["n_no"].sum())
    noes = f"{n_no:,}" if n_no >= min_people else f"Fewer than {min_people}"
    stop = "every row was understood"
    if allowed.n_unreadable:
        stop = f"{allowed.n_unreadable:,} rows may hide a no, so nothing is exported"
    return tables.table(
        allowed.files.assign(**shown),
        title=f"{noes} answers forbid; {stop}",
        subtitle=f"Counts of answers under {min_people} are not shown. A no of somebody who is not"
        " here is kept for later.",
        formats=dict.fromkeys(answers, ",.0f") | {"n_unreadable": ","},
        labels=LABELS,
    )
