"""What notebook 07 shows of companies: how far they are, and whom nobody there is known to be."""

import ibis
import pandas as pd
from matplotlib.axes import Axes

from coterie.disclosure import suppress_small
from coterie.reporting import figures
from coterie.rules import Companies
from coterie.views.forms.note import Note
from coterie.wording import counted, listed

WAYS = {"stated": "what they state", "email domain": "the domain they write from"}
NO_COMPANY = Note(
    "**Nobody's company is known in this study**, so there is nothing to roll up: map a column "
    "`company` under `02_sourcing`, `files:`."
)


def known(found: Companies, *, min_people: int = 50) -> Note:
    """Say how it is known who works where, and what of the register could not be read."""
    if not found.n_companies:
        return NO_COMPANY
    counts = found.homes.group_by("known_by").agg(n=ibis._.count()).to_pandas()
    shown = suppress_small(counts, "n", min_people=min_people)
    ways = [f"{row.n:,} people by {WAYS[row.known_by]}" for row in shown.itertuples()]
    companies = counted(found.n_companies, "company", "companies")
    said = f"{companies}, {listed(sorted(ways))}." if ways else f"{companies}, of few people."
    if found.n_unread:
        said += f" {counted(found.n_unread, 'row or cell', 'rows or cells')} of the register could "
        said += "not be read: without a name, of a company before, or no plain number."
    return Note(said)


def buying_stages(found: Companies, *, min_people: int = 50) -> Axes | Note:
    """Draw how many companies are at each buying stage; stages of few people are left out."""
    if not found.n_companies:
        return NO_COMPANY
    grouped = found.table.groupby("buying_stage", as_index=False)
    stages = grouped.agg(n=("company_key", "size"), n_people=("company_people", "sum"))
    shown = suppress_small(stages, "n_people", min_people=min_people)
    if shown.empty:
        return Note("**Too few people state a company** to show companies by buying stage.")
    first = shown.sort_values("n", ascending=False).iloc[0]
    return figures.bars(
        shown.sort_values("n", ascending=False),
        y="buying_stage",
        x="n",
        title=f"{first['n']:,} of {counted(found.n_companies, 'company', 'companies')}: "
        f"{first['buying_stage']}",
        xlabel="companies, by the furthest act of their people",
        alt="One bar a buying stage: the number of companies there.",
    )


def role_gaps(found: Companies, *, min_people: int = 50) -> Axes | Note:
    """Draw at which share of companies nobody is known who fills a buying role."""
    titled = found.table.dropna(subset="role_coverage")
    if titled.empty or titled["company_people"].sum() < min_people:
        return Note("**Too few people state a company and a job title** to tell which roles miss.")
    lists = titled["missing_roles"].str.split(", ")
    missing = [lists.map(lambda names, role=role: role in names).mean() for role in found.roles]
    gaps = pd.DataFrame({"role": found.roles, "share": missing})
    ordered = gaps.sort_values("share", ascending=False, ignore_index=True)
    worst = ordered.iloc[0]
    return figures.bars(
        ordered,
        y="role",
        x="share",
        title=f"No {worst['role']} is known at {worst['share']:.0%} of companies",
        xlabel=f"share of {counted(len(titled), 'company', 'companies')} where nobody is known to",
        alt="One bar a buying role: the share of companies where nobody is known who fills it.",
    )
