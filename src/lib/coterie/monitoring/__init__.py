"""11: is it still true? Read in this order.

`weekly` (indicators by week, and alerts that know their own noise), `rates` (reactions by platform,
each over its denominator, beside dated benchmarks), `movement` (who changed segment since the run
before), `refresh` (what a list loses that is not made anew in time) and `costs` (what that costs).
"""

from coterie.monitoring.costs import Choice, choose_refresh, read_prices
from coterie.monitoring.movement import Movement, compare_runs, with_movement
from coterie.monitoring.rates import REACTIONS, beside_benchmarks, platform_rates
from coterie.monitoring.refresh import Replayed, read_watched, replay
from coterie.monitoring.weekly import HUMANS, check_weeks, weekly_counts, with_intervals

__all__ = [
    "HUMANS",
    "REACTIONS",
    "Choice",
    "Movement",
    "Replayed",
    "beside_benchmarks",
    "check_weeks",
    "choose_refresh",
    "compare_runs",
    "platform_rates",
    "read_prices",
    "read_watched",
    "replay",
    "weekly_counts",
    "with_intervals",
    "with_movement",
]
