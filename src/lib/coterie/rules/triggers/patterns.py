"""What a trigger looks for, in the engine: one expression a pattern, with window functions.

Acts of one moment stand in the order of their `event_id`; where two kinds are looked for, the
second kind stands after the first. Within a time means sooner than its end.
"""

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from coterie.rules.triggers.syntax import Act, Count, First, Followed, Missed, Pattern, Restarted

COLUMNS = ("person_id", "event_id", "at")


def matches(pattern: Pattern, events: ir.Table) -> ir.Table:
    """List when a pattern is met: `person_id`, the `event_id` it hangs on, and the moment `at`.

    An act that is repeated before the other is missed starts the time anew, so a basket that is
    still being filled is not abandoned, and one that is abandoned is so once.

    >>> import pandas as pd
    >>> at = pd.to_datetime(["2026-07-01 10:00", "2026-07-01 10:20", "2026-07-01 10:50"])
    >>> log = {"event_id": ["e1", "e2", "e3"], "person_id": "ana", "at": at, "platform": "shop"}
    >>> events = ibis.memtable(log | {"verb": ["add", "add", "purchase"]})
    >>> matches(Missed(Act("add"), Act("purchase"), 1800), events).to_pandas().values.tolist()
    [['ana', 'e2', Timestamp('2026-07-01 10:50:00')]]
    """
    acts = [part for part in pattern if isinstance(part, Act)]
    asked = events.filter(reduce(or_, [is_act(events, act) for act in acts]))
    second = is_act(asked, acts[-1]) if len(set(acts)) > 1 else ibis.literal(False)
    rows = asked.select(*COLUMNS, is_second=second)
    in_order = {"group_by": "person_id", "order_by": ["at", "is_second", "event_id"]}
    order = ibis.window(**in_order)
    match pattern:
        case Count(_, n, within):
            begun = rows.mutate(begun=rows["at"].lag(n - 1).over(order) if n > 1 else rows["at"])
            found = begun.filter(begun["at"] < begun["begun"] + seconds(within))
        case Missed(_, _, within):
            rows = rows.mutate(following=rows["at"].lead().over(order))
            over = rows["at"] + seconds(within)
            alone = rows["following"].isnull() | (rows["following"] >= over)
            found = rows.filter(~rows["is_second"] & alone).mutate(at=over)
        case Followed(_, _, within):
            begun = rows.mutate(begun=(~rows["is_second"]).ifelse(rows["at"], None))
            until = ibis.cumulative_window(**in_order)
            last = begun.mutate(begun=begun["begun"].max().over(until))
            found = last.filter(last["is_second"] & (last["at"] < last["begun"] + seconds(within)))
        case First():
            found = rows.mutate(place=ibis.row_number().over(order)).filter(ibis._["place"] == 0)
        case Restarted(_, after):
            rows = rows.mutate(before=rows["at"].lag().over(order))
            found = rows.filter(rows["at"] >= rows["before"] + seconds(after))
    return found.select(*COLUMNS)


def is_act(events: ir.Table, act: Act) -> ir.BooleanValue:
    """Say which events are an act."""
    alike = events["verb"] == act.verb
    return alike if act.platform is None else alike & (events["platform"] == act.platform)


def seconds(n: int) -> ir.IntervalScalar:
    """Write a time as the engine adds it."""
    return ibis.interval(seconds=n)
