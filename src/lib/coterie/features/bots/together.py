"""Accounts that act on the same things at the same moments, far beyond chance."""

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from coterie.windows import DAY, as_of_window

CLOSE = 60  # seconds within which two acts on a thing are together
NEAR = 3600  # seconds within which two acts on a thing had a chance to be together
STEADY = CLOSE / NEAR  # that chance where acts come evenly
# The pace of a thing is that of everybody who acts on it, the ring included: without a limit, what
# only a ring acts on would explain the ring.
MOST = 0.1  # the largest chance that the pace of a thing may give
PUBLIC = 100  # accounts; where more act near one moment, the event explains it, without a limit
PRIOR = 5  # pairs of acts for which the steady chance counts beside a thing's own
NEIGHBOURS = 10  # acts on a thing are paired with the next few only, so the cost is linear in acts
THINGS = 5  # fewest things on which two accounts are together
TURNOUT = 0.6  # Jaccard similarity of what two accounts did in company; fans miss many a goal
DAYS = 3  # a live event is over in one or two
LIFT = 3  # times as often together as by chance, whatever the p-value
ALPHA = 0.01  # false discovery rate over all pairs of accounts, those that never met included


def acts_together(events: ir.Table, *, as_of: date, lookback_days: int = 365) -> pd.DataFrame:
    """Find accounts that act on the same things in the same minute, far beyond chance.

    Only an account's first act of a kind on a thing counts. Two accounts that come near each other
    on a thing (within an hour) have had a chance to be together (within a minute); by chance they
    are as often as that thing's own acts are: every account keeps how much it does, on what and in
    which hour, every thing its popularity and its bursts. So those who share tastes, shifts, a live
    event or one viral post are not taken for a ring. Linked are pairs together on five things or
    more, on three days or more, three times as often as by chance, at a false discovery rate of 1 %
    over all pairs.

    They must also keep company: of what either did within a minute of anybody, they did 60 %
    together (Jaccard), which fans at a goal do not.

    Invisible: rings whose members act minutes apart, skip much of what the others do, act on fewer
    than five things or within two days, or in a crowd of more than a hundred within the hour. Fewer
    fans who drop everything at each call, and do little else, look like a ring.

    Returns
    -------
    One row an account linked to others: `minute_share`, the share of the things it acted on in
    company of a linked account, and `minute_partners`, how many those are.

    References
    ----------
    Pacheco et al. (2021), "Uncovering coordinated networks on social media: methods and case
    studies", ICWSM 15. Amarasingham et al. (2012), "Conditional modeling and the jitter method of
    spike resampling", Journal of Neurophysiology 107, for the null.

    >>> ring = pd.DataFrame(
    ...     [
    ...         (f"bot {who}", f"post {day}", "announce", pd.Timestamp(2026, 6, day, 9, 0, 7 * who))
    ...         for day in range(1, 16)
    ...         for who in range(4)
    ...     ],
    ...     columns=["person_id", "object_id", "verb", "at"],
    ... )
    >>> acts_together(ibis.memtable(ring), as_of=date(2026, 7, 1))[
    ...     ["person_id", "minute_share", "minute_partners"]
    ... ].values.tolist()
    [['bot 0', 1.0, 3], ['bot 1', 1.0, 3], ['bot 2', 1.0, 3], ['bot 3', 1.0, 3]]
    """
    acts = with_pace(first_acts(as_of_window(events, as_of=as_of, days=lookback_days))).cache()
    n_people = acts["person_id"].nunique().to_pandas()
    pairs = count_together(candidates(acts), acts).to_pandas()
    linked = pairs[is_linked(pairs, n_pairs=n_people * (n_people - 1) / 2)]
    return company(linked[["one", "other"]], acts).sort_values("person_id", ignore_index=True)


def first_acts(seen: ir.Table) -> ir.Table:
    """Keep each account's first act of a kind on a thing, where more than one account acted.

    Accounts that shared too few things with anybody to be linked are left out.
    """
    acts = seen.filter(seen["object_id"].notnull()).group_by("person_id", "object_id", "verb")
    acts = acts.agg(at=seen["at"].min().epoch_seconds())
    counted = acts.mutate(
        n=acts.count().over(group_by=["object_id", "verb"]),
        things=acts.count().over(group_by="person_id"),
    )
    shared = counted.filter(counted["n"] > 1)
    busy = shared.mutate(n=shared.count().over(group_by="person_id"))
    return busy.filter(busy["n"] >= THINGS).drop("n")


