"""What is compared: one row an account, every field written the way it is compared."""

import re

import pandas as pd

from coterie.sourcing.identity.keys import exact_key
from coterie.sourcing.identity.names import (
    ROOTS,
    Name,
    common_titles,
    handle_letters,
    local_part,
    plain,
    split_name,
    with_root,
    without_titles,
)

STATED = ("name", "given_name", "surname", "birth_date", "street", "city", "postcode", "region")
PLAIN = ("street", "city", "postcode", "region")
NEEDED = ("platform", "account", *STATED, "email", "phone", "crm_id")


def comparable_records(accounts: pd.DataFrame, *, region: str | None = None) -> pd.DataFrame:
    """Write every account's profile as it is compared; row by row, in the order of `accounts`.

    Columns that a study does not map are empty. `alias` is what the handle says of a name once
    titles are taken off; the name itself where the account has no such handle.

    >>> accounts = pd.DataFrame({"platform": ["x"], "account": ["bo.li"], "name": ["Bo Li"]})
    >>> comparable_records(accounts).loc[0, ["given_name", "surname", "alias"]].tolist()
    ['bo', 'li', 'boli']
    """
    known = accounts.reindex(columns=list(NEEDED)).astype(object)
    known = known.where(known.notna(), None).reset_index(drop=True)
    records = names_of(known)
    records["platform"] = known["platform"]
    records["birth_date"] = known["birth_date"].map(date_digits)
    for field in PLAIN:
        records[field] = mapped(known[field], plain_words)
    for field, kind in (("email", "email"), ("phone", "phone"), ("number", "crm_id")):
        texts = known["crm_id" if field == "number" else field]
        records[field] = mapped(texts, lambda text, kind=kind: exact_key(kind, text, region=region))
    records = records.assign(**handles_of(known["account"], records))
    return records.astype("string").assign(unique_id=range(len(records)))


def mapped(texts: pd.Series, write: object) -> pd.Series:
    """Write each different text once."""
    different = {text: write(text) for text in texts.dropna().unique()}
    return texts.map(different)


def names_of(known: pd.DataFrame) -> pd.DataFrame:
    """Split names; a given and a family name that are stated apart win over the full one."""
    together = known["given_name"].str.cat(known["surname"], sep=" ")
    whole = mapped(together.where(together.notna(), known["name"]), split_name)
    parts = [pair if isinstance(pair, Name) else (None,) * len(Name._fields) for pair in whole]
    split = pd.DataFrame(parts, columns=list(Name._fields), index=known.index, dtype=object)
    split = split.rename(columns={"given": "given_name"})
    for part in ("given_name", "surname"):
        apart = mapped(known[part], lambda text: re.sub(r"[^a-z]", "", plain(text)) or None)
        split[part] = apart.where(apart.notna(), split[part])
    full = split["given_name"].str.cat(split["surname"], sep=" ")
    root = mapped(split["given_name"], lambda name: ROOTS.get(name, name))
    return split.assign(full_name=full, given_root=root)


def handles_of(handles: pd.Series, records: pd.DataFrame) -> dict[str, pd.Series]:
    """Read names out of handles; where there is none, the stated name stands in."""
    letters = mapped(handles, handle_letters)
    surnames = {*records["surname"].dropna(), *records["tail"].dropna()}
    titles = common_titles(letters.dropna(), surnames | set(records["given_name"].dropna()))
    alias = mapped(letters, lambda text: without_titles(text, titles))
    alias = mapped(alias, lambda text: with_root(text, surnames))
    key = mapped(handles, lambda text: re.sub(r"[^a-z0-9]", "", local_part(text)))
    return {
        "handle": key.where(letters.notna()),
        "alias": alias.where(alias.notna(), records["spoken"]),
    }


def plain_words(text: str) -> str | None:
    """Write a place or a code in plain letters and digits.

    >>> plain_words(" Łódź-Górna ")
    'odz gorna'
    """
    return re.sub(r"[^a-z0-9]+", " ", plain(text)).strip() or None


def date_digits(text: str | None) -> str | None:
    """Write a date of birth as eight digits, year first; None when it is none.

    >>> date_digits("1971-06-24"), date_digits("19081209"), date_digits("24 June")
    ('19710624', '19081209', None)
    """
    digits = re.sub(r"\D", "", str(text)[:10]) if text else ""
    return digits if len(digits) == 8 else None
