"""Triggers: what happened, in event time, and what may be done about it; in the order to read it.

syntax (how a trigger is written), checking (whether it makes sense), patterns (what it looks for,
in the engine), clocks (quiet hours and calendars), decisions (cooldown, cap and quiet hours), tail
(what a stream has to keep), replay (the same by hand, the oracle), english (what was understood),
batch (over a whole log), variants (other thresholds), tuning (which of them converts).
"""
