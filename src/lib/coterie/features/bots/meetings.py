"""Which accounts meet on the same things at the same moments, and how often they do by chance."""

from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd
from scipy import stats

from coterie.windows import DAY

PRIOR = 5  # pairs of acts for which the steady chance counts beside a thing's own
NEIGHBOURS = 10  # acts on a thing are paired with the next few only, so the cost is linear in acts
THINGS = 5  # fewest things on which two accounts are together
DAYS = 3  # a live event is over in one or two
LIFT = 3  # times as often together as by chance, whatever the p-value
ALPHA = 0.01  # false discovery rate over all pairs of accounts, those that never met included


class Pace(NamedTuple):
    """How close is together, and how often acts on a thing may be together by chance.

    Two acts near each other have had a chance to be together; by chance they take it as often as
    the acts on that thing do. The ring's own acts count among those: without a limit, what only a
    ring acts on would explain the ring.
    """

    close: int  # seconds within which two acts on a thing are together
    near: int  # seconds within which two acts on a thing had a chance to be together
    most: float  # the largest chance that the pace of a thing may give
    public: float  # accounts; where more act near one moment, the event explains it without a limit


def first_acts(seen: ir.Table) -> ir.Table:
    """Keep each account's first act of a kind on a thing, where more than one account acted."""
    acts = seen.filter(seen["object_id"].notnull()).group_by("person_id", "object_id", "verb")
    acts = acts.agg(at=seen["at"].min().epoch_seconds())
    counted = acts.mutate(
        n=acts.count().over(group_by=["object_id", "verb"]),
        things=acts.count().over(group_by="person_id"),
    )
    shared = counted.filter(counted["n"] > 1).drop("n")
    return shared.mutate(thing=ibis._.object_id + " " + ibis._.verb).drop("object_id", "verb")


def count_pairs(acts: ir.Table) -> float:
    """Count the pairs of accounts that could be linked: both on enough shared things."""
    shared = acts.group_by("person_id").agg(n=acts.count())
    n_people = shared.filter(shared["n"] >= THINGS).count().to_pandas()
    return n_people * (n_people - 1) / 2


def company(linked: pd.DataFrame, acts: ir.Table, pace: Pace) -> pd.DataFrame:
    """Say for each linked account which share of its things it did in linked company."""
    if linked.empty:
        nobody = acts.select("person_id").limit(0).to_pandas()
        return nobody.assign(partners=0, share=0.0)
    met = meetings(ibis.memtable(linked), acts, pace)
    met = met.filter(met["together"])
    sides = (("one", "other"), ("other", "one"))
    seen = ibis.union(*[met.select("thing", person_id=x, partner=y) for x, y in sides])
    own = acts.select("person_id", "things").distinct()
    table = seen.join(own, "person_id").group_by("person_id", "things")
    table = table.agg(n=seen["thing"].nunique(), partners=seen["partner"].nunique())
    table = table.mutate(share=table["n"] / table["things"]).order_by("person_id")
    return table.select("person_id", "partners", "share").to_pandas()


def with_pace(acts: ir.Table, pace: Pace) -> ir.Table:
    """Add how many act near each act, how many acts on its thing are close, how often one joins."""

    def within(seconds: int) -> ir.IntegerColumn:
        window = ibis.range_window(
            preceding=seconds, following=seconds, group_by="thing", order_by="at"
        )
        return acts.count().over(window) - 1

    counted = acts.mutate(close=within(pace.close), near=within(pace.near))
    things = counted.group_by("thing").agg(
        close_pairs=counted["close"].sum() / 2, near_pairs=counted["near"].sum() / 2
    )
    joins = (counted["close"] > 0).cast("int64").sum().over(group_by="person_id")
    return counted.mutate(joins=joins).join(things, "thing").drop("close")


def candidates(acts: ir.Table, pace: Pace) -> ir.Table:
    """List pairs of accounts that are close on enough things, each act paired with the next few."""
    window = ibis.window(group_by="thing", order_by=["at", "person_id"])
    parts = []
    for step in range(1, NEIGHBOURS + 1):
        earlier = acts.mutate(
            before=acts["person_id"].lag(step).over(window),
            gap=acts["at"] - acts["at"].lag(step).over(window),
        )
        close = earlier.filter(earlier["gap"] <= pace.close)
        parts.append(
            close.select(
                one=ibis.least(close["person_id"], close["before"]),
                other=ibis.greatest(close["person_id"], close["before"]),
            )
        )
    met = ibis.union(*parts)
    counted = met.group_by("one", "other").agg(n=met.count())
    return counted.filter(counted["n"] >= THINGS).drop("n")


def meetings(pairs: ir.Table, acts: ir.Table, pace: Pace) -> ir.Table:
    """List on what the two of each pair came near each other, and whether they were together."""
    paced = ("thing", "close_pairs", "near_pairs", "near", "at")
    mine = acts.select(*paced, one="person_id", one_joins="joins")
    theirs = acts.select("thing", other="person_id", other_joins="joins", later="at")
    both = pairs.join(mine, "one").join(theirs, ["other", "thing"])
    gap = (both["at"] - both["later"]).abs()
    return both.mutate(gap=gap, together=gap <= pace.close).filter(gap <= pace.near)


def count_together(pairs: ir.Table, acts: ir.Table, pace: Pace) -> ir.Table:
    """Count for each pair its chances, how many it took, on how many days, and how many by pace."""
    met = meetings(pairs, acts, pace)
    taken = met["together"].cast("int64")
    steady = pace.close / pace.near
    own = (met["close_pairs"] - taken + PRIOR * steady) / (met["near_pairs"] - 1 + PRIOR)
    most = (met["near"] < pace.public).ifelse(pace.most, 1.0)
    by_pace = ibis.least(ibis.greatest(own, ibis.literal(steady)), most)
    return met.group_by("one", "other").agg(
        chances=met.count(),
        together=taken.sum(),
        days=met["together"].ifelse(met["at"] // DAY, ibis.null("int64")).nunique(),
        by_pace=by_pace.sum(),
        joins=(met["one_joins"] + met["other_joins"]).max(),
    )


def beyond_chance(pairs: pd.DataFrame, *, n_pairs: float) -> pd.Series:
    """Say which pairs are together beyond chance, pairs that are no candidates counted as tried.

    The binomial tail at the mean chance is never below that of unequal chances with the same mean
    (Hoeffding 1956).
    """
    chance = pairs["by_pace"] / pairs["chances"]
    p = stats.binom.sf(pairs["together"] - 1, pairs["chances"], chance)
    rank = stats.rankdata(p, method="max")
    largest = p[p * n_pairs / rank <= ALPHA].max(initial=-1)
    often = pairs["together"] >= LIFT * pairs["by_pace"]
    return (p <= largest) & often & (pairs["together"] >= THINGS) & (pairs["days"] >= DAYS)
