"""What will each person be worth? Purchases still to come, times what they cost.

Read in this order: histories (who bought how often and when), buying (how many purchases are still
to come: BG/NBD), spending (what one of them brings: Gamma-Gamma), values (both together, one row a
person), contenders (last year repeats, boosted trees), accuracy (rank, Gini, tenths, total),
evaluation (all of them out of time).
"""

from coterie.scores.lifetime.evaluation import ValueDays, ValueTrial, compare_values, plan_values
from coterie.scores.lifetime.histories import purchase_histories, with_later_purchases
from coterie.scores.lifetime.values import (
    fit_value,
    lifetime_values,
    value_from_model,
    value_to_model,
)
