"""01: what would success be? Read in this order.

`goals` (each with a number, a day and an owner), `indicators` (what is counted), `benchmarks` (what
others reach), `floors` (how few people a segment may have). Once segments are known, for 11:
`mapping` (goal, segment, content and the gaps), `stakeholders` (who does what), `granularity` (how
many variants of content can be made) and `budget` (whom to test next).
"""

from coterie.objectives.benchmarks import read_benchmarks
from coterie.objectives.budget import allocate, strata
from coterie.objectives.floors import people_for_content, size_floors
from coterie.objectives.goals import Smart, check_goals
from coterie.objectives.granularity import Merged, Resources, leaves, merge_leaves
from coterie.objectives.indicators import indicators
from coterie.objectives.mapping import Mapped, content_mixes, main_platforms, map_objectives
from coterie.objectives.stakeholders import segment_conditions, segment_voices, stakeholder_map

__all__ = [
    "Mapped",
    "Merged",
    "Resources",
    "Smart",
    "allocate",
    "check_goals",
    "content_mixes",
    "indicators",
    "leaves",
    "main_platforms",
    "map_objectives",
    "merge_leaves",
    "people_for_content",
    "read_benchmarks",
    "segment_conditions",
    "segment_voices",
    "size_floors",
    "stakeholder_map",
    "strata",
]
