"""Bots, tagged and never removed.

signs  what speaks for one, in what people did and in their profiles
alike  what speaks for many at once: meetings (who is close to whom, and how often by chance),
       together (in one minute), strangers (in one hour, on unrelated things), twins (nearly the
       same posts)
rules  which signs convince, the tag, and its reasons in words
band   what the tags change in the indicators
"""

from coterie.features.bots.alike import find_alike
from coterie.features.bots.band import kpi_band, kpi_results, tagged_share
from coterie.features.bots.rules import check_bots
from coterie.features.bots.signs import bot_signs
