"""Do the segments differ in anything they were not made of? Effect size, interval and test."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import optimize, stats
from statsmodels.stats.meta_analysis import effectsize_smd

from coterie.statistics import fdr
from coterie.study import DataError, SettingsError

AT_ONCE = 100  # permutations held in memory together
TIE = 1e-12  # permutations that give the same groups give the same number but for the last digits
EFFECTS = ["segment", "variable", "n_people", "mean", "mean_others", "hedges_g", "low", "high"]


def eta_squared(values: np.ndarray, segment: np.ndarray) -> float:
    """Measure which share of the variance lies between the segments: 0 none, 1 all.

    Chance alone gives (k - 1) / (n - 1) with k segments and n people. People without a value are
    left out. Values that do not differ at all give 0.

    >>> round(eta_squared([1, 3, 5, 7], ["S1", "S1", "S2", "S2"]), 9)
    0.8
    """
    laid, sizes = _laid_out(
        np.asarray(values, dtype=float), pd.factorize(np.asarray(segment, dtype=object))[0]
    )
    return float(_between(laid, sizes)) if len(laid) else float("nan")


def external_check(
    outcomes: pd.DataFrame,
    segment: pd.Series,
    *,
    used: Sequence[str],
    seed: int,
    permutations: int = 999,
    min_people: int = 50,
) -> pd.DataFrame:
    """Test whether segments differ in what they were not made of, one row a variable.

    The most related comes first. Clusters always differ in what they were clustered on, so such
    variables are refused. A variable that merely goes with a clustered one (spend with orders) is
    not, and says little more: choose outcomes of a later time or another source. The test permutes
    the segments over the people whose value is known. It describes (evidence D).

    Parameters
    ----------
    outcomes
        (n, m) numbers, one row a person, gaps as NaN.
    segment
        (n,) segment id, in the same order.
    used
        Columns that were clustered.
    min_people
        Variables known for fewer people are left out.

    Returns
    -------
    `variable`, `n_people`, `eta_squared` with `low` and `high`, `pvalue` ((1 + permutations at
    least as large) / (1 + permutations)) and `pvalue_adjusted` (Benjamini and Hochberg). The
    interval inverts the noncentral F distribution; it is about the population, so a value below
    what chance gives can lie above its high end. It holds for bell-shaped values of one spread;
    with skewed or unequally spread ones it covers 85 to 95 %. With a single segment there is none,
    and the p-value is 1.

    Raises
    ------
    SettingsError
        When an outcome was clustered.
    DataError
        When outcomes and segments do not have one row a person each, or an outcome holds no
        numbers.

    References
    ----------
    Steiger (2004), "Beyond the F test", Psychological Methods 9. Phipson and Smyth (2010),
    "Permutation p-values should never be zero", SAGMB 9. Gao, Bien and Witten (2024), "Selective
    inference for hierarchical clustering", JASA 119.

    >>> outcomes = pd.DataFrame({"returns": [0.0] * 10 + [1.0] * 10})
    >>> segment = pd.Series(["S1"] * 10 + ["S2"] * 10)
    >>> external_check(
    ...     outcomes, segment, used=["frequency"], seed=1, permutations=99, min_people=10
    ... )
      variable  n_people  eta_squared  low  high  pvalue  pvalue_adjusted
    0  returns        20          1.0  1.0   1.0    0.01             0.01
    """
    _check(outcomes, segment, used)
    names = outcomes.columns[outcomes.notna().sum() >= min_people]
    columns = [
        _laid_out(outcomes[name].to_numpy(dtype=float), pd.factorize(segment)[0]) for name in names
    ]
    laid = [column[0] for column in columns]
    sizes = [column[1] for column in columns]
    pvalues = (1 + _as_large(laid, sizes, seed, permutations)) / (1 + permutations)
    etas = [float(_between(*column)) for column in columns]
    ends = [
        _interval(eta, len(values), len(size))
        for eta, (values, size) in zip(etas, columns, strict=True)
    ]
    table = pd.DataFrame({"variable": names, "n_people": list(map(len, laid)), "eta_squared": etas})
    table[["low", "high"]] = pd.DataFrame(ends, columns=["low", "high"], dtype=float)
    table = table.assign(pvalue=pvalues, pvalue_adjusted=fdr(pvalues))
    return table.sort_values(
        ["eta_squared", "variable"], ascending=[False, True], ignore_index=True
    )


def effect_sizes(
    outcomes: pd.DataFrame, segment: pd.Series, *, used: Sequence[str], min_people: int = 50
) -> pd.DataFrame:
    """Say how far each segment lies from everyone else, in what it was not made of (Hedges' g).

    Only for variables that did not make the clusters: those differ between clusters of pure noise
    too, so an interval on them means nothing. There are many rows, and 1 in 20 intervals leaves out
    0 by chance.

    Parameters
    ----------
    outcomes, segment, used
        As in `external_check`.
    min_people
        Rows in which fewer people of the segment, or of the others, have a value are left out.

    Returns
    -------
    One row a segment and variable: `segment`, `variable`, `n_people`, `mean`, `mean_others`, and
    Hedges' g as `hedges_g` with its 95 % interval `low`, `high`; 0 is like everyone else. Where
    nobody differs it is empty.

    Raises
    ------
    SettingsError, DataError
        As in `external_check`.

    References
    ----------
    Hedges (1981), Journal of Educational Statistics 6. Gao, Bien and Witten (2024), "Selective
    inference for hierarchical clustering", JASA 119.

    >>> outcomes = pd.DataFrame({"returns": [1.0, 2.0, 3.0, 2.0, 3.0, 4.0]})
    >>> segment = pd.Series(["S1"] * 3 + ["S2"] * 3)
    >>> effect_sizes(outcomes, segment, used=["frequency"], min_people=3).round(2)
      segment variable  n_people  mean  mean_others  hedges_g   low  high
    0      S1  returns         3   2.0          3.0      -0.8 -2.58  0.98
    1      S2  returns         3   3.0          2.0       0.8 -0.98  2.58
    """
    _check(outcomes, segment, used)
    tables = [pd.DataFrame(columns=EFFECTS)]
    for name in sorted(segment.unique()):
        inside = (segment == name).to_numpy()
        sides = [_summary(outcomes[inside]), _summary(outcomes[~inside])]
        enough = np.minimum(sides[0]["n"], sides[1]["n"]) >= max(min_people, 2)
        one, other = (side[enough] for side in sides)
        g, variance = effectsize_smd(
            *(side[part] for side in (one, other) for part in ("mean", "sd", "n"))
        )
        half = stats.norm.ppf(0.975) * np.sqrt(variance)
        columns = [name, one.index, one["n"], one["mean"], other["mean"], g, g - half, g + half]
        tables.append(pd.DataFrame(dict(zip(EFFECTS, columns, strict=True))).reset_index(drop=True))
    return pd.concat([t for t in tables if len(t)] or tables, ignore_index=True)


def _check(outcomes: pd.DataFrame, segment: pd.Series, used: Sequence[str]) -> None:
    """Refuse outcomes that made the clusters (`_known` included), and tables that do not match."""
    if made := [name for name in outcomes if {name, name.removesuffix("_known")} & {*used}]:
        raise SettingsError(
            f"outcomes: the segments were made of {', '.join(made)}, "
            "so they always differ in it; leave it out."
        )
    if len(outcomes) != len(segment):
        raise DataError(
            f"outcomes: {len(outcomes)} rows for {len(segment)} segments; "
            "give one row a person to each."
        )
    if words := [name for name in outcomes if not pd.api.types.is_numeric_dtype(outcomes[name])]:
        raise DataError(
            f"outcomes: {', '.join(words)} holds no numbers; give numeric columns only."
        )


def _summary(people: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"mean": people.mean(), "sd": people.std(), "n": people.count()})


def _as_large(
    laid: list[np.ndarray], sizes: list[np.ndarray], seed: int, permutations: int
) -> np.ndarray:
    """Count the permutations in which segments differ at least as much, by variable."""
    found = [_between(values, size) for values, size in zip(laid, sizes, strict=True)]
    rng = np.random.default_rng(seed)
    count = np.zeros(len(laid))
    people = np.arange(max(map(len, laid), default=0))
    for start in range(0, permutations, AT_ONCE):
        orders = rng.permuted(np.tile(people, (min(AT_ONCE, permutations - start), 1)), axis=1)
        for number, values in enumerate(laid):
            # the numbers under n of a permutation of more are a permutation of n
            order = (
                orders
                if len(values) == len(people)
                else orders[orders < len(values)].reshape(len(orders), -1)
            )
            count[number] += (_between(values[order], sizes[number]) >= found[number] - TIE).sum()
    return count


def _laid_out(values: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sort known values by segment, scaled to mean 0 and length 1; and count each segment's."""
    known = ~np.isnan(values) & (codes >= 0)  # pandas codes a missing segment -1
    order = np.argsort(codes[known], kind="stable")
    laid = values[known][order]
    centred = laid - laid.mean() if len(laid) else laid
    length = np.sqrt((centred**2).sum())
    flat = length <= TIE * np.abs(laid).sum()  # values all the same leave rounding errors only
    return centred * (0 if flat else 1 / length), np.unique(codes[known], return_counts=True)[1]


def _between(laid: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Compute eta squared over the last axis, which holds scaled values segment by segment."""
    return (np.add.reduceat(laid, np.cumsum(sizes) - sizes, axis=-1) ** 2 / sizes).sum(axis=-1)


def _interval(eta: float, n: int, k: int) -> tuple[float, float]:
    """Find the population's eta squared that would give as much, or as little, 1 time in 40."""
    if k < 2 or n <= k:
        return float("nan"), float("nan")
    if eta >= 1 - TIE:
        return 1.0, 1.0
    ratio = eta / (1 - eta) * (n - k) / (k - 1)
    ends = (_noncentrality(ratio, k - 1, n - k, share) for share in (0.975, 0.025))
    low, high = (end / (end + n) for end in ends)
    return low, high


def _noncentrality(ratio: float, between: int, within: int, share: float) -> float:
    """Find the noncentrality that leaves `share` of the F distribution under `ratio`.

    That of statsmodels stops at 10,000.
    """

    def excess(noncentrality: float) -> float:
        return stats.ncf.cdf(ratio, between, within, noncentrality) - share

    return optimize.brentq(excess, 0, 4 * ratio * between + 100) if excess(0) > 0 else 0.0


def count_differing(checked: pd.DataFrame, *, alpha: float = 0.05) -> int:
    """Count the variables that differ between segments beyond chance, by their adjusted p-values.

    >>> count_differing(pd.DataFrame({"pvalue_adjusted": [0.01, 0.2]}))
    1
    """
    return int((checked["pvalue_adjusted"] < alpha).sum())
