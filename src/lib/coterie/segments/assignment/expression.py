"""The assignment model as an expression: the same shares, computed where the people are."""

from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir
import numpy as np

from coterie.segments.assignment.model import AssignmentModel
from coterie.segments.preparation.space import LIMIT


def soft_assign(features: ir.Table, *, model: AssignmentModel) -> ir.Table:
    """Give membership shares in the engine, so that a million people stay where they are.

    It is the model of `log_odds`, written as an expression.

    Parameters
    ----------
    features
        `person_id`, `fitted` and the features of the model, one row a person.

    Returns
    -------
    Table
        `person_id`, `fitted`, and one column a segment: the person's share in it.
    """
    kept = ["person_id", "fitted"]
    ks = range(len(model.segments))
    standard = features.select(
        *kept, **{f"x{j}": scaled(features, model, j) for j in range(len(model.features))}
    )
    axes = model.space.rotation.T
    rotated = standard.select(
        *kept, **{f"z{axis}": weighted(standard, "x", weights) for axis, weights in enumerate(axes)}
    )
    scored = rotated.select(*kept, **{f"s{c}": score(rotated, model, c) for c in ks})
    best = scored.mutate(best=ibis.greatest(*(scored[f"s{c}"] for c in ks)))
    odds = best.select(
        *kept, **{f"s{c}": ((best[f"s{c}"] - best["best"]) / model.temperature).exp() for c in ks}
    )
    total = odds.mutate(total=reduce(add, (odds[f"s{c}"] for c in ks)))
    shown = {name: total[f"s{c}"] / total["total"] for c, name in enumerate(model.segments)}
    return total.select("person_id", "fitted", **shown)


def scaled(people: ir.Table, model: AssignmentModel, j: int) -> ir.FloatingValue:
    """Write one feature on its common scale: gap filled, logged, standardised, extremes cut."""
    space = model.space
    value = column(people, model.features[j])
    value = ibis.ifelse(
        value.isnull() | value.isnan() | value.isinf(), float(space.filler[j]), value
    )
    if space.typical[j] > 0:
        value = (1 + ibis.greatest(value, 0.0) / float(space.typical[j])).ln()
    spread = float(space.spread[j])
    standard = (value - float(space.mean[j])) / spread if np.isfinite(spread) else value * 0.0
    return ibis.greatest(ibis.least(standard, LIMIT), -LIMIT)


def column(people: ir.Table, feature: str) -> ir.FloatingValue:
    """Take a feature, a word of a column as 1 or 0 (`plan_free` of `plan`), or null if unknown.

    >>> people = ibis.memtable({"plan": ["free", "paid"]})
    >>> (
    ...     column(people, "plan_free").to_pandas().tolist(),
    ...     column(people, "spend").isnull().to_pandas(),
    ... )
    ([1.0, 0.0], True)
    """
    if feature in people.columns:
        return people[feature].cast("float64")
    for name in people.columns:
        if feature.startswith(f"{name}_") and people[name].type().is_string():
            word = feature.removeprefix(f"{name}_")
            return (people[name] == word).fill_null(False).cast("float64")
    return ibis.null("float64")


def weighted(table: ir.Table, letter: str, weights: np.ndarray) -> ir.FloatingValue:
    """Write a weighted sum of the numbered columns that count."""
    used = [table[f"{letter}{j}"] * float(weight) for j, weight in enumerate(weights) if weight]
    return reduce(add, used)


def score(rotated: ir.Table, model: AssignmentModel, cluster: int) -> ir.FloatingValue:
    """Write one segment's score: how far a person is from its centre, in its own spread."""
    root = model.whitening[cluster]
    offset = -model.centres[cluster] @ root
    terms = [
        partial_sum(rotated, column) + float(shift)
        for column, shift in zip(root.T, offset, strict=True)
    ]
    return float(model.constants[cluster]) - 0.5 * reduce(add, (term * term for term in terms))


def partial_sum(rotated: ir.Table, weights: np.ndarray) -> ir.FloatingValue:
    """Write a weighted sum of the axes that count; most of a whitening matrix is zero."""
    used = [rotated[f"z{axis}"] * float(weight) for axis, weight in enumerate(weights) if weight]
    return reduce(add, used)
