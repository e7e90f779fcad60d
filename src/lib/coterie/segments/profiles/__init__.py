"""How segments differ.

Read `phrases`, `describe` (all traits), `surrogate` (a few rules), `explanations` (one person),
`ablation` (a pair), `external` (what did not make them), `hierarchy`, `taxonomy` (the IAB's words),
`embedding`.
"""

from coterie.segments.profiles.ablation import ablation, resolving
from coterie.segments.profiles.describe import profile
from coterie.segments.profiles.embedding import Embedding, embed
from coterie.segments.profiles.external import count_differing, effect_sizes, external_check
from coterie.segments.profiles.hierarchy import Tree, nest
from coterie.segments.profiles.surrogate import Surrogate, surrogate
from coterie.segments.profiles.taxonomy import audience_nodes
