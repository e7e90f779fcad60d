"""What touches personal data: pseudonyms, who looked, what left, and who is gone.

keys (the key of the pseudonyms), access (who read raw identifiers), outbox (audience files),
tombstones (what was deleted, and who may not come back).
"""
