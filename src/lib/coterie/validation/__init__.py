"""08: does knowing the segments change anything? Read in this order.

`experiments` (whom to believe, and how the arms compare), `ruling` (the rule of 01, applied),
`stability` (whether people stay in their segments).
"""

from coterie.validation.experiments import (
    Experiments,
    campaign_outcomes,
    check_experiments,
    check_sample_ratio,
    compare_arms,
    planted_lift,
    with_earlier_segments,
)
from coterie.validation.ruling import Ruling, apply_rule, decide_by_rule
from coterie.validation.stability import Stability, check_stability, compare_placements

__all__ = [
    "Experiments",
    "Ruling",
    "Stability",
    "apply_rule",
    "campaign_outcomes",
    "check_experiments",
    "check_sample_ratio",
    "check_stability",
    "compare_arms",
    "compare_placements",
    "decide_by_rule",
    "planted_lift",
    "with_earlier_segments",
]
