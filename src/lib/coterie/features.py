"""03: what did they do? One row a person, from acts and posts strictly before `as_of`."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.statistics import share_interval

EFFORT = {"view": 1.0, "like": 1.0, "click": 2.0, "create": 3.0, "announce": 3.0, "purchase": 5.0}
OTHER_EFFORT = 1.0
SATURDAY, EVENING = 5, 18


def window(table: ir.Table, *, as_of: date, lookback_days: int) -> ir.Table:
    """Keep the rows of the look-back window: from `lookback_days` before `as_of` to the day before it.

    >>> days = ibis.memtable({"at": pd.to_datetime(["2026-06-29 00:00", "2026-06-30 23:59", "2026-07-01 00:00"])})
    >>> window(days, as_of=date(2026, 7, 1), lookback_days=1).count().to_pandas()
    1
    """
    start = as_of - timedelta(days=lookback_days)
    return table.filter(table["at"] >= moment(start), table["at"] < moment(as_of))


def moment(day: date) -> ir.TimestampScalar:
    """Write the first instant of a day as an expression."""
    return ibis.timestamp(day.isoformat())


def days_before(at: ir.TimestampValue, as_of: date) -> ir.FloatingValue:
    """Measure how many days before `as_of` something happened."""
    return (moment(as_of).epoch_seconds() - at.epoch_seconds()) / 86_400


def rfm(events: ir.Table, *, as_of: date, lookback_days: int = 365) -> ir.Table:
    """Summarise what each person bought in the window that ends before `as_of`.

    Purchases on `as_of` or later are invisible here: a feature must never see the outcome it will
    be judged on. `frequency` counts every order, the RFM convention; lifetime-value models count
    repeats only, one fewer. `monetary_value` is the mean order value.

    References
    ----------
    Fader, Hardie and Lee (2005), "RFM and CLV", Journal of Marketing Research 42.

    >>> events = ibis.memtable(pd.DataFrame({
    ...     "person_id": ["ana", "ana", "bo", "bo"], "verb": "purchase", "value": [30.0, 50.0, 20.0, 999.0],
    ...     "at": pd.to_datetime(["2026-06-21", "2026-06-01", "2026-05-02", "2026-07-01"])}))
    >>> rfm(events, as_of=date(2026, 7, 1)).order_by("person_id").to_pandas()
      person_id  last_order_days  frequency  monetary_value
    0       ana             10.0          2            40.0
    1        bo             60.0          1            20.0
    """
    orders = window(events, as_of=as_of, lookback_days=lookback_days).filter(ibis._.verb == "purchase")
    return orders.group_by("person_id").agg(
        last_order_days=days_before(orders["at"].max(), as_of),
        frequency=orders.count(),
        monetary_value=orders["value"].mean().round(6),
    )


def activity(events: ir.Table, *, as_of: date, lookback_days: int, half_life_days: float) -> ir.Table:
    """Count and weigh each person's acts; an act of one half-life ago weighs half.

    >>> events = ibis.memtable(pd.DataFrame({
    ...     "person_id": "ana", "verb": ["like", "create"], "content_type": ["video", "text"], "platform": "x",
    ...     "at": pd.to_datetime(["2026-06-27 19:00", "2026-06-01 08:00"]), "value": None}))
    >>> row = activity(events, as_of=date(2026, 7, 1), lookback_days=90, half_life_days=30).to_pandas().iloc[0]
    >>> row["n_events"], row["weekend_share"], row["evening_share"], row["video_share"]
    (np.int64(2), np.float64(0.5), np.float64(0.5), np.float64(0.5))
    """
    acts = window(events, as_of=as_of, lookback_days=lookback_days)
    effort = acts["verb"].cases(*EFFORT.items(), else_=OTHER_EFFORT)
    decay = ibis.literal(0.5) ** (days_before(acts["at"], as_of) / half_life_days)
    content = acts["content_type"].isin(["video", "image", "text"])
    of_kind = {kind: (acts["content_type"] == kind).mean(where=content) for kind in ("video", "image", "text")}
    return acts.group_by("person_id").agg(
        n_events=acts.count(),
        n_posts=(acts["verb"] == "create").sum(),
        active_days=acts["at"].date().nunique(),
        recency_days=days_before(acts["at"].max(), as_of),
        engagement=(effort * decay).sum().round(6),  # a float sum depends on the order of rows in its last digits
        n_platforms=acts["platform"].nunique(),
        reaction_share=acts["verb"].isin(["like", "announce"]).mean(),
        weekend_share=(acts["at"].day_of_week.index() >= SATURDAY).mean(),
        evening_share=(acts["at"].hour() >= EVENING).mean(),
        **{f"{kind}_share": share for kind, share in of_kind.items()},
    )


def cadence(events: ir.Table, *, as_of: date, lookback_days: int) -> ir.Table:
    """Measure the median number of days between each person's active days; one active day has none.

    >>> at = pd.to_datetime(["2026-06-01 08:00", "2026-06-01 09:00", "2026-06-03 08:00", "2026-06-09 08:00"])
    >>> events = ibis.memtable(pd.DataFrame({"person_id": "ana", "at": at}))
    >>> cadence(events, as_of=date(2026, 7, 1), lookback_days=90).to_pandas()["cadence_days"].tolist()
    [4.0]
    """
    acts = window(events, as_of=as_of, lookback_days=lookback_days)
    days = acts.select("person_id", day=acts["at"].truncate("D")).distinct()
    earlier = days["day"].lag().over(group_by="person_id", order_by="day")
    gaps = days.mutate(cadence_days=(days["day"].epoch_seconds() - earlier.epoch_seconds()) / 86_400)
    return median_by(gaps, "cadence_days", by="person_id")


def median_by(table: ir.Table, column: str, *, by: str) -> ir.Table:
    """Take each group's median of a column, by rank, because not every engine has a median of its own."""
    known = table.filter(table[column].notnull())
    rank = ibis.row_number().over(ibis.window(group_by=by, order_by=column))
    ranked = known.mutate(rank=rank, n=known.count().over(ibis.window(group_by=by)))
    middle = ranked.filter((2 * ranked["rank"] >= ranked["n"] - 2) & (2 * ranked["rank"] <= ranked["n"]))
    return middle.group_by(by).agg(middle[column].mean().name(column))


