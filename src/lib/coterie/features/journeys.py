"""In what order do people act, and where do they stop?

And which channels lie on the way to a conversion?
"""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.features.learning.sample import in_groups
from coterie.statistics import jackknife_half_width, share_intervals
from coterie.windows import DAY, as_of_window, days_before

START, CONVERSION, END = STATES = "start", "conversion", "end"


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

    >>> events = ibis.memtable(pd.DataFrame({
    ...     "person_id": ["ana", "ana", "bo", "bo", "cy"], "verb": ["view", "click", "click", "view", "view"],
    ...     "at": pd.to_datetime(["2026-06-01", "2026-06-02", "2026-06-01", "2026-06-02", "2026-06-03"])}))
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

    Raises ValueError when a verb stands twice in `steps`, for one act would then count as two.

    >>> events = ibis.memtable(pd.DataFrame({
    ...     "person_id": "ana", "verb": ["click", "view"], "at": pd.to_datetime(["2026-06-01", "2026-06-02"])}))
    >>> step_times(events, ["view", "click"], as_of=date(2026, 7, 1), lookback_days=90).to_pandas().values.tolist()
    [['ana', Timestamp('2026-06-02 00:00:00'), NaT]]
    """
    if not steps or len(set(steps)) < len(steps):
        raise ValueError(f"a funnel needs at least one step and each verb once, not {steps}")
    acts = as_of_window(events, as_of=as_of, days=lookback_days).select("person_id", "at", "verb")
    acts = acts.filter(acts["verb"].isin(steps))
    for n, verb in enumerate(steps):
        done = acts["verb"] == verb
        if n:
            done &= acts["at"] >= acts[f"step_{n - 1}"]
        if n and within_days is not None:
            done &= acts["at"].epoch_seconds() - acts["step_0"].epoch_seconds() < within_days * DAY
        # The condition stands in the value, for Spark has no window aggregates with a filter.
        reached = ibis.ifelse(done, acts["at"], None).min().over(ibis.window(group_by="person_id"))
        acts = acts.mutate(reached.name(f"step_{n}"))
    people = acts.group_by("person_id").agg(
        [acts[f"step_{n}"].min().name(f"step_{n}") for n in range(len(steps))]
    )
    return (
        people
        if within_days is None
        else people.filter(days_before(people["step_0"], as_of) >= within_days)
    )


def losses(counts: pd.DataFrame) -> pd.DataFrame:
    """Compare each step's people with the step before, and mark the largest loss.

    >>> losses(pd.DataFrame({"step": ["view", "click", "purchase"], "people": [1000, 900, 300]}))["lost"].tolist()
    [0, 100, 600]
    """
    people, previous = counts["people"], counts["people"].shift(fill_value=0)
    table = counts.assign(share_of_first=people / people.iloc[0] if people.iloc[0] else np.nan)
    table[["share_of_previous", "low", "high"]] = share_intervals(people, previous)
    table["lost"] = (previous - people).clip(lower=0)
    table["share_lost"] = 1 - table["share_of_previous"]
    return table.assign(largest_loss=table["high"] == table["high"].where(table["lost"] > 0).min())


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
    event that is itself called "start", "conversion" or "end" is listed as "start (act)" and so on.

    Returns one row a group and step: group (a person's number in order of `person_id`, modulo
    `n_groups`), source, target, n (steps), people (who took it), reached (those of them not yet
    counted under another source: summed over sources, the people who reached the target).

    >>> events = ibis.memtable(pd.DataFrame({
    ...     "person_id": ["ana", "ana", "ana", "bo"], "verb": ["view", "view", "purchase", "view"],
    ...     "at": pd.to_datetime(["2026-06-01", "2026-06-02", "2026-06-03", "2026-06-01"])}))
    >>> step_counts(events, as_of=date(2026, 7, 1), lookback_days=90, n_groups=2).to_pandas()
       group source      target  n  people  reached
    0      0  start        view  1       1        1
    1      0   view  conversion  1       1        1
    2      1  start        view  1       1        1
    3      1   view         end  1       1        1
    """
    acts = as_of_window(events, as_of=as_of, days=lookback_days)
    people = in_groups(acts.select("person_id").distinct(), n_groups)
    neighbours = neighbouring_acts(acts, by=by, conversion=conversion)
    steps = journey_steps(neighbours, gap_seconds=gap_days * DAY, collapse=collapse)
    own = steps.group_by("person_id", "source", "target").agg(n=steps.count())
    nth = ibis.row_number().over(ibis.window(group_by=["person_id", "target"], order_by="source"))
    own = own.mutate(first=(nth == 0).cast("int64")).inner_join(people, "person_id")
    key = ["group", "source", "target"]
    counts = own.group_by(key).agg(n=own["n"].sum(), people=own.count(), reached=own["first"].sum())
    return counts.order_by(key)


