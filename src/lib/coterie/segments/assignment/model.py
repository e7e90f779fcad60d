"""The assignment model: one function from features to segments, here over arrays."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import log_softmax

from coterie.segments.preparation.matrix import Matrix
from coterie.segments.preparation.space import Space, points
from coterie.segments.selection.algorithms import MIXTURES, gaussians


class AssignmentModel(NamedTuple):
    """A segmentation as a model: all it takes to assign somebody who was not in the fit."""

    features: list[str]  # p names, in the order of the space
    space: Space
    segments: list[str]  # k ids
    names: dict[str, str]  # of the segments, by id; empty before they have any
    centres: np.ndarray  # (k, q)
    # (k, q, q) a point's offset from the centre times this has deviation 1 within the cluster
    whitening: np.ndarray
    constants: np.ndarray  # (k,) log weight and volume
    # by which scores are divided before they become shares; above 1 they are less certain
    temperature: float


def fit_assignment(
    space: Space,
    values: np.ndarray,
    labels: np.ndarray,
    *,
    features: Sequence[str],
    method: str,
    seed: int = 0,
) -> AssignmentModel:
    """Turn a grouping into an assignment model.

    k-means puts people with the nearest centre; a mixture where it is most likely that they come
    from. Ward, HDBSCAN and medoids only know the people they grouped: their groups are summed up as
    Gaussians of one common shape, and noise is assigned like everybody else.

    Parameters
    ----------
    values
        (n, p) in natural units.
    labels
        (n,) cluster of each, -1 for noise.

    >>> values = np.array([[0.0], [1.0], [9.0], [10.0]])
    >>> from coterie.segments.preparation.space import fit_space
    >>> labels = np.array([0, 0, 1, 1])
    >>> model = fit_assignment(fit_space(values), values, labels, features=["x"], method="k-means")
    >>> log_odds(model, np.array([[2.0], [7.0]])).argmax(axis=1).tolist()
    [0, 1]
    """
    at = points(space, values)
    k = int(labels.max()) + 1
    sizes = np.bincount(labels[labels >= 0], minlength=k) / max((labels >= 0).sum(), 1)
    centres = np.stack([at[labels == cluster].mean(axis=0) for cluster in range(k)])
    weights = np.log(sizes)
    if method in MIXTURES:
        mixture = gaussians(at, k, kind=MIXTURES[method], seed=seed, starts=[labels])
        centres = mixture.means_
        whitening = whiten(mixture, MIXTURES[method])
        weights = np.log(mixture.weights_)
    elif method.startswith("k-means"):
        offsets = at - centres[labels]
        whitening = np.stack([np.eye(at.shape[1]) / max(offsets.std(), 1e-9)] * k)
        weights = np.zeros(k)
    else:
        inside = labels >= 0
        common = np.cov((at[inside] - centres[labels[inside]]).T).reshape(at.shape[1], -1)
        ridge = 1e-3 * np.trace(common) / len(common) + 1e-9
        precision = np.linalg.inv(common + ridge * np.eye(len(common)))
        whitening = np.stack([np.linalg.cholesky(precision)] * k)
    constants = weights + np.log(np.diagonal(whitening, axis1=1, axis2=2)).sum(axis=1)
    ids = [str(cluster) for cluster in range(k)]
    return AssignmentModel(list(features), space, ids, {}, centres, whitening, constants, 1.0)


def whiten(model: object, kind: str) -> np.ndarray:
    """Bring a mixture's precisions to one form, (k, q, q): for every cluster its own matrix."""
    whitening = np.asarray(model.precisions_cholesky_)
    if kind == "diag":
        return np.stack([np.diag(row) for row in whitening])
    return whitening if kind == "full" else np.stack([whitening] * len(model.means_))


def log_odds(model: AssignmentModel, values: np.ndarray) -> np.ndarray:
    """Score every person in every segment: (n, k), highest where they fit best.

    Parameters
    ----------
    values
        (n, p) in natural units and the order of `model.features`, missing where unknown.
    """
    at = points(model.space, values)
    pairs = zip(model.centres, model.whitening, strict=True)
    return model.constants - 0.5 * np.stack(
        [(((at - c) @ root) ** 2).sum(axis=1) for c, root in pairs], axis=1
    )


def scorer(model: AssignmentModel) -> Callable[[pd.DataFrame], np.ndarray]:
    """Make the function that scores people by their traits, as `why_in` and `ablation` take it."""
    return lambda people: log_odds(model, people[model.features].to_numpy(float))


def assign_matrix(matrix: Matrix, *, model: AssignmentModel) -> np.ndarray:
    """Assign a whole sample to the most likely segments: (n,) positions.

    Those who had no say in where the groups are get one, too.
    """
    return log_odds(model, matrix.traits[model.features].to_numpy(float)).argmax(axis=1)


def membership_shares(model: AssignmentModel, values: np.ndarray) -> np.ndarray:
    """Give the membership share of each person in each segment: (n, k), rows sum to 1."""
    return np.exp(log_softmax(log_odds(model, values) / model.temperature, axis=1))
