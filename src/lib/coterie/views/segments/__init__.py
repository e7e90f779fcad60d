"""What 05 shows. Read in this order.

verdicts (what was compared, and why the verdict is what it is), figures (the segments that were
kept), cards (personas, half a page each).
"""

from coterie.views.segments.figures import (
    audience_nodes,
    borders,
    member_flows,
    outside,
    persona_cards,
    plane,
    rules,
    sizes,
    telling_traits,
    traits,
    tree,
    unknown_shares,
)
