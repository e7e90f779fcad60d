"""Identity by exact keys: accounts of the same e-mail, phone or CRM number are one person."""

import re

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import phonenumbers
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from coterie.lake import pseudonym
from coterie.sourcing.quarantine import SortedRows
from coterie.study import DataError

KEYS = ("email", "phone", "crm_id")
FIRST_KNOWN = ["time_zone", "birth_year", "gender", "region", "company", "job_title"]


def exact_key(kind: str, identifier: str, *, region: str | None = None) -> str | None:
    """Normalise an identifier so that equal ones are equal text; None when it identifies nobody.

    `region` is the country a phone number without a + is read in, like "US".

    >>> exact_key("email", " Ana@Example.org "), exact_key("phone", "+1 (650) 253-0000")
    ('ana@example.org', '+16502530000')
    >>> exact_key("email", "none") is None
    True
    """
    text = identifier.strip()
    if kind == "email":
        return text.lower() if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) else None
    if kind == "phone":
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return text or None


def all_accounts(sorted_rows: dict[str, SortedRows]) -> pd.DataFrame:
    """List every account that any file mentions, with its profile; one row a profile."""
    profiles = sorted_rows["accounts"].kept.order_by("file", "row").drop("file", "row").to_pandas()
    seen = [
        rows.kept.select("platform", "account").distinct().to_pandas()
        for kind, rows in sorted_rows.items()
        if kind not in ("accounts", "consents", "labels")  # an answer alone makes no person
    ]
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


def link_accounts(accounts: pd.DataFrame, *, key: bytes, max_accounts: int = 20) -> pd.DataFrame:
    """Join accounts that share an exact key, directly or through others, into one person each.

    A key that more than `max_accounts` accounts state (an office number, info@) joins nobody.

    Returns
    -------
    The accounts with `person_id`, `n_accounts` and `link_rule`, indexed from 0.

    >>> accounts = pd.DataFrame({"platform": ["x", "web", "x"], "account": ["ana", "7", "bo"]})
    >>> accounts = accounts.assign(email=["a@b.org", "A@b.org", None], phone=None, crm_id=None)
    >>> link_accounts(accounts, key=b"k")["n_accounts"].tolist()
    [2, 2, 1]
    """
    if accounts.empty:
        raise DataError(
            "table people: no row of any file may enter; the quarantine's reasons say why, "
            "check as_of first."
        )
    accounts = accounts.reset_index(drop=True)
    node = accounts.groupby(["platform", "account"], sort=False).ngroup().to_numpy()
    edges = key_edges(accounts.assign(node=node), max_accounts=max_accounts)
    size = node.max() + 1 + len(edges)
    graph = coo_matrix(
        (np.ones(len(edges)), (edges["node"], node.max() + 1 + edges["hub"])), shape=(size, size)
    )
    component = connected_components(graph, directed=False)[1][node]
    label = accounts["platform"] + ":" + accounts["account"]
    names = label.groupby(component).min().map(lambda text: pseudonym(key, text))
    rules = edges.groupby("node")["kind"].agg(
        lambda kinds: kinds.iloc[0] if kinds.nunique() == 1 else "several"
    )
    linked = accounts.assign(
        person_id=names.loc[component].to_numpy(), rule=pd.Series(node).map(rules)
    )
    by_person = linked.groupby("person_id")
    rule = by_person["rule"].transform(
        lambda kinds: kinds.iloc[0] if kinds.nunique(dropna=False) == 1 else "several"
    )
    n_accounts = linked.assign(node=node).groupby("person_id")["node"].transform("nunique")
    return linked.drop(columns="rule").assign(
        n_accounts=n_accounts, link_rule=rule.where(n_accounts > 1, "single")
    )


def key_edges(accounts: pd.DataFrame, *, max_accounts: int) -> pd.DataFrame:
    """List which account (`node`) states which shared key (`hub`), as the edges of a graph."""
    stated = accounts.melt(
        id_vars="node", value_vars=list(KEYS), var_name="kind", value_name="stated"
    ).dropna()
    stated["key"] = [
        exact_key(kind, text) for kind, text in zip(stated["kind"], stated["stated"], strict=True)
    ]
    stated = stated.dropna(subset="key").drop_duplicates(["node", "kind", "key"])
    sharers = stated.groupby(["kind", "key"])["node"].transform("nunique")
    shared = stated[(sharers > 1) & (sharers <= max_accounts)]
    return shared.assign(hub=shared.groupby(["kind", "key"]).ngroup())[["node", "hub", "kind"]]


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
