"""Triggers over a whole log: what would have been decided up to a day."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd

from coterie.rules.triggers.clocks import make_calendar
from coterie.rules.triggers.decisions import decide, nothing_decided
from coterie.rules.triggers.english import in_english
from coterie.rules.triggers.syntax import Trigger
from coterie.windows import as_of_window, moment

COLUMNS = ["trigger", "expression", "english", "n_decisions", "n_people", "n_capped", "n_waiting"]


class Triggered(NamedTuple):
    """What the triggers decided over a log."""

    table: pd.DataFrame  # one row a trigger: the columns above

    @property
    def n_triggers(self) -> int:
        """Count the triggers."""
        return len(self.table)

    @property
    def n_met(self) -> int:
        """Count the triggers that were ever met."""
        return int((self.table["n_decisions"] > 0).sum())


def decide_log(
    triggers: Sequence[Trigger],
    events: ir.Table,
    people: ir.Table,
    *,
    as_of: date,
    lookback_days: int = 365,
    time_zone: str = "UTC",
) -> ir.Table:
    """Decide on everything that was met in the days before `as_of`, by the events before it."""
    seen = as_of_window(events, as_of=as_of)
    first = as_of - timedelta(days=lookback_days)
    calendar = make_calendar(
        people.select("person_id", "time_zone"),
        span=(first, as_of + timedelta(days=2)),
        time_zone=time_zone,
    )
    return decide(
        triggers,
        seen,
        calendar=calendar,
        since=moment(first),
        until=moment(as_of),
        before=nothing_decided(),
    )


def count_decisions(triggers: Sequence[Trigger], decided: ir.Table) -> Triggered:
    """Count by trigger what was decided, what the cap held back and what waited for the morning."""
    counts = decided.group_by("trigger").agg(
        n_decisions=decided.count(),
        n_people=decided["person_id"].nunique(),
        n_capped=decided["capped"].sum(),
        n_waiting=(decided["send_at"] > decided["at"]).sum(),
    )
    written = pd.DataFrame(
        [(t.name, t.expression, in_english(t)) for t in triggers], columns=COLUMNS[:3], dtype=str
    )
    table = written.merge(counts.to_pandas(), on="trigger", how="left")
    kinds = dict.fromkeys(COLUMNS[3:], "int64")
    return Triggered(table.fillna(dict.fromkeys(COLUMNS[3:], 0)).astype(kinds)[COLUMNS])


def log_of(events: ir.Table) -> dict[str, set[str]]:
    """List the acts and the platforms of an event log: what triggers may speak of.

    >>> import ibis
    >>> log_of(ibis.memtable({"verb": ["view", "view"], "platform": ["x", "web"]}))["verbs"]
    {'view'}
    """
    seen = events.select("verb", "platform").distinct().to_pandas()
    return {"verbs": set(seen["verb"]), "platforms": set(seen["platform"])}
