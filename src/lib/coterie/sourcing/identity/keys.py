"""Exact keys: identifiers written so that equal ones are equal text, and who states which."""

import re

import pandas as pd
import phonenumbers

from coterie.sourcing.identity.names import WORDS

KEYS = ("email", "phone", "crm_id")
DESKS = frozenset(WORDS["mailboxes"])


def exact_key(kind: str, identifier: str, *, region: str | None = None) -> str | None:
    """Normalise an identifier so that equal ones are equal text; None when it identifies nobody.

    `region` is the country a phone number without a + is read in, like "US". A number must be
    valid there: one that merely could be dialled would join strangers.

    >>> exact_key("email", " Ana@Example.org "), exact_key("phone", "+1 (650) 253-0000")
    ('ana@example.org', '+16502530000')
    >>> exact_key("email", "none") is None, exact_key("phone", "000-000-0000", region="US") is None
    (True, True)
    """
    text = identifier.strip()
    if kind == "email":
        return text.lower() if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) else None
    if kind == "phone":
        return phone_key(text, region)
    return text or None


def phone_key(text: str, region: str | None) -> str | None:
    """Write a valid phone number in the international form E.164."""
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_shared_mailbox(address: str) -> bool:
    """Tell whether an address belongs to a desk, like info@ or orders@, and not to a person.

    >>> is_shared_mailbox("orders@agency.example"), is_shared_mailbox("ana@agency.example")
    (True, False)
    """
    return address.partition("@")[0].partition("+")[0].lower() in DESKS


def stated_keys(accounts: pd.DataFrame, *, region: str | None = None) -> pd.DataFrame:
    """List which account (`node`) states which key, one row each, with how many state it.

    `accounts` has a column `node`; `desk` marks the addresses of shared mailboxes.
    """
    stated = accounts.melt(
        id_vars="node", value_vars=list(KEYS), var_name="kind", value_name="stated"
    ).dropna()
    different = stated[["kind", "stated"]].drop_duplicates()
    different["key"] = [
        exact_key(kind, text, region=region)
        for kind, text in zip(different["kind"], different["stated"], strict=True)
    ]
    stated = stated.merge(different.dropna(subset="key"), on=["kind", "stated"])
    stated = stated.drop(columns="stated").drop_duplicates(["node", "kind", "key"])
    sharers = stated.groupby(["kind", "key"])["node"].transform("nunique")
    desk = stated["kind"].eq("email") & stated["key"].map(is_shared_mailbox)
    return stated.assign(sharers=sharers, desk=desk.astype(bool))


def key_edges(keys: pd.DataFrame, *, max_accounts: int) -> pd.DataFrame:
    """List which account (`node`) states which shared key (`hub`), as the edges of a graph.

    A key that more than `max_accounts` accounts state and a shared mailbox join nobody.
    """
    shared = keys[keys["sharers"].between(2, max_accounts) & ~keys["desk"]]
    return shared.assign(hub=shared.groupby(["kind", "key"]).ngroup())[["node", "hub", "kind"]]
