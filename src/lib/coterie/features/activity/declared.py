"""The behaviour table.

Every feature stands once below; the contract gives its meaning and unit under the same name.

`SUMS` reduce rows to one number a person, over whole billionths (see `exact`); `FEATURES` turn
those into features.
"""

from collections.abc import Callable
from datetime import date
from math import pi

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.features.activity.answers import waits_for_brand, waits_for_person, with_median_wait
from coterie.features.activity.clocks import local_seconds
from coterie.features.activity.exact import BILLION, billionths, entropy, n_log_n
from coterie.features.activity.scales import relative_engagement
from coterie.features.learning.effort import EFFORT, decayed, weighed
from coterie.statistics import shrink_to_mean
from coterie.study import DataError
from coterie.windows import DAY, as_of_window, days_before

SESSION_GAP = 30 * 60  # seconds of silence that end a session
PRIOR_CONTENT = 5  # events of the average mix that everybody's content preference starts from
MILLION = 10**6  # of a unit of money, so that even large sums stay whole numbers
WEEK, MONDAY = 7 * DAY, 4 * DAY  # 1970 began on a Thursday
SATURDAY, EVENING = 5, 18
NOBODY = (
    "03_features: nobody did anything in the {days} days before {as_of}; "
    "check as_of and lookback_days. A test's own table alone says nothing of the time before: give "
    "what is known of its people as events too, as notebooks/studies/email.yml does."
)
KINDS = ("video", "image", "text")


SUMS: dict[str, dict[str, Callable[[ir.Table], ir.Scalar]]] = {
    "events": {  # one row an event, beside the event of the person before it
        "n_done": lambda t: t.count(),
        "last_at": lambda t: t["at"].max(),
        "creates": lambda t: (t["verb"] == "create").sum(),
        "orders": lambda t: (t["verb"] == "purchase").sum(),
        "paid": lambda t: (
            (t["value"] * MILLION).round().cast("int64").sum(where=t["verb"] == "purchase")
        ),
        "refunded": lambda t: (
            (t["value"] * MILLION).round().cast("int64").sum(where=t["verb"] == "refund")
        ),
        "effort": lambda t: billionths(
            t["weight"] * decayed(t["age_days"], t["half_life_days"])
        ).sum(),
        "reactions": lambda t: t["verb"].isin(["like", "announce"]).sum(),
        "weekends": lambda t: t["weekend"].sum(),
        "evenings": lambda t: (t["of_day"] >= EVENING * 3600).sum(),
        "day_sin": lambda t: billionths((t["of_day"] * (2 * pi / DAY)).sin()).sum(),
        "day_cos": lambda t: billionths((t["of_day"] * (2 * pi / DAY)).cos()).sum(),
        "week_sin_sum": lambda t: billionths((t["of_week"] * (2 * pi / WEEK)).sin()).sum(),
        "week_cos_sum": lambda t: billionths((t["of_week"] * (2 * pi / WEEK)).cos()).sum(),
        **{
            f"{kind}s": lambda t, kind=kind: (t["content_type"] == kind).sum().fill_null(0)
            for kind in KINDS
        },
        **{
            f"quarter_{q}": lambda t, q=q: (
                t["at"].month().isin([3 * q - 2, 3 * q - 1, 3 * q])
            ).sum()
            for q in range(1, 5)
        },
        "day_changes": lambda t: (t["days"] > 0).sum().fill_null(0),
        "day_gaps": lambda t: t["days"].sum(where=t["days"] > 0),
        "day_gaps_squared": lambda t: (t["days"] * t["days"]).sum(where=t["days"] > 0),
        "sessions": lambda t: (t["seconds"].isnull() | (t["seconds"] > SESSION_GAP)).sum(),
    },
    "platforms": {  # one row a person and platform
        "n_used": lambda t: t.count(),
        "most_used": lambda t: t["n_done"].max(),
        "n_log_n": lambda t: n_log_n(t["n_done"]),
        "places": lambda t: billionths(t["relative_engagement"]).sum(),
    },
    "posts": {
        "written": lambda t: t.count(),
        "replies": lambda t: t["in_reply_to"].notnull().sum(),
    },  # one row a post
    "history": {"first_at": lambda t: t["at"].min()},  # one row an event, before the window too
}


def shrunken_share(t: ir.Table, kind: str) -> ir.FloatingValue:
    """Estimate how much of a person's content is of one kind.

    It is pulled to everybody's mix while there is little of it.
    """
    content = sum(t[f"{other}s"] for other in KINDS)
    everyone = (t[f"{kind}s"].sum() / content.sum().nullif(0)).over()
    return shrink_to_mean(t[f"{kind}s"], content, mean=everyone, prior=PRIOR_CONTENT)


