"""Which goal is served by which segment with which content, and where nothing serves it."""

from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.statistics import share_intervals, ten_digits
from coterie.windows import as_of_window

REACTING = ("like", "announce", "create", "read")
OVERLOOKED = "high value, low engagement"
NO_CONTENT = "no content reaches them"
UNSEEN = "the goal's content does not reach them"
UNMEASURED = "the goal has no indicator"


class Mapped(NamedTuple):
    """The matrix of goals, segments and content."""

    table: pd.DataFrame  # see the contract `objective_map`
    content_known: bool = True  # whether the log says of what kind anything was

    @property
    def gaps(self) -> pd.DataFrame:
        """The cells in which something is missing."""
        return self.table[self.table["gap"] != ""]

    @property
    def n_gaps(self) -> int:
        """Count the segments with a gap for any goal."""
        return self.gaps["segment"].nunique()


COLUMNS = ["goal", "segment", "n_people", "kpi", "value", "target", "reached", "value_index"]
COLUMNS += ["value_low", "engagement_index", "engagement_high", "content", "reaction_rate", "gap"]


def map_objectives(
    goals: pd.DataFrame,
    facts: pd.DataFrame,
    events: ir.Table,
    segments: ir.Table,
    *,
    as_of: date,
    days: int = 90,
    min_people: int = 50,
) -> Mapped:
    """Hold every goal against every segment: where it stands, what content they react to, the gap.

    A segment is of *high value* when the interval of its money a person lies above everybody's, of
    *low engagement* when that of its reactions a person lies below. Its content is the kind it
    reacts to most often when it sees it. Segments under `min_people` are left out.

    Parameters
    ----------
    facts
        The indicators by week and segment, `kpi_facts`: a goal stands where their last four weeks
        do. Whether a *rise* was reached only an experiment can say, so it is unknown here.
    """
    window = {"as_of": as_of, "days": days}
    sums = segment_sums(events, segments, **window).order_by("segment").to_pandas()
    sums = sums.assign(money=ten_digits(sums["money"]), money2=ten_digits(sums["money2"]))
    known = segment_indices(sums)
    every = content_seen(events, segments, **window).to_pandas()
    seen = every[every["viewers"] >= min_people]
    reach = set(seen[["segment", "content"]].itertuples(index=False, name=None))
    cells = goals[["goal", "kpi", "measure", "target", "content"]]
    cells = cells.rename(columns={"content": "wanted_content"})
    cells = cells.merge(known[known["n_people"] >= min_people], how="cross")
    cells = cells.merge(best_content(seen), on="segment", how="left")
    cells = cells.merge(latest(facts), on=["kpi", "segment"], how="left")
    known_content = reach if len(every) else None
    gaps = [gap_of(row, known_content) for row in cells.itertuples()]
    wanted = cells["wanted_content"].replace("", None)
    table = cells.assign(content=wanted.fillna(cells["content"]).fillna(""), gap=gaps)
    return Mapped(table.assign(reached=reached(table))[COLUMNS], len(every) > 0)


def latest(facts: pd.DataFrame, *, weeks: int = 4) -> pd.DataFrame:
    """Say where each indicator stood in each segment over the last weeks.

    The interval is that of one week's people: the same people stand in every week.
    """
    periods = sorted(facts["period"].unique())[-weeks:]
    late = facts[facts["period"].isin(periods)].groupby(["kpi", "segment"], as_index=False)
    means = late[["numerator", "denominator"]].mean()
    ends = share_intervals(means["numerator"].round(), means["denominator"].round())
    value = means["numerator"] / means["denominator"]
    return means[["kpi", "segment"]].assign(value=value, low=ends["low"], high=ends["high"])


def reached(cells: pd.DataFrame) -> np.ndarray:
    """Say whether a level is reached beyond chance; a rise only an experiment tells.

    >>> cells = pd.DataFrame({"measure": ["reach", "reach", "rise"], "target": 0.1})
    >>> cells = cells.assign(value=[0.2, 0.12, 0.2], low=[0.15, 0.08, 0.15], high=[0.3, 0.2, 0.3])
    >>> reached(cells).tolist()
    ['yes', 'no telling', 'unknown']
    """
    told = (cells["measure"] == "reach") & cells["value"].notna()
    over, under = cells["low"] >= cells["target"], cells["high"] < cells["target"]
    return np.select([~told, over, under], ["unknown", "yes", "no"], "no telling")


def gap_of(row: tuple, reach: set[tuple[str, str]] | None) -> str:
    """Say what is missing where a goal and a segment meet; nothing when nothing is.

    Without any content in the log, nobody can say whether it reaches them.
    """
    if row.value_low > 100 > row.engagement_high:
        return OVERLOOKED
    if reach is not None and not row.wanted_content and not isinstance(row.content, str):
        return NO_CONTENT
    if reach is not None and row.wanted_content and (row.segment, row.wanted_content) not in reach:
        return UNSEEN
    return UNMEASURED if np.isnan(row.value) else ""


