"""What each person in an experiment did, before the assignment and after it."""

from datetime import date

import ibis
import ibis.expr.types as ir

from coterie.experiments.design.plan import Metric, Plan
from coterie.windows import as_of_window, moment


def from_events(assigned: ir.Table, events: ir.Table, plan: Plan, *, as_of: date) -> ir.Table:
    """Count every metric of a plan for everyone assigned, seen or not.

    Who has not had a metric's whole horizon before `as_of` has no outcome yet: it is missing, not
    zero.

    Returns
    -------
    Table
        `assigned`, and for the metric at place i `y<i>` (the outcome), `d<i>` (what it is divided
        by, 1 unless a ratio) and `x<i>` (the same act before the assignment).
    """
    verbs = {verb for metric in plan.metrics for verb in (metric.verb, metric.denominator) if verb}
    acts = as_of_window(events, as_of=as_of).filter(ibis._.verb.isin(sorted(verbs)))
    acts = acts.select("person_id", "verb", "value", done="at")
    both = within_reach(acts.inner_join(assigned.select("person_id", "at"), "person_id"), plan)
    sums = {
        name: expression
        for place, metric in enumerate(plan.metrics)
        for name, expression in sums_of(both, metric, place).items()
    }
    counted = both.group_by("person_id").agg(**sums)
    joined = assigned.left_join(counted, "person_id").drop("person_id_right")
    columns = {
        name: column
        for place, metric in enumerate(plan.metrics)
        for name, column in columns_of(joined, metric, place, as_of).items()
    }
    return cut(joined.select(*assigned.columns, **columns), plan)


def within_reach(both: ir.Table, plan: Plan) -> ir.Table:
    """Keep the acts that any metric looks at, before or after the assignment."""
    before = ibis.interval(days=max(metric.covariate_days for metric in plan.metrics))
    after = ibis.interval(days=max(metric.horizon_days for metric in plan.metrics))
    return both.filter(both["done"] >= both["at"] - before, both["done"] < both["at"] + after)


def sums_of(both: ir.Table, metric: Metric, place: int) -> dict[str, ir.Value]:
    """Add up one metric's acts after the assignment, and before it."""
    after = (both["done"] >= both["at"]) & (
        both["done"] < both["at"] + ibis.interval(days=metric.horizon_days)
    )
    did = both["verb"] == metric.verb
    before = (both["done"] < both["at"]) & (
        both["done"] >= both["at"] - ibis.interval(days=metric.covariate_days)
    )
    found = {f"sy{place}": amount(both, metric, did & after)}
    if metric.kind == "ratio":
        found[f"sd{place}"] = (after & (both["verb"] == metric.denominator)).sum()
    if metric.covariate_days:
        found[f"sx{place}"] = amount(both, metric, did & before)
    return found


def amount(both: ir.Table, metric: Metric, where: ir.BooleanValue) -> ir.NumericValue:
    """Count acts, or add up their money."""
    if metric.kind in ("mean", "quantile"):
        return both["value"].sum(where=where)
    return where.sum()


def columns_of(joined: ir.Table, metric: Metric, place: int, as_of: date) -> dict[str, ir.Value]:
    """Write one metric's outcome, denominator and covariate of each person."""
    over = joined["at"] + ibis.interval(days=metric.horizon_days) <= moment(as_of)
    y = joined[f"sy{place}"].fill_null(0).cast("float64")
    if metric.kind == "share":
        y = (y > 0).cast("float64")
    d = ibis.literal(1.0)
    if metric.kind == "ratio":
        d = joined[f"sd{place}"].fill_null(0).cast("float64")
    x = ibis.null("float64")
    if metric.covariate_days:
        x = joined[f"sx{place}"].fill_null(0).cast("float64")
    unknown = ibis.null("float64")
    return {f"y{place}": over.ifelse(y, unknown), f"d{place}": d, f"x{place}": x}


def from_measures(assigned: ir.Table, measured: ir.Table, plan: Plan) -> ir.Table:
    """Take every metric of a plan as a file of the experiment states it, one row a measure.

    `measured` has `person_id`, `measure` and `value`. Whoever lacks a measure has no outcome; a
    ratio's denominator is a measure too.
    """
    sums = {}
    for place, metric in enumerate(plan.metrics):
        sums[f"sy{place}"] = stated(measured, metric.verb or metric.name)
        if metric.kind == "ratio":
            sums[f"sd{place}"] = stated(measured, metric.denominator)
    wide = measured.group_by("person_id").agg(**sums)
    joined = assigned.left_join(wide, "person_id").drop("person_id_right")
    columns = {
        name: column
        for place, metric in enumerate(plan.metrics)
        for name, column in measure_columns(joined, metric, place).items()
    }
    return cut(joined.select(*assigned.columns, **columns), plan)


def stated(measured: ir.Table, name: str) -> ir.NumericScalar:
    """Take the one value that a file states of a measure."""
    value = measured["value"].cast("float64").nullif(float("nan"))
    return value.max(where=measured["measure"] == name)


def measure_columns(joined: ir.Table, metric: Metric, place: int) -> dict[str, ir.Value]:
    """Write one metric's outcome and denominator of each person; a share did it or did not."""
    y, d = joined[f"sy{place}"], ibis.literal(1.0)
    if metric.kind == "share":
        y = (y > 0).cast("float64")
    if metric.kind == "ratio":
        d = joined[f"sd{place}"]
        y = d.notnull().ifelse(y, ibis.null("float64"))
    return {f"y{place}": y, f"d{place}": d, f"x{place}": ibis.null("float64")}


def cut(units: ir.Table, plan: Plan) -> ir.Table:
    """Cut a mean's largest values at its quantile over all arms, where the plan asks for it."""
    for place, metric in enumerate(plan.metrics):
        if metric.winsorise < 1:
            name = f"y{place}"
            edge = units[name].quantile(metric.winsorise).name("edge")
            units = units.cross_join(units.aggregate(edge))
            units = units.mutate(**{name: ibis.least(units[name], units["edge"])}).drop("edge")
    return units
