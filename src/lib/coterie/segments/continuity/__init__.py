"""From cluster integers to segments that last.

Read `ids`, `lint` (what a name must not say), `naming`, `member_flows` (who went where), and
`carry_over`, which does it all.
"""

from coterie.segments.continuity.carry_over import CarriedSegments, carry_over
from coterie.segments.continuity.lint import lint_name, lint_text