def segment_sums(events: ir.Table, segments: ir.Table, *, as_of: date, days: int) -> ir.Table:
    """Add up by segment, in the engine: people, money and reactions, and their squares."""
    seen = as_of_window(events, as_of=as_of, days=days)
    done = seen.group_by("person_id").agg(
        money=seen["value"].fill_null(0.0).sum(), reacted=seen["verb"].isin(REACTING).sum()
    )
    everyone = segments.select("person_id", "segment").left_join(done, "person_id")
    money = everyone["money"].fill_null(0.0)
    reacted = everyone["reacted"].fill_null(0)
    return everyone.group_by("segment").agg(
        n_people=everyone.count(),
        money=money.sum(),
        money2=(money * money).sum(),
        reacted=reacted.sum(),
        reacted2=(reacted * reacted).sum(),
    )


def segment_indices(sums: pd.DataFrame) -> pd.DataFrame:
    """Compute each segment's value and engagement as indices with an end of their intervals.

    100 is like everybody. Without any money nobody has a value index.

    >>> sums = {"segment": ["S1", "S2"], "n_people": [100, 100], "reacted": [10, 50]}
    >>> sums = pd.DataFrame(sums | {"money": [300.0, 100.0], "money2": 900.0, "reacted2": 90})
    >>> segment_indices(sums)[["value_index", "engagement_index"]].round().values.tolist()
    [[150.0, 33.0], [50.0, 167.0]]
    """
    value, value_half = index_of(sums, "money")
    engagement, engagement_half = index_of(sums, "reacted")
    return sums[["segment", "n_people"]].assign(
        value_index=value,
        value_low=value - value_half,
        engagement_index=engagement,
        engagement_high=engagement + engagement_half,
    )


def index_of(sums: pd.DataFrame, what: str) -> tuple[pd.Series, pd.Series]:
    """Compute a mean a person over everybody's, times 100, and half its 95 % interval."""
    n = sums["n_people"]
    mean = sums[what] / n
    usual = sums[what].sum() / max(n.sum(), 1) or np.nan
    error = np.sqrt((sums[f"{what}2"] / n - mean**2).clip(lower=0) / n)
    return 100 * mean / usual, 196 * error / usual


def content_seen(events: ir.Table, segments: ir.Table, *, as_of: date, days: int) -> ir.Table:
    """Count by segment and kind of content who saw it, how often, and how often they reacted."""
    seen = as_of_window(events, as_of=as_of, days=days)
    seen = seen.filter(seen["content_type"].notnull())
    homes = segments.select("person_id", "segment")
    acts = seen.join(homes, "person_id")
    viewed = acts["verb"] == "view"
    return acts.group_by(segment=acts["segment"], content=acts["content_type"]).agg(
        viewers=acts["person_id"].nunique(where=viewed),
        views=viewed.sum(),
        reactions=acts["verb"].isin(REACTING).sum(),
    )


def best_content(seen: pd.DataFrame) -> pd.DataFrame:
    """Find the kind of content that each segment reacts to most often when it sees it.

    >>> seen = {"segment": ["S1", "S1"], "content": ["image", "video"], "views": [50, 50]}
    >>> best_content(pd.DataFrame(seen | {"reactions": [5, 10]}))["content"].tolist()
    ['video']
    """
    reacted = seen[seen["reactions"] > 0]
    rated = reacted.assign(reaction_rate=reacted["reactions"] / reacted["views"])
    first = rated.sort_values(["reaction_rate", "content"], ascending=[False, True])
    return first.drop_duplicates("segment")[["segment", "content", "reaction_rate"]]


def content_mixes(
    events: ir.Table, segments: ir.Table, leaves: pd.DataFrame, *, as_of: date, days: int = 90
) -> pd.DataFrame:
    """Say of what content, on which platform, each segment's acts are; its shares add up to 1."""
    seen = as_of_window(events, as_of=as_of, days=days)
    seen = seen.filter(seen["verb"].isin((*REACTING, "view")), seen["content_type"].notnull())
    homes = segments.filter(segments["segment"].isin(list(leaves["segment"]) or [""]))
    acts = seen.join(homes.select("person_id", "segment"), "person_id")
    named = acts.mutate(what=acts["content_type"].concat(" on ", acts["platform"]))
    counts = named.group_by("segment", "what").agg(n=named.count()).to_pandas()
    wide = counts.pivot_table(index="segment", columns="what", values="n", fill_value=0)
    return wide.div(wide.sum(axis=1), axis=0)


def main_platforms(
    mapped: Mapped,
    events: ir.Table,
    segments: ir.Table,
    *,
    as_of: date,
    days: int = 90,
    min_people: int = 50,
) -> pd.DataFrame:
    """Find where most people of each segment met the content that serves it, if enough people did.

    The content is that for the study's own goal, which stands first.
    """
    seen = as_of_window(events, as_of=as_of, days=days)
    acts = seen.join(segments.select("person_id", "segment"), "person_id")
    by = {"segment": acts["segment"], "content": acts["content_type"], "platform": acts["platform"]}
    counts = acts.group_by(**by).agg(n=acts["person_id"].nunique()).to_pandas()
    served = mapped.table.drop_duplicates("segment")[["segment", "content"]]
    large = counts[counts["n"] >= min_people].merge(served, on=["segment", "content"])
    first = large.sort_values(["n", "platform"], ascending=[False, True])
    return first.drop_duplicates("segment")[["segment", "platform"]]
