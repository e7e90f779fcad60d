"""What 07 shows. Read in this order.

eligibility (the rules as they were understood, and how many people qualify), tuning (thresholds of
triggers), intent (the grid of intent and engagement), companies (how far they are).
"""

from coterie.views.rules.eligibility import (
    by_segment,
    freshness,
    lists,
    met,
    migration,
    obstacles,
    qualifying,
    readings,
    triggers,
    unknowns,
    vocabulary,
)
