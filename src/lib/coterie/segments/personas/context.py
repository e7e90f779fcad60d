"""Where, when and about what the members of a segment are heard, counted in the engine."""

from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd


class ContextCounts(NamedTuple):
    """What is counted around the segments; `n_people` are members seen there."""

    channels: pd.DataFrame  # segment, platform, n_people, share (of the segment's events), everyone
    hours: pd.DataFrame  # segment, hour (0 to 23, UTC), n_people, share, everyone
    # the same by topic; those that more members take up than people in general
    topics: pd.DataFrame

    def of(self, segment: str) -> "ContextCounts":
        """Keep the rows of one segment, without its column."""
        kept = [table[table["segment"] == segment].drop(columns="segment") for table in self]
        return ContextCounts(*kept)


def count_contexts(events: ir.Table, post_labels: ir.Table, members: ir.Table) -> ContextCounts:
    """Count members and events by platform and hour, and who writes about what.

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
    located = events.join(own, "person_id").mutate(hour=lambda t: t["at"].hour())
    said = post_labels.filter(
        lambda t: t["inferred_interest"].notnull() & (t["inferred_interest"] != "other")
    )
    said = said.select("person_id", topic="inferred_interest").distinct().join(own, "person_id")
    topics = shares_by(said, "topic")
    return ContextCounts(
        shares_by(located, "platform"),
        shares_by(located, "hour"),
        topics[topics["share"] > topics["everyone"]],
    )


def shares_by(events: ir.Table, by: str) -> pd.DataFrame:
    """Count, by segment, which share of its events falls where, beside everybody's.

    >>> import ibis
    >>> events = ibis.memtable(
    ...     {
    ...         "person_id": ["a", "a", "b", "b"],
    ...         "segment": ["S1", "S1", "S2", "S2"],
    ...         "platform": ["x", "web", "x", "x"],
    ...     }
    ... )
    >>> shares_by(events, "platform").values.tolist()
    [['S1', 'web', 1, 0.5, 0.25], ['S1', 'x', 1, 0.5, 0.75], ['S2', 'x', 1, 1.0, 0.75]]
    """
    counts = events.group_by("segment", by).agg(
        n_people=events["person_id"].nunique(), n_events=events.count()
    )
    table = counts.order_by("segment", by).to_pandas()
    share = table["n_events"] / table.groupby("segment")["n_events"].transform("sum")
    everyone = table.groupby(by)["n_events"].transform("sum") / max(table["n_events"].sum(), 1)
    return table.drop(columns="n_events").assign(share=share, everyone=everyone)
