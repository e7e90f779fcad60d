"""What moves a score: behaviours it rests on, and three reasons a person, in words."""

from coterie.scores.explanations.importance import permutation_importance
from coterie.scores.explanations.reasons import score_reasons
