"""Which posts mention a brand, and its share of voice.

syntax (how a boolean query is written), queries (what it finds, and queries made from names),
accuracy (precision and recall of a query), counts (mentions by brand and sentiment),
misclassification (how often queries and sentiments are wrong), voice (shares, corrected for that).
"""
