"""Are people still where they were? Who changed segment between two runs, and whether many did."""

from typing import NamedTuple

import ibis.expr.types as ir
import pandas as pd
from scipy import stats

from coterie.statistics import share_interval


class Migration(NamedTuple):
    """How many people changed segment, and the p-value of so many at the tolerated share."""

    value: float
    low: float
    high: float
    pvalue: float


def migration(previous: pd.Series, now: pd.Series, *, limit: float = 0.2) -> Migration:
    """Estimate which share of people changed segment, and test whether it is over `limit`."""
    both = pd.DataFrame({"previous": previous, "now": now}).dropna()
    moved, people = int((both["previous"] != both["now"]).sum()), len(both)
    pvalue = (
        1.0 if people == 0 else stats.binomtest(moved, people, limit, alternative="greater").pvalue
    )
    return Migration(*share_interval(moved, people), pvalue)


def flows(previous: pd.Series, now: pd.Series) -> pd.DataFrame:
    """Book each segment's movements, newcomers included: before + entries − exits = after.

    >>> before = pd.Series({"ana": "S1", "bo": "S1"})
    >>> flows(before, pd.Series({"ana": "S1", "bo": "S2", "cy": "S2"}))
      segment  before  entries  exits  after
    0      S1       2        0      1      1
    1      S2       0        2      0      2
    """
    both, segments = (
        pd.DataFrame({"previous": previous, "now": now}),
        sorted(set(previous) | set(now)),
    )
    moved = both[both["previous"].fillna("") != both["now"].fillna("")]
    sides = {
        "before": both["previous"],
        "entries": moved["now"],
        "exits": moved["previous"],
        "after": both["now"],
    }
    counts = {
        name: side.value_counts().reindex(segments, fill_value=0).to_numpy()
        for name, side in sides.items()
    }
    return pd.DataFrame({"segment": segments} | counts)


class Movement(NamedTuple):
    """What changed between two runs; nothing known when there was no earlier one."""

    migration: Migration | None
    flows: pd.DataFrame  # segment, before, entries, exits, after

    @property
    def share(self) -> tuple[float, float, float] | None:
        """The share of people who changed segment with its 95 % interval, if there is one."""
        return self.migration and self.migration[:3]

    def exceeds(self, alpha: float) -> bool:
        """Tell whether more people moved than is tolerated, at this rate of false alarms."""
        return self.migration is not None and bool(self.migration.pvalue < alpha)


def compare_runs(previous: ir.Table | None, segments: ir.Table, *, limit: float = 0.2) -> Movement:
    """Hold the memberships of this run against those of the run before, person by person."""
    if previous is None:
        nobody = pd.Series(dtype=object)
        return Movement(None, flows(nobody, nobody))
    before, now = memberships(previous), memberships(segments)
    return Movement(migration(before, now, limit=limit), flows(before, now))


def memberships(segments: ir.Table) -> pd.Series:
    """Read the segment of each person."""
    return segments.to_pandas().set_index("person_id")["segment"]


def with_movement(
    alerts: pd.DataFrame, movement: Movement, *, period: pd.Timestamp, limit: float, alpha: float
) -> pd.DataFrame:
    """Add an alert when more people changed segment than is tolerated."""
    if not movement.exceeds(alpha):
        return alerts
    moved = movement.migration
    row = {"segment": "all", "kpi": "migration", "period": period}
    row |= {"value": moved.value, "expected": limit, "pvalue_adjusted": moved.pvalue}
    row["message"] = f"{moved.value:.1%} of people changed segment since the previous run"
    return pd.concat([alerts, pd.DataFrame([row])])
