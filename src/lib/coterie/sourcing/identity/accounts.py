"""Accounts as the files mention them, and the tables that say whose they are."""

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.sourcing.sorted_rows import SortedRows

FIRST_KNOWN = ["time_zone", "birth_year", "gender", "region", "company", "job_title"]


def all_accounts(sorted_rows: dict[str, SortedRows]) -> pd.DataFrame:
    """List every account that any file mentions, with its profile; one row a profile.

    A name that is stated in two columns is put together.
    """
    profiles = sorted_rows["accounts"].kept.order_by("file", "row").drop("file", "row").to_pandas()
    seen = [
        rows.kept.select("platform", "account").distinct().to_pandas()
        for kind, rows in sorted_rows.items()
        if kind not in ("accounts", "consents", "labels", "sums")  # an answer makes no person
    ]
    apart = profiles["given_name"].str.cat(profiles["surname"], sep=" ", na_rep="").str.strip()
    profiles["name"] = profiles["name"].where(profiles["name"].notna(), apart.replace("", None))
    mentioned = pd.concat([profiles[["platform", "account"]], *seen]).drop_duplicates()
    return mentioned.merge(profiles, on=["platform", "account"], how="left").sort_values(
        ["platform", "account"]
    )


def without_brands(accounts: pd.DataFrame, brands: pd.DataFrame) -> pd.DataFrame:
    """Leave out the accounts that speak for a brand: they are no people.

    >>> accounts = pd.DataFrame({"platform": ["x", "x"], "account": ["ana", "shop"]})
    >>> without_brands(accounts, accounts.tail(1))["account"].tolist()
    ['ana']
    """
    names = ["platform", "account"]
    speaks = accounts.set_index(names).index.isin(brands.set_index(names).index)
    return accounts[~speaks]


def links_of(linked: pd.DataFrame) -> ir.Table:
    """List which person each account belongs to, one row an account."""
    return ibis.memtable(linked[["platform", "account", "person_id"]].drop_duplicates())


def people_by_rule(linked: pd.DataFrame) -> pd.DataFrame:
    """Count the people and accounts that rest on each kind of key."""
    people = linked.drop_duplicates("person_id").groupby("link_rule")
    counts = people.agg(people=("person_id", "size"), accounts=("n_accounts", "sum"))
    return counts.reset_index()


def people_table(linked: pd.DataFrame, first_seen: pd.DataFrame) -> pd.DataFrame:
    """Merge each person's accounts into one row.

    The first stated attribute counts, the most followers, the oldest account.

    `first_seen` has `person_id` and `first_seen`, the earliest moment in events and posts.
    """
    numbers = (
        linked[["followers", "following", "birth_year"]]
        .apply(pd.to_numeric, errors="coerce")
        .round()
    )
    by_person = linked.assign(**numbers.where(numbers.ge(0) & numbers.lt(1e12))).groupby(
        "person_id"
    )
    people = by_person[["n_accounts", "link_rule", *FIRST_KNOWN]].first()
    most = by_person[["followers", "following"]].max()
    people = people.assign(
        followers=most["followers"], following=most["following"], joined_at=by_person["at"].min()
    )
    people = people.astype(
        dict.fromkeys(["followers", "following", "birth_year"], "Int64")
    ).reset_index()
    return people.merge(first_seen, on="person_id", how="left")


def vault_table(linked: pd.DataFrame) -> pd.DataFrame:
    """Collect every raw identifier, for the one table that may hold them."""
    kinds = {
        "account": "handle",
        "email": "email",
        "phone": "phone",
        "name": "name",
        "crm_id": "crm_id",
    }
    long = linked.melt(
        ["person_id", "platform"], list(kinds), var_name="kind", value_name="identifier"
    ).dropna()
    return long.assign(kind=long["kind"].map(kinds)).drop_duplicates()
