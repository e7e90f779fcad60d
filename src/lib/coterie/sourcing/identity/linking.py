"""Whose account is whose: exact keys first, then likeness, then one pseudonym a person."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from coterie.lake import pseudonym
from coterie.sourcing.identity.blocking import choose_blocking
from coterie.sourcing.identity.clusters import connected, group_accounts
from coterie.sourcing.identity.keys import key_edges, stated_keys
from coterie.sourcing.identity.model import LINKAGES, Linkage, exact_linkage
from coterie.sourcing.identity.records import comparable_records
from coterie.sourcing.identity.scoring import score
from coterie.sourcing.identity.training import train
from coterie.study import DataError, SettingsError

ACCOUNT = ["platform", "account"]
SIMILAR = "similar"  # the rule of accounts that likeness joined
REVIEW = "review"  # the rule of accounts that a person said are one
NOT_REVIEWED = pd.DataFrame({"account_a": [], "account_b": [], "same_person": []})


def account_labels(accounts: pd.DataFrame) -> pd.Series:
    """Name every account by its platform and its name there."""
    return accounts["platform"] + ":" + accounts["account"]


def account_pseudonyms(labels: pd.Series, key: bytes) -> pd.Series:
    """Give every account a pseudonym of its own, other than its person's."""
    return labels.map({label: pseudonym(key, f"account {label}") for label in labels.unique()})


def one_profile_each(accounts: pd.DataFrame) -> pd.DataFrame:
    """Take each account's first stated value of every column; one row an account."""
    return accounts.groupby(ACCOUNT, sort=False, as_index=False).first()


def fit_linkage(
    accounts: pd.DataFrame,
    *,
    linkage: str = "exact",
    threshold: float = 0.85,
    review_from: float = 0.3,
    one_account: Sequence[str] = (),
    region: str = "",
) -> Linkage:
    """Train how accounts are compared; exact keys alone need no training.

    Raises
    ------
    SettingsError
        When `linkage` is neither exact nor fuzzy.
    """
    if linkage not in LINKAGES:
        raise SettingsError(f"linkage: {linkage!r} is none of {', '.join(LINKAGES)}.")
    if linkage == "exact" or len(accounts) < 2:
        return exact_linkage(tuple(one_account))
    records = comparable_records(one_profile_each(accounts), region=region)
    blocking = choose_blocking(records)
    return train(
        records,
        rules=blocking.loc[blocking["used"], "rule"].tolist(),
        threshold=threshold,
        review_from=review_from,
        one_account=tuple(one_account),
    )


def compare_accounts(
    accounts: pd.DataFrame, fitted: Linkage, *, key: bytes, region: str = ""
) -> pd.DataFrame:
    """Score pairs of accounts with a fitted model, from where a person should look on.

    Returns
    -------
    What `score` gives, with the accounts' pseudonyms as `account_a` and `account_b`.
    """
    profiles = one_profile_each(accounts)
    pairs = score(comparable_records(profiles, region=region), fitted)
    names = account_pseudonyms(account_labels(profiles), key)
    sides = {"account_a": "left", "account_b": "right"}
    return pairs.assign(**{a: names.to_numpy()[pairs[side]] for a, side in sides.items()})


