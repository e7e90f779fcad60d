"""06: what will they do? Scores that were right on days they never saw, or why there are none.

Read in this order: cuts (three days: fit before one, judge on the next, score at the last),
sufficiency (are there enough people and days?), then the families `forecasts` (how likely
somebody does it) and `lifetime` (what somebody will be worth), and people (one score a person).
"""

from coterie.scores.cuts import Cuts, plan_cuts, settings_of, with_outcome
from coterie.scores.forecasts import (
    Decision,
    Trial,
    decide,
    evaluate,
    fit_final,
    from_model,
    to_model,
)
from coterie.scores.lifetime import (
    ValueDays,
    ValueTrial,
    compare_values,
    fit_value,
    lifetime_values,
    plan_values,
    purchase_histories,
    value_from_model,
    value_to_model,
    with_later_purchases,
)
from coterie.scores.people import score_people, side_by_side
from coterie.scores.sufficiency import Sufficiency, check_sufficiency