FEATURES: dict[str, Callable[..., ir.Value]] = {
    "n_events": lambda t, day: t["n_done"],
    "n_posts": lambda t, day: t["creates"],
    "active_days": lambda t, day: t["day_changes"] + 1,
    "tenure_days": lambda t, day: days_before(t["first_at"], day),
    "recency_days": lambda t, day: days_before(t["last_at"], day),
    "cadence_days": lambda t, day: t["day_gaps"] / t["day_changes"].nullif(0),
    "burstiness": lambda t, day: burstiness(t["day_changes"], t["day_gaps"], t["day_gaps_squared"]),
    "n_sessions": lambda t, day: t["sessions"],
    "session_depth": lambda t, day: t["n_done"] / t["sessions"],
    "frequency": lambda t, day: t["orders"],
    "monetary_value": lambda t, day: (t["paid"] / MILLION / t["orders"].nullif(0)).fill_null(0.0),
    "spend": lambda t, day: (t["paid"].fill_null(0) + t["refunded"].fill_null(0)) / MILLION,
    "engagement": lambda t, day: t["effort"] / BILLION,
    "engagement_score": lambda t, day: 100 * ibis.percent_rank().over(order_by=t["effort"]),
    "relative_engagement": lambda t, day: t["places"] / BILLION / t["n_used"],
    "n_platforms": lambda t, day: t["n_used"],
    "platform_entropy": lambda t, day: (t["n_used"] > 1).ifelse(
        entropy(t["n_done"], t["n_log_n"]), 0.0
    ),
    "top_platform_share": lambda t, day: t["most_used"] / t["n_done"],
    **{f"{kind}_share": lambda t, day, kind=kind: shrunken_share(t, kind) for kind in KINDS},
    "reaction_share": lambda t, day: t["reactions"] / t["n_done"],
    "reply_share": lambda t, day: t["replies"] / t["written"],
    "response_latency_hours": lambda t, day: t["response_latency_hours"],
    "reply_latency_hours": lambda t, day: t["reply_latency_hours"],
    "weekend_share": lambda t, day: t["weekends"] / t["n_done"],
    "evening_share": lambda t, day: t["evenings"] / t["n_done"],
    "hour_sin": lambda t, day: t["day_sin"] / BILLION / t["n_done"],
    "hour_cos": lambda t, day: t["day_cos"] / BILLION / t["n_done"],
    "hour_concentration": lambda t, day: mean_length(t["day_sin"], t["day_cos"], t["n_done"]),
    "week_sin": lambda t, day: t["week_sin_sum"] / BILLION / t["n_done"],
    "week_cos": lambda t, day: t["week_cos_sum"] / BILLION / t["n_done"],
    "busiest_quarter_share": lambda t, day: (
        (ibis.greatest(*(t[f"quarter_{q}"] for q in range(1, 5))) + 1) / (t["n_done"] + 4)
    ),
}


def burstiness(
    n: ir.IntegerValue, total: ir.IntegerValue, squares: ir.IntegerValue
) -> ir.FloatingValue:
    """Compare the spread of gaps with their mean.

    It is -1 like clockwork, 0 at random, near 1 in bursts; it needs two gaps.

    References
    ----------
    Goh and Barabási (2008), "Burstiness and memory in complex systems", EPL 81.
    """
    mean = total / n.nullif(0)
    spread = ibis.greatest(squares / n.nullif(0) - mean * mean, 0.0).sqrt()
    return (n >= 2).ifelse((spread - mean) / (spread + mean), None)


def mean_length(
    sine: ir.IntegerValue, cosine: ir.IntegerValue, n: ir.IntegerValue
) -> ir.FloatingValue:
    """Measure how closely events keep to one time of day.

    It is 1 for always the same minute, near 0 all around the clock.

    References
    ----------
    Mardia and Jupp (2000), "Directional Statistics": the mean resultant length.
    """
    x, y = sine / BILLION / n, cosine / BILLION / n
    return (x * x + y * y).sqrt()


