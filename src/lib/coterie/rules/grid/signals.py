"""What tells of engagement, long sessions of several pages, and of intent, a basket left standing.

One row a person who did anything lately; nothing on or after the day is seen.
"""

from datetime import date

import ibis
import ibis.expr.types as ir

from coterie.rules.triggers.patterns import matches
from coterie.rules.triggers.syntax import Act, Missed
from coterie.windows import as_of_window, days_before, moment

SESSION_GAP = 30 * 60  # seconds of silence that end a session
ABANDONED = Missed(Act("add"), Act("purchase"), 30 * 60)
PAGE = "view"


def signals(events: ir.Table, *, as_of: date, days: int, minutes: tuple[float, ...]) -> ir.Table:
    """Measure for everybody seen in the last `days` what engagement and intent are read from.

    Returns `person_id`, `pages_0`, `pages_1`, ... (most pages of any session longer than that of
    `minutes`, 0 without one) and `basket_days` (since the last basket that was left standing, empty
    without one). A session is a person's acts on one platform that no half hour of silence parts.

    >>> import pandas as pd
    >>> at = pd.to_datetime(["2026-06-30 10:00", "2026-06-30 10:08", "2026-06-30 12:00"])
    >>> log = {"person_id": "ana", "event_id": ["a", "b", "c"], "platform": "shop", "at": at}
    >>> events = ibis.memtable(log | {"verb": ["view", "view", "add"]})
    >>> day = date(2026, 7, 1)
    >>> signals(events, as_of=day, days=30, minutes=(5, 10)).to_pandas().round(2).values.tolist()
    [['ana', 2, 0, 0.48]]
    """
    seen = as_of_window(events, as_of=as_of, days=days)
    told = sessions(seen)
    longest = {
        f"pages_{at}": told["pages"].max(where=told["seconds"] > 60 * least).fill_null(0)
        for at, least in enumerate(minutes)
    }
    people = told.group_by("person_id").agg(**longest)
    left = matches(ABANDONED, seen).filter(ibis._["at"] < moment(as_of))
    last = left.group_by("person_id").agg(basket_days=days_before(left["at"].max(), as_of))
    return people.left_join(last, "person_id").drop("person_id_right")


def sessions(events: ir.Table) -> ir.Table:
    """Cut everybody's acts into sessions: `person_id`, how many `seconds` each is, its `pages`."""
    own = {"group_by": ["person_id", "platform"], "order_by": ["at", "event_id"]}
    second = events["at"].epoch_seconds().cast("int64")
    acts = events.select("person_id", "platform", "event_id", "at", "verb", second=second)
    pause = acts["second"] - acts["second"].lag().over(ibis.window(**own))
    begun = acts.mutate(begins=(pause > SESSION_GAP).fill_null(True).cast("int64"))
    number = begun["begins"].sum().over(ibis.cumulative_window(**own))
    return (
        begun.mutate(session=number)
        .group_by("person_id", "platform", "session")
        .agg(
            seconds=begun["second"].max() - begun["second"].min(),
            pages=(begun["verb"] == PAGE).sum(),
        )
    )