def response_latency(posts: ir.Table, *, as_of: date, lookback_days: int) -> ir.Table:
    """Measure the median hours from each person's posts to the brand's first answer.

    Posts still unanswered before `as_of` have no latency yet and are left out, so the median
    flatters a brand that leaves much unanswered.

    >>> posts = ibis.memtable(pd.DataFrame({
    ...     "post_id": ["q", "a"], "person_id": ["ana", None], "brand": [None, "acme"], "in_reply_to": [None, "q"],
    ...     "at": pd.to_datetime(["2026-06-01 10:00", "2026-06-01 13:00"])}))
    >>> response_latency(posts, as_of=date(2026, 7, 1), lookback_days=90).execute().values.tolist()
    [['ana', 3.0]]
    """
    answered = first_answers(posts, as_of=as_of, lookback_days=lookback_days)
    return median_by(answered, "response_latency_hours", by="person_id")


def first_answers(posts: ir.Table, *, as_of: date, lookback_days: int) -> ir.Table:
    """Pair each post of a person with the hours until a brand first answered it; missing while nobody did."""
    seen = window(posts, as_of=as_of, lookback_days=lookback_days)
    answers = seen.filter(seen["brand"].notnull()).group_by("in_reply_to").agg(answered_at=ibis._.at.min())
    asked = seen.filter(seen["person_id"].notnull()).left_join(answers, seen["post_id"] == answers["in_reply_to"])
    hours = (asked["answered_at"].epoch_seconds() - asked["at"].epoch_seconds()) / 3600
    return asked.mutate(response_latency_hours=(hours >= 0).ifelse(hours, None))


def answer_times(posts: ir.Table, *, as_of: date, lookback_days: int, smallest: int = 50) -> pd.DataFrame:
    """Compare brands by how many of the posts that address them they answer, and how fast.

    One row a brand that at least `smallest` people addressed: posts, people, the share of posts answered
    before `as_of` with its interval, and the median hours until the answer. Posts that are still
    unanswered count in the share and not in the hours.
    """
    asked = first_answers(posts, as_of=as_of, lookback_days=lookback_days)
    asked = asked.select("person_id", brand="about_brand", median_hours="response_latency_hours")
    asked = asked.filter(asked["brand"].notnull())
    counts = asked.group_by("brand").agg(
        posts=asked.count(), people=asked["person_id"].nunique(), replies=asked["median_hours"].count()
    )
    enough = counts.filter(counts["people"] >= smallest)
    brands = enough.left_join(median_by(asked, "median_hours", by="brand"), "brand").drop("brand_right")
    table = brands.order_by(ibis.desc("posts"), "brand").to_pandas()
    shares = [share_interval(*pair) for pair in zip(table["replies"], table["posts"], strict=True)]
    table[["answered", "low", "high"]] = pd.DataFrame(shares, columns=["answered", "low", "high"], dtype=float)
    return table.drop(columns="replies")


def behaviour(
    events: ir.Table, posts: ir.Table, *, as_of: date, lookback_days: int = 365, half_life_days: float = 30.0
) -> ir.Table:
    """Describe what every person did in the look-back window, one row a person.

    Nothing on or after `as_of` is seen. People without an act in the window are absent.
    """
    span = {"as_of": as_of, "lookback_days": lookback_days}
    first = events.filter(events["at"] < moment(as_of)).group_by("person_id").agg(first=ibis._.at.min())
    table = activity(events, **span, half_life_days=half_life_days)
    for part in (first, cadence(events, **span), rfm(events, **span), response_latency(posts, **span)):
        table = table.left_join(part, "person_id").drop("person_id_right")
    return table.mutate(
        tenure_days=days_before(table["first"], as_of),
        frequency=table["frequency"].fill_null(0),
        monetary_value=table["monetary_value"].fill_null(0.0),
    ).drop("first", "last_order_days")


def leak_check(events: ir.Table, posts: ir.Table, *, as_of: date, **options: float) -> int:
    """Count people whose features change when everything on or after `as_of` is taken away; 0 is right."""
    with_future = behaviour(events, posts, as_of=as_of, **options)
    past = [table.filter(table["at"] < moment(as_of)) for table in (events, posts)]
    without = behaviour(*past, as_of=as_of, **options)
    return int(with_future.difference(without).count().execute())


def spread(behaviour_table: ir.Table) -> pd.DataFrame:
    """Summarise every feature over people: how many have it, and its quartiles."""
    numbers = behaviour_table.drop("person_id").to_pandas().astype(float)
    summary = numbers.describe(percentiles=[0.25, 0.5, 0.75]).T
    return summary.reset_index(names="feature")[["feature", "count", "25%", "50%", "75%"]]
