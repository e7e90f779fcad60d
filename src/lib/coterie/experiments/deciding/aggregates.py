"""Sums by arm and segment, computed in the engine: all that an analysis needs to know."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.experiments.deciding.quantiles import resampled_by
from coterie.experiments.design.plan import Metric, Plan
from coterie.statistics import ten_digits

AS_ASSIGNED = "as assigned"
# analyses that leave people out, and so are no longer randomised, by the column that marks them
LEFT_OUT = {"mixed": "without mixed", "multi_exposed": "without multi-exposed"}
ALL = "all"
SUMS = ("sum_y", "sum_yy", "sum_d", "sum_dd", "sum_yd", "sum_x", "sum_xx", "sum_xy")
# what need not be added up where each person is divided by 1, and did something or did not
SAME = {"n_people": "n", "sum_yy": "sum_y", "sum_d": "n", "sum_dd": "n", "sum_yd": "sum_y"}
COUNTS = ("n_assigned", "n_people", "n")
KEY = ["experiment", "metric", "analysis", "segment", "arm"]
COLUMNS = [*KEY, *COUNTS, *SUMS]
MELTED = ["metric", "segment", "arm", *LEFT_OUT, *COUNTS, *SUMS]


def aggregate(
    units: ir.Table, plan: Plan, *, groupings: Sequence[str] = ("segment",)
) -> pd.DataFrame:
    """Add up everything by arm, and by arm and segment, in one scan for each grouping.

    `units` is as `from_events` gives. Whose outcome is missing is counted as assigned and is in no
    sum. With clusters, a row of the sums is a cluster and not a person.

    Returns
    -------
    DataFrame
        One row a metric, analysis, segment and arm: people assigned, people whose outcome is known,
        units, and sums, squares and cross-products. A segment of a file's stratum is called
        `stratum: value`. Quantiles, which no sum knows, are resampled besides: `draws`.
    """
    scans = {grouping: sums_by(units, plan, grouping) for grouping in groupings}
    # a cluster may lie in several segments: for everyone it is added up anew
    shared = scans and not plan.cluster
    whole = scans[groupings[0]] if shared else sums_by(units, plan, None)
    parts = every_analysis(whole, plan, segment=ALL)
    for grouping, sums in scans.items():
        known = sums[sums[grouping].notna()]
        parts += every_analysis(known, plan, segment=named_segment(known[grouping], grouping))
    found = pd.concat(parts, ignore_index=True).assign(experiment=plan.id)[COLUMNS]
    draws = draws_of(units, plan, groupings)
    return found.merge(draws, how="left") if len(draws) else found


def sums_by(units: ir.Table, plan: Plan, grouping: str | None) -> pd.DataFrame:
    """Add up all metrics by arm, by what people may be left out for, and segment."""
    keys = ["arm", *LEFT_OUT, *([grouping] if grouping else [])]
    if plan.cluster:  # which is not taken apart
        units = units.mutate(**{name: ibis.literal(False) for name in LEFT_OUT})
        units = by_cluster(units, plan, keys)
    sums = {"n_assigned": units["people"].sum() if plan.cluster else units.count()}
    for place, metric in enumerate(plan.metrics):
        known = units[f"y{place}"].notnull()
        sums[f"n{place}"] = known.sum()
        if plan.cluster:
            sums[f"n_people{place}"] = units[f"k{place}"].sum()
        products = products_of(units, metric, place, clustered=bool(plan.cluster))
        sums |= {f"{name}{place}": part.sum(where=known) for name, part in products.items()}
    found = units.group_by(keys).agg(**sums).to_pandas()
    added = [name for name in sums if name.startswith("sum_")]
    return found.assign(**{name: ten_digits(found[name].to_numpy()) for name in added})


def products_of(
    units: ir.Table, metric: Metric, place: int, *, clustered: bool
) -> dict[str, ir.NumericValue]:
    """List what must be added up of one metric; the sums left out are those that `SAME` knows."""
    y, d, x = (units[f"{name}{place}"] for name in "ydx")
    found = {"sum_y": y}
    if clustered or metric.kind != "share" or not metric.verb:  # an act was done or not: 0 or 1
        found |= {"sum_yy": y * y}
    if clustered or metric.kind == "ratio":
        found |= {"sum_d": d, "sum_dd": d * d, "sum_yd": y * d}
    if metric.covariate_days:
        found |= {"sum_x": x, "sum_xx": x * x, "sum_xy": x * y}
    return found


def by_cluster(units: ir.Table, plan: Plan, keys: list[str]) -> ir.Table:
    """Add up the people of each cluster; who has none is a cluster alone."""
    whose = ibis.coalesce(units["cluster"], units["person_id"])
    sums = {"people": units.count()}
    for place, _ in enumerate(plan.metrics):
        known = units[f"y{place}"].notnull()
        sums[f"k{place}"] = known.sum()
        for name in "ydx":
            sums[f"{name}{place}"] = units[f"{name}{place}"].sum(where=known)
    return units.group_by(*keys, whose=whose).agg(**sums).drop("whose")


def every_analysis(
    sums: pd.DataFrame, plan: Plan, *, segment: pd.Series | str
) -> list[pd.DataFrame]:
    """Add up everyone as assigned, and, where there are such people, all but the marked."""
    rows = melted(sums.assign(segment=segment), plan)
    found = [rows.assign(analysis=AS_ASSIGNED)]
    for mark, analysis in LEFT_OUT.items():
        if sums[mark].any():
            found.append(rows[~rows[mark]].assign(analysis=analysis))
    keys = [name for name in KEY if name != "experiment"]
    return [part.groupby(keys, as_index=False)[[*COUNTS, *SUMS]].sum() for part in found]


def melted(sums: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Write the sums of each metric below each other."""
    parts = []
    for place, metric in enumerate(plan.metrics):
        names = {f"{name}{place}": name for name in ("n", "n_people", *SUMS)}
        names = {name: plain for name, plain in names.items() if name in sums}
        part = sums[["arm", *LEFT_OUT, "segment", "n_assigned", *names]].rename(columns=names)
        same = {name: part[other] for name, other in SAME.items() if name not in part}
        parts.append(part.assign(**same, metric=metric.name))
    return pd.concat(parts).reindex(columns=MELTED).fillna(dict.fromkeys(SUMS, 0.0))


