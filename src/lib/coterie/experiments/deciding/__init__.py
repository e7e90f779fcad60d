"""From sums to words; in the order to read it.

aggregates (all that is added up, in the engine), means, quantiles and effects (every arm against
control), interaction (content for a segment against generic content), decisions (four words),
report (what is passed on), analysis (all of it).
"""