def link_accounts(
    accounts: pd.DataFrame,
    pairs: pd.DataFrame | None = None,
    *,
    key: bytes,
    max_accounts: int = 20,
    region: str = "",
    threshold: float = 0.85,
    one_account: Sequence[str] = (),
    reviewed: pd.DataFrame = NOT_REVIEWED,
) -> pd.DataFrame:
    """Join accounts that share an exact key, directly or through others, into one person each.

    A key that more than `max_accounts` accounts state (an office number) joins nobody, nor does
    the address of a desk (info@). `pairs` of `compare_accounts` that reach `threshold` join more,
    within the limits that `group_accounts` guards. What a person said of a pair in `reviewed`
    (`account_a`, `account_b`, `same_person`) binds: a yes joins like a key, a no keeps apart whom
    no exact key joins, also where a chain of likeness would.

    Returns
    -------
    The accounts with `person_id`, `n_accounts`, `link_rule` and `match_probability` (of the surest
    likeness that joined the account; empty where none did), indexed from 0.

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
    node = accounts.groupby(ACCOUNT, sort=False).ngroup().to_numpy()
    keys = stated_keys(accounts.assign(node=node), region=region)
    said = reviewed_nodes(reviewed, accounts, node, key)
    edges = with_reviewed(key_edges(keys, max_accounts=max_accounts), said)
    n_nodes = int(node.max()) + 1
    start = connected(edges["node"], n_nodes + edges["hub"], n_nodes + len(edges))[:n_nodes]
    start = np.unique(start, return_inverse=True)[1]
    likely = likely_pairs(pairs, threshold)
    platform = accounts.drop_duplicates(ACCOUNT)["platform"].to_numpy(dtype=object)
    limits = {"one_account": one_account, "max_accounts": max_accounts}
    apart = said.loc[~said["same_person"], ["left", "right"]]
    grouped = group_accounts(likely, start, platform=platform, apart=apart, **limits)
    kept = likely[~grouped.refused]
    ends = kept.melt("match_probability", ["left", "right"], value_name="node")
    surest = ends.groupby("node")["match_probability"].max()
    kinds = pd.concat([edges[["node", "kind"]], ends[["node"]].assign(kind=SIMILAR)])
    return named(accounts, node, grouped.group[node], key=key).assign(
        link_rule=lambda linked: link_rules(linked, node, kinds),
        match_probability=surest.reindex(node).to_numpy(float),
    )


def reviewed_nodes(
    reviewed: pd.DataFrame, accounts: pd.DataFrame, node: np.ndarray, key: bytes
) -> pd.DataFrame:
    """Find the accounts that a person spoke of, as `left` and `right`; others are left out."""
    if reviewed.empty:
        return pd.DataFrame({"left": [], "right": [], "same_person": []}).astype(bool)
    names = account_pseudonyms(account_labels(accounts), key)
    place = pd.Series(node, index=names).groupby(level=0).first()
    ends = {"left": reviewed["account_a"].map(place), "right": reviewed["account_b"].map(place)}
    return reviewed[["same_person"]].assign(**ends).dropna().astype({"left": int, "right": int})


def with_reviewed(edges: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """Add to the accounts' keys one for each pair of which a person said that it is one."""
    same = said[said["same_person"]]
    first = 0 if edges.empty else int(edges["hub"].max()) + 1
    hubs = range(first, first + len(same))
    ends = [same[[side]].set_axis(["node"], axis=1).assign(hub=hubs) for side in ("left", "right")]
    return pd.concat([edges, *(end.assign(kind=REVIEW) for end in ends)], ignore_index=True)


def likely_pairs(pairs: pd.DataFrame | None, threshold: float) -> pd.DataFrame:
    """Take the pairs that are sure enough to be linked."""
    if pairs is None:
        pairs = pd.DataFrame({"left": [], "right": [], "match_probability": []})
    likely = pairs.loc[
        pairs["match_probability"] >= threshold, ["left", "right", "match_probability"]
    ]
    return likely.astype({"left": int, "right": int}).reset_index(drop=True)


def named(
    accounts: pd.DataFrame, node: np.ndarray, group: np.ndarray, *, key: bytes
) -> pd.DataFrame:
    """Name each group by the keyed hash of its first account, and count its accounts."""
    first = account_labels(accounts).groupby(group).min()
    names = first.map(lambda label: pseudonym(key, label))
    sizes = pd.Series(group).groupby(node).first().value_counts()
    n_accounts = sizes.reindex(group).to_numpy()
    return accounts.assign(person_id=names.reindex(group).to_numpy(), n_accounts=n_accounts)


def link_rules(linked: pd.DataFrame, node: np.ndarray, kinds: pd.DataFrame) -> pd.Series:
    """Say for every person which kind of key joined all accounts; several where they differ."""
    of_account = one_or_several(kinds.groupby("node")["kind"]).reindex(node)
    rules = of_account.set_axis(linked.index)
    of_person = one_or_several(rules.fillna("none").groupby(linked["person_id"]))
    rule = linked["person_id"].map(of_person)
    return rule.where(linked["n_accounts"] > 1, "single")


def one_or_several(kinds: object) -> pd.Series:
    """Take a group's only value, or the word several."""
    return kinds.first().where(kinds.nunique() == 1, "several")
