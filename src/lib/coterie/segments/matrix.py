"""People as points: which columns count, on which scale, and what stands in for the missing."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from coterie.study import DataError

SKEWED = {
    "n_events", "n_posts", "active_days", "frequency", "monetary_value", "engagement", "cadence_days", "recency_days",
    "tenure_days", "response_latency_hours", "reply_latency_hours", "n_sessions", "session_depth", "spend",
}  # fmt: skip
LIMIT = 4.0  # standard deviations; beyond it a person counts as this far out, so no outlier is a cluster


class Matrix(NamedTuple):
    """People as points, in an order that depends on what they did and never on their names."""

    person_id: np.ndarray  # (n,)
    traits: pd.DataFrame  # (n, p) in natural units, missing where unknown; and whether it is known, `_known`, 1 or 0
    points: np.ndarray  # (n, q) principal components of the standardised traits
    missing: pd.Series  # share of people without each trait


def feature_matrix(
    behaviour: pd.DataFrame,
    traits: pd.DataFrame,
    *,
    leave_out: list[str] = (),
    variance_kept: float = 0.8,
    min_people: int = 40,
) -> Matrix:
    """Put behaviour and inferred traits on one scale, one point a person.

    Counts and money are logged, columns standardised and cut at 4 standard deviations, gaps filled
    with the median (a person without posts counts as average in interests), and the result rotated
    to the principal components that keep `variance_kept` of the variance. Columns that are constant
    or known for under 5 % of people are left out. Whether a behaviour was known is kept beside it, so that
    a group of people who never asked is described as such, and not by the median that stood in for them.

    Parameters
    ----------
    behaviour
        `person_id` and one column a feature.
    traits
        Long: `person_id`, `trait`, `value`.

    Raises
    ------
    DataError
        With fewer than `min_people` people, or no column that varies.
    """
    table = behaviour.set_index("person_id").drop(columns=list(leave_out), errors="ignore").astype(float)
    if len(traits):
        wide = traits.pivot(index="person_id", columns="trait", values="value").drop(
            columns=list(leave_out), errors="ignore"
        )
        table = table.join(wide)
    if len(table) < min_people:
        raise DataError(f"table behaviour: {len(table)} people are too few to look for groups; it takes {min_people}.")
    table = table.loc[:, (table.notna().mean() >= 0.05) & (table.nunique() > 1)]
    if table.shape[1] == 0:
        raise DataError("table behaviour: no column differs between people, so there are no groups to look for.")
    table = table.iloc[np.lexsort(table.fillna(-1).to_numpy().T)]
    points, missing = rotate(standardise(table), variance_kept=variance_kept), table.isna().mean()
    told = [name for name in table if name in behaviour and 0.05 <= missing[name] <= 0.95]
    flags = table[told].notna().astype(float).add_suffix("_known")  # describe people; they place nobody
    return Matrix(table.index.to_numpy(), table.join(flags).reset_index(drop=True), points, missing)


def standardise(table: pd.DataFrame) -> np.ndarray:
    """Log the skewed, fill gaps with the median, scale to mean 0 and deviation 1, cut the extremes.

    >>> standardise(pd.DataFrame({"n_events": [0.0, 0.0, np.e - 1, np.e - 1]})).ravel().tolist()
    [-1.0, -1.0, 1.0, 1.0]
    """
    logged = table.apply(lambda column: np.log1p(column.clip(lower=0)) if column.name in SKEWED else column)
    filled = logged.fillna(logged.median())
    return np.clip(StandardScaler().fit_transform(filled), -LIMIT, LIMIT)


def rotate(points: np.ndarray, *, variance_kept: float) -> np.ndarray:
    """Rotate to uncorrelated components, so that a feature told twice does not count twice over."""
    components = PCA(n_components=variance_kept, svd_solver="full") if points.shape[1] > 1 else PCA(1)
    rotated = components.fit_transform(points)
    signs = np.sign(rotated[np.abs(rotated).argmax(axis=0), range(rotated.shape[1])])  # a component's sign is arbitrary
    return rotated * signs
