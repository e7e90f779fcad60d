"""How a watch begins: with the study's triggers, its people's clocks, and what was before.

A watch that knew nothing of the past would take every customer's next order for the first one. So
a new one begins where the last run ended: it takes in the run's events, decides on them, and gives
none of these decisions out. From there on every event that comes counts.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir
import pyarrow as pa

from coterie import contracts
from coterie.lake import Lake, fingerprint
from coterie.rules import log_of, read_triggers
from coterie.rules.triggers.clocks import Calendar, make_calendar
from coterie.rules.triggers.syntax import Trigger
from coterie.study import SettingsError, Study

AT_A_TIME = 500_000
EVENT = ("event_id", "person_id", "at", "verb", "platform")


class Beginning(NamedTuple):
    """What a watch needs of its study."""

    triggers: list[Trigger]
    calendar: Calendar
    history: ir.Table  # the events of the last run
    definition: str  # triggers and key of the pseudonyms: whether they are still the same

    def parts(self) -> Iterator[pa.Table]:
        """Read the events in order of time, some at a time."""
        for batch in self.history.order_by("at").to_pyarrow_batches(chunk_size=AT_A_TIME):
            yield pa.Table.from_batches([batch])


def begin(lake: Lake, study: Study) -> Beginning:
    """Read a study's triggers, clocks and events, as its last run left them.

    Raises
    ------
    SettingsError
        When the study has no trigger, or one cannot be read.
    """
    settings = study.blocks["07_rules"]
    written = settings.get("triggers", {})
    if not written:
        raise SettingsError(f"{study.name} has no trigger: write some under 07_rules, triggers:.")
    events = lake.read(contracts.Events)
    triggers = read_triggers(written, **log_of(events))
    today = date.today()
    calendar = make_calendar(
        lake.read(contracts.People).select("person_id", "time_zone"),
        span=(date(today.year - 1, 1, 1), date(today.year + 2, 1, 1)),
        time_zone=settings.get("time_zone", "UTC"),
    )
    lines = [f"{trigger.name}: {trigger.expression}" for trigger in triggers]
    definition = "\n".join([*lines, f"pseudonyms {fingerprint(lake.secret_key())}"])
    return Beginning(triggers, calendar, events.select(*EVENT), definition)


def changed(study: Study) -> SettingsError:
    """Say that the triggers, or the pseudonyms, are not those that a watch began with."""
    return SettingsError(
        "The triggers were changed since this watch began, or everybody's pseudonym was, and what "
        f"it kept is of no use for that: coterie watch {study.name} --fresh begins anew."
    )
