"""What people do next: journeys cut into steps from one state to the next."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.features.learning.sample import in_groups
from coterie.windows import DAY, as_of_window

START, CONVERSION, END = STATES = "start", "conversion", "end"


def step_counts(
    events: ir.Table,
    *,
    as_of: date,
    lookback_days: int,
    by: str = "verb",
    gap_days: float = 30,
    conversion: str = "purchase",
    collapse: bool = True,
    n_groups: int = 20,
) -> ir.Table:
    """Count the steps of everyone's journeys.

    People stand in groups, which show how precise the counts are.

    A journey begins with a person's first event in the window, with the first event after a
    conversion, or with the first after more than `gap_days` of silence. It ends with an event of
    the verb `conversion`, wherever that was, or else with "end". A journey still under way at
    `as_of` counts as ended, so the latest weeks look a little less successful than they are. Of
    events at one moment the conversion comes last, the others in alphabetical order.

    With `collapse` a repeat of the same state within a journey is no step, and a person's
    conversions at one moment (the lines of one order) are one. `by` is "verb" or "platform"; an
    event that is itself called "start", "conversion" or "end" is listed as "start (event)" and so
    on.

    Returns one row a group and step: group (a person's number in order of `person_id`, modulo
    `n_groups`), source, target, n (steps), people (who took it), reached (those of them not yet
    counted under another source: summed over sources, the people who reached the target).

    >>> events = ibis.memtable(
    ...     pd.DataFrame(
    ...         {
    ...             "person_id": ["ana", "ana", "ana", "bo"],
    ...             "verb": ["view", "view", "purchase", "view"],
    ...             "at": pd.to_datetime(["2026-06-01", "2026-06-02", "2026-06-03", "2026-06-01"]),
    ...         }
    ...     )
    ... )
    >>> step_counts(events, as_of=date(2026, 7, 1), lookback_days=90, n_groups=2).to_pandas()
       group source      target  n  people  reached
    0      0  start        view  1       1        1
    1      0   view  conversion  1       1        1
    2      1  start        view  1       1        1
    3      1   view         end  1       1        1
    """
    seen = as_of_window(events, as_of=as_of, days=lookback_days)
    people = in_groups(seen.select("person_id").distinct(), n_groups)
    neighbours = neighbouring_events(seen, by=by, conversion=conversion)
    steps = journey_steps(neighbours, gap_seconds=gap_days * DAY, collapse=collapse)
    own = steps.group_by("person_id", "source", "target").agg(n=steps.count())
    nth = ibis.row_number().over(ibis.window(group_by=["person_id", "target"], order_by="source"))
    own = own.mutate(first=(nth == 0).cast("int64")).inner_join(people, "person_id")
    key = ["group", "source", "target"]
    counts = own.group_by(key).agg(n=own["n"].sum(), people=own.count(), reached=own["first"].sum())
    return counts.order_by(key)


def neighbouring_events(events: ir.Table, *, by: str, conversion: str) -> ir.Table:
    """Name the state each event leads to, and the person's state before it.

    Adds the moments of both neighbours, too.
    """
    named = events[by].isin(STATES).ifelse(events[by] + " (event)", events[by])
    converts = events["verb"] == conversion
    events = events.select(
        "person_id", "at", state=converts.ifelse(CONVERSION, named), last=converts.cast("int64")
    )
    stream = ibis.window(group_by="person_id", order_by=["at", "last", "state"])
    previous = events["state"].lag().over(stream).fill_null(START)
    return events.mutate(
        previous=previous,
        before=events["at"].lag().over(stream),
        after=events["at"].lead().over(stream),
    )


def journey_steps(events: ir.Table, *, gap_seconds: float, collapse: bool) -> ir.Table:
    """Turn events into steps from one state to the next.

    There is one more to the end where a journey just stops.
    """
    before, now, after = (events[moment].epoch_seconds() for moment in ("before", "at", "after"))
    fresh = events["previous"].isin([START, CONVERSION]) | (now - before > gap_seconds)
    repeat = (events["state"] == events["previous"]) & (~fresh | (events["at"] == events["before"]))
    stops = events["after"].isnull() | (after - now > gap_seconds)
    moves = events.mutate(source=fresh.ifelse(START, events["previous"]))
    moves = moves.filter(~repeat) if collapse else moves
    ends = events.filter(stops, events["state"] != CONVERSION).select(
        "person_id", source="state", target=ibis.literal(END)
    )
    return moves.select("person_id", "source", target="state").union(ends)


def step_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Show what people do next: from every verb or platform, where they go on to, convert or stop.

    `counts` is what `step_counts` gives; its groups are summed. A person may take a step many
    times, so `n` is not a number of people, and an interval that takes every step for an
    independent draw would be too narrow.

    Returns one row a step that occurs: source, target, n (steps), people (who took it), share (of
    the source's steps; they add up to 1).

    >>> steps = [(0, "start", "view", 1, 1), (1, "start", "view", 1, 1), (0, "view", "end", 2, 1)]
    >>> step_shares(pd.DataFrame(steps, columns=["group", "source", "target", "n", "people"]))
      source target  n  people  share
    0  start   view  2       2    1.0
    1   view    end  2       1    1.0
    """
    table = counts.groupby(["source", "target"], as_index=False)[["n", "people"]].sum()
    return table.assign(share=table["n"] / table.groupby("source")["n"].transform("sum"))
