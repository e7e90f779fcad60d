"""Tables of the lake without what must go: every stored version is written anew or deleted."""

from pathlib import Path

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie import contracts
from coterie.lake import (
    COPY,
    CURRENT,
    SCRATCH,
    STAGING,
    Lake,
    discard_drafts,
    read_pointer,
    write_pointer,
)
from coterie.runner.expiry.due import Leaving
from coterie.runner.publishing.lifetimes import sweep_stored
from coterie.sourcing.retention import is_due, rules_for
from coterie.study import DataError

SECTIONS = ("tables", "findings", "previous")
WITH_FIELDS = ("posts", "events", "people", "sources")  # of which a field may have to be emptied
ACCOUNT_IDS = ("account_id", "account_a", "account_b")
POST_REFERENCES = ("in_reply_to", "object_id")


def rewrite_tables(lake: Lake, leaving: Leaving) -> dict[str, int]:
    """Write every stored table without what must go; returns the rows that left, by table.

    Only what a pointer names is kept. The journal stays as it is, so that the next run makes anew
    whatever was computed from what left.
    """
    pointers = [file for name in (CURRENT, STAGING, SCRATCH) for file in [lake.folder / name]]
    held = {file: read_pointer(file) for file in pointers if file.exists()}
    named = {place for pointer in held.values() for place in places(pointer)}
    current = held[lake.folder / CURRENT]["tables"]
    left: dict[str, int] = {}
    moved: dict[str, str] = {}
    for place in sorted(named):
        name = Path(place).parent.name
        if name not in contracts.TABLES or not (lake.folder / place).exists():
            continue
        before = lake.engine.read_parquet(lake.folder / place)
        if set(contracts.contract(name).types) - set(before.columns):
            moved[place] = ""  # of an older version, which only `previous` may name
            continue
        after = without(before, name, leaving)
        n_left = rows_less(before, after)
        if not n_left and name not in WITH_FIELDS:
            continue
        moved[place] = lake.store(contracts.contract(name), name, after)
        if place in current.values():
            left[name] = n_left
    for file, pointer in held.items():
        write_pointer(file, renamed(pointer, moved))
    if (lake.folder / COPY).exists():
        write_pointer(lake.folder / COPY, read_pointer(lake.folder / CURRENT))
    discard_drafts(lake.folder)
    if left_over := sweep_stored(lake.folder):
        raise DataError(" ".join(left_over))
    return {name: rows for name, rows in left.items() if rows}


def rows_less(before: ir.Table, after: ir.Table) -> int:
    """Count the rows that leave; a table that nothing can leave is not read."""
    if after.equals(before):
        return 0
    return int(before.count().execute() - after.count().execute())


def places(pointer: dict) -> set[str]:
    """Name the stored files of a pointer."""
    return {place for section in SECTIONS for place in pointer[section].values()}


def renamed(pointer: dict, moved: dict[str, str]) -> dict:
    """Let a pointer name the rewritten files."""
    sections = {}
    for section in SECTIONS:
        now = {name: moved.get(place, place) for name, place in pointer[section].items()}
        sections[section] = {name: place for name, place in now.items() if place}
    return pointer | sections


def without(table: ir.Table, name: str, leaving: Leaving) -> ir.Table:
    """Take out of one table what must go."""
    kept = without_people(without_rows(table, name, leaving), leaving)
    return with_blanks(without_posts(kept, leaving), name, leaving)


def without_rows(table: ir.Table, name: str, leaving: Leaving) -> ir.Table:
    """Take out the dated rows that a rule forbids to keep, and earliest dates before its day."""
    for rule in rules_for(leaving.rules, name):
        if rule.age_of == "at" and (not rule.platform or "platform" in table.columns):
            table = table.filter(~is_due(table, rule, today=leaving.today))
    oldest = [rule for rule in rules_for(leaving.rules, "events") if not rule.platform]
    for column in (c for c in ("first_seen", "first_at") if c in table.columns and oldest):
        start = ibis.timestamp(oldest[0].cut_off(leaving.today).isoformat())
        clipped = ibis.greatest(table[column], start)
        table = table.mutate(**{column: table[column].notnull().ifelse(clipped, None)})
    return table


def without_people(table: ir.Table, leaving: Leaving) -> ir.Table:
    """Take out the rows of people who must go, by every column that names one."""
    for column in (name for name in table.columns if name.startswith("person_")):
        table = without_keys(table, {column: leaving.people["person_id"]})
    for column in (name for name in table.columns if name in ACCOUNT_IDS):
        table = without_keys(table, {column: leaving.account_ids})
    if {"subject", "subject_id"} <= set(table.columns):
        table = without_keys(table, {"subject_id": leaving.people["person_id"]})
        table = without_keys(table, {"subject_id": leaving.posts["post_id"]})
    if {"platform", "account"} <= set(table.columns):
        table = without_keys(table, dict(leaving.accounts))
    if {"platform", "kind", "identifier"} <= set(table.columns):
        keys = leaving.identifiers[["person_id", "kind", "identifier"]]
        table = without_keys(table, dict(keys))
    if {"person_id", "email_domain"} <= set(table.columns):
        mails = leaving.identifiers.query("kind == 'email'")
        table = without_keys(table, {"person_id": mails["person_id"]})
    return table


def without_posts(table: ir.Table, leaving: Leaving) -> ir.Table:
    """Take out the rows of posts that must go, and empty what refers to them."""
    if "post_id" in table.columns:
        table = without_keys(table, {"post_id": leaving.posts["post_id"]})
    for column in (name for name in POST_REFERENCES if name in table.columns):
        gone = as_table({"gone_id": leaving.posts["post_id"]})
        joined = table.left_join(gone, table[column] == gone["gone_id"])
        emptied = joined["gone_id"].notnull().ifelse(None, joined[column])
        table = joined.mutate(**{column: emptied}).drop("gone_id")
    return table


def with_blanks(table: ir.Table, name: str, leaving: Leaving) -> ir.Table:
    """Empty the fields that may not be kept: words of old posts, attributes of the long silent."""
    if name == "posts":
        for rule in rules_for(leaving.rules, name, of_rows=False):
            old = is_due(table, rule, today=leaving.today)
            table = table.mutate(**{f: old.ifelse("", table[f]) for f in rule.fields})
    quiet = leaving.quiet[(leaving.quiet["table"] == name) & (name != "vault")]
    for field, people in quiet.groupby("field"):
        silent = as_table({"silent_id": people["person_id"]})
        joined = table.left_join(silent, table["person_id"] == silent["silent_id"])
        emptied = joined["silent_id"].notnull().ifelse(None, joined[field])
        table = joined.mutate(**{field: emptied}).drop("silent_id")
    return table


def without_keys(table: ir.Table, keys: dict[str, pd.Series]) -> ir.Table:
    """Keep the rows whose columns equal none of the keys."""
    if not len(next(iter(keys.values()))):
        return table
    return table.anti_join(as_table(keys), list(keys))


def as_table(columns: dict[str, pd.Series]) -> ir.Table:
    """Make a table of text, each row once."""
    frame = pd.DataFrame({name: column.astype(object) for name, column in columns.items()})
    return ibis.memtable(frame.drop_duplicates(), schema=dict.fromkeys(columns, "string"))
