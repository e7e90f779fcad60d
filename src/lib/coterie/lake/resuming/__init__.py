"""Long work that is not done twice: how far it has come, and what it has found already.

checkpoints (pages of an API, each committed with its cursor), fetched (what came, as files), cache
(rows of numbers by key), progress (how far, for whoever waits).
"""
