"""What was kept from joining too much, and how large the largest person is."""

from typing import NamedTuple

import pandas as pd

from coterie.sourcing.identity.keys import stated_keys
from coterie.sourcing.identity.linking import ACCOUNT, likely_pairs
from coterie.sourcing.identity.names import ROOTS, split_name


class Guard(NamedTuple):
    """What speaks for two people in one, or was left out because it would have made it so."""

    table: pd.DataFrame  # reason, found, accounts
    sizes: pd.DataFrame  # n_accounts, people: how many accounts people have
    largest: int  # accounts of the largest person
    largest_rule: str  # what joined them


def guard_merges(
    accounts: pd.DataFrame,
    linked: pd.DataFrame,
    pairs: pd.DataFrame | None = None,
    *,
    max_accounts: int = 20,
    region: str = "",
    threshold: float = 0.85,
) -> Guard:
    """Count the shared mailboxes, the keys of very many, the refused pairs and likely households.

    >>> from coterie.sourcing.identity.linking import link_accounts
    >>> accounts = pd.DataFrame({"platform": ["x", "x"], "account": ["ana", "bo"], "name": None})
    >>> accounts = accounts.assign(email="info@shop.org", phone=None, crm_id=None)
    >>> guard = guard_merges(accounts, link_accounts(accounts, key=b"k"))
    >>> guard.table["accounts"].tolist(), guard.largest
    ([2, 0, 0, 0], 1)
    """
    accounts = accounts.reset_index(drop=True)
    node = accounts.groupby(ACCOUNT, sort=False).ngroup()
    keys = stated_keys(accounts.assign(node=node), region=region)
    desk = keys[keys["desk"] & (keys["sharers"] > 1)]
    many = keys[~keys["desk"] & (keys["sharers"] > max_accounts)]
    person = linked["person_id"].groupby(node).first()
    likely = likely_pairs(pairs, threshold)
    apart = likely[person.loc[likely["left"]].to_numpy() != person.loc[likely["right"]].to_numpy()]
    mixed = households(linked)
    rows = [
        ("the address of a desk (info@, orders@): joins nobody", *counted(desk)),
        (f"a key that more than {max_accounts} accounts state: joins nobody", *counted(many)),
        ("likely pairs that would break a limit: not joined", len(apart), touched(apart)),
        ("people whose accounts state different given names: joined", *mixed),
    ]
    per_person = linked.drop_duplicates("person_id")
    sizes = per_person["n_accounts"].value_counts().sort_index().rename("people")
    top = per_person.loc[per_person["n_accounts"].idxmax()]
    return Guard(
        pd.DataFrame(rows, columns=["reason", "found", "accounts"]),
        sizes.rename_axis("n_accounts").reset_index(),
        int(top["n_accounts"]),
        str(top["link_rule"]),
    )


def counted(keys: pd.DataFrame) -> tuple[int, int]:
    """Count keys and the accounts that state them."""
    return len(keys[["kind", "key"]].drop_duplicates()), keys["node"].nunique()


def touched(pairs: pd.DataFrame) -> int:
    """Count the accounts of pairs."""
    return len({*pairs["left"], *pairs["right"]})


def households(linked: pd.DataFrame) -> tuple[int, int]:
    """Count people, and their accounts, who state given names that begin differently.

    Nicknames are read as the name that they stand for.
    """
    stated = linked[linked["n_accounts"] > 1].dropna(subset="name")
    different = {name: split_name(name).given for name in stated["name"].unique()}
    letters = {name: ROOTS.get(given, given)[:1] for name, given in different.items() if given}
    n_letters = stated["name"].map(letters).groupby(stated["person_id"]).nunique()
    suspects = n_letters.index[n_letters > 1]
    people = linked[linked["person_id"].isin(suspects)].drop_duplicates("person_id")
    return len(people), int(people["n_accounts"].sum())
