"""The planted world: a brand whose customers we invented, so that every answer can be checked.

world (knobs in, files and truth out) calls people (who there is), activity (what they do),
words (what they write), files (how a company would export it, flaws included) and poor (an export
not worth building on, on demand).
"""

from coterie.demo.world import Knobs, make_world
