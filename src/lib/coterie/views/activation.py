"""What 10 shows: whom the rules leave out, who is exported where, and the files."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from coterie.activation import CompanyFiles, Decisions, ListFiles, Outbox, PhoneNumbers, SelfCheck
from coterie.reporting import figures, tables
from coterie.views.note import Note
from coterie.wording import counted, listed

MOSTLY = 0.5  # share of valid numbers under which the country is probably a wrong one


def people_by_rule(counts: pd.DataFrame, *, min_people: int) -> tables.TitledTable:
    """Show how many people fall under each rule; groups under `min_people` are a dash."""
    shown = counts["n_people"].where(counts["n_people"] >= min_people)
    return tables.table(
        counts.assign(n_people=shown),
        title="A person may fall under several rules",
        subtitle=f"Groups under {min_people} people are not shown.",
        formats={"n_people": ",.0f"},
        labels={"n_people": "people"},
    )


def phone_numbers(found: PhoneNumbers) -> Note:
    """Say how many telephone numbers are valid, and what to do when most are not."""
    if not found.n_numbers:
        return Note("No telephone number is known, so people are recognised by e-mail alone.")
    counted = f"{found.n_valid:,} of {found.n_numbers:,} telephone numbers are valid"
    if found.valid_share >= MOSTLY:
        return Note(f"{counted}; those without a country code are read as {found.region}'s.")
    return Note(
        f"**{counted}**; those without a country code are read as {found.region}'s. If they are of"
        " another country, set `10_activation.region` to it, like FR. An invalid number addresses"
        " nobody."
    )


def reach(counts: pd.DataFrame, decisions: Decisions) -> Axes | Note:
    """Draw people by platform and first reason."""
    if counts.empty:
        return Note("Every group is too small to be shown.")
    return figures.bars(
        counts.assign(shown=counts["platform"] + ": " + counts["reason"]),
        y="shown",
        x="n_people",
        by="platform",
        xlabel="people, first reason only",
        title=f"{decisions.n_exported:,} of {decisions.n_people:,} people are exported to at least"
        " one platform",
        alt="One bar a platform and reason with its number of people.",
    )


def outbox(found: Outbox) -> tables.TitledTable | Note:
    """Show the files that lie ready."""
    if not found.n_files:
        return Note(
            "**No file lies ready**: no cleared segment has enough addressable people for a"
            " platform, or a check above did not pass."
        )
    return tables.table(
        found.table.assign(fingerprint=found.table["fingerprint"].str[:12]),
        title=f"Files in the outbox: {found.n_files}; nothing was sent",
        subtitle="Of companies the rows, of people the hashed keys: somebody may have several.",
        formats={"rows": ",", "members": ","},
    )


def unread_consents(unread: Mapping[str, int]) -> Note:
    """Say which consent files have rows that may hide a no, if any."""
    if not unread:
        return Note("Every row of every consent file was understood.")
    named = ", ".join(f"{count:,} of {file}" for file, count in unread.items())
    return Note(
        f"**Nobody is exported**: {sum(unread.values()):,} rows may hide a no"
        f" ({named}). Notebook 02 says why; mend the file, or say in the column map what its words"
        " and codes mean: `yes_values`, `no_values`, and `silent_values` for what is no answer."
        " A column that says nothing about being addressed is listed under `unrelated`."
    )


def self_check(check: SelfCheck) -> Note:
    """Say what the self-check looked for, and what it found."""
    looked = (
        f"{check.n_said_no:,} rows of the raw files say no; {check.n_looked_for:,} hashes of theirs"
        f" were looked for among {check.n_in_files:,} in the written files."
    )
    if check.passed:
        return Note(f"Exported although they said no: **0**. {looked}")
    unread = "; ".join(f"{file}: {problem}" for file, problem in check.unread.to_numpy())
    reasons = [f"{check.n_opt_outs:,} keys of people who said no stood in them"]
    reasons = reasons if check.n_opt_outs else []
    reasons += [f"the raw files could not be read whole ({unread})"] if unread else []
    return Note(f"**All files were deleted**: {', and '.join(reasons)}. {looked}")


def uncleared(n_exported: int) -> Note:
    """Say how many were exported from a segment that is not cleared."""
    return Note(f"Exported from a segment that is not cleared: **{n_exported}**.")


def left_out_lists(found: ListFiles) -> Note:
    """Say of which lists there is no file, and why."""
    if not found.left_out:
        n = len(found.files)
        return Note(f"By list: {counted(n, 'file')}." if n else "No list is asked for by name.")
    reasons = [f"{name} ({why})" for name, why in found.left_out.items()]
    return Note(f"**No file for {listed(reasons)}.** By list: {counted(len(found.files), 'file')}.")


def company_lists(found: CompanyFiles) -> Note:
    """Say of which company lists there is a file, with how many companies, and of which none."""
    if not found.files and not found.left_out:
        return Note("No company list is asked for by name.")
    said = []
    if found.left_out:
        reasons = [f"{name} ({why})" for name, why in found.left_out.items()]
        said.append(f"**No file of companies for {listed(reasons)}.**")
    if found.files:
        on_them = sum(found.listed.values())
        files = counted(len(found.files), "file")
        said.append(
            f"Of companies: {files}, {sum(map(len, found.files.values())):,} of the"
            f" {counted(on_them, 'company', 'companies')} on their lists. Left out is whoever may"
            " be one person alone, and where everybody known said no."
        )
    return Note(" ".join(said))
