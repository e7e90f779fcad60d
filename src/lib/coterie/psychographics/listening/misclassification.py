"""How often queries and the sentiment model err, from posts that were labelled by hand."""

import numpy as np
import pandas as pd

from coterie.psychographics.listening.counts import FEELINGS
from coterie.study import DataError

PRIOR = 0.5  # Jeffreys: half a post added to every kind of answer


def labelled_queries(accuracy: pd.DataFrame, brands: list[str]) -> pd.DataFrame:
    """Take the labelled counts of every brand, in order; none at all when one brand has none."""
    if not len(accuracy) or not set(brands) <= set(accuracy["brand"]):
        return pd.DataFrame()
    checks = accuracy.set_index("brand").loc[brands]
    for stratum in ("found", "rest"):
        if (checks[f"about_{stratum}"] > checks[f"labelled_{stratum}"]).any():
            raise DataError(
                f"accuracy: a brand has more posts in about_{stratum} than in labelled_{stratum}."
            )
    unknown = (checks["labelled_found"] == 0) | (
        (checks["labelled_rest"] == 0) & (checks["rest"] > 0)
    )
    return pd.DataFrame() if unknown.any() else checks


def labelled_sentiments(confusion: pd.DataFrame) -> np.ndarray:
    """Count true sentiments (rows) against those read (columns).

    Nothing when one of the three was never labelled.
    """
    if not len(confusion):
        return np.empty(0)
    totals = confusion.groupby(["sentiment", "inferred_sentiment"])["n"].sum().unstack(fill_value=0)
    sheet = totals.reindex(index=FEELINGS, columns=FEELINGS, fill_value=0).to_numpy(dtype=float)
    return sheet if (sheet.sum(axis=1) > 0).all() else np.empty(0)


def mentions_per_found(checks: pd.DataFrame) -> np.ndarray:
    """Compute how many posts about each brand stand behind one found post: precision / recall."""
    if not len(checks):
        return np.ones((1, 1))
    precision = checks["about_found"] / checks["labelled_found"]
    missed = checks["about_rest"] / checks["labelled_rest"].clip(lower=1)
    return (precision + checks["rest"] / checks["found"] * missed).to_numpy()[None]


def resample_mentions_per_found(
    checks: pd.DataFrame, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """Resample `mentions_per_found` from what the labelled samples leave open: a beta each."""
    if not len(checks):
        return np.ones((1, 1))
    shares = {}
    for stratum in ("found", "rest"):
        about = checks[f"about_{stratum}"]
        others = checks[f"labelled_{stratum}"] - about
        size = (replicates, len(checks))
        shares[stratum] = rng.beta(about + PRIOR, others + PRIOR, size=size)
    return shares["found"] + (checks["rest"] / checks["found"]).to_numpy() * shares["rest"]


def reading_probabilities(sheet: np.ndarray) -> np.ndarray:
    """Compute the chance of each reading (columns) given the true sentiment (rows).

    Perfect where nothing is known.
    """
    if not len(sheet):
        return np.eye(len(FEELINGS))[None]
    return (sheet / sheet.sum(axis=1, keepdims=True))[None]


def resample_reading_probabilities(
    sheet: np.ndarray, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """Resample the chances from what the labelled sheet leaves open: a Dirichlet a row."""
    if not len(sheet):
        return np.eye(len(FEELINGS))[None]
    gammas = rng.standard_gamma(sheet + PRIOR, size=(replicates, *sheet.shape))
    return gammas / gammas.sum(axis=-1, keepdims=True)
