"""Would the same algorithm draw the same borders among the people of another day?"""

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from coterie.segments.assignment.final import fit_groups
from coterie.segments.assignment.model import AssignmentModel, log_odds
from coterie.segments.preparation.matrix import Matrix, spread_words
from coterie.segments.selection.verdict import Verdict


def border_agreement(
    features: pd.DataFrame, *, model: AssignmentModel, method: str, seed: int = 0
) -> float | None:
    """Group the people of another day anew, and compare with where the stored model puts them.

    Borders may last while people cross them: this is about borders alone. It is 1 where both draw
    the same (adjusted Rand index), and None where there is one group, or nothing to draw it by.

    Parameters
    ----------
    features
        `fitted` and the features of the model, one row a person.
    method
        The algorithm that drew the borders of the model.
    """
    k = len(model.segments)
    table = spread_words(features.drop(columns=["person_id", "fitted"], errors="ignore"))
    traits = table.reindex(columns=model.features).astype(float)
    known = traits.loc[features["fitted"].to_numpy(bool)].reset_index(drop=True)
    if k < 2 or not method or known.nunique().max() < 2:
        return None
    everybody = np.full(len(known), True)
    matrix = Matrix(np.arange(len(known)), known, model.features, known.isna().mean(), everybody)
    anew = fit_groups(matrix, Verdict("constructive", method, k), seed=seed)
    placed = log_odds(model, known.to_numpy(float)).argmax(axis=1)
    return float(adjusted_rand_score(placed, anew.labels))
