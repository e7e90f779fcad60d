"""Whether sums can be what they are said to be: asked of any, needed for a warehouse's own."""

import numpy as np

from coterie.experiments.deciding.aggregates import ALL
from coterie.experiments.design.plan import Plan


def of_metrics(named: set[str], plan: Plan) -> list[tuple]:
    """Name outcomes that a file states and the plan has not; no row where there are none."""
    unknown = sorted(named - {metric.name for metric in plan.metrics})
    if not unknown:
        return []
    reason = f"the plan has no metric {', '.join(unknown)}: not compared"
    return [("metrics", ALL, len(unknown), np.nan, True, "A", reason)]


def shares_of(plan: Plan) -> list[str]:
    """Name the metrics that people do or do not: 0 or 1."""
    if plan.cluster:  # whose sums may be any number of people
        return []
    return [metric.name for metric in plan.metrics if metric.kind == "share"]


def of_sums(rows: np.ndarray, shares: np.ndarray) -> list[tuple]:
    """Name sums that cannot be, as a warehouse may send them; no row where all can.

    The columns are those of `COUNTS` and `SUMS`; `shares` marks the rows of shares.
    """
    (given, known, n), sums = rows[:, :3].T, rows[:, 3:]
    least = np.divide(sums[:, 0] ** 2, n, out=np.zeros_like(n), where=n > 0) * (1 - 1e-9)
    faults = {
        "counts below 0": (given < 0) | (known < 0) | (n < 0),
        "more outcomes than people": known > given,
        "sums that are no number": ~np.isfinite(sums).all(axis=1),
        "squares too small for their sum": sums[:, 1] < least,
        "shares of people outside 0 and 1": shares & ((sums[:, 0] < 0) | (sums[:, 0] > n)),
    }
    wrong = {name: int(rows.sum()) for name, rows in faults.items() if rows.any()}
    if not wrong:
        return []
    said = ", ".join(f"{name} in {rows:,} rows" for name, rows in wrong.items())
    return [("sums", ALL, sum(wrong.values()), np.nan, False, "C", f"sums that cannot be: {said}")]
