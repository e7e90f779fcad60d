"""How likely will somebody do it? One calibrated probability a person, or why there is none.

Read in this order: basis (how a behaviour enters the forecast), forecast (fitting, applying,
storing), measures (how good forecasts are, with intervals), evaluation (judged out of time,
against the base rate and boosted trees), sentinels (what must never happen).
"""

from coterie.scores.forecasts.evaluation import Decision, Trial, decide, evaluate, fit_final
from coterie.scores.forecasts.forecast import from_model, to_model
