"""Recency, frequency, monetary value: every buyer's fifth, and where buyers moved since."""

from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.disclosure import suppress_within
from coterie.windows import as_of_window, days_before

YEAR = 365
FIFTHS = 5


def rfm_scores(events: ir.Table, *, as_of: date, window_days: int = YEAR) -> ir.Table:
    """Give every buyer of the window a fifth from 1 to 5 for recency, frequency and order value.

    A fifth counts who is strictly below, so people who bought alike have the same score, however
    many they are: where most people bought once, nobody is split from them by chance, and the
    fifths are not equally large. Who bought nothing has no score.

    References
    ----------
    Hughes (1994), "Strategic Database Marketing": quintiles of recency, frequency, monetary value.

    >>> at = pd.to_datetime(["2026-01-05", "2026-06-29", "2026-06-30"])
    >>> log = {"person_id": ["ana", "bo", "bo"], "verb": "purchase", "value": [9.0, 4, 4], "at": at}
    >>> rfm_scores(ibis.memtable(log), as_of=date(2026, 7, 1)).order_by("person_id").to_pandas()
      person_id  recency_score  frequency_score  monetary_score
    0       ana              1                1               3
    1        bo              3                3               1
    """
    seen = as_of_window(events, as_of=as_of, days=window_days)
    orders = seen.filter(seen["verb"] == "purchase")
    buyers = orders.group_by("person_id").agg(
        age=days_before(orders["at"].max(), as_of),
        orders=orders.count(),
        mean=orders["value"].fill_null(0.0).mean(),
    )
    ranked = {"recency_score": -buyers["age"], "frequency_score": buyers["orders"]}
    ranked["monetary_score"] = buyers["mean"]
    everyone = buyers.count().over()
    fifths = {
        name: 1 + (FIFTHS * ibis.rank().over(order_by=value) // everyone).cast("int64")
        for name, value in ranked.items()
    }
    return buyers.select("person_id", **fifths)


class Migration(NamedTuple):
    """Where buyers stood earlier and stand now."""

    table: pd.DataFrame  # `before`, `now`, `n_people`, `share` of those who stood there before
    days: int  # from the earlier day to the later one
    n_people: int  # people who were buyers on both days
    n_stayed: int  # of them, those who did not move

    @property
    def stayed_share(self) -> float:
        """Share of buyers who stayed where they were."""
        return self.n_stayed / max(self.n_people, 1)


def migration(events: ir.Table, *, as_of: date, earlier: date, min_people: int = 50) -> Migration:
    """Count who moved from which fifth of recency to which; small cells are left out.

    Both days are seen with the same eyes: each knows a year of orders before it and nothing after.
    """
    fifth = "recency_score"
    now = rfm_scores(events, as_of=as_of).select("person_id", now=fifth)
    before = rfm_scores(events, as_of=earlier).select("person_id", before=fifth)
    both = before.join(now, "person_id")
    cells = both.group_by("before", "now").agg(n_people=both.count()).order_by("before", "now")
    counts = cells.to_pandas()
    kept = suppress_within(counts, "before", "n_people", min_people=min_people)
    total = counts.groupby("before")["n_people"].sum()
    shares = kept["n_people"] / kept["before"].map(total).astype("float64")  # of nobody it is text
    n_stayed = int(counts.loc[counts["before"] == counts["now"], "n_people"].sum())
    table = kept.assign(share=shares.astype(float)).reset_index(drop=True)
    return Migration(table, (as_of - earlier).days, int(counts["n_people"].sum()), n_stayed)
