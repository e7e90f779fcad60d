"""A flat picture of people: for the eye only, nothing is ever fitted on it."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.manifold import TSNE, trustworthiness

from coterie.segments.preparation.space import systematic_sample


class Embedding(NamedTuple):
    """Segments on a plane."""

    # segment, x, y: the ellipse that holds about half of each segment's people
    outlines: pd.DataFrame
    trustworthiness: float  # 0 to 1; 1 when every neighbour on the plane is a neighbour in truth


def embed(
    points: np.ndarray,
    segment: np.ndarray,
    *,
    at_most: int = 800,
    min_people: int = 50,
    seed: int = 0,
) -> Embedding:
    """Draw people on a plane on which neighbours stay neighbours (t-SNE), as outlines.

    Distances between lumps and their sizes mean nothing on such a picture, so it is never
    clustered. No person is drawn; segments with fewer than `min_people` people among the `at_most`
    are left out.

    References
    ----------
    van der Maaten and Hinton (2008), JMLR 9; Venna and Kaski (2001), ICANN, for trustworthiness.
    """
    rows = systematic_sample(len(points), at_most)
    points = points[rows]
    segment = np.asarray(segment)[rows]
    start = "pca" if points.shape[1] > 1 else "random"
    nearby = min(30.0, (len(points) - 1) / 3)
    plane = TSNE(perplexity=nearby, init=start, random_state=seed).fit_transform(points)
    trust = trustworthiness(points, plane, n_neighbors=min(10, len(points) // 2 - 1))
    groups, sizes = np.unique(segment, return_counts=True)
    outlines = [
        ellipse(plane[segment == group]).assign(segment=group)
        for group in groups[sizes >= min_people]
    ]
    columns = ["segment", "x", "y"]
    return Embedding(
        pd.concat(outlines)[columns] if outlines else pd.DataFrame(columns=columns), float(trust)
    )


def ellipse(plane: np.ndarray, *, corners: int = 48) -> pd.DataFrame:
    """Trace the ellipse inside which half of a normal cloud lies."""
    root = np.linalg.cholesky(np.cov(plane.T) + 1e-9 * np.eye(2))
    turn = np.linspace(0, 2 * np.pi, corners + 1)
    rim = (
        plane.mean(axis=0)
        + np.sqrt(2 * np.log(2)) * np.column_stack([np.cos(turn), np.sin(turn)]) @ root.T
    )
    return pd.DataFrame(rim, columns=["x", "y"])
