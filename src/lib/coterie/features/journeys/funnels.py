"""How far people come on a way of steps, and where most of them are lost."""

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.statistics import share_intervals
from coterie.windows import DAY, as_of_window, days_before

USUAL = ("view", "read", "click")  # verbs that come before an outcome where a source has them


def funnel(
    events: ir.Table,
    steps: list[str],
    *,
    as_of: date,
    lookback_days: int,
    within_days: float | None = None,
) -> pd.DataFrame:
    """Count how many people get to each step, and show where most of them are lost.

    Who reaches a step, and what `within_days` does, is told at `step_times`. `largest_loss` marks
    the step whose share of the previous one is lowest even at the upper end of its interval, so
    that a handful of people near the end cannot carry the mark; equals share it, and nobody lost is
    no mark.

    Returns one row a step: step, people, share_of_first, share_of_previous with low and high
    (Wilson, 95 %), lost (people), share_lost, largest_loss. The first step has no previous one, so
    no share of it.

    >>> events = ibis.memtable(
    ...     pd.DataFrame(
    ...         {
    ...             "person_id": ["ana", "ana", "bo", "bo", "cy"],
    ...             "verb": ["view", "click", "click", "view", "view"],
    ...             "at": pd.to_datetime(
    ...                 ["2026-06-01", "2026-06-02", "2026-06-01", "2026-06-02", "2026-06-03"]
    ...             ),
    ...         }
    ...     )
    ... )
    >>> table = funnel(events, ["view", "click"], as_of=date(2026, 7, 1), lookback_days=90)
    >>> table[["step", "people", "share_of_previous", "lost", "largest_loss"]].round(2)
        step  people  share_of_previous  lost  largest_loss
    0   view       3                NaN     0         False
    1  click       1               0.33     2          True
    """
    times = step_times(
        events, steps, as_of=as_of, lookback_days=lookback_days, within_days=within_days
    )
    counts = times.agg([times[f"step_{n}"].count().name(f"step_{n}") for n in range(len(steps))])
    return losses(
        pd.DataFrame({"step": steps, "people": counts.to_pandas().iloc[0].astype(int).to_numpy()})
    )


def step_times(
    events: ir.Table,
    steps: list[str],
    *,
    as_of: date,
    lookback_days: int,
    within_days: float | None = None,
) -> ir.Table:
    """Find when each person reached each step.

    The columns are `step_0`, `step_1` and so on, missing where they did not.

    A person reaches the first step with the first event of that verb in the window, and each later
    step with the first event of its verb at or after the moment the step before it was reached.
    Events of one moment count in either order, for many sources keep only whole seconds or days.
    What happened before the window is unknown here, and who did none of the steps has no row.

    `within_days` gives everybody that many days from their first step, the last instant excluded;
    later tries do not count. Who began fewer days before `as_of` is left out: their time is not
    over, and they would look lost.

    Raises ValueError when a verb stands twice in `steps`, for one event would then count as two.

    >>> events = ibis.memtable(
    ...     pd.DataFrame(
    ...         {
    ...             "person_id": "ana",
    ...             "verb": ["click", "view"],
    ...             "at": pd.to_datetime(["2026-06-01", "2026-06-02"]),
    ...         }
    ...     )
    ... )
    >>> step_times(
    ...     events, ["view", "click"], as_of=date(2026, 7, 1), lookback_days=90
    ... ).to_pandas().values.tolist()
    [['ana', Timestamp('2026-06-02 00:00:00'), NaT]]
    """
    if not steps or len(set(steps)) < len(steps):
        raise ValueError(f"a funnel needs at least one step and each verb once, not {steps}")
    seen = as_of_window(events, as_of=as_of, days=lookback_days).select("person_id", "at", "verb")
    seen = seen.filter(seen["verb"].isin(steps))
    for n, verb in enumerate(steps):
        done = seen["verb"] == verb
        if n:
            done &= seen["at"] >= seen[f"step_{n - 1}"]
        if n and within_days is not None:
            done &= seen["at"].epoch_seconds() - seen["step_0"].epoch_seconds() < within_days * DAY
        # The condition stands in the value, for Spark has no window aggregates with a filter.
        reached = ibis.ifelse(done, seen["at"], None).min().over(ibis.window(group_by="person_id"))
        seen = seen.mutate(reached.name(f"step_{n}"))
    people = seen.group_by("person_id").agg(
        [seen[f"step_{n}"].min().name(f"step_{n}") for n in range(len(steps))]
    )
    return (
        people
        if within_days is None
        else people.filter(days_before(people["step_0"], as_of) >= within_days)
    )


def losses(counts: pd.DataFrame) -> pd.DataFrame:
    """Compare each step's people with the step before, and mark the largest loss.

    >>> losses(pd.DataFrame({"step": ["view", "click", "purchase"], "people": [1000, 900, 300]}))[
    ...     "lost"
    ... ].tolist()
    [0, 100, 600]
    """
    people, previous = counts["people"], counts["people"].shift(fill_value=0)
    table = counts.assign(share_of_first=people / people.iloc[0] if people.iloc[0] else np.nan)
    table[["share_of_previous", "low", "high"]] = share_intervals(people, previous)
    table["lost"] = (previous - people).clip(lower=0)
    table["share_lost"] = 1 - table["share_of_previous"]
    return table.assign(largest_loss=table["high"] == table["high"].where(table["lost"] > 0).min())


def usual_steps(
    events: ir.Table, *, outcome: str, as_of: date, lookback_days: int, usual: Sequence[str] = USUAL
) -> list[str]:
    """List the steps on the way to an outcome that the window has: the `usual` ones, then it.

    >>> events = ibis.memtable(
    ...     {"verb": ["click", "like", "purchase"], "at": pd.to_datetime(["2026-06-01"] * 3)}
    ... )
    >>> span = {"as_of": date(2026, 7, 1), "lookback_days": 90}
    >>> usual_steps(events, outcome="purchase", **span)
    ['click', 'purchase']
    """
    seen = as_of_window(events, as_of=as_of, days=lookback_days)
    verbs = set(seen.select("verb").distinct().to_pandas()["verb"])
    return [verb for verb in usual if verb in verbs and verb != outcome] + [outcome]
