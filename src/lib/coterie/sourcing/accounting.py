"""What became of every row: kept, set aside, left out by the map or one with another; all named."""

from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.lake import SourceFile
from coterie.sourcing.money import ACT
from coterie.sourcing.sorted_rows import SortedRows
from coterie.sourcing.tables import SUMMED
from coterie.study import DataError

ACCOUNT = ["platform", "account"]
NOTES = ["file", "gives", "fate", "note", "rows"]
LEFT_OUT, MERGED, PUT_RIGHT, LOOK = "left out", "merged", "put right", "look"
BRAND = "the brand's own"


class Reconciliation(NamedTuple):
    """Every row of every file: kept, merged or quarantined; one row a file and kind it gives."""

    sources: pd.DataFrame  # a row a file and kind, as `contracts.Sources` has them
    quarantine: pd.DataFrame  # file, row, reason
    notes: pd.DataFrame = pd.DataFrame(columns=NOTES)  # as `contracts.RowNotes` has them

    @property
    def n_read(self) -> int:
        """How many rows were read."""
        return int(self.sources["rows_read"].sum())

    @property
    def n_kept(self) -> int:
        """How many rows say something of their own."""
        return int(self.sources["rows_kept"].sum())

    @property
    def n_merged(self) -> int:
        """How many rows are left out by the map, or became one with another row."""
        return int(self.sources["rows_merged"].sum()) if "rows_merged" in self.sources else 0

    @property
    def n_quarantined(self) -> int:
        """How many rows were set aside."""
        return len(self.quarantine)

    @property
    def n_lost(self) -> int:
        """How many rows went elsewhere: none, or something is wrong."""
        return self.n_read - self.n_kept - self.n_merged - self.n_quarantined


def reconcile(sources: list[SourceFile], sorted_rows: dict[str, SortedRows]) -> Reconciliation:
    """Account for every row of every file at the door, lines that are no rows included.

    A file that gives several kinds is read once for each. What becomes of the rows that may enter
    is said by `account_for`, once accounts are people.
    """
    facts = [
        (s.name, s.entry["gives"], s.entry["platform"], s.read_as, s.left_out, n_rows(s))
        for s in sources
    ]
    names = ["file", "gives", "platform", "read_as", "rows_merged", "rows_read"]
    by_file = pd.DataFrame(facts, columns=names).groupby(["file", "gives"], sort=False)
    first, total = ["platform", "read_as"], ["rows_merged", "rows_read"]
    frame = by_file.agg(dict.fromkeys(first, "first") | dict.fromkeys(total, "sum")).reset_index()
    broken = [
        (s.name, line, why, s.entry["gives"]) for s in sources for line, why in s.broken.items()
    ]
    rejected = [pd.DataFrame(broken, columns=["file", "row", "reason", "gives"])]
    rejected += [
        rows.quarantined.to_pandas().assign(gives=kind) for kind, rows in sorted_rows.items()
    ]
    quarantine = joined(rejected)
    span = {"rows_kept": ibis._.count(), "first_at": ibis._.at.min(), "last_at": ibis._.at.max()}
    spans = [
        rows.kept.group_by("file").agg(**span).to_pandas().assign(gives=kind)
        for kind, rows in sorted_rows.items()
    ]
    aside = quarantine.groupby(["file", "gives"]).size().rename("rows_quarantined").reset_index()
    for part in (pd.concat(spans), aside):
        frame = frame.merge(part, on=["file", "gives"], how="left")
    counts = ["rows_kept", "rows_quarantined"]
    frame = frame.assign(**frame[counts].fillna(0).astype(int))
    notes = joined([file_notes(sources), row_notes(sorted_rows)])
    return Reconciliation(frame, quarantine.drop(columns="gives"), notes)


def n_rows(source: SourceFile) -> int:
    """Count what a file holds: rows, lines that are none, and rows that its entry leaves out."""
    return int(source.rows.count().execute()) + len(source.broken) + source.left_out


def joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack frames of the same columns, empty ones left aside."""
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def file_notes(sources: list[SourceFile]) -> pd.DataFrame:
    """List what the readers put right in a file, and what its entry leaves out."""
    notes = [
        (s.name, s.entry["gives"], PUT_RIGHT, note, rows)
        for s in sources
        for note, rows in s.notes.items()
    ]
    notes += [
        (s.name, s.entry["gives"], LEFT_OUT, "left out by where", s.left_out)
        for s in sources
        if s.left_out
    ]
    found = pd.DataFrame(notes, columns=NOTES)  # several entries may read one file for one kind
    return found.groupby(NOTES[:-1], sort=False)["rows"].sum().reset_index()


def row_notes(sorted_rows: dict[str, SortedRows]) -> pd.DataFrame:
    """Count what was put right or emptied in rows that stay."""
    parts = [pd.DataFrame(columns=NOTES)]
    for kind, rows in sorted_rows.items():
        if rows.noted is not None:
            found = rows.noted.to_pandas()
            found = found.assign(note=found["noted"].str.strip().str.split("\n")).explode("note")
            parts.append(found.assign(gives=kind, fate=PUT_RIGHT)[NOTES])
    counts = joined(parts).groupby(NOTES[:-1], sort=False)["rows"].sum()
    return counts.reset_index()


def account_for(
    found: Reconciliation, sorted_rows: dict[str, SortedRows], links: ir.Table
) -> Reconciliation:
    """Say what became of the rows that may enter: which stand in the lake, which in another row.

    `links` has the person of each account; an account without one speaks for a brand.
    """
    fates = {
        "accounts": account_fates,
        "events": event_fates,
        "posts": post_fates,
        "exposures": exposure_fates,
        "outcomes": outcome_fates,
        "labels": label_fates,
        "sums": sums_fates,
    }
    parts = []
    for kind, fate_of in fates.items():
        if kind in sorted_rows:
            kept = sorted_rows[kind].kept
            of_people = "account" in kept.columns
            fates_of_rows = fate_of(kept.left_join(links, ACCOUNT) if of_people else kept)
            counts = fates_of_rows.filter(ibis._.note.notnull()).group_by("file", "note")
            parts.append(counts.agg(rows=ibis._.count()).to_pandas().assign(gives=kind))
    merged = joined(parts).assign(fate=MERGED)[NOTES].sort_values(NOTES[:-1])
    by_file = merged.groupby(["file", "gives"])["rows"].sum().rename("more").reset_index()
    frame = found.sources.merge(by_file, on=["file", "gives"], how="left")
    more = frame.pop("more").fillna(0).astype(int)
    frame = frame.assign(
        rows_kept=frame["rows_kept"] - more, rows_merged=frame["rows_merged"] + more
    )
    notes = joined([found.notes, merged, brand_files(sorted_rows["posts"].kept, links)])
    return found._replace(sources=frame, notes=notes)


def account_fates(rows: ir.Table) -> ir.Table:
    """Say which rows of accounts are a brand's, or state an account again."""
    again = ibis.row_number().over(group_by=ACCOUNT, order_by=["file", "row"]) > 0
    return named(rows, (rows["person_id"].isnull(), BRAND), (again, "states an account again"))


def event_fates(rows: ir.Table) -> ir.Table:
    """Say which acts are a brand's, or lines added up with others of their order."""
    later = ibis.row_number().over(group_by=ACT, order_by=["file", "row"]) > 0
    added = rows["sum_by"].notnull() & later
    return named(
        rows, (rows["person_id"].isnull(), BRAND), (added, "added up with a line of its order")
    )


def post_fates(rows: ir.Table) -> ir.Table:
    """Say which posts have the post_id of another; a brand's own posts are kept."""
    key = ["platform", "post_id"]
    again = ibis.row_number().over(group_by=key, order_by=["at", "text", "account"]) > 0
    return named(rows, (again, "has the post_id of another post"))


def exposure_fates(rows: ir.Table) -> ir.Table:
    """Say which assignments are not a person's first, and which are to the other arm."""
    rows = rows.mutate(lot=(rows["platform"] + "|" + rows["account"]).hexdigest("sha256"))
    window = ibis.window(group_by=["campaign", "person_id"], order_by=["at", "lot", "file", "row"])
    again = ibis.row_number().over(window) > 0
    other = again & (rows["arm"] != rows["arm"].first().over(window))
    return named(
        rows,
        (rows["person_id"].isnull(), BRAND),
        (other, "assigned to another arm too; the first counts"),
        (again, "assigned to the same arm again"),
    )


