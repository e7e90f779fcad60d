"""Who bought how often, and when: all that the models of lifetime value see of a person."""

from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.windows import DAY, as_of_window, epoch_seconds, moment, outcome_window

YEAR = 365  # days


def purchase_histories(
    events: ir.Table, *, as_of: date, verb: str = "purchase", recent_days: int = YEAR
) -> ir.Table:
    """Summarise every buyer's past: one row a person who bought before `as_of`.

    Purchases of one day (UTC) are one: models of repeat buying count occasions. The first one
    ever seen makes somebody a customer, so `repeats` counts one fewer, and money is counted the
    same way. The last day that can have been seen is the one before `as_of`.

    Returns person_id; repeats; recency_days (from the first purchase to the last); age_days (from
    the first purchase to the last day seen); repeat_value (mean money of a repeat, empty without
    one); first_value; recent_purchases and recent_value (in the `recent_days` before `as_of`);
    quiet_days (from the last purchase to the last day seen).

    >>> at = pd.to_datetime(["2026-06-01", "2026-06-11", "2026-06-11", "2026-07-01"])
    >>> bought = {"person_id": "ana", "verb": "purchase", "value": [9.0, 4.0, 2.0, 50.0], "at": at}
    >>> found = purchase_histories(ibis.memtable(pd.DataFrame(bought)), as_of=date(2026, 7, 1))
    >>> found.select("repeats", "recency_days", "age_days", "repeat_value").to_pandas().values
    array([[ 1., 10., 29.,  6.]])
    """
    days = _days(as_of_window(events, as_of=as_of), verb=verb)
    last_seen = epoch_seconds(as_of) // DAY - 1
    recent = days["day"] > last_seen - recent_days
    people = days.group_by("person_id").agg(
        purchases=days.count(),
        first=days["day"].min(),
        last=days["day"].max(),
        total=days["value"].sum(),
        first_value=days["value"].argmin(days["day"]),
        recent_purchases=recent.sum(),
        recent_value=days["value"].sum(where=recent).fill_null(0.0),
    )
    repeats = people["purchases"] - 1
    return people.select(
        "person_id",
        "first_value",
        "recent_purchases",
        "recent_value",
        repeats=repeats,
        recency_days=people["last"] - people["first"],
        age_days=last_seen - people["first"],
        quiet_days=last_seen - people["last"],
        repeat_value=(people["total"] - people["first_value"]) / repeats.nullif(0),
    )


def with_later_purchases(
    histories: ir.Table, events: ir.Table, *, as_of: date, days: int, verb: str = "purchase"
) -> ir.Table:
    """Add what each person bought in the `days` from `as_of` on: later_purchases, later_value."""
    window = outcome_window(events, as_of=as_of, horizon_days=days)
    later = _days(window, verb=verb).group_by(buyer="person_id")
    bought = later.agg(later_purchases=ibis._.count(), later_value=ibis._.value.sum())
    both = histories.left_join(bought, histories["person_id"] == bought["buyer"]).drop("buyer")
    return both.mutate(
        later_purchases=both["later_purchases"].fill_null(0),
        later_value=both["later_value"].fill_null(0.0),
    )


def record_of(events: ir.Table, *, as_of: date, verb: str = "purchase") -> tuple[int, float]:
    """Count the days before `as_of` since the first purchase, and the money they brought."""
    bought = events.filter(events["verb"] == verb, events["at"] < moment(as_of))
    first = bought["at"].min().name("first")
    facts = bought.agg(first, money=bought["value"].sum().fill_null(0.0)).to_pandas().iloc[0]
    days = 0 if pd.isna(facts["first"]) else (as_of - facts["first"].date()).days
    return days, float(facts["money"])


def _days(events: ir.Table, *, verb: str) -> ir.Table:
    """Put the purchases of one person and day together."""
    bought = events.filter(events["verb"] == verb)
    day = (bought["at"].epoch_seconds() / DAY).floor().cast("int64")
    value = bought["value"].fill_null(0.0)
    return bought.group_by("person_id", day=day).agg(value=value.sum())
