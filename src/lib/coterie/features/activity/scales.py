"""One scale for all platforms: compared with the others on the same platform, format and week."""

from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from coterie.features.activity.exact import billionths
from coterie.features.learning.effort import weighed
from coterie.features.learning.sample import some_people
from coterie.windows import as_of_window


class Scale(NamedTuple):
    """How well the platform can be guessed from what people did there: 0.5 not at all, 1 always."""

    raw: float  # from counts of events and weeks
    relative: float  # from relative_engagement

    @property
    def known(self) -> float | None:
        """The latter, or none where there is one platform and nothing to guess."""
        return None if np.isnan(self.relative) else self.relative


def check_scale(
    events: ir.Table, *, as_of: date, lookback_days: int, weights: pd.DataFrame, seed: int = 0
) -> Scale:
    """Ask whether people's numbers give away the platform they are from, before and after ranking.

    Of more than 5,000 people the first by pseudonym, a random choice, are looked at.
    """
    seen = weighed(as_of_window(events, as_of=as_of, days=lookback_days), weights)
    seen = seen.join(some_people(seen, at_most=5000), "person_id").cache()
    raw = seen.group_by("person_id", "platform").agg(
        n=seen.count(), weeks=seen["at"].truncate("W").nunique()
    )
    both = raw.join(relative_engagement(seen), ["person_id", "platform"])
    table = both.order_by("person_id", "platform").to_pandas()
    guesses = (
        platform_auc(table[c], table["platform"], seed=seed)
        for c in (["n", "weeks"], ["relative_engagement"])
    )
    return Scale(*guesses)


def relative_engagement(events: ir.Table) -> ir.Table:
    """Rank everybody among the others on the same platform: one row a person and platform.

    0.5 is the middle, near 1 is more active than nearly everybody there. First people are ranked
    within the same platform, format and week by their events' weight, then by the sum of these
    places within the platform; of two that are equal, the one who was there last is ahead. So a
    platform that logs ten times as much makes nobody look busier, a format that always draws more
    does not either, and the number no longer tells which platform it is from.

    `events` has `person_id`, `platform`, `content_type`, `at` and `weight`. Gives `n_done` and
    `relative_engagement`.

    >>> import pandas as pd
    >>> days = pd.to_datetime(["2026-06-01", "2026-06-09", "2026-06-02", "2026-06-01"])
    >>> events = ibis.memtable(
    ...     {
    ...         "person_id": ["ana", "ana", "bo", "bo"],
    ...         "platform": ["x", "x", "x", "web"],
    ...         "content_type": "text",
    ...         "at": days,
    ...         "weight": 1.0,
    ...     }
    ... )
    >>> relative_engagement(events).order_by("person_id", "platform").to_pandas().values.tolist()
    [['ana', 'x', 2, 0.75], ['bo', 'web', 1, 0.5], ['bo', 'x', 1, 0.25]]
    """
    cell = ["platform", "content_type", "week"]
    weeks = events.mutate(
        week=events["at"].truncate("W"), content_type=events["content_type"].fill_null("")
    )
    sums = {
        "weighed": billionths(weeks["weight"]).sum(),
        "last_at": weeks["at"].max(),
        "n_done": weeks.count(),
    }
    weighed = weeks.group_by("person_id", *cell).agg(**sums)
    ranked = weighed.join(
        places(weighed.group_by(*cell, "weighed").agg(tied=ibis._.count()), cell),
        [*cell, "weighed"],
    )
    sums = {
        "place": ranked["place"].sum(),
        "last_at": ranked["last_at"].max(),
        "n_done": ranked["n_done"].sum(),
    }
    there = ranked.group_by("person_id", "platform").agg(**sums)
    order = ibis.window(group_by="platform", order_by=["place", "last_at", "person_id"])
    everyone = there.count().over(ibis.window(group_by="platform"))
    final = there.mutate(rank=ibis.row_number().over(order), everyone=everyone)
    place = (final["rank"] + 0.5) / final["everyone"]
    return final.select("person_id", "platform", "n_done", relative_engagement=place)


def places(tied: ir.Table, cell: list[str]) -> ir.Table:
    """Turn how many people share each sum in a cell into the middle of their ranks, in billionths.

    Ranking the few distinct sums and not the many people keeps the sort small.
    """
    up_to = tied["tied"].sum().over(ibis.cumulative_window(group_by=cell, order_by="weighed"))
    both = tied.mutate(up_to=up_to, everyone=tied["tied"].sum().over(ibis.window(group_by=cell)))
    middle = (both["up_to"] - both["tied"] / 2) / both["everyone"]
    return both.select(*cell, "weighed", place=billionths(middle))


def platform_auc(numbers: pd.DataFrame, platform: pd.Series, *, seed: int = 0) -> float:
    """Tell how well the platform can be guessed from numbers: 0.5 not at all, 1 always.

    `numbers` has one row a person and platform. Guessed by a tree grown on the others' rows; the
    mean over platforms of the area under the curve of each against the rest.
    """
    codes = np.unique(platform, return_inverse=True)[1]
    common = np.flatnonzero(np.bincount(codes) >= 20)
    kept = np.isin(codes, common)
    if len(common) < 2:
        return float("nan")
    model = DecisionTreeClassifier(min_samples_leaf=30, random_state=seed)
    chances = cross_val_predict(model, numbers[kept], codes[kept], cv=3, method="predict_proba")
    return float(
        np.mean(
            [roc_auc_score(codes[kept] == code, chances[:, i]) for i, code in enumerate(common)]
        )
    )
