"""The lake's tables of consent: what each person allows, and how each file was read."""

from typing import NamedTuple

import pandas as pd

from coterie.lake import SourceFile
from coterie.sourcing.consent.answers import (
    HARMLESS,
    NO,
    NOTHING_SAID,
    PURPOSES,
    UNCLEAR,
    YES,
    polarity_of,
)
from coterie.sourcing.consent.refusals import (
    Refusals,
    bound_people,
    keep_refusals,
    keys_of_people,
    refusals_of,
    with_other_keys,
)
from coterie.sourcing.identity import exact_key
from coterie.sourcing.sorted_rows import SortedRows

COUNTS = ["n_yes", "n_no", "n_silent", "n_unreadable"]


class Consents(NamedTuple):
    """What the consent files say, and about whom."""

    table: pd.DataFrame  # `person_id`, `purpose`, `granted`, `stops_exports`, `at`
    suppressions: pd.DataFrame  # every no as keys, also of people who are not here
    files: pd.DataFrame  # how each file was read; `n_unreadable` stops exports

    @property
    def n_refused(self) -> int:
        """Count the people whose no keeps them out of every audience."""
        return self.table.loc[self.table["stops_exports"], "person_id"].nunique()

    @property
    def n_waiting(self) -> int:
        """Count the answers of people who are not here: they bind whoever comes later."""
        return self.suppressions.loc[~self.suppressions["met"], "refusal"].nunique()

    @property
    def n_unreadable(self) -> int:
        """Count the rows that may hide a no."""
        return int(self.files["n_unreadable"].sum())


def read_consents(
    sources: list[SourceFile],
    rows: SortedRows,
    linked: pd.DataFrame,
    *,
    before: pd.DataFrame | None = None,
    region: str = "US",
) -> Consents:
    """Read the answers of all consent files into what each person allows, every no first.

    A later yes lifts no earlier no: which of two is the last word depends on dates and clocks that
    files get wrong, so whoever renewed an answer is exported once the old one is out of the files.

    Parameters
    ----------
    sources, rows
        The files, and their rows of the kind `consents` after the door.
    linked
        Accounts with `person_id`.
    before
        The suppressions of earlier runs, or nothing.
    region
        The country of telephone numbers without a country code.
    """
    answers = rows.kept.to_pandas()
    refusals = refusals_of(answers, region=region)
    known = keep_refusals(refusals.keys, before)
    kinds = [*known["kind"], *refusals.unclear["kind"]]
    people = keys_of_people(linked, kinds=kinds, region=region)
    kept = with_other_keys(known, people)
    against = pd.concat([kept, refusals.unclear], ignore_index=True)
    bound = bound_people(against, people)
    allowed = allowed_purposes(answers[answers["said"] == YES], linked, region=region)
    met = kept.loc[kept["digest"].isin(people["digest"]), "refusal"]
    return Consents(
        consent_rows(bound, allowed),
        kept.assign(met=kept["refusal"].isin(met)),
        how_read(sources, answers, rows.quarantined.to_pandas(), refusals),
    )


def how_read(
    sources: list[SourceFile], answers: pd.DataFrame, aside: pd.DataFrame, refusals: Refusals
) -> pd.DataFrame:
    """Count per consent file what its answers say, and the rows that may hide a no.

    Such are lines that are no rows, rows without a usable key, and answers nobody understands.
    """
    files = [source for source in sources if source.entry["gives"] == "consents"]
    said = answers.groupby(["file", "said"]).size().unstack(fill_value=0)
    silent = aside[aside["reason"] == NOTHING_SAID].groupby("file").size()
    hiding = aside[~aside["reason"].isin(HARMLESS)].groupby("file").size()
    rows = []
    for name in dict.fromkeys(source.name for source in files):
        same = [source for source in files if source.name == name]
        by_answer = said.loc[name] if name in said.index else pd.Series(dtype=int)
        n_unclear = int(by_answer.get(UNCLEAR, 0))
        n_broken = max(len(source.broken) for source in same)
        n_hiding = int(hiding.get(name, 0)) + int(refusals.unusable.get(name, 0))
        counts = {
            "n_yes": int(by_answer.get(YES, 0)),
            "n_no": int(by_answer.get(NO, 0)),
            "n_silent": int(silent.get(name, 0)),
            "n_unreadable": n_unclear + n_broken + n_hiding,
        }
        readings = dict.fromkeys(map(reading_of, (source.entry for source in same)))
        rows.append({"file": name, "reading": "; ".join(readings)} | counts)
    return pd.DataFrame(rows, columns=["file", "reading", *COUNTS])


def reading_of(entry: dict) -> str:
    """Say how the answers of one entry were told apart."""
    explained = not (entry.get("answers") or {}).get("unknown_values")
    if entry.get("where") and explained:
        return f"refusals in {entry['columns']['granted']}"
    return polarity_of(entry).reason


def allowed_purposes(
    yes: pd.DataFrame, linked: pd.DataFrame, *, region: str = "US"
) -> pd.DataFrame:
    """Find whose yes it is: the account's owner, else the one person who states the same key.

    A key that several people state says yes for none of them.
    """
    account = ["platform", "account"]
    owners = linked[[*account, "person_id"]].drop_duplicates()
    found = [yes.merge(owners, on=account)]
    owned = pd.MultiIndex.from_frame(yes[account]).isin(pd.MultiIndex.from_frame(owners[account]))
    rest = yes[~owned]
    for kind in ("email", "phone", "crm_id"):
        of_people = linked[["person_id", kind]].drop_duplicates()
        stated = exact_keys(of_people, kind, region=region).drop_duplicates()
        single = stated[~stated["key"].duplicated(keep=False)]
        found.append(
            exact_keys(rest, kind, region=region).merge(single[["person_id", "key"]], on="key")
        )
    columns = ["person_id", "purpose", "at"]
    every = pd.concat([part[columns] for part in found], ignore_index=True)
    return every.groupby(columns[:2])["at"].max().reset_index()


def exact_keys(rows: pd.DataFrame, kind: str, *, region: str) -> pd.DataFrame:
    """Add the exact key of one kind as `key`, leaving out rows without one."""
    stated = rows.dropna(subset=kind)
    keys = [exact_key(kind, text, region=region) for text in stated[kind]]
    return stated.assign(key=pd.Series(keys, index=stated.index, dtype=object)).dropna(subset="key")


def consent_rows(bound: pd.DataFrame, allowed: pd.DataFrame) -> pd.DataFrame:
    """Write one row a person and purpose; a no stands before a yes."""
    kept = [purpose for purpose, about in PURPOSES.items() if about.get("exports") == "kept"]
    refused = bound.assign(granted=False, stops_exports=~bound["purpose"].isin(kept))
    granted = allowed.assign(granted=True, stops_exports=False)
    every = pd.concat([refused, granted], ignore_index=True)
    first = every.drop_duplicates(["person_id", "purpose"])
    return first.astype({"granted": bool, "stops_exports": bool, "at": "datetime64[us]"})
