"""Do features keep their meaning over time? Two windows compared, beside what chance would give.

Works on one row a person: `person_id` and numeric feature columns. Chance is what shuffling gives.
Whoever is in both windows has the two rows swapped or not by a coin, and people in one window only
are dealt anew to the two, so lasting habits of a person are never taken for change. The bins are
tenths of all windows compared, the unknown apart, and stay as they are while rows are shuffled; one
shuffle moves whole rows, so it serves every feature.

Which alarm: `drifted` (`pvalue` at most `alpha`) is for one feature looked at by itself and errs in
`alpha` of the features where nothing changed, less often where a feature takes few values. A report
that looks at many features alarms on `pvalue_adjusted`, with at least `permutations_needed`.
`flat`, the limit of 0.1 that is used for any number of people, is shown beside them and never used:
at 100 people a window it calls most features drifted that are not.

What is found is a change in who is there or in what they do, not which of the two, and a season or
a broken export that hits everybody is found like any other. People are assumed to be independent of
each other.
"""

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from coterie.statistics import fdr
from coterie.study import DataError, SettingsError

# bins 0 to 9 hold values, bin 10 the unknown; who is not there has no bin
DECILES, MISSING, ABSENT = (10, 10, -1)
FLAT_LIMIT = 0.1  # the usual rule of thumb for "a change", whatever the number of people
AT_ONCE = 5000  # people whose bins are spread out at a time, to bound memory
NO_ID = "The {name} window needs a column person_id that names everybody once, but it {fault}."
NO_NUMBER = (
    "Only numbers can be compared, and {columns} in the {name} window hold something else: "
    "leave them out."
)
NOT_SHARED = "Both windows need the same features, but only one of them has {columns}."
FEW_PERMUTATIONS = (
    "{n_permutations} permutations cannot show a p-value of {alpha}: take at least {enough}."
)


