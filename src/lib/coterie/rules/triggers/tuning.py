"""Thresholds of triggers tried on conversion: chosen on the earlier half, confirmed on the later.

A moment at which a trigger is met converts when the person does what counts within the horizon
after it. A threshold is worth its *excess*: conversions beyond those that as many moments of
anybody would bring. So few moments of high precision may be worth less than many of a lower one.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.rules.triggers.clocks import make_calendar
from coterie.rules.triggers.decisions import decide, nothing_decided
from coterie.rules.triggers.english import in_english
from coterie.rules.triggers.syntax import Trigger
from coterie.rules.triggers.variants import is_silence, threshold_of, variants
from coterie.statistics import Interval, clustered_share, mean_interval
from coterie.study import SettingsError
from coterie.windows import as_of_window, moment

EARLIER, LATER = "earlier", "later"
MIN_PEOPLE = 50  # of whom a threshold must be met in the earlier half, or it is not chosen
DAYS_ASKED = 6  # in each half, to learn how often anybody converts
STRAGGLERS = 0.01  # share of the events that may be older than the record
CURVE = ["trigger", "threshold", "english", "half", "is_written", "is_chosen"]
CURVE += ["n_decisions", "n_people", "n_converted", "precision", "low", "high", "excess"]
VERDICT = ["trigger", "written", "chosen", "n_people", "gain", "low", "high"]


class Halves(NamedTuple):
    """The two halves of the record, each with a whole horizon after its last moment."""

    begin: date
    middle: date
    end: date
    horizon: timedelta

    @property
    def spans(self) -> dict[str, tuple[date, date]]:
        """The first day of each half's moments, and the first day after them."""
        ends = {EARLIER: (self.begin, self.middle), LATER: (self.middle, self.end)}
        return {half: (first, end - self.horizon) for half, (first, end) in ends.items()}


class Tuning(NamedTuple):
    """Triggers with other thresholds, tried."""

    table: pd.DataFrame  # one row a trigger, threshold and half, see the contract `trigger_curves`
    verdicts: pd.DataFrame  # one row a trigger: what was written and chosen, and the gain
    why_not: str  # why nothing could be tried; empty where it was

    @property
    def n_confirmed(self) -> int:
        """Count the triggers of which another threshold does better in the later half too."""
        return int((self.verdicts["low"] > 0).sum())


def tune(
    triggers: Sequence[Trigger],
    events: ir.Table,
    people: ir.Table,
    *,
    wanted: Sequence[str],
    conversion: str,
    as_of: date,
    horizon_days: int,
    lookback_days: int = 365,
) -> Tuning:
    """Try other thresholds of some triggers: more acts or fewer, a longer wait or a shorter one.

    Parameters
    ----------
    wanted
        Names of the triggers; one without a threshold has nothing to try.
    conversion
        The act that counts as converting.

    Raises
    ------
    SettingsError
        When there is no trigger of a name.
    """
    unknown = set(wanted) - {trigger.name for trigger in triggers}
    if unknown:
        raise SettingsError(f"07_rules.tuned: no trigger {', '.join(sorted(unknown))}.")
    tried = [own for trigger in triggers if trigger.name in wanted for own in variants(trigger)]
    halves = halves_of(events, as_of, timedelta(days=horizon_days), lookback_days)
    why_not = "no trigger is named for it" if not tried else ""
    if tried and (halves.middle - halves.begin) <= 2 * halves.horizon:
        why_not = f"the record has less than {4 * horizon_days} days"
    if why_not:
        return Tuning(pd.DataFrame(columns=CURVE), pd.DataFrame(columns=VERDICT), why_not)
    met = moments_met(tried, events, people, halves=halves, conversion=conversion)
    bases = base_rates(events, halves, conversion=conversion)
    curves = [Curve(own, met[met["trigger"] == str(at)], bases) for at, own in enumerate(tried)]
    by_trigger = [[c for c in curves if c.trigger.name == name] for name in dict.fromkeys(wanted)]
    judged = [judge(own) for own in by_trigger]
    return Tuning(
        pd.concat([part.rows for part in judged], ignore_index=True)[CURVE],
        pd.DataFrame([part.verdict for part in judged], columns=VERDICT),
        "",
    )


