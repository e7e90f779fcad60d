"""What each notebook shows: one module a room, whose functions take a result and return one figure,
table or `Note`.

Nothing is computed here that a sentence elsewhere needs; nothing here is known to a room.
"""
