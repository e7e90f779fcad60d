"""Evidence of sameness: accounts that a single one of them would not give away, but many do."""

from datetime import date

import ibis.expr.types as ir
import pandas as pd

from coterie.features.bots.meetings import first_acts
from coterie.features.bots.strangers import meet_among_strangers
from coterie.features.bots.together import acts_together
from coterie.features.bots.twins import nearly_alike
from coterie.windows import as_of_window


def find_alike(
    events: ir.Table, posts: ir.Table, *, as_of: date, lookback_days: int = 365
) -> pd.DataFrame:
    """Find accounts that act or write alike beyond chance, one row each; join it to `bot_signs`.

    Accounts that act like people one by one are bots where many do the same: within a
    minute (`acts_together`), within the hour on unrelated things (`meet_among_strangers`) or in the
    same words (`nearly_alike`). Signs are missing where nothing is
    beyond chance. What neither sees: a lone account, accounts that neither act together nor write
    alike, and text generated anew for each post at times of its own.

    References
    ----------
    Cresci et al. (2017), "The paradigm-shift of social spambots: evidence, theories, and tools for
    the arms race", WWW Companion: groups give away what single accounts hide.
    """
    window = {"as_of": as_of, "days": lookback_days}
    seen = first_acts(as_of_window(events, **window)).cache()
    written = nearly_alike(as_of_window(posts, **window))
    found = acts_together(seen).merge(meet_among_strangers(seen), on="person_id", how="outer")
    return found.merge(written, on="person_id", how="outer")
