"""Bots, tagged and never removed.

signs  what speaks for one, in what people did and in their profiles
alike  what speaks for many at once: together (the same acts in the same minute), twins (nearly the
       same posts)
rules  which signs convince, the tag, and its reasons in words
band   what the tags change in the indicators
"""

from coterie.features.bots.alike import find_alike
from coterie.features.bots.band import kpi_band, kpi_results, tagged_share
from coterie.features.bots.rules import check_bots
from coterie.features.bots.signs import bot_signs
