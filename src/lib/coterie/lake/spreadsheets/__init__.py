"""Tables that a person opens in a spreadsheet, and what they answer in them.

cells (none is read as a formula), labelling (a study's own posts, labelled by hand), pairs (are two
accounts one person).
"""