def company(linked: pd.DataFrame, acts: ir.Table) -> pd.DataFrame:
    """Say for each linked account which share of its things it did in linked company."""
    if linked.empty:
        nobody = acts.select("person_id").limit(0).to_pandas()
        return nobody.assign(minute_share=0.0, minute_partners=0)
    met = meetings(ibis.memtable(linked), acts)
    met = met.filter(met["together"])
    sides = (("one", "other"), ("other", "one"))
    seen = ibis.union(*[met.select("thing", person_id=x, partner=y) for x, y in sides])
    own = acts.select("person_id", "things").distinct()
    table = seen.join(own, "person_id").group_by("person_id", "things")
    table = table.agg(n=seen["thing"].nunique(), minute_partners=seen["partner"].nunique())
    share = table["n"] / table["things"]
    return table.select("person_id", "minute_partners", minute_share=share).to_pandas()


def with_pace(acts: ir.Table) -> ir.Table:
    """Add how many act near each act, how many acts on its thing are close, how often one joins."""

    def within(seconds: int) -> ir.IntegerColumn:
        window = ibis.range_window(
            preceding=seconds, following=seconds, group_by=["object_id", "verb"], order_by="at"
        )
        return acts.count().over(window) - 1

    counted = acts.mutate(close=within(CLOSE), near=within(NEAR))
    things = counted.group_by("object_id", "verb").agg(
        close_pairs=counted["close"].sum() / 2, near_pairs=counted["near"].sum() / 2
    )
    joins = (counted["close"] > 0).cast("int64").sum().over(group_by="person_id")
    paced = counted.mutate(joins=joins).join(things, ["object_id", "verb"])
    return paced.mutate(thing=ibis._.object_id + " " + ibis._.verb).drop(
        "object_id", "verb", "close"
    )


def candidates(acts: ir.Table) -> ir.Table:
    """List pairs of accounts that are close on enough things, each act paired with the next few."""
    window = ibis.window(group_by="thing", order_by=["at", "person_id"])
    parts = []
    for step in range(1, NEIGHBOURS + 1):
        earlier = acts.mutate(
            before=acts["person_id"].lag(step).over(window),
            gap=acts["at"] - acts["at"].lag(step).over(window),
        )
        close = earlier.filter(earlier["gap"] <= CLOSE)
        parts.append(
            close.select(
                one=ibis.least(close["person_id"], close["before"]),
                other=ibis.greatest(close["person_id"], close["before"]),
            )
        )
    met = ibis.union(*parts)
    counted = met.group_by("one", "other").agg(n=met.count())
    return counted.filter(counted["n"] >= THINGS).drop("n")


def meetings(pairs: ir.Table, acts: ir.Table) -> ir.Table:
    """List on what the two of each pair came near each other, and whether they were together."""
    paced = ("thing", "close_pairs", "near_pairs", "near", "at")
    mine = acts.select(*paced, one="person_id", one_joins="joins")
    theirs = acts.select("thing", other="person_id", other_joins="joins", later="at")
    both = pairs.join(mine, "one").join(theirs, ["other", "thing"])
    gap = (both["at"] - both["later"]).abs()
    return both.mutate(gap=gap, together=gap <= CLOSE).filter(gap <= NEAR)


def count_together(pairs: ir.Table, acts: ir.Table) -> ir.Table:
    """Count for each pair its chances, how many it took, on how many days, and how many by pace."""
    met = meetings(pairs, acts)
    taken = met["together"].cast("int64")
    pace = (met["close_pairs"] - taken + PRIOR * STEADY) / (met["near_pairs"] - 1 + PRIOR)
    most = (met["near"] < PUBLIC).ifelse(MOST, 1.0)
    by_pace = ibis.least(ibis.greatest(pace, ibis.literal(STEADY)), most)
    return met.group_by("one", "other").agg(
        chances=met.count(),
        together=taken.sum(),
        days=met["together"].ifelse(met["at"] // DAY, ibis.null("int64")).nunique(),
        by_pace=by_pace.sum(),
        joins=(met["one_joins"] + met["other_joins"]).max(),
    )


def is_linked(pairs: pd.DataFrame, *, n_pairs: float) -> np.ndarray:
    """Say which pairs are together beyond chance, pairs that are no candidates counted as tried.

    The binomial tail at the mean chance is never below that of unequal chances with the same mean
    (Hoeffding 1956).
    """
    if pairs.empty:
        return np.zeros(0, dtype=bool)
    chance = pairs["by_pace"] / pairs["chances"]
    p = stats.binom.sf(pairs["together"] - 1, pairs["chances"], chance)
    lift = pairs["together"] / pairs["chances"] / chance
    turnout = pairs["together"] / (pairs["joins"] - pairs["together"])
    enough = (pairs["together"] >= THINGS) & (pairs["days"] >= DAYS) & (turnout >= TURNOUT)
    rank = stats.rankdata(p, method="max")
    largest = p[p * n_pairs / rank <= ALPHA].max(initial=-1)
    return ((p <= largest) & (lift >= LIFT) & enough).to_numpy()
