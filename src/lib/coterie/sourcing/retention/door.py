"""At the door: what was deleted does not come back from the files it once came from."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.lake import Gone, mark_of
from coterie.sourcing.retention.rules import Rule, is_due, rules_for
from coterie.sourcing.sorted_rows import SortedRows

PAST, ERASED = "past its retention", "erased on request"
ACTS = ("events", "posts", "exposures")
CONTACTS = ("email", "phone", "crm_id")


def keep_within(
    rows: Mapping[str, SortedRows], *, rules: list[Rule], gone: Gone
) -> dict[str, SortedRows]:
    """Set aside what the ledger of deletions forbids to read again, with the reason.

    Rows older than a rule allows on the last day that `coterie expire` was run for; accounts that
    were deleted for their age and did nothing since; whoever asked to be erased. Before anything
    was deleted, the rows are returned as they are. Answers on consent stay: a no binds for ever.
    """
    if gone.clock is None and not gone.erased:
        return dict(rows)
    kept = dict(rows)
    for kind in ACTS:
        kept[kind] = without_due(rows[kind], rules_for(rules, kind), gone)
    kept["posts"] = blanked(kept["posts"], rules_for(rules, "posts", of_rows=False), gone)
    active = accounts_in({kind: since_rule(kept[kind], rules, gone) for kind in ACTS}, ACTS)
    known = accounts_in(kept, (*ACTS, "accounts")).drop_duplicates()
    marks = pd.Series(
        [mark_of(gone.key, *pair) for pair in known.itertuples(index=False)], known.index
    )
    returned = known.merge(active.assign(acts=True), how="left", on=list(known))["acts"].notna()
    erased = marks.isin(gone.erased)
    reasons = known.assign(gone_because=None)
    reasons.loc[marks.isin(gone.expired) & ~returned.to_numpy(), "gone_because"] = PAST
    reasons.loc[erased, "gone_because"] = ERASED
    stated = erased_by_contact(kept["accounts"].kept, gone)
    reasons = pd.concat([stated, reasons.dropna()]).drop_duplicates(["platform", "account"])
    for kind in {*ACTS, "accounts", "outcomes"} & {*kept}:
        kept[kind] = without_accounts(kept[kind], reasons)
    return kept


def accounts_in(rows: Mapping[str, SortedRows], kinds: tuple[str, ...]) -> pd.DataFrame:
    """List the accounts that rows of some kinds speak of, indexed from 0."""
    found = [rows[kind].kept.select("platform", "account").distinct() for kind in kinds]
    return ibis.union(*found).distinct().order_by("platform", "account").to_pandas()


def since_rule(rows: SortedRows, rules: list[Rule], gone: Gone) -> SortedRows:
    """Keep the acts that are young enough for whoever did them to be kept, on the ledger's day."""
    if gone.clock is None:
        return rows
    kept = rows.kept
    for rule in rules_for(rules, "people"):
        kept = kept.filter(~is_due(kept, rule, today=gone.clock))
    return rows._replace(kept=kept)


def erased_by_contact(accounts: ir.Table, gone: Gone) -> pd.DataFrame:
    """List the accounts that state an address, phone or number of somebody who was erased."""
    stated = accounts.select("platform", "account", *CONTACTS).to_pandas()
    long = stated.melt(["platform", "account"], var_name="kind", value_name="identifier").dropna()
    pairs = long[["kind", "identifier"]].itertuples(index=False)
    marks = [mark_of(gone.key, *pair) for pair in pairs]
    found = long[pd.Series(marks, long.index, dtype=object).isin(gone.erased)]
    return found[["platform", "account"]].assign(gone_because=ERASED)


def without_due(rows: SortedRows, rules: list[Rule], gone: Gone) -> SortedRows:
    """Set aside the rows that any of the rules forbids to keep on the ledger's day."""
    if gone.clock is None or not rules:
        return rows
    old = ibis.or_(*(is_due(rows.kept, rule, today=gone.clock) for rule in rules))
    marked = rows.kept.mutate(old=old.fill_null(False)).cache()
    aside = marked.filter(marked["old"]).select("file", "row", reason=ibis.literal(PAST))
    kept = marked.filter(~marked["old"]).drop("old")
    return rows._replace(kept=kept, quarantined=rows.quarantined.union(aside))


def blanked(rows: SortedRows, rules: list[Rule], gone: Gone) -> SortedRows:
    """Empty the fields of posts that a rule forbids to keep on the ledger's day."""
    if gone.clock is None:
        return rows
    kept = rows.kept
    for rule in rules:
        old = is_due(kept, rule, today=gone.clock)
        kept = kept.mutate(**{field: old.ifelse("", kept[field]) for field in rule.fields})
    return rows._replace(kept=kept)


def without_accounts(rows: SortedRows, reasons: pd.DataFrame) -> SortedRows:
    """Set aside the rows of some accounts, each with its reason."""
    if reasons.empty:
        return rows
    schema = dict.fromkeys(["platform", "account", "gone_because"], "string")
    listed = ibis.memtable(reasons.astype(object), schema=schema)
    marked = rows.kept.left_join(listed, ["platform", "account"])
    marked = marked.drop("platform_right", "account_right").cache()
    here = marked["gone_because"].isnull()
    aside = marked.filter(~here).select("file", "row", reason=marked["gone_because"])
    kept = marked.filter(here).drop("gone_because")
    return rows._replace(kept=kept, quarantined=rows.quarantined.union(aside))
