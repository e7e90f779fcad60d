"""In what order people do things, where they stop, and what lies on the way to an outcome.

funnels  how far people come on a way of steps
steps    what they do next, as a matrix
removal  what each channel takes part in
"""

from coterie.features.journeys.funnels import funnel, usual_steps
from coterie.features.journeys.removal import removal_effects
from coterie.features.journeys.steps import step_counts, step_shares
