"""How fine may segments be? As many variants of content as can be made and paid, no more."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from coterie.study import SettingsError


class Resources(NamedTuple):
    """What there is to make content with; 0 is no limit."""

    max_variants: int = 0
    variant_cost: float = 0.0  # to make one variant
    budget: float = 0.0  # for all of them
    min_people: int = 0  # whom a variant must reach at least


class Merged(NamedTuple):
    """Which segment is served by whose content."""

    table: pd.DataFrame  # one row a segment, see the contract `variants`
    benefit: float  # people, each times the share of what they take that is served
    finest: float  # the same, had each segment its own

    @property
    def n_variants(self) -> int:
        """Count the variants to make."""
        return self.table["variant"].nunique()

    @property
    def kept_share(self) -> float:
        """The share of what separate content would reach."""
        return self.benefit / self.finest if self.finest else float("nan")


def shared_content(mixes: pd.DataFrame) -> pd.DataFrame:
    """Measure how much of what one segment takes another's content has too (histogram overlap).

    >>> mixes = pd.DataFrame({"video": [1.0, 0.5], "text": [0.0, 0.5]}, index=["S1", "S2"])
    >>> shared_content(mixes).to_numpy().tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    parts = mixes.to_numpy()
    overlap = np.minimum(parts[:, None, :], parts[None, :, :]).sum(axis=2)
    return pd.DataFrame(overlap, index=mixes.index, columns=mixes.index)


def merge_leaves(mixes: pd.DataFrame, leaves: pd.DataFrame, resources: Resources) -> Merged:
    """Choose for which segments to make content of their own, and by whose the others are served.

    What is reached are people, each times the share of what they take that the content has.

    Parameters
    ----------
    mixes
        What each segment takes, a row a segment, shares that add up to 1.
    leaves
        `segment` and `n_people`.

    >>> mixes = pd.DataFrame({"video": [0.9, 0.8, 0.0], "text": [0.1, 0.2, 1.0]}, index=list("abc"))
    >>> leaves = pd.DataFrame({"segment": list("abc"), "n_people": [60, 50, 70]})
    >>> merge_leaves(mixes, leaves, Resources(max_variants=2)).table["variant"].tolist()
    ['a', 'a', 'c']
    """
    known = leaves[leaves["segment"].isin(mixes.index)].reset_index(drop=True)
    overlap = shared_content(mixes.loc[known["segment"]])
    people = known["n_people"].to_numpy(dtype=float)
    benefits = overlap.to_numpy() * people[:, None]
    served = cover(benefits, people, resources)
    rows = np.arange(len(known))
    table = known.assign(
        variant=overlap.columns[served], shared=overlap.to_numpy()[rows, served].clip(0, 1)
    )
    finest = float(np.diag(benefits).sum())
    return Merged(table, float(benefits[rows, served].sum()), finest)


def cover(benefits: np.ndarray, people: np.ndarray, resources: Resources) -> np.ndarray:
    """Find by whose content each leaf is served so that the total benefit is as large as can be.

    A plain facility location: every leaf is served by exactly one, those whose content is made, and
    these by their own. Solved exactly, by HiGHS.

    Parameters
    ----------
    benefits
        (n, n) what is reached when the row's leaf is served by the column's content.

    Raises
    ------
    SettingsError
        When not even one variant can be paid, or none reaches enough people.

    References
    ----------
    Daskin (2013), "Network and Discrete Location", Wiley, chapter 6: the p-median problem.

    >>> benefits = np.array([[5.0, 4.0, 0.0], [3.0, 4.0, 0.0], [0.0, 0.0, 2.0]])
    >>> cover(benefits, np.array([10, 10, 10]), Resources(max_variants=2)).tolist()
    [1, 1, 2]
    """
    n = len(benefits)
    if n == 0:
        return np.zeros(0, dtype=int)
    # a little less for a variant: where two plans reach the same, fewer variants are better
    little = 1e-6 * max(float(np.abs(benefits).max()), 1.0)
    gain = np.concatenate([benefits.ravel(), np.full(n, -little)])  # x[i, j] row by row, then y[j]
    found = optimize.milp(
        -gain,
        constraints=constraints(n, people, resources),
        integrality=np.ones(n * n + n),
        bounds=optimize.Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise SettingsError(
            "11_monitoring: no variant of content can be paid; raise content_budget or lower "
            "variant_cost."
        )
    return found.x[: n * n].reshape(n, n).argmax(axis=1)


def constraints(
    n: int, people: np.ndarray, resources: Resources
) -> list[optimize.LinearConstraint]:
    """Write what a plan must keep to: one variant a leaf, only those made, and the resources."""
    each, one = sparse.eye(n), np.ones((1, n))
    nothing = sparse.csr_matrix((n, n))
    served_once = sparse.hstack([sparse.kron(each, one), nothing])
    only_made = sparse.hstack([sparse.eye(n * n), -sparse.kron(np.ones((n, 1)), each)])
    # whose content is made is served by it: else two leaves could swap theirs
    own = sparse.csr_matrix((np.ones(n), (np.arange(n), np.arange(n) * (n + 1))), shape=(n, n * n))
    reach = sparse.hstack([sparse.kron(people[None, :], each), -resources.min_people * each])
    found = [
        optimize.LinearConstraint(served_once, 1, 1),
        optimize.LinearConstraint(only_made, -np.inf, 0),
        optimize.LinearConstraint(sparse.hstack([own, -each]), 0, 0),
        optimize.LinearConstraint(reach, 0, np.inf),
    ]
    if (most := most_variants(n, resources)) < n:
        made = sparse.hstack([sparse.csr_matrix((1, n * n)), sparse.csr_matrix(one)])
        found.append(optimize.LinearConstraint(made, 0, most))
    return found


def most_variants(n: int, resources: Resources) -> int:
    """Count how many variants can be made and paid.

    >>> most_variants(6, Resources(max_variants=4, variant_cost=300, budget=1000))
    3
    """
    most = resources.max_variants or n
    if resources.budget and resources.variant_cost:
        most = min(most, int(resources.budget // resources.variant_cost))
    return most


def leaves(clearances: pd.DataFrame, *, min_people: int) -> pd.DataFrame:
    """List the segments that are cleared and large enough to make content for."""
    fit = clearances["cleared"] & (clearances["n_people"] >= min_people)
    return clearances.loc[fit, ["segment", "n_people"]].reset_index(drop=True)
