"""Why two accounts are one person: what each field added to the evidence, in bits."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.sourcing.identity.model import Linkage
from coterie.study import DataError

PRIOR, RARITY = "before looking", "rarity of the shared value"


class Explanation(NamedTuple):
    """The evidence on one pair of accounts."""

    table: pd.DataFrame  # field, level, bits, total: evidence added, and the sum so far
    match_probability: float

    @property
    def strongest(self) -> str:
        """Name the field that spoke loudest for the pair."""
        evidence = self.table.iloc[1:]
        return str(evidence.loc[evidence["bits"].idxmax(), "field"])


def why_linked(
    pairs: pd.DataFrame, fitted: Linkage, a: str = "", b: str = ""
) -> Explanation | None:
    """Explain a pair of accounts by their pseudonyms; without any, the least sure linked pair.

    One bit doubles the odds that the two are one person. No value of a row is shown, only how
    alike the two are. None where likeness linked nobody.

    Raises
    ------
    DataError
        When the model never compared the two, or found them too unlike to keep.
    """
    if a or b:
        chosen = pairs[pairs["account_a"].isin([a, b]) & pairs["account_b"].isin([a, b])]
        if chosen.empty:
            raise DataError(
                "why_linked: the model did not compare these two, or found them unlike."
            )
    else:
        chosen = pairs[pairs["match_probability"] >= fitted.threshold]
        if chosen.empty:
            return None
    pair = chosen.loc[chosen["match_probability"].idxmin()]
    rows = [(PRIOR, "", np.log2(fitted.prior / (1 - fitted.prior)))]
    for field in fitted.fields:
        rows += evidence_of(pair, field, fitted)
    table = pd.DataFrame(rows, columns=["field", "level", "bits"])
    return Explanation(table.assign(total=table["bits"].cumsum()), pair["match_probability"])


def evidence_of(pair: pd.Series, field: str, fitted: Linkage) -> list[tuple[str, str, float]]:
    """List what one field says: the level reached, and the rarity of the value where it counts."""
    levels = fitted.weights.loc[fitted.weights["field"] == field, "level"].tolist()
    gamma = int(pair[f"gamma_{field}"])
    if gamma < 0:
        return [(field, "not stated by both", 0.0)]
    rows = [(field, levels[len(levels) - 1 - gamma], float(pair[f"mw_{field}"]))]
    rarity = float(pair.get(f"mw_tf_adj_{field}", 0.0))
    return rows + ([(field, RARITY, rarity)] if abs(rarity) > 1e-9 else [])