def halves_of(events: ir.Table, as_of: date, horizon: timedelta, lookback_days: int) -> Halves:
    """Cut the record in two; it begins where one event in a hundred lies before."""
    seen = as_of_window(events, as_of=as_of, days=lookback_days)
    second = seen["at"].epoch_seconds().quantile(STRAGGLERS).execute()
    begin = as_of if pd.isna(second) else pd.Timestamp(second, unit="s").date()
    return Halves(begin, begin + (as_of - begin) // 2, as_of, horizon)


def base_rates(events: ir.Table, halves: Halves, *, conversion: str) -> dict[str, float]:
    """Say how often anybody converts within the horizon after a day of each half.

    Days are spread evenly over the half; anybody is whoever was seen before the day.
    """
    days = pd.DataFrame(
        [(half, day) for half, span in halves.spans.items() for day in spread(*span)],
        columns=["half", "day"],
    )
    seen = as_of_window(events, as_of=halves.end)
    first = seen.group_by("person_id").agg(at=seen["at"].min())
    bought = seen.filter(seen["verb"] == conversion).select("person_id", "at")
    horizon = ibis.interval(days=halves.horizon.days)
    asked = ibis.memtable(days.assign(day=pd.to_datetime(days["day"])))
    there = (
        asked.inner_join(first, asked["day"] > first["at"])
        .group_by("half")
        .agg(n=lambda t: t.count())
    )
    soon = [asked["day"] < bought["at"], asked["day"] + horizon >= bought["at"]]
    done = asked.inner_join(bought, soon).select("half", "day", "person_id").distinct()
    early = done.inner_join(first, "person_id").filter(lambda t: t["day"] > t["at"])
    hits = early.group_by("half").agg(hits=lambda t: t.count())
    found = there.left_join(hits, "half").to_pandas().set_index("half").fillna({"hits": 0})
    return {half: found["hits"].get(half, 0) / found["n"].get(half, 1) for half in halves.spans}


def spread(first: date, last: date) -> list[date]:
    """Spread days evenly over a span.

    >>> [day.day for day in spread(date(2026, 7, 1), date(2026, 7, 25))]
    [3, 7, 11, 15, 19, 23]
    """
    step = (last - first) / (2 * DAYS_ASKED)
    return [first + (2 * at + 1) * step for at in range(DAYS_ASKED)]


def moments_met(
    tried: Sequence[Trigger], events: ir.Table, people: ir.Table, *, halves: Halves, conversion: str
) -> pd.DataFrame:
    """Count by trigger (its place among those tried), half and person: moments, and conversions.

    Returns `trigger`, `half`, `person_id`, `n` and `hits`. A conversion lies after the moment, at
    most a horizon.
    """
    first, last = halves.begin, halves.spans[LATER][1]
    calendar = make_calendar(
        people.select("person_id", "time_zone"), span=(first, halves.end), time_zone="UTC"
    )
    numbered = [trigger._replace(name=str(at)) for at, trigger in enumerate(tried)]
    span = {"since": moment(first), "until": moment(last), "before": nothing_decided()}
    seen = as_of_window(events, as_of=last)
    decided = decide(numbered, seen, calendar=calendar, **span).filter(lambda t: ~t["capped"])
    later = decided["at"] >= moment(halves.middle)
    early = decided["at"] < moment(halves.spans[EARLIER][1])
    inside = decided.mutate(half=later.ifelse(LATER, EARLIER)).filter(later | early)
    moments = inside.select("trigger", "half", "person_id", "at")
    done = as_of_window(events, as_of=halves.end).filter(lambda t: t["verb"] == conversion)
    done = done.select("person_id", done_at=done["at"].cast("timestamp"))
    told = moments.asof_join(done, on=moments["at"] < done["done_at"], predicates="person_id")
    waited = told["done_at"].epoch_seconds() - told["at"].epoch_seconds()
    soon = (waited <= int(halves.horizon.total_seconds())).fill_null(False)
    counted = told.group_by("trigger", "half", "person_id").agg(n=told.count(), hits=soon.sum())
    return counted.order_by("trigger", "half", "person_id").to_pandas()


class Curve:
    """One threshold of a trigger in both halves: moments and conversions, a person a row."""

    def __init__(self, trigger: Trigger, met: pd.DataFrame, bases: dict[str, float]) -> None:
        self.trigger, self.bases = trigger, bases
        self.english = in_english(trigger._replace(cooldown=0, cap=None))
        self.people = {half: met[met["half"] == half].set_index("person_id") for half in bases}

    def excess(self, half: str) -> pd.Series:
        """Count each person's conversions beyond those of as many moments of anybody."""
        own = self.people[half]
        return own["hits"] - self.bases[half] * own["n"]

    def row(self, half: str) -> dict[str, object]:
        """Lay out one half."""
        own = self.people[half]
        share = clustered_share(own["hits"].to_numpy(), own["n"].to_numpy())
        return {
            "trigger": self.trigger.name,
            "threshold": threshold_of(self.trigger.pattern),
            "english": self.english,
            "half": half,
            "n_decisions": int(own["n"].sum()),
            "n_people": len(own),
            "n_converted": int(own["hits"].sum()),
            "precision": share.value,
            "low": share.low,
            "high": share.high,
            "excess": float(self.excess(half).sum()),
        }


class Judged(NamedTuple):
    """One trigger's thresholds, judged."""

    rows: pd.DataFrame
    verdict: tuple  # as VERDICT names it


def judge(curves: Sequence[Curve]) -> Judged:
    """Choose a threshold by the earlier half and judge it on the later; the written stands first.

    Where no threshold brings more than anybody's moments would, the written one is kept. So it is
    of a silence: who comes back from a short one would have come anyway, and a longer one is not
    worse for it.
    """
    written = curves[0]
    tried = [written] if is_silence(written.trigger.pattern) else curves
    known = [c for c in tried if len(c.people[EARLIER]) >= MIN_PEOPLE]
    worth = [float(c.excess(EARLIER).sum()) for c in known]
    chosen = known[int(np.argmax(worth))] if worth and max(worth) > 0 else written
    own, other = chosen.excess(LATER), written.excess(LATER)
    gap = own.sub(other, fill_value=0.0)
    mean = mean_interval(gap.to_numpy()) if len(gap) > 1 else Interval(0.0, 0.0, 0.0)
    gain = Interval(*(len(gap) * end for end in mean))
    rows = [
        c.row(half) | {"is_written": c is written, "is_chosen": c is chosen}
        for c in sorted(curves, key=lambda c: threshold_of(c.trigger.pattern))
        for half in (EARLIER, LATER)
    ]
    told = (written.trigger.name, written.english, chosen.english, len(gap), *gain)
    return Judged(pd.DataFrame(rows), told)
