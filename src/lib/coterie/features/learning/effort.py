"""What an event counts by convention, and how events are given their weight."""

import ibis
import ibis.expr.types as ir
import pandas as pd

EFFORT = pd.DataFrame(
    [
        ("view", 1.0),
        ("read", 1.0),
        ("like", 1.0),
        ("click", 2.0),
        ("create", 3.0),
        ("announce", 3.0),
        ("purchase", 5.0),
    ],
    columns=["verb", "weight"],
).assign(half_life_days=30.0)  # the convention, until weights and half-lives are learned
OTHER_WEIGHT, OTHER_HALF_LIFE = 1.0, 30.0


def decayed(age_days: ir.NumericValue, half_life_days: ir.NumericValue | float) -> ir.FloatingValue:
    """Halve a weight of 1 with every half-life that passed.

    After a thousand of them nothing is left.

    Further, some engines refuse to count: the number would be too small for them.

    >>> float(decayed(ibis.literal(60.0), 30.0).execute())
    0.25
    """
    return ibis.literal(0.5) ** ibis.least(age_days / half_life_days, 1000.0)


def weighed(events: ir.Table, weights: pd.DataFrame) -> ir.Table:
    """Add to each event its weight and half-life."""
    keys = [key for key in ("verb", "platform") if key in weights]
    weighted = events.left_join(ibis.memtable(weights), keys)
    return weighted.select(
        *events.columns,
        weight=weighted["weight"].fill_null(OTHER_WEIGHT),
        half_life_days=weighted["half_life_days"].fill_null(OTHER_HALF_LIFE),
    )
