"""One decision a person and platform, and the files that follow from them."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.activation.keys import PLATFORMS
from coterie.activation.self_check import SelfCheck
from coterie.contracts import Exports
from coterie.disclosure import suppress_within
from coterie.statistics import share_interval

NO_KEY = "no usable key"
WITHHELD = "withheld by the self-check"
TOO_SMALL = "audience too small for the platform"


class Decisions(NamedTuple):
    """Who is exported where, and the first reason where not."""

    table: pd.DataFrame  # `person_id`, `segment`, `platform`, `reason`, `decision`
    n_people: int  # everyone with a segment
    n_addressable: int  # those with a usable key for any platform

    @property
    def exported(self) -> pd.DataFrame:
        """The pairs of person and platform that are exported."""
        return self.table[self.table["decision"] == "export"]

    @property
    def n_exported(self) -> int:
        """Count the people exported to at least one platform."""
        return self.exported["person_id"].nunique()

    @property
    def n_suppressed(self) -> int:
        """Count the people exported nowhere."""
        return self.n_people - self.n_exported

    @property
    def addressable_share(self) -> tuple:
        """Share of people with a usable key, with its interval."""
        return share_interval(self.n_addressable, self.n_people)


class Outbox(NamedTuple):
    """The files that lie ready for a person to upload."""

    table: pd.DataFrame  # see the contract `exports`

    @property
    def n_files(self) -> int:
        """Count the files."""
        return len(self.table)

    @property
    def n_companies(self) -> int:
        """Count the companies of all files; a company on two lists counts twice."""
        return int(self.table.loc[self.table["holds"] == "companies", "members"].sum())


def decide_exports(
    segments: pd.DataFrame,
    *,
    rules: Mapping[str, Collection[str]],
    keys: pd.DataFrame,
    platforms: list[str],
) -> Decisions:
    """Decide on every person and platform: export, or suppress with the first rule that says so.

    When too few of a segment remain for a platform, all of them are suppressed there.

    Parameters
    ----------
    rules
        The people each reason suppresses, in the order they are looked at.
    keys
        `person_id`, `platform`: who can be addressed where.
    """
    everywhere = pd.DataFrame({"platform": platforms}, dtype=object)
    pairs = segments[["person_id", "segment"]].merge(everywhere, how="cross")
    hits = [pairs["person_id"].isin(set(people)) for people in rules.values()]
    keyless = ~pd.MultiIndex.from_frame(pairs[["person_id", "platform"]]).isin(
        pd.MultiIndex.from_frame(keys[["person_id", "platform"]])
    )
    pairs["reason"] = np.select([*hits, keyless], [*rules, NO_KEY], default="")
    open_pairs = pairs["reason"] == ""
    pairs.loc[open_pairs & in_small_audience(pairs), "reason"] = TOO_SMALL
    decision = np.where(pairs["reason"] == "", "export", "suppress")
    addressable = segments["person_id"].isin(keys["person_id"])
    return Decisions(pairs.assign(decision=decision), len(segments), int(addressable.sum()))


def apply_check(decisions: Decisions, check: SelfCheck) -> Decisions:
    """Let decisions stand that passed the self-check; else turn every export into a suppression."""
    if check.passed:
        return decisions
    open_pairs = decisions.table["decision"] == "export"
    reason = decisions.table["reason"].mask(open_pairs, WITHHELD)
    return decisions._replace(table=decisions.table.assign(reason=reason, decision="suppress"))


def in_small_audience(pairs: pd.DataFrame) -> pd.Series:
    """Say which pairs are of a segment of which too few people remain for the platform."""
    remain = (pairs["reason"] == "").groupby([pairs["segment"], pairs["platform"]])
    limits = {platform: rule["min_people"] for platform, rule in PLATFORMS.items()}
    return remain.transform("sum") < pairs["platform"].map(limits)


def audience_files(decisions: Decisions, *, keys: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Lay out one file a segment and platform, one hash a row, sorted so that nothing of our order
    remains.
    """
    exported = decisions.exported.merge(keys, on=["person_id", "platform"]).sort_values("key")
    return {
        f"{platform}_{segment}": layout(rows, columns=PLATFORMS[platform]["columns"])
        for (segment, platform), rows in exported.groupby(["segment", "platform"])
    }


def layout(rows: pd.DataFrame, *, columns: Mapping[str, str]) -> pd.DataFrame:
    """Put each hash once into its kind's column."""
    unique = rows.drop_duplicates(["kind", "key"])
    return pd.DataFrame(
        {title: unique["key"].where(unique["kind"] == kind, "") for kind, title in columns.items()}
    )


def list_outbox(
    decisions: Decisions,
    files: Mapping[str, pd.DataFrame],
    *,
    fingerprints: Mapping[str, str],
    by_list: Mapping[str, int],
    companies: Collection[str] = (),
    passed: bool,
) -> Outbox:
    """List the files with what they hold, and the fingerprint each was written under.

    Parameters
    ----------
    by_list
        People of the files by list.
    companies
        Names of the files that hold companies.
    passed
        Whether the self-check was passed: else there is no file any more.
    """
    exported = decisions.exported
    people = (exported["platform"] + "_" + exported["segment"]).value_counts().to_dict()
    members = people | by_list | {name: len(files[name]) for name in companies}
    rows = [
        (
            name,
            name.split("_", 1)[0],
            "companies" if name in companies else "people",
            members[name],
            len(file),
            fingerprints[name],
        )
        for name, file in files.items()
        if passed and name in members
    ]
    return Outbox(pd.DataFrame(rows, columns=list(Exports.types)))


def count_by_reason(decisions: Decisions, *, min_people: int = 50) -> pd.DataFrame:
    """Count people by platform and reason, without small cells and what would bring them back."""
    named = decisions.table.replace({"reason": {"": "exported"}})
    counts = named.groupby(["platform", "reason"]).size().reset_index(name="n_people")
    shown = suppress_within(counts, "platform", "n_people", min_people=min_people)
    hidden = counts.index.difference(shown.index)  # what one platform hides, another must not tell
    return shown[~shown["reason"].isin(counts.loc[hidden, "reason"])]
