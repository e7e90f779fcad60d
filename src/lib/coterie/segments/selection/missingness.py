"""Is a grouping nothing but who has what unknown?"""

import numpy as np
from sklearn.model_selection import cross_val_predict
from sklearn.tree import DecisionTreeClassifier

OFTEN = 0.02  # share of people from which gaps, or values, of a column can tell people apart


def missing_share(labels: np.ndarray, values: np.ndarray) -> float:
    """Say how much knowing only which values are missing helps to guess a person's group.

    It is the share of errors saved beside guessing the largest group (Goodman and Kruskal's
    lambda), by a small tree asked about people it was not made from; 0 where little is missing.

    Parameters
    ----------
    labels
        (n,) group of each person, -1 for none.
    values
        (n, p), missing where unknown.

    >>> gaps = np.where(np.arange(40)[:, None] < 20, np.nan, 1.0)
    >>> missing_share(np.arange(40) // 20, gaps), missing_share(np.arange(40) % 2, gaps)
    (1.0, 0.0)
    """
    inside = labels >= 0
    gaps = ~np.isfinite(values[inside])
    share = gaps.mean(axis=0)
    gaps = gaps[:, (share >= OFTEN) & (share <= 1 - OFTEN)]
    own = labels[inside]
    sizes = np.bincount(own)
    if not gaps.shape[1] or len(own) == sizes.max() or sizes[sizes > 0].min() < 2:
        return 0.0
    tree = DecisionTreeClassifier(max_depth=4, random_state=0)
    folds = int(min(5, sizes[sizes > 0].min()))
    errors = float((cross_val_predict(tree, gaps, own, cv=folds) != own).sum())
    return max(0.0, float(1 - errors / (len(own) - sizes.max())))