def neighbouring_acts(acts: ir.Table, *, by: str, conversion: str) -> ir.Table:
    """Name the state each event leads to, and the person's state before it.

    Adds the moments of both neighbours, too.
    """
    named = acts[by].isin(STATES).ifelse(acts[by] + " (act)", acts[by])
    converts = acts["verb"] == conversion
    acts = acts.select(
        "person_id", "at", state=converts.ifelse(CONVERSION, named), last=converts.cast("int64")
    )
    stream = ibis.window(group_by="person_id", order_by=["at", "last", "state"])
    previous = acts["state"].lag().over(stream).fill_null(START)
    return acts.mutate(
        previous=previous,
        before=acts["at"].lag().over(stream),
        after=acts["at"].lead().over(stream),
    )


def journey_steps(acts: ir.Table, *, gap_seconds: float, collapse: bool) -> ir.Table:
    """Turn events into steps from one state to the next.

    There is one more to the end where a journey just stops.
    """
    before, now, after = (acts[moment].epoch_seconds() for moment in ("before", "at", "after"))
    fresh = acts["previous"].isin([START, CONVERSION]) | (now - before > gap_seconds)
    repeat = (acts["state"] == acts["previous"]) & (~fresh | (acts["at"] == acts["before"]))
    stops = acts["after"].isnull() | (after - now > gap_seconds)
    moves = acts.mutate(source=fresh.ifelse(START, acts["previous"]))
    moves = moves.filter(~repeat) if collapse else moves
    ends = acts.filter(stops, acts["state"] != CONVERSION).select(
        "person_id", source="state", target=ibis.literal(END)
    )
    return moves.select("person_id", "source", target="state").union(ends)


def step_matrix(
    events: ir.Table,
    *,
    as_of: date,
    lookback_days: int,
    by: str = "verb",
    gap_days: float = 30,
    conversion: str = "purchase",
    collapse: bool = True,
) -> pd.DataFrame:
    """Show what people do next: from every verb or platform, where they go on to, convert or stop.

    What a journey is, and every option, is told at `step_counts`. A person may take a step many
    times, so `n` is not a number of people, and an interval that takes every step for an
    independent draw would be too narrow.

    Returns one row a step that occurs: source, target, n (steps), people (who took it), share (of
    the source's steps; they add up to 1).

    >>> events = ibis.memtable(pd.DataFrame({
    ...     "person_id": ["ana", "ana", "bo"], "verb": ["view", "purchase", "view"],
    ...     "at": pd.to_datetime(["2026-06-01", "2026-06-02", "2026-06-01"])}))
    >>> step_matrix(events, as_of=date(2026, 7, 1), lookback_days=90)
      source      target  n  people  share
    0  start        view  2       2    1.0
    1   view  conversion  1       1    0.5
    2   view         end  1       1    0.5
    """
    span = {"as_of": as_of, "lookback_days": lookback_days, "gap_days": gap_days}
    counts = step_counts(
        events, **span, by=by, conversion=conversion, collapse=collapse, n_groups=1
    )
    return step_shares(counts.to_pandas())


