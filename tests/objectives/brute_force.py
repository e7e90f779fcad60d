"""Every way to spend the same, tried one by one: what variants and tests are held against."""

from itertools import combinations, product

import numpy as np
import pandas as pd


def best_by_hand(benefits: np.ndarray, *, most: int) -> float:
    """Try every set of leaves whose content could be made; each leaf takes its best."""
    n = len(benefits)
    best = -np.inf
    for size in range(1, most + 1):
        for made in map(list, combinations(range(n), size)):
            served = benefits[:, made].max(axis=1)
            served[made] = benefits[made, made]  # who has content of their own is served by it
            best = max(best, served.sum())
    return best


def best_with_floor(benefits: np.ndarray, people: np.ndarray, *, least: int) -> float:
    """Try every way to serve every leaf, and keep those whose variants reach enough people."""
    n, best = len(benefits), -np.inf
    for served in product(range(n), repeat=n):
        own = all(served[by] == by for by in set(served))
        reach = np.bincount(served, people, minlength=n)
        if own and all(reach[by] >= least for by in set(served)):
            best = max(best, benefits[range(n), served].sum())
    return best


def world(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw leaves with their people, and how much of each another's content has."""
    mixes = rng.dirichlet(np.full(8, 0.5), n)
    people = rng.integers(60, 3000, n).astype(float)
    overlap = np.minimum(mixes[:, None], mixes[None]).sum(axis=2)
    return overlap * people[:, None], people


def drawn_strata(rng: np.random.Generator) -> pd.DataFrame:
    """Draw three segments of some people and spread."""
    return pd.DataFrame(
        {
            "segment": ["S1", "S2", "S3"],
            "n_people": rng.integers(20, 400, 3),
            "spread": rng.uniform(0.05, 0.5, 3),
        }
    )


def least_variance(strata: pd.DataFrame, floor: np.ndarray, *, total: int) -> float:
    """Try every allocation of a total over three segments, between a floor and their people."""
    most = strata["n_people"].to_numpy()
    first, second = np.meshgrid(*(np.arange(1, n + 1) for n in most[:2]))
    tried = np.stack([first, second, total - first - second], axis=-1).reshape(-1, 3)
    tried = tried[(tried >= np.maximum(floor, 1)).all(axis=1) & (tried <= most).all(axis=1)]
    parts = (most / most.sum() * strata["spread"].to_numpy()) ** 2
    return float((parts / tried).sum(axis=1).min())
