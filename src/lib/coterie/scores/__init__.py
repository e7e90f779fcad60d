"""06: what will they do? Scores that were right on days they never saw, or why there are none.

Read in this order: targets (what is forecast), cuts (four days: choose on one, fit on the next,
judge on the third, score on the last), samples (the people of those days), sufficiency (are there
enough people and days?), then the families `forecasts` (how likely somebody does it),
`explanations` (what moves a score), `lifetime` (what somebody will be worth), contacting (whom it
pays to contact), migration (who will change segment), rows (the table of scores) and cards (what
each score is).
"""

from coterie.scores.cards import score_cards
from coterie.scores.contacting import ContactPlan, contacts_of
from coterie.scores.cuts import Cuts, plan_cuts, settings_of
from coterie.scores.explanations import permutation_importance, score_reasons
from coterie.scores.forecasts import (
    Decision,
    Sentinels,
    Trial,
    check_sentinels,
    decide,
    evaluate,
    fit_final,
    from_model,
    score_people,
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
from coterie.scores.migration import Migration, compare_migration
from coterie.scores.rows import side_by_side
from coterie.scores.samples import samples_of
from coterie.scores.sufficiency import Sufficiency, check_sufficiency
from coterie.scores.targets import Target, at_risk, churn, propensity, with_outcome
