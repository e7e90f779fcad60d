"""Who and what must go: posts and people past their rule, or a person who asked."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie import contracts
from coterie.lake import Lake
from coterie.sourcing.retention import Rule, is_due, rules_for
from coterie.study import SettingsError

ACTS = (contracts.Events, contracts.Posts, contracts.Exposures)


class Leaving(NamedTuple):
    """What has to leave every artefact."""

    people: pd.DataFrame  # person_id
    posts: pd.DataFrame  # post_id
    accounts: pd.DataFrame  # platform, account: the people's own
    account_ids: pd.Series  # pseudonyms of accounts that are or were theirs
    identifiers: pd.DataFrame  # the vault's rows that go: person_id, platform, kind, identifier
    words: pd.DataFrame  # post_id, text: what may not be read any longer
    quiet: pd.DataFrame  # person_id, field: people whose field is emptied
    rules: list[Rule]  # of dated rows
    today: date | None


def last_acts(lake: Lake) -> pd.Series:
    """Say when each person last did or answered anything; failing that, when the study saw anyone.

    Who never did anything dates from the day on which the oldest account was opened.
    """
    read = {contract.table: lake.read(contract) for contract in (*ACTS, contracts.Consents)}
    parts = [table.select("person_id", "at") for table in read.values()]
    dated = ibis.union(*parts).filter(ibis._.person_id.notnull() & ibis._.at.notnull())
    last = dated.group_by("person_id").agg(at=dated["at"].max()).to_pandas()
    people = lake.read(contracts.People).select("person_id", "joined_at").to_pandas()
    known = people.merge(last, on="person_id", how="left").set_index("person_id")
    return known["at"].fillna(known["joined_at"]).fillna(known["at"].max())


def due_on(lake: Lake, rules: list[Rule], *, today: date) -> Leaving:
    """Find what the rules forbid to keep today."""
    acts = last_acts(lake)
    of_people = rules_for(rules, "people")
    silent = acts.index[[False] * len(acts)]
    for rule in of_people:
        silent = silent.union(acts.index[acts < rule.cut_off(today)])
    posts = lake.read(contracts.Posts)
    theirs_too = posts.filter(posts["person_id"].isin(list(silent) or [""]))
    old = pd.concat(
        [
            due_ids(posts, rules_for(rules, "posts"), today=today),
            theirs_too.select("post_id", "text").to_pandas(),
        ]
    ).drop_duplicates("post_id")
    worn = due_ids(posts, rules_for(rules, "posts", of_rows=False), today=today)
    worn = worn[worn["text"] != ""]  # emptied before
    vault = lake.read(contracts.Vault).to_pandas()
    quiet = quiet_fields(acts, rules, today=today)
    expired = quiet[quiet["table"] == "vault"]
    marked = vault.merge(expired, left_on=["person_id", "kind"], right_on=["person_id", "field"])
    theirs = vault[vault["person_id"].isin(silent)]
    identifiers = pd.concat([theirs, marked[vault.columns]]).drop_duplicates()
    return Leaving(
        pd.DataFrame({"person_id": silent.astype(object)}),
        posts=old[["post_id"]],
        accounts=accounts_of(theirs),
        account_ids=account_ids(lake, silent),
        identifiers=identifiers,
        words=pd.concat([old, worn]).drop_duplicates("post_id"),
        quiet=quiet,
        rules=rules,
        today=today,
    )


def quiet_fields(acts: pd.Series, rules: list[Rule], *, today: date) -> pd.DataFrame:
    """List which fields of whom are emptied for having done nothing lately."""
    parts = [pd.DataFrame({"person_id": [], "table": [], "field": []}, dtype=object)]
    for rule in (rule for rule in rules if rule.fields and rule.age_of == "last_act"):
        who = acts.index[acts < rule.cut_off(today)]
        for field in rule.fields:
            parts.append(pd.DataFrame({"person_id": who, "table": rule.tables[0], "field": field}))
    return pd.concat(parts, ignore_index=True)


def due_ids(posts: ir.Table, rules: list[Rule], *, today: date) -> pd.DataFrame:
    """List the posts that any of the rules speaks of, with their words."""
    old = [is_due(posts, rule, today=today) for rule in rules] or [ibis.literal(False)]
    return posts.filter(ibis.or_(*old)).select("post_id", "text").to_pandas()


def accounts_of(vault: pd.DataFrame) -> pd.DataFrame:
    """List the accounts among the vault's identifiers."""
    handles = vault[vault["kind"] == "handle"]
    return handles[["platform", "identifier"]].rename(columns={"identifier": "account"})


def account_ids(lake: Lake, people: Iterable[str]) -> pd.Series:
    """List the pseudonyms of the accounts that are or were some people's."""
    links = lake.read(contracts.Links)
    theirs = links.filter(links["person_id"].isin(list(people) or [""]))
    return theirs.select("account_id").distinct().to_pandas()["account_id"]


def asked_by(lake: Lake, identifiers: list[str]) -> Leaving:
    """Find everything of the people who carry one of some identifiers.

    Raises
    ------
    SettingsError
        When nobody does.
    """
    wanted = {text.strip().lower().removeprefix("@") for text in identifiers} - {""}
    vault = lake.read(contracts.Vault).to_pandas()
    folded = vault["identifier"].str.strip().str.lower().str.removeprefix("@")
    people = vault.loc[folded.isin(wanted) & (vault["kind"] != "name"), "person_id"].unique()
    if not len(people):
        raise SettingsError("Nobody in the vault carries one of these identifiers.")
    theirs = vault[vault["person_id"].isin(people)]
    posts = lake.read(contracts.Posts)
    written = posts.filter(posts["person_id"].isin(list(people)))
    words = written.select("post_id", "text").to_pandas()
    return Leaving(
        pd.DataFrame({"person_id": people.astype(object)}),
        posts=words[["post_id"]],
        accounts=accounts_of(theirs),
        account_ids=account_ids(lake, people),
        identifiers=theirs,
        words=words,
        quiet=pd.DataFrame({"person_id": [], "table": [], "field": []}, dtype=object),
        rules=[],
        today=None,
    )