def psi(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Measure how differently two groups of people spread over the same bins; 0 is alike.

    The population stability index, the sum of (p - q) ln(p / q) over the bins. Where nothing
    changed it still is near (bins - 1) (1 / n_before + 1 / n_now), so no flat limit fits all sizes:
    between two groups of 100 drawn alike it exceeds the usual 0.1 in 84 of 100 features, or 81 with
    the half person that is added here to every bin in use, so that a bin empty on one side stays
    finite (both simulated in the tests). Both are counts, bins on the last axis.

    References
    ----------
    Jeffreys (1946), Proceedings of the Royal Society A 186, for the divergence; Siddiqi (2006),
    "Credit Risk Scorecards", for its use with flat limits; Yurdakul and Naranjo (2020),
    "Statistical properties of the population stability index", Journal of Risk Model Validation
    14(4), for its size when nothing changed.

    Shares of 0.7 and 0.3 (3.5 and 1.5 of 5) against 0.3 and 0.7, so 2 × 0.4 × ln(7 / 3):

    >>> float(psi([3, 1], [1, 3]).round(4))
    0.6778
    """
    before, now = np.asarray(before, dtype=float), np.asarray(now, dtype=float)
    p, q = ((counts + 0.5) * (before + now > 0) for counts in (before, now))
    p, q = (part / np.maximum(part.sum(axis=-1, keepdims=True), 0.5) for part in (p, q))
    gaps = np.log(np.where(p > 0, p, 1)) - np.log(np.where(q > 0, q, 1))
    # equal splits must tie exactly, in whichever order they are summed
    return ((p - q) * gaps).sum(axis=-1).round(12)


def deciles(values: pd.DataFrame) -> pd.DataFrame:
    """Put every value into the tenth of its column that its rank falls in.

    Unknown ones have a bin of their own.

    Equal values share their middle rank, hence their bin: a value that most people have fills one
    alone, and a column with a single value has one bin. The unknown have bin 10.

    >>> deciles(pd.DataFrame({"orders": [0, 0, 0, 5, None]}))["orders"].tolist()
    [3, 3, 3, 8, 10]
    """
    tenths = np.floor((values.rank() - 0.5) / values.count() * DECILES)
    return tenths.fillna(MISSING).astype("int8")


def compare_windows(
    before: pd.DataFrame,
    now: pd.DataFrame,
    *,
    seed: int = 0,
    n_permutations: int = 399,
    alpha: float = 0.01,
) -> pd.DataFrame:
    """Test feature by feature whether people are spread differently now than before.

    The limit holds at any number of people.

    One row a feature: `feature`; `n_before` and `n_now`, people with a known value; `psi`; `limit`,
    which psi exceeds with chance `alpha` if nothing changed; `flat`, whether psi exceeds 0.1;
    `pvalue`, never below 1 / (n_permutations + 1); `drifted`; `mean_before` and `mean_now` over
    known values; `pvalue_adjusted` for looking at many features.

    Raises
    ------
    DataError
        When a window is empty, lacks or doubles ids, has columns that are not numbers, or lacks a
        feature of the other.
    SettingsError
        When `n_permutations` are too few for `alpha`.

    References
    ----------
    Phipson and Smyth (2010), "Permutation p-values should never be zero", Statistical Applications
    in Genetics and Molecular Biology 9(1).

    Forty people all begin to buy; no shuffle of 399 is as uneven:

    >>> people = [f"p{i}" for i in range(40)]
    >>> before, now = (pd.DataFrame({"person_id": people, "orders": n, "posts": 3}) for n in (0, 1))
    >>> compare_windows(before, now)[["feature", "n_now", "psi", "pvalue", "drifted"]].round(4)
      feature  n_now     psi  pvalue  drifted
    0  orders     40  8.5745  0.0025     True
    1   posts     40  0.0000  1.0000    False
    """
    before, now = numbers(before, name="earlier"), numbers(now, name="later")
    if alone := before.columns.symmetric_difference(now.columns).tolist():
        raise DataError(NOT_SHARED.format(columns=", ".join(map(str, alone))))
    now = now[before.columns]
    tests = permutation_test(
        permuted_psi(before, now, n_permutations=n_permutations, seed=seed), alpha=alpha
    )
    sizes = {
        "feature": before.columns,
        "n_before": before.count().to_numpy(),
        "n_now": now.count().to_numpy(),
    }
    means = {"mean_before": before.mean().to_numpy(), "mean_now": now.mean().to_numpy()}
    return pd.DataFrame(sizes | tests | means | {"pvalue_adjusted": fdr(tests["pvalue"])})


def numbers(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Take a window's features as floats, by person; refuse in words what cannot be compared."""
    ids = frame.get("person_id", pd.Series(dtype=object))
    faults = {
        "has no such column": "person_id" not in frame,
        "is empty": len(frame) == 0,
        "has people without one": ids.isna().any(),
        "names somebody twice": ids.duplicated().any(),
    }
    for fault in (fault for fault, found in faults.items() if found):
        raise DataError(NO_ID.format(name=name, fault=fault))
    features = frame.set_index("person_id")
    # a column that nobody has may come as any type
    features[features.columns[features.isna().all()]] = np.nan
    if other := [str(column) for column in features if not is_numeric_dtype(features[column])]:
        raise DataError(NO_NUMBER.format(columns=", ".join(other), name=name))
    return features.astype(float)


def permutation_test(splits: np.ndarray, *, alpha: float) -> dict[str, np.ndarray]:
    """Set what was seen (row 0) beside what permuting gave (the other rows), feature by feature.

    What was seen is one arrangement among all. `drifted` says the same as `pvalue` at most `alpha`.

    >>> found = permutation_test(np.array([[0.3], [0.1], [0.2], [0.0]]), alpha=0.25)
    >>> found["limit"].tolist(), found["pvalue"].tolist(), found["drifted"].tolist()
    ([0.2], [0.25], [True])
    """
    seen, null = splits[0], np.sort(splits[1:], axis=0)
    # so many arrangements, what was seen among them, may be as uneven
    rank = int(alpha * len(splits) + 1e-9)
    if rank < 1:
        raise SettingsError(
            FEW_PERMUTATIONS.format(
                n_permutations=len(null), alpha=alpha, enough=permutations_needed(1, alpha=alpha)
            )
        )
    tests = {"psi": seen, "limit": null[-rank], "flat": seen > FLAT_LIMIT}
    return tests | {"pvalue": (splits >= seen).mean(axis=0), "drifted": seen > null[-rank]}


def permutations_needed(n_features: int, *, alpha: float = 0.01) -> int:
    """Count the permutations that one drifting feature among many needs for an adjusted `alpha`.

    >>> permutations_needed(1), permutations_needed(12)
    (99, 1199)
    """
    return int(np.ceil(n_features / alpha - 1e-9)) - 1


def permuted_psi(
    before: pd.DataFrame, now: pd.DataFrame, *, n_permutations: int, seed: int
) -> np.ndarray:
    """Measure the index as it is (row 0) and after each permutation.

    The shape is (1 + n_permutations, features).
    """
    people = before.index.union(now.index)  # sorted, so that the order of rows changes nothing
    bins = deciles(pd.concat([before, now]))
    sides = bins.iloc[: len(before)], bins.iloc[len(before) :]
    old, new = (side.reindex(people, fill_value=ABSENT).to_numpy() for side in sides)
    moved = permutations(
        people.isin(before.index), people.isin(now.index), n_permutations=n_permutations, seed=seed
    )
    earlier, later = np.zeros((2, 1 + n_permutations, old.shape[1] * (MISSING + 1)))
    for start in range(0, len(people), AT_ONCE):
        some = slice(start, start + AT_ONCE)
        left, right, swap = (
            one_hot(old[some]),
            one_hot(new[some]),
            moved[:, some].astype(np.float32),
        )
        shift = swap @ (right - left)  # whole numbers, which float32 adds exactly
        earlier += left.sum(axis=0) + shift
        later += right.sum(axis=0) - shift
    shape = (1 + n_permutations, -1, MISSING + 1)
    return psi(earlier.reshape(shape), later.reshape(shape))


def one_hot(bins: np.ndarray) -> np.ndarray:
    """Spread each row's bins out to zeros and ones, feature after feature.

    Who is absent has zeros only.

    >>> one_hot(np.array([[1], [-1]]))[:, :3].tolist()
    [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    return (bins[:, :, None] == np.arange(MISSING + 1)).reshape(len(bins), -1).astype(np.float32)


def permutations(
    in_before: np.ndarray, in_now: np.ndarray, *, n_permutations: int, seed: int
) -> np.ndarray:
    """Draw who changes window in which permutation, nobody in the first row.

    The shape is (1 + n_permutations, people).

    People in both windows swap their rows by a coin. The others are dealt anew, and both windows
    keep their sizes.
    """
    rng = np.random.default_rng(seed)
    moved, both = np.zeros((1 + n_permutations, len(in_before)), dtype=bool), in_before & in_now
    moved[1:, both] = rng.integers(0, 2, (n_permutations, both.sum()), dtype=bool)
    dealt = np.tile(in_now[~both], (n_permutations, 1))
    moved[1:, ~both] = rng.permuted(dealt, axis=1) != in_now[~both]
    return moved
