"""Data with and without groups, drawn by seed: what the verdict is tried on."""

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.datasets import load_breast_cancer

# gap in deviations
KINDS = {"separated": 7.0, "overlapping": 4.0, "unbalanced": 6.0, "elongated": 7.0, "noise": 7.0}
NULLS = [
    "uniform",
    "Gaussian",
    "log-normal RFM",
    "permuted real columns",
    "yes or no",
    "heavy tails",
]


def draw_people(
    kind: str, seed: int, *, n: int = 300, p: int = 6
) -> tuple[np.ndarray, np.ndarray, int]:
    """Draw people in two to five groups: values (n, p), group of each (-1 noise), number of groups.

    Centres are `KINDS[kind]` standard deviations apart at least. `unbalanced` has one group of a
    tenth of the people, `elongated` is six times as long as wide, `noise` has a tenth strewn
    anywhere.
    """
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 6))
    share = np.r_[0.1, np.full(k - 1, 0.9 / (k - 1))] if kind == "unbalanced" else np.full(k, 1 / k)
    group, centres = rng.choice(k, n, p=share), rng.uniform(-1, 1, (k, p))
    while pdist(centres).min() < 0.3:
        centres = rng.uniform(-1, 1, (k, p))
    stretch = np.r_[4.0, np.full(p - 1, 0.7)] if kind == "elongated" else np.ones(p)
    turns = np.linalg.qr(rng.standard_normal((k, p, p)))[0] * stretch
    noise = np.einsum("npq,nq->np", turns[group], rng.standard_normal((n, p)))
    values = centres[group] * KINDS[kind] / pdist(centres).min() + noise
    if kind == "noise":
        strewn = rng.random(n) < 0.1
        values = np.where(
            strewn[:, None], rng.uniform(values.min(axis=0), values.max(axis=0), (n, p)), values
        )
        group = np.where(strewn, -1, group)
    return values, group, k


def draw_null(kind: str, seed: int, *, n: int = 300, p: int = 6) -> np.ndarray:
    """Draw people without groups; all but `uniform` and `permuted real columns` are correlated.

    `yes or no` and `heavy tails` (t with three degrees of freedom) hang on one factor.
    """
    rng = np.random.default_rng(seed)
    if kind == "uniform":
        return rng.random((n, p))
    mixed = rng.standard_normal((n, p)) @ (np.eye(p) + 0.5 * rng.standard_normal((p, p)))
    if kind == "Gaussian":
        return mixed
    if kind == "yes or no":
        return (rng.standard_normal((n, 1)) + 0.8 * rng.standard_normal((n, p)) > 0).astype(float)
    if kind == "heavy tails":
        return rng.standard_t(3, (n, 1)) + 0.8 * rng.standard_t(3, (n, p))
    if kind == "log-normal RFM":
        return np.exp(0.7 * mixed[:, :3] + 2)  # recency, frequency, monetary value
    # real: measures of cells, skewed and correlated until they are shuffled
    table = load_breast_cancer().data
    columns = rng.choice(table.shape[1], p, replace=False)
    return rng.permuted(table[rng.choice(len(table), n, replace=False)][:, columns], axis=0)
