"""06: what will they do? One calibrated forecast of the primary indicator, or why there is none.

cuts (three days: fit before one, judge on the next, score at the last), sufficiency (are there
enough people and days?), basis (how a behaviour enters the forecast), forecast (fitting, applying,
storing), measures (how good forecasts are, with intervals), evaluation (judged out of time,
against the base rate and boosted trees), sentinels (what must never happen), people (one score
a person).
"""

from coterie.scores.cuts import Cuts, plan_cuts, settings_of, with_outcome
from coterie.scores.evaluation import Decision, Trial, decide, evaluate, fit_final
from coterie.scores.forecast import from_model, to_model
from coterie.scores.people import score_people
from coterie.scores.sufficiency import Sufficiency, check_sufficiency
