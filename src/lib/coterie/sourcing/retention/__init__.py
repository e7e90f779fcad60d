"""How long personal data are kept: dated rules, and what is past them today.

retention.yml has the rules and what says so; `coterie expire STUDY` acts on them.
"""

from coterie.sourcing.retention.rules import Rule, due_rows, is_due, rules_for, rules_of
