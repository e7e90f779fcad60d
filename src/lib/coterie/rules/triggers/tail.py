"""What a stream has to keep of the past so that its decisions are those of the whole log."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from coterie.rules.triggers.patterns import is_act
from coterie.rules.triggers.syntax import First, Restarted, Trigger


def longest_reach(triggers: Sequence[Trigger]) -> int:
    """Say how many seconds of the past may decide about a moment.

    >>> from coterie.rules.triggers.syntax import Act, Count
    >>> longest_reach([Trigger("t", "", Count(Act("view"), 3, 86_400))])
    86400
    """
    return max((trigger.reach for trigger in triggers), default=0)


def tail_of(events: ir.Table, triggers: Sequence[Trigger], *, until: ir.TimestampValue) -> ir.Table:
    """Keep the events that can still matter to a moment at `until` or after it.

    That is the longest window, and of acts that triggers ask about as the first or as taken up
    again the last one before it: it proves that there was one.
    """
    horizon = until - ibis.interval(seconds=longest_reach(triggers))
    asking = [t for t in triggers if isinstance(t.pattern, First | Restarted)]
    recent = events.filter(events["at"] >= horizon)
    if not asking:
        return recent
    acts = {act for trigger in asking for act in trigger.acts}
    old = events.filter(
        events["at"] < horizon, reduce(or_, [is_act(events, act) for act in sorted(acts, key=str)])
    )
    order = ibis.window(
        group_by=["person_id", "verb", "platform"],
        order_by=[ibis.desc("at"), ibis.desc("event_id")],
    )
    last = old.mutate(place=ibis.row_number().over(order))
    return recent.union(last.filter(last["place"] == 0).drop("place"))
