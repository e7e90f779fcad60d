"""07: who qualifies, and when? Rules that a person wrote, checked, read back and applied.

syntax (how a rule is written), columns (what it may speak of), checking (whether it makes sense),
expressions (the rule on a table), english (what was understood), qualifying (who qualifies).
"""

from coterie.rules.checking import read_rules
from coterie.rules.columns import Column, people_table, rule_columns
from coterie.rules.qualifying import Qualified, members, qualify, segment_shares
