"""The linkage model of Fellegi and Sunter: how often each level is seen in matches and others."""

import hashlib
from typing import NamedTuple

import numpy as np
import pandas as pd

from coterie.lake import Model
from coterie.study import DataError

LINKAGES = ("exact", "fuzzy")


class Linkage(NamedTuple):
    """A fitted linkage model."""

    prior: float  # share of all pairs of accounts that are one person's
    weights: pd.DataFrame  # a row a level: field, level, m, u; how often in matches, in other pairs
    rules: tuple[str, ...]  # blocking rules: columns joined by a comma, empty for every pair
    threshold: float  # match probability from which a pair is linked
    review_from: float  # match probability from which a person should look at a pair
    one_account: tuple[str, ...]  # platforms on which a person has one account only
    trained_on: str  # fingerprint of the records

    @property
    def fields(self) -> list[str]:
        """List the fields that are compared."""
        return list(dict.fromkeys(self.weights["field"]))


NO_WEIGHTS = pd.DataFrame({"field": [], "level": [], "m": [], "u": []}).astype(
    {"field": object, "level": object, "m": float, "u": float}
)


def exact_linkage(one_account: tuple[str, ...] = ()) -> Linkage:
    """Make the model that compares nothing: exact keys alone decide."""
    return Linkage(0.0, NO_WEIGHTS, (), 1.0, 1.0, one_account, "")


def as_model(linkage: Linkage) -> Model:
    """Write a linkage model for the lake: numbers as arrays, words as settings.

    >>> as_linkage(as_model(exact_linkage(("x",)))).one_account
    ('x',)
    """
    words = {name: value for name, value in linkage._asdict().items() if name in WORDS}
    levels = {name: linkage.weights[name].tolist() for name in ("field", "level")}
    kind = "fellegi_sunter" if linkage.rules else "exact"
    numbers = [linkage.prior, linkage.threshold, linkage.review_from]
    arrays = {name: linkage.weights[name].to_numpy(float) for name in ("m", "u")}
    return Model(kind, words | levels, arrays | {"limits": np.array(numbers, dtype=float)})


WORDS = ("rules", "one_account", "trained_on")


def as_linkage(model: Model) -> Linkage:
    """Read a linkage model of the lake."""
    prior, threshold, review_from = map(float, model.arrays["limits"])
    words = {name: model.settings[name] for name in ("field", "level")}
    numbers = {name: model.arrays[name] for name in ("m", "u")}
    return Linkage(
        prior,
        pd.DataFrame(words | numbers),
        tuple(model.settings["rules"]),
        threshold,
        review_from,
        tuple(model.settings["one_account"]),
        model.settings["trained_on"],
    )


def fingerprint_of(records: pd.DataFrame) -> str:
    """Fingerprint the records that a model was trained on; their order does not count.

    >>> records = pd.DataFrame({"a": ["x", "y"]})
    >>> fingerprint_of(records) == fingerprint_of(records.iloc[::-1])
    True
    """
    rows = pd.util.hash_pandas_object(records.astype("string"), index=False).sort_values()
    return hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()[:16]


def check_levels(linkage: Linkage, labels: dict[str, list[str]]) -> None:
    """Refuse a model whose levels are no longer those that the code compares."""
    for field in linkage.fields:
        known = linkage.weights.loc[linkage.weights["field"] == field, "level"].tolist()
        if known != labels.get(field):
            raise DataError(f"model linkage: {field} is compared otherwise now; run 02 again.")
