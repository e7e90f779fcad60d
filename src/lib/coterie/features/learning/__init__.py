"""What counts how much, and for how long: learned from the past, tested on later days."""

from coterie.features.learning.decay import half_lives
from coterie.features.learning.effort import EFFORT
from coterie.features.learning.weights import learn_weights
