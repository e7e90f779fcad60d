"""Links as history: who was whom, from when to when, so that a merge can be traced and undone."""

from datetime import date, datetime

import ibis.expr.types as ir
import pandas as pd

from coterie.sourcing.identity.linking import ACCOUNT, account_labels, account_pseudonyms

STATE = ["account_id", "person_id"]
COLUMNS = [*STATE, "link_rule", "match_probability", "valid_from", "valid_to"]


def link_history(
    linked: pd.DataFrame,
    previous: ir.Table | pd.DataFrame | None,
    *,
    key: bytes,
    as_of: date,
    renamed: dict[str, str] | None = None,
) -> pd.DataFrame:
    """Carry the history of links on: what still holds stays open, what ended is closed.

    `previous` is the history that the run before left; `renamed` says what its pseudonyms are
    called since the key changed. A link that comes back on the day it ended is opened again.

    >>> linked = pd.DataFrame({"platform": ["x"], "account": ["ana"], "person_id": ["p_1"]})
    >>> linked = linked.assign(link_rule="single", match_probability=None)
    >>> first = link_history(linked, None, key=b"k", as_of=date(2026, 7, 1))
    >>> moved = linked.assign(person_id="p_2")
    >>> later = link_history(moved, first, key=b"k", as_of=date(2026, 8, 1))
    >>> later["valid_to"].notna().tolist(), later["person_id"].tolist()
    ([True, False], ['p_1', 'p_2'])
    """
    day = datetime(as_of.year, as_of.month, as_of.day)
    now = current_links(linked, key).assign(valid_from=day, valid_to=pd.NaT)
    if previous is None:
        return now[COLUMNS]
    past = previous[COLUMNS].copy() if isinstance(previous, pd.DataFrame) else previous.to_pandas()
    names = renamed or {}
    for column in STATE:
        past[column] = [names.get(name, name) for name in past[column]]
    held = pd.MultiIndex.from_frame(now[STATE])
    same = pd.MultiIndex.from_frame(past[STATE]).isin(held)
    open_ = past["valid_to"].isna()
    past.loc[open_ & ~same, "valid_to"] = day
    past.loc[same & (past["valid_to"] == day), "valid_to"] = pd.NaT
    going_on = pd.MultiIndex.from_frame(past.loc[past["valid_to"].isna(), STATE])
    new = now[~held.isin(going_on)]
    history = pd.concat([past, new]) if len(new) else past
    history[["valid_from", "valid_to"]] = history[["valid_from", "valid_to"]].astype(
        "datetime64[us]"
    )
    return history.sort_values([*STATE, "valid_from"], ignore_index=True)[COLUMNS]


def current_links(linked: pd.DataFrame, key: bytes) -> pd.DataFrame:
    """List whose each account is today, under the accounts' pseudonyms."""
    links = linked.drop_duplicates(ACCOUNT)
    return links[["person_id", "link_rule", "match_probability"]].assign(
        account_id=account_pseudonyms(account_labels(links), key).to_numpy()
    )


def links_on(history: pd.DataFrame, day: date) -> pd.DataFrame:
    """Tell whose each account was on a day: what undoing everything since would bring back.

    >>> rows = {"account_id": ["a", "a"], "person_id": ["p_1", "p_2"]}
    >>> history = pd.DataFrame(rows).assign(
    ...     valid_from=pd.to_datetime(["2026-07-01", "2026-08-01"]),
    ...     valid_to=pd.to_datetime(["2026-08-01", None]),
    ... )
    >>> links_on(history, date(2026, 7, 15))["person_id"].tolist()
    ['p_1']
    """
    moment = pd.Timestamp(day)
    begun = history["valid_from"] <= moment
    ended = history["valid_to"].notna() & (history["valid_to"] <= moment)
    return history.loc[begun & ~ended, STATE]


def link_changes(history: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Count the accounts that changed their person on a day, by what became of it.

    Returns
    -------
    `change` (merged: into a person who has others too; split: the former person goes on without
    the account; renamed: otherwise) and `accounts`.
    """
    day = pd.Timestamp(as_of)
    ended = history[history["valid_to"] == day].set_index("account_id")["person_id"]
    begun = history[(history["valid_from"] == day) & history["valid_to"].isna()]
    moved = begun[begun["account_id"].isin(ended.index)]
    before = moved["account_id"].map(ended[~ended.index.duplicated()])
    going_on = history[history["valid_to"].isna()]
    sizes = going_on["person_id"].value_counts()
    kinds = pd.Series("renamed", index=moved.index, dtype=object)
    kinds = kinds.mask(moved["person_id"].map(sizes) > 1, "merged")
    kinds = kinds.mask(before.isin(set(going_on["person_id"])), "split")
    counts = kinds.value_counts().reindex(["merged", "split", "renamed"], fill_value=0)
    return counts.rename_axis("change").rename("accounts").reset_index()
