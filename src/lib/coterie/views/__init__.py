"""What each notebook shows: one module a room; a result in, one figure, table or `Note` out.

Nothing is computed here that a sentence elsewhere needs; nothing here is known to a room.
"""
