"""The planned looks at an experiment: each is taken once, stored, and never taken back."""

from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from coterie.experiments.deciding.aggregates import ALL, AS_ASSIGNED
from coterie.experiments.design.plan import Plan, plan_hash
from coterie.experiments.design.sequential import boundaries, nominal, spent_alpha

ACT, NOT = "act", "do not act"
COLUMNS = [
    *("experiment", "plan_hash", "arm", "look", "looked_at", "n_people", "spent", "boundary"),
    *("effect", "low", "high", "pvalue", "decision"),
]
LOOK = ["experiment", "plan_hash", "arm", "look"]  # what names one
NO_LOOKS = pd.DataFrame(columns=COLUMNS)


def earlier_looks(table: ir.Table | None) -> pd.DataFrame:
    """Read the looks of earlier runs; none where no run before took any."""
    return NO_LOOKS if table is None else table.to_pandas()[COLUMNS]


class Seen(NamedTuple):
    """How much of one experiment has been seen."""

    n_people: int  # whose outcome is known
    share: float  # of the people planned
    complete: bool  # whether everyone's horizon is over


def take_looks(
    effects: pd.DataFrame,
    plan: Plan,
    seen: Seen,
    *,
    earlier: pd.DataFrame = NO_LOOKS,
    as_of: date | None = None,
) -> pd.DataFrame:
    """Take the next planned look at every arm, if as many people have been seen as it waits for.

    Look j of K is due once j/K of the planned people have been seen, the last at the end at the
    latest. What the first j looks may spend follows from how many people there were at each
    (Lan-DeMets), so a look that is late, or left out, costs nothing. An arm that a look decided is
    looked at no more, and a look that was taken is not taken again.

    Parameters
    ----------
    effects
        As `estimate` gives, of one experiment.
    earlier
        The looks of earlier runs by the same plan, as this returns them.

    Returns
    -------
    DataFrame
        One row an arm that is looked at now. `low` and `high` are the ends of an interval that
        holds at all looks; `pvalue` is set so that it is below an arm's alpha where the boundary is
        crossed.
    """
    number = due(plan, seen)
    rows = effects[(effects["metric"] == plan.primary.name) & (effects["segment"] == ALL)]
    rows = rows[(rows["analysis"] == AS_ASSIGNED) & rows["pvalue"].notna()]
    past = {row.arm: earlier[earlier["arm"] == row.arm] for row in rows.itertuples(index=False)}
    found = [
        look_at(row, plan, seen, number, past[row.arm])
        for row in rows.itertuples(index=False)
        if is_open(past[row.arm], number)
    ]
    named = {"experiment": plan.id, "plan_hash": plan_hash(plan), "looked_at": pd.Timestamp(as_of)}
    return pd.DataFrame(found).assign(**named)[COLUMNS] if found else NO_LOOKS


def due(plan: Plan, seen: Seen) -> int:
    """Number the look that is due; 0 before the first."""
    if seen.complete:
        return plan.looks
    return min(plan.looks, int(seen.share * plan.looks + 1e-9))


def is_open(past: pd.DataFrame, number: int) -> bool:
    """Say whether an arm waits for this look: later than all others, none of which decided."""
    return number > max(past["look"], default=0) and not (past["decision"] != "").any()


def look_at(row: NamedTuple, plan: Plan, seen: Seen, number: int, past: pd.DataFrame) -> dict:
    """Hold one arm's effect against the boundary of its look."""
    alpha = plan.alpha / len(plan.treatments)
    last = number == plan.looks
    spent = spent_alpha(1.0 if last else seen.share, alpha=alpha, spending=plan.spending)
    people = (*past["n_people"].astype(float), float(seen.n_people))
    bound = boundaries(people, (*past["spent"].astype(float), spent))[-1]
    low, high = row.effect - bound * row.stderr, row.effect + bound * row.stderr
    crossed = nominal(bound)
    pvalue = min(1.0, row.pvalue * alpha / crossed) if crossed > 0 else 1.0
    rises = pvalue < alpha and row.effect > 0
    acts = rises and (plan.act_when == "low > 0" or row.effect >= plan.minimum_lift)
    word = ACT if acts else NOT if high < plan.minimum_lift else ""
    return {
        "arm": row.arm,
        "look": number,
        "n_people": seen.n_people,
        "spent": spent,
        "boundary": bound if np.isfinite(bound) else np.nan,
        "effect": row.effect,
        "low": low if np.isfinite(bound) else np.nan,
        "high": high if np.isfinite(bound) else np.nan,
        "pvalue": pvalue,
        "decision": word,
    }
