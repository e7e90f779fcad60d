"""What 08 shows. Read in this order.

results (whom to believe, what campaigns changed, and what follows), looks (before the end),
contamination (other campaigns at the same time), uplift (whether some are moved more), lasting
(whether segments last), other_campaigns (one line a decision).
"""

from coterie.views.experiments.results import (
    alike,
    campaigns,
    checks,
    decision,
    decision_by_segment,
    holdout,
    lift_by_campaign,
    lift_by_segment,
    other_metrics,
    shrunken,
)
