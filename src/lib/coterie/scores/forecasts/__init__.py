"""How likely will somebody do it? One calibrated probability a person, or why there is none.

Read in this order: basis (how a behaviour enters the forecast), calibration (percentages that come
true), forecast (fitting, applying, storing), folds (people and days that a model never saw),
choice (how strongly to pull, how to calibrate), measures (how good forecasts are, with intervals),
sentinels (what must never happen), evaluation (judged out of time, against the base rate and
boosted trees), people (one score a person).
"""

from coterie.scores.forecasts.evaluation import Decision, Trial, decide, evaluate, fit_final
from coterie.scores.forecasts.forecast import from_model, to_model
from coterie.scores.forecasts.people import score_people
from coterie.scores.forecasts.sentinels import Sentinels, check_sentinels
