"""What each score is: of what, learned when, from whom, and how it may be read."""

from collections.abc import Sequence

import pandas as pd

from coterie.lake import Model
from coterie.wording import trait_label

COLUMNS = {"score": "str", "unit": "str", "outcome": "str", "model": "str", "decision": "str"}
COLUMNS |= {"horizon_days": "int64", "gap_days": "int64", "lookback_days": "int64"}
COLUMNS |= {"fitted_on": "str", "calibration": "str", "features": "str"}
COLUMNS |= {"n_people": "int64", "population": "str"}


def score_cards(models: Sequence[Model]) -> pd.DataFrame:
    """Lay out what is known of every score, one row each, also of those nobody has."""
    cards = pd.DataFrame([_card(model) for model in models])[list(COLUMNS)].astype(COLUMNS)
    return cards.assign(fitted_on=pd.to_datetime(cards["fitted_on"]))


def _card(model: Model) -> dict:
    """Write one card; what a model does not have is empty or 0."""
    blank = {"calibration": "", "n_people": 0, "population": "", "gap_days": 0}
    named = ", ".join(trait_label(name) for name in model.settings.get("features", ()))
    return blank | model.settings | {"model": model.kind, "features": named}
