"""Whether content written for a segment beats generic content there more than elsewhere."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from coterie.experiments.deciding.aggregates import ALL, AS_ASSIGNED, COUNTS, KEY, SUMS
from coterie.experiments.deciding.effects import estimate
from coterie.experiments.design.plan import Plan

ELSE = "everyone else"
COLUMNS = [
    *("segment", "arm", "where", "generic_mean", "specific_mean", "effect", "low", "high"),
    *("stderr", "pvalue"),
]
DIFFERENCE = "difference"


def two_by_two(sums: pd.DataFrame, plan: Plan, *, min_people: int = 50) -> pd.DataFrame:
    """Compare content written for a segment with generic content, in the segment and elsewhere.

    Each arm that the plan has written for a segment (`content_for`) gives three rows: specific
    minus generic among the segment's people, among everyone else, and the difference of the two,
    the interaction. Only the last says that the content suits the *segment*: content that is better
    for everybody wins in the first two alike.

    Parameters
    ----------
    sums
        As `aggregate` gives, of one experiment. With clusters, which may lie in several segments,
        nobody else's sums can be told, and there are no rows.

    References
    ----------
    Gelman and Stern (2006), "The difference between significant and not significant is not itself
    statistically significant", The American Statistician 60.
    """
    rows = sums[(sums["metric"] == plan.primary.name) & (sums["analysis"] == AS_ASSIGNED)]
    asked = {} if plan.cluster else plan.content_for or {}
    parts = [of_arm(rows, plan, arm, segment, min_people) for arm, segment in asked.items()]
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=COLUMNS)


def of_arm(rows: pd.DataFrame, plan: Plan, arm: str, segment: str, min_people: int) -> pd.DataFrame:
    """Compare one arm with the generic one in its segment and elsewhere."""
    two = plan._replace(control=plan.generic, arms={plan.generic: 1.0, arm: 1.0}, exclusions=())
    inside = rows[rows["segment"] == segment]
    everyone = rows[rows["segment"] == ALL]
    both = pd.concat([inside, rest_of(everyone, inside)])
    found = estimate(both, two, min_people=min_people).set_index("segment")
    if not {segment, ELSE} <= set(found.index):
        return pd.DataFrame(columns=COLUMNS)
    found = found.loc[[segment, ELSE]].reset_index(names="where")
    found = found.rename(columns={"control_mean": "generic_mean", "arm_mean": "specific_mean"})
    whole = pd.concat([found, pd.DataFrame([interaction(found, alpha=plan.alpha)])])
    return whole.assign(arm=arm, segment=segment)[COLUMNS].reset_index(drop=True)


def rest_of(everyone: pd.DataFrame, inside: pd.DataFrame) -> pd.DataFrame:
    """Subtract a segment's sums from everyone's."""
    counted = [*COUNTS, *SUMS]
    left = everyone.set_index("arm")[counted].sub(inside.set_index("arm")[counted], fill_value=0)
    named = everyone.set_index("arm")[[name for name in KEY if name not in ("arm", "segment")]]
    return left.join(named, how="inner").assign(segment=ELSE).reset_index()


def interaction(found: pd.DataFrame, *, alpha: float) -> Mapping[str, object]:
    """Subtract what the content changes elsewhere from what it changes in the segment.

    >>> two = pd.DataFrame({"effect": [0.05, 0.01], "stderr": [0.012, 0.016]})
    >>> row = interaction(two, alpha=0.05)
    >>> [round(row[name], 3) for name in ("effect", "low", "high", "pvalue")]
    [0.04, 0.001, 0.079, 0.046]
    """
    effect = float(found["effect"].iloc[0] - found["effect"].iloc[1])
    stderr = float(np.hypot(*found["stderr"]))
    half = float(stats.norm.isf(alpha / 2)) * stderr
    pvalue = float(2 * stats.norm.sf(abs(effect) / stderr)) if stderr > 0 else np.nan
    ends = {"low": effect - half, "high": effect + half}
    return {"where": DIFFERENCE, "effect": effect, "stderr": stderr, "pvalue": pvalue} | ends