def behaviour(
    events: ir.Table,
    posts: ir.Table,
    people: ir.Table,
    *,
    as_of: date,
    lookback_days: int = 365,
    weights: pd.DataFrame = EFFORT,
    time_zone: str = "UTC",
    holidays: tuple[str, ...] = (),
) -> ir.Table:
    """Describe what every person did in the look-back window, one row a person.

    Nothing on or after `as_of` is seen. People without an event in the window are absent. Empty
    stays empty: who was active on a single day has no cadence, and who asked nobody waits for no
    answer.

    Parameters
    ----------
    weights
        `verb`, `weight` and `half_life_days`, and `platform` when they differ between platforms:
        how much an event counts in `engagement`, and after how many days half as much. Other events
        weigh 1, 30 days.
    time_zone
        Where people live who state no time zone; hours and weekdays are those of the person's own
        clock.
    holidays
        Days like "2026-12-25" that count as weekend.

    >>> events = ibis.memtable(
    ...     {
    ...         "person_id": ["ana"] * 3,
    ...         "verb": ["view", "like", "purchase"],
    ...         "platform": "x",
    ...         "content_type": ["video", "video", None],
    ...         "value": [None, None, 12.5],
    ...         "at": pd.to_datetime(["2026-06-01 18:30", "2026-06-03 08:00", "2026-06-07 08:00"]),
    ...     }
    ... )
    >>> posts = ibis.memtable(
    ...     [],
    ...     schema={
    ...         "post_id": "string",
    ...         "person_id": "string",
    ...         "brand": "string",
    ...         "at": "timestamp",
    ...         "in_reply_to": "string",
    ...         "about_brand": "string",
    ...     },
    ... )
    >>> people = ibis.memtable({"person_id": ["ana"], "time_zone": ["Europe/Rome"]})
    >>> row = behaviour(events, posts, people, as_of=date(2026, 7, 1)).to_pandas().iloc[0]
    >>> [
    ...     float(round(row[name], 2))
    ...     for name in ("n_events", "cadence_days", "spend", "weekend_share", "evening_share")
    ... ]
    [3.0, 3.0, 12.5, 0.33, 0.33]
    """
    span = {"as_of": as_of, "lookback_days": lookback_days}
    seen = as_of_window(events, as_of=as_of, days=lookback_days)
    done = with_clock(local_seconds(seen, people, **span, time_zone=time_zone), holidays)
    done = weighed(with_gaps(done), weights)
    parts = {
        "events": done.mutate(age_days=days_before(done["at"], as_of)),
        "platforms": relative_engagement(weighed(seen, weights)),
        "posts": as_of_window(posts, as_of=as_of, days=lookback_days).filter(
            ibis._.person_id.notnull()
        ),
        "history": as_of_window(events, as_of=as_of),
    }
    sums = [
        part.group_by("person_id").agg(**{n: s(part) for n, s in SUMS[name].items()})
        for name, part in parts.items()
    ]
    sums += [
        with_median_wait(waits_for_brand(posts, **span), "response_latency_hours"),
        with_median_wait(waits_for_person(posts, **span), "reply_latency_hours"),
    ]
    table = sums[0]
    for part in sums[1:]:
        table = table.left_join(part, "person_id").drop("person_id_right")
    return table.select(
        "person_id", **{name: value(table, as_of) for name, value in FEATURES.items()}
    )


def with_clock(events: ir.Table, holidays: tuple[str, ...]) -> ir.Table:
    """Add what the person's own clock and calendar showed.

    That is day, second of the day and of the week, weekend or not.
    """
    days = events.mutate(day=events["local"].cast("int64") // DAY)
    days = days.mutate(
        of_day=days["local"] - days["day"] * DAY, of_week=(days["local"] - MONDAY) % WEEK
    )
    free = [int(pd.Timestamp(day).timestamp()) // DAY for day in holidays] or [-1]
    return days.mutate(weekend=(days["of_week"] >= SATURDAY * DAY) | days["day"].isin(free))


def with_gaps(events: ir.Table) -> ir.Table:
    """Add the seconds and the whole days since the event of the person before it.

    Both are missing for the first.
    """
    order = ibis.window(group_by="person_id", order_by="at")
    now = events.mutate(second=events["at"].epoch_seconds())
    before = now.mutate(
        earlier=now["second"].lag().over(order), earlier_day=now["day"].lag().over(order)
    )
    return before.mutate(
        seconds=before["second"] - before["earlier"], days=before["day"] - before["earlier_day"]
    )


def require_activity(behaviour: ir.Table, *, as_of: date, lookback_days: int) -> ir.Table:
    """Give the table back in order of people, or say in words that nobody did anything.

    Raises
    ------
    DataError
        When it has no row.
    """
    if behaviour.count().execute() == 0:
        raise DataError(NOBODY.format(days=lookback_days, as_of=as_of))
    return behaviour.order_by("person_id")
