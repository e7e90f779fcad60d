"""Accounts that act on the same things at the same moments, far beyond chance."""

import ibis.expr.types as ir
import pandas as pd

from coterie.features.bots.meetings import (
    Pace,
    beyond_chance,
    candidates,
    company,
    count_pairs,
    count_together,
    with_pace,
)

MINUTE = Pace(close=60, near=3600, most=0.1, public=100)
TURNOUT = 0.6  # Jaccard similarity of what two accounts did in company; fans miss many a goal


def acts_together(seen: ir.Table) -> pd.DataFrame:
    """Find accounts that act on the same things in the same minute, far beyond chance.

    Takes `first_acts`. Two accounts that come near each other
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

    >>> import ibis
    >>> from coterie.features.bots.meetings import first_acts
    >>> ring = pd.DataFrame(
    ...     [
    ...         (f"bot {who}", f"post {day}", "announce", pd.Timestamp(2026, 6, day, 9, 0, 7 * who))
    ...         for day in range(1, 16)
    ...         for who in range(4)
    ...     ],
    ...     columns=["person_id", "object_id", "verb", "at"],
    ... )
    >>> acts_together(first_acts(ibis.memtable(ring))).values.tolist()
    [['bot 0', 3, 1.0], ['bot 1', 3, 1.0], ['bot 2', 3, 1.0], ['bot 3', 3, 1.0]]
    """
    acts = with_pace(seen, MINUTE).cache()
    pairs = count_together(candidates(acts, MINUTE), acts, MINUTE).to_pandas()
    turnout = pairs["together"] / (pairs["joins"] - pairs["together"])
    linked = pairs[beyond_chance(pairs, n_pairs=count_pairs(seen)) & (turnout >= TURNOUT)]
    found = company(linked[["one", "other"]], acts, MINUTE)
    return found.rename(columns={"share": "minute_share", "partners": "minute_partners"})
