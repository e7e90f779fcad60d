"""Small counts left out of what readers see, and what a subtraction would bring them back from."""

import numpy as np
import pandas as pd


def suppress_small(frame: pd.DataFrame, count: str, *, min_people: int = 50) -> pd.DataFrame:
    """Leave out groups of fewer than `min_people`, and whatever would give them away.

    A single missing row is the total minus the others, so at least two rows and `min_people` people
    go together.

    >>> groups = pd.DataFrame({"segment": ["S1", "S2", "S3"], "n_people": [400, 60, 3]})
    >>> suppress_small(groups, "n_people", min_people=50)["segment"].tolist()
    ['S1']
    """
    order = frame[count].argsort(kind="stable")
    sizes = frame[count].iloc[order]
    hidden = int((sizes < min_people).sum())
    while 0 < hidden < len(sizes) and (hidden < 2 or sizes.iloc[:hidden].sum() < min_people):
        hidden += 1
    return frame.iloc[sorted(order[hidden:])]


def suppress_within(
    frame: pd.DataFrame, by: str, count: str, *, min_people: int = 50
) -> pd.DataFrame:
    """Leave out small groups among those of the same `by`, where each `by` has a total of its own.

    >>> flows = pd.DataFrame(
    ...     {
    ...         "now": ["S1", "S1", "S1", "S2"],
    ...         "before": ["S1", "S2", "S3", "S1"],
    ...         "n_people": [400, 60, 3, 90],
    ...     }
    ... )
    >>> suppress_within(flows, "now", "n_people")[["now", "before"]].values.tolist()
    [['S1', 'S1'], ['S2', 'S1']]
    """
    groups = frame.groupby(by)
    parts = [suppress_small(part, count, min_people=min_people) for _, part in groups]
    return pd.concat(parts).sort_index() if parts else frame


def hidden_cells(table: np.ndarray, *, min_people: int = 50) -> np.ndarray:
    """Say which counts of a two-way table to leave out: the small ones, and what gives them away.

    In every row and column that leaves out anything, at least two counts and `min_people` people
    are left out, or all.

    References
    ----------
    Hundepool et al. (2012), "Statistical Disclosure Control", Wiley, chapter 4: secondary cell
    suppression.

    >>> hidden_cells(np.array([[9, 70, 80], [60, 75, 90]]), min_people=50).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0]]
    """
    hidden = table < min_people
    before = -1
    while before != hidden.sum():
        before = hidden.sum()
        for counts, gone in ((table, hidden), (table.T, hidden.T)):  # rows, then columns
            for row in range(len(counts)):
                hide_one_more(counts, gone, row, min_people=min_people)
    return hidden


def hide_one_more(counts: np.ndarray, hidden: np.ndarray, row: int, *, min_people: int) -> None:
    """Mark one more count of a row as hidden, in place, if its hidden ones follow from its total.

    The smallest goes, but first one whose column leaves out something anyway, so that fewer follow.

    >>> hidden = np.array([[True, False, False]])
    >>> hide_one_more(np.array([[9, 70, 60]]), hidden, 0, min_people=50)
    >>> hidden.tolist()
    [[True, False, True]]
    """
    line = counts[row]
    gone = hidden[row]
    if gone.any() and not gone.all() and (gone.sum() < 2 or line[gone].sum() < min_people):
        cost = line + np.where(hidden.any(axis=0), 0, counts.sum() + 1)
        gone[np.where(gone, np.iinfo(cost.dtype).max, cost).argmin()] = True
