"""08: does knowing the segments change anything? Read in this order.

`experiments` (whom to believe, and how the arms compare), `ruling` (the rule of 01, applied),
`stability` (whether people stay in their segments).
"""

from coterie.validation.experiments import (
    Experiments,
    campaign_outcomes,
    check_experiments,
    compare_arms,
    planted_lift,
    with_earlier_segments,
)
from coterie.validation.ruling import Ruling, apply_rule
from coterie.validation.stability import Stability, check_stability

__all__ = [
    "Experiments",
    "Ruling",
    "Stability",
    "apply_rule",
    "campaign_outcomes",
    "check_experiments",
    "check_stability",
    "compare_arms",
    "planted_lift",
    "with_earlier_segments",
]
