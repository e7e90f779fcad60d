"""What each notebook shows: one module a room; a result in, one figure, table or `Note` out.

Nothing is computed here that a sentence elsewhere needs; nothing here is known to a room. Begin
with `forms`, which several share; then the rooms in the order of their notebooks. A room that shows
much is a family, whose map exports what its notebook takes: sourcing, segments, scores, rules,
experiments, monitoring.
"""
