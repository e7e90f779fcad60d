"""Accounts that meet within the hour on things whose audiences have nothing else in common."""

import ibis
import ibis.expr.types as ir
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coterie.features.bots.meetings import (
    Pace,
    beyond_chance,
    candidates,
    company,
    count_pairs,
    count_together,
    meetings,
    with_pace,
)
from coterie.windows import DAY

HOUR = Pace(close=3600, near=DAY, most=0.15, public=float("inf"))
AGE = DAY  # seconds after its first act from which a thing is no news that brings people together
VISITS = 2  # visits of outsiders a thing, so that its audience is known
UNRELATED = 3  # times as often as by chance outsiders of one thing may come to another
TOGETHER = 3  # times as often as outsiders members of a ring come to another


def meet_among_strangers(seen: ir.Table) -> pd.DataFrame:
    """Find accounts that come in the same hour to things whose audiences are unrelated.

    Slower than `acts_together`, as farms and paid promotion are: a customer's post is liked by many
    of their accounts within an hour, again and again. Fans come together too, so three things must
    hold. The thing is a day old, no news that brings people at once. Pairs are together within the
    hour, of those times that they come within a day, beyond chance as in `meetings`. And outsiders,
    who came at another time, come to the ring's other things hardly more often (three times) than
    their activity and the things' popularity give, while its members do at least three times as
    often as they: an audience shared by a taste, a page or a team would bring outsiders along.

    Takes `first_acts`. Invisible: promotion of posts on their first day; rings that spread an order
    over more than an hour; customers with one audience, like the posts of a single brand; things
    that hardly anybody else acts on. A class or a team that is led through the same old pages
    looks like a ring.

    Returns
    -------
    One row an account of a ring: `hour_share`, the share of the things it acted on in company of a
    linked account, and `hour_partners`, how many those are.

    References
    ----------
    De Cristofaro et al. (2014), "Paying for likes? Understanding Facebook like fraud using
    honeypots", IMC. Beutel et al. (2013), "CopyCatch: stopping group attacks by spotting lockstep
    behavior in social networks", WWW.
    """
    dated = seen.mutate(born=seen["at"].min().over(group_by="thing"))
    late = dated.filter(dated["at"] - dated["born"] >= AGE).drop("born")
    acts = with_pace(late, HOUR).cache()
    pairs = count_together(candidates(acts, HOUR), acts, HOUR).to_pandas()
    linked = pairs.loc[beyond_chance(pairs, n_pairs=count_pairs(seen)), ["one", "other"]]
    rings = connected(linked)
    if not rings.empty:
        met = audiences(rings, meetings(ibis.memtable(linked), acts, HOUR), seen).to_pandas()
        far = met.loc[unrelated(met, n_acts=seen.count().to_pandas()), "ring"]
        linked = linked[linked["one"].isin(rings.loc[rings["ring"].isin(far), "person_id"])]
    found = company(linked, acts, HOUR)
    return found.rename(columns={"share": "hour_share", "partners": "hour_partners"})


def connected(linked: pd.DataFrame) -> pd.DataFrame:
    """Say of which ring each linked account is: those whom links join, directly or not.

    >>> linked = pd.DataFrame({"one": ["a", "b", "x"], "other": ["b", "c", "y"]})
    >>> connected(linked).values.tolist()
    [['a', 0], ['b', 0], ['c', 0], ['x', 1], ['y', 1]]
    """
    people = pd.Index(pd.unique(linked.to_numpy().ravel())).sort_values()
    ends = (people.get_indexer(linked["one"]), people.get_indexer(linked["other"]))
    graph = coo_array(([1] * len(linked), ends), shape=(len(people), len(people)))
    return pd.DataFrame({"person_id": people, "ring": connected_components(graph)[1]})


def audiences(rings: pd.DataFrame, met: ir.Table, seen: ir.Table) -> ir.Table:
    """Count how often each ring's members, and outsiders, come to several of the ring's things.

    `again` counts the pairs of the ring's things that one outsider came to, both ways; `expected`
    what their other acts would give if every act could fall on any thing.
    """
    owners = ibis.memtable(rings)
    met = met.filter(met["together"]).join(owners, met["one"] == owners["person_id"])
    things = met.group_by("ring", "thing").agg(start=met["at"].min(), end=met["at"].max())
    visits = things.join(seen.select("thing", "person_id", "things", "at"), "thing")
    visits = visits.left_join(owners.select("person_id", own="ring"), "person_id")
    member = (visits["own"] == visits["ring"]).fill_null(False)
    away = (visits["at"] < visits["start"] - HOUR.close) | (
        visits["at"] > visits["end"] + HOUR.close
    )
    told = visits.mutate(member=member.cast("int64")).filter(away | member)
    each = told.group_by("ring", "person_id", "member")
    each = each.agg(n=ibis._.count(), others=ibis._.things.max() - 1)
    inside, outside = each["n"] * each["member"], each["n"] * (1 - each["member"])
    sums = each.group_by("ring").agg(
        visits=outside.sum(),
        again=(outside * (each["n"] - 1)).sum(),
        expected=(outside * each["others"]).sum(),
        own_visits=inside.sum(),
        own_again=(inside * (each["n"] - 1)).sum(),
    )
    return sums.join(things.group_by("ring").agg(things=things.count()), "ring")


def unrelated(met: pd.DataFrame, *, n_acts: int) -> pd.Series:
    """Say which rings meet on things that their audiences do not share.

    `again` over visits and other things is the chance that an outsider of one comes to another.

    >>> met = pd.DataFrame(
    ...     {
    ...         "things": 11,
    ...         "visits": 100,
    ...         "again": [20, 400],
    ...         "expected": 1000,
    ...         "own_visits": 50,
    ...         "own_again": 400,
    ...     }
    ... )
    >>> unrelated(met, n_acts=9000).tolist()
    [True, False]
    """
    another = (met["things"] - 1).clip(lower=1)
    again = met["again"] / met["visits"].clip(lower=1) / another
    chance = met["expected"] / met["things"] / n_acts
    own = met["own_again"] / met["own_visits"].clip(lower=1) / another
    known = met["visits"] >= VISITS * met["things"]
    return known & (again <= UNRELATED * chance) & (own >= TOGETHER * again)
