"""Indicators by week, and alerts that know their own noise."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from coterie.statistics import fdr, share_intervals
from coterie.windows import as_of_window, moment

HUMANS = "all but bots"  # the line next to `all`, without people tagged as bots


def weekly_counts(
    events: ir.Table,
    segments: ir.Table,
    kpis: ir.Table,
    bots: ir.Table,
    *,
    as_of: date,
    weeks: int = 26,
    min_people: int = 50,
) -> ir.Table:
    """Count per week, segment and indicator how many of the segment's people did it at least once.

    Only whole weeks, Monday to Sunday UTC; always today's members; no groups with fewer than
    `min_people` people. Next to `all` stands everybody but those tagged as bots, unless these are
    too few to be told apart in private.
    """
    end = moment(as_of)
    start = events.at.min().as_scalar()
    first = moment(as_of - timedelta(days=as_of.weekday() + 7 * weeks))
    done = as_of_window(events, as_of=as_of).mutate(period=lambda t: t.at.truncate("W"))
    seen = done.select("period").distinct()
    whole = (seen.period >= start) & (seen.period + ibis.interval(days=7) <= end)
    periods = seen.filter(whole, seen.period >= first)
    everyone = segments.select("person_id", segment=ibis.literal("all"))
    humans = everyone.anti_join(bots.filter(bots["tagged"]), "person_id").mutate(
        segment=ibis.literal(HUMANS)
    )
    members = segments.select("person_id", "segment").union(everyone).union(humans)
    groups = (
        members.group_by("segment")
        .agg(denominator=ibis._.count())
        .filter(ibis._.denominator >= min_people)
    )
    tagged = groups["denominator"].max().over() - groups["denominator"]
    groups = groups.mutate(private=(groups["segment"] != HUMANS) | (tagged >= min_people)).filter(
        ibis._.private
    )
    wanted = kpis.select("kpi", verb="numerator_verb")
    did = done.join(wanted, "verb").join(members, "person_id").group_by("period", "segment", "kpi")
    numerators = did.agg(people=ibis._.person_id.nunique())
    grid = periods.cross_join(groups).cross_join(wanted.select("kpi").distinct())
    counted = grid.left_join(numerators, ["period", "segment", "kpi"])
    return counted.select(
        "period", "segment", "kpi", "denominator", numerator=counted.people.fill_null(0)
    )


def with_intervals(counts: pd.DataFrame) -> pd.DataFrame:
    """Turn counts into shares with their 95 % Wilson intervals."""
    return counts.assign(**share_intervals(counts["numerator"], counts["denominator"]))


def check_weeks(facts: pd.DataFrame, *, baseline_weeks: int = 8) -> pd.DataFrame:
    """Test the last week of every line against the weeks before, in units of its own noise.

    Every earlier week is judged against its own baseline too; the last one must beat
    how far such gaps usually spread. Lines with fewer than four such weeks are not tested; trend
    and season are not modelled.
    """
    rows = []
    for (segment, kpi), line in facts.sort_values("period").groupby(["segment", "kpi"]):
        gaps, expected = surprises(
            line["numerator"].to_numpy(), line["denominator"].to_numpy(), weeks=baseline_weeks
        )
        if len(gaps) >= 5:
            spread = np.sqrt(max(1.0, np.mean(gaps[:-1] ** 2)))
            pvalue = 2 * stats.t.sf(abs(gaps[-1]) / spread, len(gaps) - 1)
            rows.append(
                (segment, kpi, line["period"].iloc[-1], line["value"].iloc[-1], expected, pvalue)
            )
    tests = pd.DataFrame(rows, columns=["segment", "kpi", "period", "value", "expected", "pvalue"])
    return tests.assign(
        pvalue_adjusted=fdr(tests["pvalue"]),
        message=[
            f"{t.kpi} in {t.segment}: {t.value:.1%}, expected {t.expected:.1%}"
            for t in tests.itertuples()
        ],
    )


def surprises(done: np.ndarray, people: np.ndarray, *, weeks: int) -> tuple[np.ndarray, float]:
    """Measure each week against the mean of the `weeks` before; compute what the last should be.

    Shares are compared as log odds, on which ups and downs of the same factor weigh the same.

    >>> gaps, expected = surprises(np.array([10, 10, 10, 19]), np.array([100] * 4), weeks=2)
    >>> gaps.round(2).tolist(), expected
    ([0.0, 1.81], 0.1)
    """
    if len(done) <= weeks:
        return np.array([]), float("nan")
    yes, no = done + 0.5, people - done + 0.5  # no share is so small that its noise is nothing
    now = np.stack([np.log(yes / no), 1 / yes + 1 / no, done / people])
    odds, noise, share = np.lib.stride_tricks.sliding_window_view(now, weeks, axis=1).mean(axis=2)[
        :, :-1
    ]
    return (now[0, weeks:] - odds) / np.sqrt(noise * (1 + 1 / weeks)), float(share[-1])
