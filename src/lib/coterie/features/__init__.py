"""03: what did they do? One row a person, from acts and posts strictly before `as_of`.

windows (what counts when, and whose clock), declared (the features, each once), answers (who
answers whom), scales (one scale for all platforms), seasons (busy weekdays and months), effort, decay and
weights (what counts how much, learned out of time), bots (machines, tagged and never removed), drift and
fads (what changed more than chance), journeys (the way to an outcome), leaks (what must never happen),
tracing (where each feature comes from).
"""

from coterie.features.answers import answer_times, waits_for_brand, waits_for_person, with_median_wait
from coterie.features.bots import RULES, bot_signs, check_bots, kpi_band
from coterie.features.decay import fading, half_lives
from coterie.features.declared import FEATURES, behaviour
from coterie.features.drift import compare_windows, enough_draws
from coterie.features.effort import EFFORT
from coterie.features.fads import check_drift, persistence
from coterie.features.journeys import funnel, removal_effects, step_counts, step_matrix
from coterie.features.leaks import check_forecast, leak_check, single_feature_alarm
from coterie.features.scales import check_scale, platform_auc, relative_engagement
from coterie.features.seasons import seasonal_indices
from coterie.features.tracing import dictionary
from coterie.features.weights import learn_weights
from coterie.windows import as_of_window, outcomes, seen_days
