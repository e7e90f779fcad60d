"""Where, when and about what the members of a segment are heard, counted in the engine."""

from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd

from coterie.segments.personas import card, make_persona, share_holding


class Surroundings(NamedTuple):
    """What is counted around the segments; `n_people` are members seen there."""

    channels: pd.DataFrame  # segment, platform, n_people, share (of the segment's acts), everyone
    hours: pd.DataFrame  # segment, hour (0 to 23, UTC), n_people, share, everyone
    topics: pd.DataFrame  # the same by topic; those that more members take up than people in general


def look_around(events: ir.Table, post_labels: ir.Table, members: ir.Table) -> Surroundings:
    """Count members and acts by platform and hour, and who writes about what.

    Parameters
    ----------
    events
        `person_id`, `platform`, `at`.
    post_labels
        `person_id`, `inferred_interest`.
    members
        `person_id`, `segment`.
    """
    own = members.select("person_id", "segment")
    acts = events.join(own, "person_id").mutate(hour=lambda t: t["at"].hour())
    said = post_labels.filter(lambda t: t["inferred_interest"].notnull() & (t["inferred_interest"] != "other"))
    said = said.select("person_id", topic="inferred_interest").distinct().join(own, "person_id")
    topics = shares_by(said, "topic")
    return Surroundings(
        shares_by(acts, "platform"), shares_by(acts, "hour"), topics[topics["share"] > topics["everyone"]]
    )


def shares_by(acts: ir.Table, by: str) -> pd.DataFrame:
    """Count, by segment, which share of its acts falls where, beside everybody's.

    >>> import ibis
    >>> acts = ibis.memtable({"person_id": ["a", "a", "b", "b"], "segment": ["S1", "S1", "S2", "S2"],
    ...                       "platform": ["x", "web", "x", "x"]})
    >>> shares_by(acts, "platform").values.tolist()
    [['S1', 'web', 1, 0.5, 0.25], ['S1', 'x', 1, 0.5, 0.75], ['S2', 'x', 1, 1.0, 0.75]]
    """
    counts = acts.group_by("segment", by).agg(n_people=acts["person_id"].nunique(), n_acts=acts.count())
    table = counts.order_by("segment", by).to_pandas()
    share = table["n_acts"] / table.groupby("segment")["n_acts"].transform("sum")
    everyone = table.groupby(by)["n_acts"].transform("sum") / max(table["n_acts"].sum(), 1)
    return table.drop(columns="n_acts").assign(share=share, everyone=everyone)


def cards(
    profiles: pd.DataFrame,
    traits: pd.DataFrame,
    people: pd.DataFrame,
    around: Surroundings,
    *,
    outcomes: pd.DataFrame,
    smallest: int = 50,
) -> dict[str, pd.DataFrame]:
    """Write one half-page card a segment, those under `smallest` left out: the card by "id · name".

    Parameters
    ----------
    traits, people
        One row a person in the same order; `people` has `segment`, `segment_name`, `tier`.
    outcomes
        As `effect_sizes` returns it.
    """
    found = {}
    for (segment, name), rows in profiles.groupby(["segment", "segment_name"], sort=True):
        members = (people["segment"] == segment).to_numpy()
        if rows["n_people"].iloc[0] < smallest:
            continue
        own = (table[table["segment"] == segment].drop(columns="segment") for table in around)
        channels, hours, topics = own
        persona = make_persona(
            rows,
            name=name,
            holds=share_holding(traits, members, rows),
            channels=channels,
            hours=hours,
            topics=topics,
            outcomes=outcomes,
            edge_share=float((people.loc[members, "tier"] == "edge").mean()),
            smallest=smallest,
        )
        found[f"{segment} · {name}"] = card(persona)
    return found
