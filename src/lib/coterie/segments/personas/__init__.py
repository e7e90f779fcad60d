"""Segments as stories, from averages.

Read `context` (where and when), `advice`, `persona`, `card`, and `telling`, one a segment.
"""

from coterie.segments.personas.advice import recommended
from coterie.segments.personas.card import nowhere
from coterie.segments.personas.context import ContextCounts, count_contexts
from coterie.segments.personas.persona import Persona
from coterie.segments.personas.telling import personas
