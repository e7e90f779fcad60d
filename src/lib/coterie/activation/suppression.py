"""Whom not to address, and why: one rule a reason, in the order they are looked at."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd

from coterie.windows import moment

UNREAD = "a consent file cannot be read whole"
PARTLY = 0.3  # share in a sensitive segment from which a person is left out, wherever they are


class Records(NamedTuple):
    """The tables of the lake that say who must not be addressed."""

    segments: ir.Table
    memberships: ir.Table
    clearances: ir.Table
    bots: ir.Table
    decisions: ir.Table
    assignments: ir.Table
    consents: ir.Table
    consent_files: ir.Table
    exposures: ir.Table
    traits: ir.Table
    contacts: ir.Table


def suppression_rules(
    records: Records,
    *,
    as_of: date,
    follow_rule: bool = True,
    require_consent: bool = True,
    control_days: int = 28,
) -> dict[str, Collection[str]]:
    """List the people whom each rule suppresses, by reason, in the order the rules are looked at.

    Parameters
    ----------
    follow_rule
        Whether segments are left out in which the experiment says do not act.
    require_consent
        Whether people who did not plainly allow advertising are left out.
    control_days
        Days a campaign's held-out group stays untouched.
    """
    segments = records.segments.select("person_id", "segment").to_pandas()
    everyone = segments["person_id"]
    refused = people_of(records.consents.filter(records.consents.stops_exports))
    unmoved, unasked, unread = everyone.head(0), everyone.head(0), everyone.head(0)
    if unreadable_files(records.consent_files):
        unread = everyone
    if follow_rule:
        unmoved = everyone[segments["segment"].isin(without_lift(records.decisions))]
    if require_consent:
        unasked = everyone[~everyone.isin(allowing(records.consents))]
    closed = segments["segment"].isin(not_cleared(records.clearances))
    return {
        UNREAD: unread,
        "segment not cleared": everyone[closed],
        "may belong to a sensitive segment": partly_sensitive(records),
        "acts like a bot": people_of(records.bots.filter(records.bots.tagged)),
        "the rule says do not act": unmoved,
        "said no": refused,
        "never asked": unasked,
        "standing holdout": standing_holdout(records.assignments),
        "held out of a running experiment": running_controls(
            records.exposures, as_of=as_of, control_days=control_days
        ),
        "unhappy posts": unhappy(records.traits),
        "waits for an answer": people_of(
            records.contacts.filter(records.contacts.escalation != "")
        ),
    }


def people_of(table: ir.Table) -> pd.Series:
    """List the `person_id` of a table."""
    return table.select("person_id").to_pandas()["person_id"]


def allowing(consents: ir.Table) -> pd.Series:
    """List who plainly allowed advertising."""
    return people_of(consents.filter(consents.purpose == "advertising", consents.granted))


def unreadable_files(consent_files: ir.Table) -> dict[str, int]:
    """Name the files with rows that may hide a no, in which column codes do, and how many."""
    found = consent_files.filter(consent_files.n_unreadable > 0).to_pandas()
    readings = found["reading"].str.split("; ")
    coded = [[how for how in ways if how.startswith("codes in")] for ways in readings]
    names = [", ".join([name, *ways]) for name, ways in zip(found["file"], coded, strict=True)]
    return dict(zip(names, found["n_unreadable"].astype(int), strict=True))


def not_cleared(clearances: ir.Table) -> list[str]:
    """List the segments that governance did not clear."""
    return sorted(clearances.filter(~clearances.cleared).to_pandas()["segment"])


def without_lift(decisions: ir.Table) -> set[str]:
    """Find the segments in which experiments say do not act, for every arm that they tried."""
    in_segments = decisions.filter(decisions.segment != "all", decisions.evidence != "C")
    rows = in_segments.select("segment", "decision").to_pandas()
    closed = (rows["decision"] == "do not act").groupby(rows["segment"]).all()
    return set(closed.index[closed])


def standing_holdout(assignments: ir.Table) -> pd.Series:
    """List whom 08 holds out of everything."""
    standing = assignments.experiment == "standing holdout"
    return people_of(assignments.filter(standing, assignments.arm == "held out"))


def partly_sensitive(records: Records) -> pd.Series:
    """List who belongs by three tenths or more to a segment marked by a sensitive interest."""
    clearances, shares = records.clearances, records.memberships
    special = clearances.filter(clearances.sensitivity == "special").to_pandas()["segment"]
    return people_of(shares.filter(shares.segment.isin(sorted(special)), shares.share >= PARTLY))


def running_controls(exposures: ir.Table, *, as_of: date, control_days: int) -> pd.Series:
    """List the held-out people of randomised campaigns that began in the last `control_days`."""
    recent = exposures.at > moment(as_of - timedelta(days=control_days))
    held_out = exposures.arm == "control"
    return people_of(exposures.filter(exposures.randomised, held_out, recent))


def unhappy(traits: ir.Table) -> pd.Series:
    """List whose posts, two or more, sound unhappy on average."""
    mood = traits.trait == "inferred_sentiment"
    return people_of(traits.filter(mood, traits.value < 0, traits.evidence_count >= 2))


def count_by_rule(everyone: pd.Series, rules: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """Count the people of each rule: `rule`, `n_people`; one person can fall under several.

    >>> count_by_rule(pd.Series(["ana", "bo"]), {"said no": ["ana", "cy"]}).values.tolist()
    [['said no', 1]]
    """
    rows = [(reason, int(everyone.isin(list(people)).sum())) for reason, people in rules.items()]
    return pd.DataFrame(rows, columns=["rule", "n_people"])
