"""What notebook 02 shows: where every row went, and which accounts are one person."""

import pandas as pd
from matplotlib.axes import Axes

from coterie.disclosure import suppress_small
from coterie.reporting import figures, tables
from coterie.sourcing import Consents, Reconciliation
from coterie.views.note import Note

LABELS = {
    "reading": "how answers were told apart",
    "n_yes": "yes",
    "n_no": "no",
    "n_silent": "neither",
    "n_unreadable": "may hide a no",
}


def reconciliation(found: Reconciliation) -> tables.TitledTable:
    """Show that every row read was kept or set aside, kind by kind."""
    counts = ["rows_read", "rows_kept", "rows_quarantined"]
    by_kind = found.sources.groupby("gives", sort=False)[counts].sum().reset_index()
    n_kept = int(by_kind["rows_kept"].sum())
    lost = "no row is lost"
    if found.n_lost:
        lost = f"{found.n_lost:,} rows are unaccounted for"
    return tables.table(
        by_kind,
        title=f"{found.n_read:,} rows read = {n_kept:,} kept + {found.n_quarantined:,} set aside",
        subtitle=f"Of {len(found.sources)} files: {lost}.",
        labels={"gives": "kind of row", "rows_quarantined": "rows set aside"},
        formats=dict.fromkeys(counts, ","),
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