def draws_of(units: ir.Table, plan: Plan, groupings: Sequence[str]) -> pd.DataFrame:
    """Resample the quantiles that a plan asks for, in every arm, segment and analysis."""
    asked = [(place, m) for place, m in enumerate(plan.metrics) if m.kind == "quantile"]
    parts = [
        resampled_by(
            rows[~rows[mark]] if mark else rows, ["segment", "arm"], metric.quantile
        ).assign(metric=metric.name, analysis=analysis)
        for place, metric in asked
        for rows in (values_of(units, place, grouping) for grouping in (None, *groupings))
        for mark, analysis in {"": AS_ASSIGNED, **LEFT_OUT}.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def values_of(units: ir.Table, place: int, grouping: str | None) -> pd.DataFrame:
    """List the known outcomes of the metric at one place, a row an arm and segment."""
    keys = ["arm", *LEFT_OUT, *([grouping] if grouping else [])]
    y = units[f"y{place}"]
    rows = units.group_by(keys).agg(values=y.collect(where=y.notnull())).to_pandas()
    rows = rows[rows["values"].notna()]  # nobody's outcome is known yet
    if grouping is None:
        return rows.assign(segment=ALL)
    known = rows[rows[grouping].notna()]
    return known.assign(segment=named_segment(known[grouping], grouping))


def named_segment(values: pd.Series, grouping: str) -> pd.Series:
    """Name the segments of a grouping: 05's by their ids, a file's strata with the stratum."""
    return ("" if grouping == "segment" else f"{grouping}: ") + values.astype(str)
