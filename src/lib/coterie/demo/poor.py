"""A source not worth building on: a forum's export that is stale, sparse, spoilt and joins nobody.

It stands beside the other exports only where a study asks for it, and draws numbers of its own, so
that the rest of the world is the same with and without it.
"""

import numpy as np
import pandas as pd

MEMBERS, ACTIVITY = "forum/members.csv", "forum/activity.csv"
STALE_DAYS = 70  # the export stopped so long before `as_of`


def poor_files(
    rng: np.random.Generator, people: pd.DataFrame, *, first: np.datetime64, until: np.datetime64
) -> dict[str, bytes]:
    """Export a forum that a third of the people use under names that lead nowhere."""
    who = people[~people["bot"] & ~people["canary"]].sample(frac=1 / 3, random_state=rng)
    n = len(who)
    mistyped = who["email"].str[0] + who["email"].str[2:]
    members = pd.DataFrame(
        {
            "nick": [f"guest{number * 7919 % 100_003}" for number in who["number"]],
            "mail": mistyped.where(rng.random(n) < 0.15, ""),
            "country": who["region"].where(rng.random(n) < 0.2, ""),
        }
    )
    days = max(1, (until - first) // np.timedelta64(1, "D") - STALE_DAYS)
    visits = members.sample(4 * n, replace=True, random_state=rng)[["nick"]]
    dumps = rng.choice(days, 6)  # whole weeks without a row between two dumps
    at = first + rng.choice(dumps, len(visits)).astype("timedelta64[D]")
    visits = visits.assign(
        seen=np.datetime_as_string(at + rng.integers(0, 86_400, len(visits))) + "Z",
        act="visit",
        thread=[f"t{number}" for number in rng.integers(0, 40, len(visits))],
    )
    visits["thread"] = visits["thread"].where(rng.random(len(visits)) < 0.4, "")
    spoilt = rng.random(len(visits)) < 0.2
    visits["seen"] = visits["seen"].mask(spoilt, "yesterday")
    frames = {MEMBERS: members, ACTIVITY: visits}
    return {
        name: frame.to_csv(index=False, lineterminator="\n").encode()
        for name, frame in frames.items()
    }
