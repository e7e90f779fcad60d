"""Every no as keys that people are looked up by: also of those who are not here yet."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd

from coterie.sourcing.consent.answers import IDENTIFIERS, NO, PURPOSES, UNCLEAR
from coterie.sourcing.consent.keys import hashed_keys, refusal_keys, wide_keys

COLUMNS = ["refusal", "kind", "digest", "purpose", "at", "file", "derived"]
UNKNOWN = "unknown"  # a purpose that is not documented: a no to it is a no to all


class Refusals(NamedTuple):
    """Every no of the consent files, as keys."""

    keys: pd.DataFrame  # COLUMNS: one row a key; the keys of one answer share `refusal`
    unclear: pd.DataFrame  # the same for answers nobody understands: they bind, but are not kept
    unusable: pd.Series  # by file: answers without one usable key, which bind nobody


def refusals_of(answers: pd.DataFrame, *, region: str = "US") -> Refusals:
    """Turn every answer that is no clear yes into the keys it binds by.

    Parameters
    ----------
    answers
        Rows of consent files with `file`, `platform`, the columns of `IDENTIFIERS`, `purpose`,
        `at` and `said`; no matter when they were given.
    region
        The country of telephone numbers without a country code.

    >>> row = dict.fromkeys(IDENTIFIERS) | {"file": "f.csv", "platform": "crm", "purpose": "email"}
    >>> answers = pd.DataFrame([row | {"email": "Ana@b.org", "said": "no", "at": None}])
    >>> refusals_of(answers).keys[["kind", "purpose"]].values.tolist()
    [['email', 'email']]
    """
    against = answers[answers["said"].isin([NO, UNCLEAR])]
    found = [keys_of_row(row, region) for row in against.to_dict("records")]
    named = against.assign(keys=found, purpose=documented(against["purpose"]))
    usable = named["keys"].map(bool).astype(bool)
    return Refusals(
        as_rows(named[usable & (named["said"] == NO)]),
        as_rows(named[usable & (named["said"] == UNCLEAR)]),
        named[~usable].groupby("file").size(),
    )


def keys_of_row(row: dict, region: str) -> set[str]:
    """List the keys of one answer: of every identifier that stands in it."""
    stated = [(kind, row[kind]) for kind in IDENTIFIERS] + [("email", row.get("also"))]
    stated += [("phone", number) for number in str(row.get("dialled") or "").split(" ; ")]
    keys = set()
    for kind, text in stated:
        if isinstance(text, str):
            keys |= refusal_keys(kind, text, platform=row["platform"], region=region)
    return keys


def documented(purposes: pd.Series) -> pd.Series:
    """Keep documented purposes; anything else is unknown, since it may be anything at all."""
    return purposes.where(purposes.isin(list(PURPOSES)), UNKNOWN)


def as_rows(named: pd.DataFrame) -> pd.DataFrame:
    """Lay answers out, one row a key; their wide keys stand beside under kind `id`."""
    long = named.assign(key=[sorted(keys | wide_keys(keys)) for keys in named["keys"]])
    long["refusal"] = [digest(min(keys)) for keys in named["keys"]]
    long = long.explode("key").reset_index(drop=True)
    long["kind"] = long["key"].astype(str).str.split(":").str[0]
    long["digest"] = long["key"].astype(str).map(digest)
    long["at"] = pd.to_datetime(long["at"])
    long["derived"] = False
    return long[COLUMNS].drop_duplicates(["digest", "refusal", "purpose", "at"])


def digest(key: str) -> str:
    """Name a key without showing it; as private as what it was made from."""
    return hashlib.sha256(key.encode()).hexdigest()


def earlier_refusals(previous: ir.Table | None, *, keep: bool = True) -> pd.DataFrame | None:
    """Take over the refusals of earlier runs, unless the settings say to start again."""
    if previous is None or not keep:
        return None
    return previous.select(COLUMNS).to_pandas()


def keep_refusals(now: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """Join the refusals of this run with those of earlier ones: a no outlives its file.

    Of one key and purpose the latest moment counts, and none at all over any.
    """
    every = now if before is None else pd.concat([now, before[COLUMNS]], ignore_index=True)
    every = every.assign(undated=every["at"].isna())
    order = {"derived": True, "undated": False, "at": False, "file": True}
    ordered = every.sort_values(list(order), ascending=list(order.values()))
    kept = ordered.drop_duplicates(["refusal", "digest", "purpose"])
    return kept.sort_values(["refusal", "digest", "purpose"])[COLUMNS].reset_index(drop=True)


def keys_of_people(linked: pd.DataFrame, *, kinds: Iterable[str], region: str) -> pd.DataFrame:
    """List the digests of every key by which a refusal may meet a person, with their `kind`.

    Nobody is listed where there are no refusals, and addresses are hashed only where `kinds` of
    refusals ask for it: both take time.
    """
    asked, rows = set(kinds), []
    hashed = "hash" in asked
    if not asked:
        linked = linked.head(0)
    stated = linked[["person_id", "platform", "account", "email", "phone", "crm_id"]]
    long = stated.drop_duplicates().melt(
        ["person_id", "platform"], var_name="kind", value_name="text"
    )
    for person, platform, kind, text in long.dropna(subset="text").itertuples(index=False):
        keys = refusal_keys(kind, text, platform=platform, region=region)
        keys |= wide_keys(keys)
        if hashed:
            keys |= hashed_keys("phone" if kind == "phone" else "email", text, region=region)
        rows += [(person, key) for key in keys]
    unique = {key: (key.split(":")[0], digest(key)) for _, key in rows}
    named = dict.fromkeys((person, *unique[key]) for person, key in rows)
    return pd.DataFrame(list(named), columns=["person_id", "kind", "digest"], dtype=object)


def with_other_keys(refusals: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Add the other addresses and numbers of whoever said no, so that it outlives their account.

    Keys added so are `derived` and bring in no further ones: a shared mailbox chains nobody.
    """
    direct = refusals[~refusals["derived"]]
    met = direct[direct["kind"] != "id"].merge(people[["person_id", "digest"]], on="digest")
    met = met.drop(columns=["kind", "digest"]).drop_duplicates()
    reachable = people[people["kind"].isin(["email", "phone"])]
    others = met.merge(reachable, on="person_id").assign(derived=True)
    return keep_refusals(refusals, others)


def bound_people(refusals: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Find the people a refusal binds: one row a person and purpose, with the latest moment.

    A number of a platform or of the company's books that meets nobody there is looked for among
    all numbers and handles, since files name their platform each their own way.
    """
    people = people[["person_id", "digest"]].drop_duplicates()
    met = refusals.merge(people, on="digest")
    narrow = met[met["kind"] != "id"]
    alone = ~refusals["refusal"].isin(narrow["refusal"])
    wide = refusals[alone & (refusals["kind"] == "id")].merge(people, on="digest")
    found = pd.concat([narrow, wide])
    undated = found["at"].isna().groupby([found["person_id"], found["purpose"]]).transform("any")
    latest = found.assign(at=found["at"].mask(undated)).groupby(["person_id", "purpose"])["at"]
    return latest.max().reset_index()
