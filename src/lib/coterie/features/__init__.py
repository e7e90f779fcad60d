"""03: what did they do? One row a person, from events and posts strictly before `as_of`.

Read in this order:

activity   the behaviour table: declared (the features, each once), clocks (everybody's own),
           answers (who answers whom), scales (one scale for all platforms), tracing (what each
           feature is computed from), exact (sums that are the same in any order)
learning   what counts how much, learned out of time: effort (the convention), decay (half-lives),
           weights; sample (some people, and people in groups)
bots       tagged and never removed, and what they do to the indicators
journeys   the way to an outcome: funnel, step matrix, removal effects
stability  what may not be so tomorrow: leaks (features that see the future), drift (what changed),
           persistence (trend or fad), seasons (busy weekdays and months)
"""

from coterie.features.activity import (
    FEATURES,
    answer_times,
    answered_share,
    behaviour,
    check_scale,
    dictionary,
    require_activity,
)
from coterie.features.bots import (
    bot_signs,
    check_bots,
    find_alike,
    kpi_band,
    kpi_results,
    tagged_share,
)
from coterie.features.journeys import funnel, removal_effects, step_counts, step_shares, usual_steps
from coterie.features.learning import half_lives, learn_weights
from coterie.features.stability import (
    check_drift,
    check_forecast,
    leak_check,
    seasonal_indices,
    three_windows,
)
from coterie.windows import outcomes
