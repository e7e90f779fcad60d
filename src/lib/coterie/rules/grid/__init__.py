"""The grid of intent and engagement: who is close to buying, and who is busy, in reading order.

signals (what people did that tells of either), thresholds (from where on it counts, and which do
best), trial (chosen on an earlier day, judged on a later one).
"""
