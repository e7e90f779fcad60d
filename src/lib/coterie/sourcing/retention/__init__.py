"""How long personal data are kept: dated rules, what is past them, and what may not come back.

retention.yml has the rules and what says so, rules applies them to a table, door keeps out what was
deleted before. `coterie expire STUDY` deletes; see `coterie.runner.expiry`.
"""

from coterie.sourcing.retention.door import keep_within
from coterie.sourcing.retention.rules import Rule, due_rows, is_due, rules_for, rules_of