def step_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Turn `step_counts` into the step matrix without asking the engine again.

    Groups are summed, shares are by source.
    """
    table = counts.groupby(["source", "target"], as_index=False)[["n", "people"]].sum()
    return table.assign(share=table["n"] / table.groupby("source")["n"].transform("sum"))


def removal_effects(counts: pd.DataFrame) -> pd.DataFrame:
    """Estimate for each channel which share of conversions would be missing if every path through it broke off.

    Journeys are read as a Markov chain: what comes next depends on the present state only. `effect`
    is 1 - P(conversion without the channel) / P(conversion), where a step to the removed channel
    ends the journey; with every channel in place the chain gives back the observed share of
    converting journeys exactly. This describes paths (evidence D, C at best) and is not what a
    channel adds: in reality people take another way, and a channel that meets people who would buy
    anyway looks good. Only an experiment shows the difference.

    Takes `step_counts` as a frame. Returns one row a channel, largest effect first: channel, people
    (who reached it), effect with low and high, share (effects scaled to add up to 1) with share_low
    and share_high. The 95 % intervals leave out one group of people at a time: one group alone has
    none, an effect of 0 or 1 in all of them has one without width. Without any conversion every
    effect and share is 0, without interval.

    References
    ----------
    Anderl, Becker, von Wangenheim and Schumann (2016), "Mapping the customer journey",
    International Journal of Research in Marketing 33. Kott (2001), "The Delete-a-Group Jackknife",
    Journal of Official Statistics 17.

    >>> steps = [("start", "ad", 2), ("start", "mail", 1), ("ad", "mail", 1), ("ad", "end", 1),
    ...          ("mail", "site", 2), ("site", "conversion", 1), ("site", "end", 1)]
    >>> counts = pd.DataFrame(steps, columns=["source", "target", "n"]).assign(group=0, reached=1)
    >>> removal_effects(counts)[["channel", "effect", "share"]]
      channel  effect  share
    0    mail     1.0    0.4
    1    site     1.0    0.4
    2      ad     0.5    0.2
    """
    channels = sorted({*counts["source"], *counts["target"]} - {*STATES})
    whole = (groups := chains(counts, channels)).sum(axis=0)
    found, parts = (
        effects_and_shares(whole),
        np.array([effects_and_shares(whole - group) for group in groups]),
    )
    half = jackknife_half_width(parts) if conversion_share(whole) else np.nan
    low, high = np.clip(found - half, 0, 1), np.clip(found + half, 0, 1)
    people = (
        counts.groupby("target")["reached"].sum().reindex(channels).fillna(0).astype(int).to_numpy()
    )
    table = pd.DataFrame(
        {"channel": channels, "people": people, "effect": found[0], "low": low[0], "high": high[0]}
    )
    table = table.assign(share=found[1], share_low=low[1], share_high=high[1])
    return table.sort_values(["effect", "channel"], ascending=[False, True], ignore_index=True)


def chains(counts: pd.DataFrame, channels: list[str]) -> np.ndarray:
    """Lay the counts out, one matrix a group.

    They go from start and channels to start, channels, conversion and end.
    """
    sources, targets = pd.Index([START, *channels]), pd.Index([START, *channels, CONVERSION, END])
    number, names = pd.factorize(counts["group"])
    matrices = np.zeros((len(names), len(sources), len(targets)))
    places = number, sources.get_indexer(counts["source"]), targets.get_indexer(counts["target"])
    np.add.at(matrices, places, counts["n"].to_numpy(dtype=float))
    return matrices


def effects_and_shares(chain: np.ndarray) -> np.ndarray:
    """Compute every channel's removal effect.

    A second row holds the effects scaled to add up to 1.
    """
    whole = conversion_share(chain)
    without = np.array([conversion_share(chain, without=n) for n in range(1, len(chain))])
    effects = np.clip(1 - without / whole, 0, 1) if whole else np.zeros(len(without))
    return np.array([effects, effects / effects.sum() if effects.any() else effects])


def conversion_share(chain: np.ndarray, *, without: int | None = None) -> float:
    """Compute the probability to convert from the start.

    A step to the state `without` ends the journey.

    Rows of `chain` are counts of steps from the start (first) and the channels; columns the same,
    then conversion and end. States from which no path leads to a conversion, closed loops among
    them, are worth 0 and leave the equations, which would be singular with them.

    >>> conversion_share(np.array([[0, 4, 0, 0], [0, 2, 1, 1]]))  # half of the events repeat, a quarter convert
    0.5
    """
    totals = chain.sum(axis=1, keepdims=True)
    steps = np.divide(chain, totals, out=np.zeros(chain.shape), where=totals > 0)
    onward, converts = steps[:, :-2], steps[:, -2]
    if without is not None:
        onward[:, without] = 0
    hopeful = converts > 0
    for _ in chain:
        hopeful = hopeful | (onward[:, hopeful] > 0).any(axis=1)
    if not hopeful[0]:
        return 0.0
    among = np.eye(hopeful.sum()) - onward[np.ix_(hopeful, hopeful)]
    return float(np.linalg.solve(among, converts[hopeful])[0])