def outcome_fates(rows: ir.Table) -> ir.Table:
    """Say which outcomes are stated again: of an account, or of another account of the person."""
    key = ["campaign", "person_id", "measure"]
    order = ["platform", "account", "value", "file", "row"]
    again = ibis.row_number().over(group_by=key, order_by=order) > 0
    return named(rows, (rows["person_id"].isnull(), BRAND), (again, "an outcome stated again"))


def label_fates(rows: ir.Table) -> ir.Table:
    """Say which labels are of nobody here, or are given again."""
    key = [*ACCOUNT, "post_id", "campaign", "name"]
    again = ibis.row_number().over(group_by=key, order_by=["label", "file", "row"]) > 0
    nobody = rows["person_id"].isnull() & rows["post_id"].isnull() & rows["campaign"].isnull()
    return named(rows, (nobody, "a label of nobody here"), (again, "labelled again"))


def sums_fates(rows: ir.Table) -> ir.Table:
    """Say which sums of an arm are stated again: the first count."""
    again = ibis.row_number().over(group_by=SUMMED, order_by=["file", "row"]) > 0
    return named(rows, (again, "sums of an arm stated again"))


def named(rows: ir.Table, *fates: tuple) -> ir.Table:
    """Give each row its file and its first fate; missing where it stands in the lake itself."""
    return rows.select("file", note=ibis.cases(*fates, else_=ibis.null("string")))


def brand_files(posts: ir.Table, links: ir.Table) -> pd.DataFrame:
    """Name the files of posts that have no people: all of one brand, or of one account."""
    rows = posts.left_join(links, ACCOUNT)
    by_file = rows.group_by("file").agg(
        rows=rows.count(), people=rows["person_id"].count(), accounts=rows["account"].nunique()
    )
    found = by_file.to_pandas()
    owned, single = found["people"] == 0, (found["accounts"] == 1) & (found["rows"] > 9)
    note = pd.Series("", index=found.index, dtype=object)
    note[single] = "all of one account: if it is the brand, name it in 02_sourcing.brands"
    note[owned] = "the brand's own posts: this file has no people"
    return found.assign(note=note, gives="posts", fate=LOOK).loc[note != "", NOTES]


def require_people(accounts: pd.DataFrame, found: Reconciliation, brand_side: pd.DataFrame) -> None:
    """Stop where no file has a row of a person, and say of each file why.

    Raises
    ------
    DataError
        Naming the files and what became of their rows.
    """
    if len(accounts):
        return
    reasons = found.quarantine.groupby("file")["reason"].agg(lambda given: given.mode()[0])
    said = []
    for file, rows in found.sources.groupby("file", sort=False):
        n_kept, n_read = int(rows["rows_kept"].sum()), int(rows["rows_read"].sum())
        if n_kept and len(brand_side):
            said.append(f"{file}: {n_kept} of {n_read} rows are the brand's own, it has no people")
        elif set(rows["gives"]) == {"sums"}:
            said.append(f"{file}: sums of a test, which `coterie judge` judges without people")
        elif file in reasons:
            said.append(f"{file}: {n_read} rows, none may enter; most often: {reasons[file]}")
    raise DataError(f"No file has people. {'; '.join(said)}.")


def check_accounting(found: Reconciliation, **tables: ir.Table) -> Reconciliation:
    """Compare the rows said to be kept with the rows of the lake's tables; return what was found.

    `events` hold a row for each post of a person besides.

    Raises
    ------
    DataError
        When a row went elsewhere, naming the table and both counts.
    """
    kept = found.sources.groupby("gives")["rows_kept"].sum()
    if found.n_lost:
        raise DataError(f"{found.n_lost} rows are unaccounted for: this is a fault of coterie.")
    of_people = int(tables["posts"]["person_id"].count().execute()) if "posts" in tables else 0
    for kind, table in tables.items():
        expected = int(kept.get(kind, 0)) + (of_people if kind == "events" else 0)
        if (there := int(table.count().execute())) != expected:
            raise DataError(
                f"table {kind}: {expected} rows were kept, it holds {there}: a fault of coterie."
            )
    return found
