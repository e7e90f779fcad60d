"""Fitted models: numbers and plain settings in one file, never code, so reading one runs nothing.

A model is fitted in one notebook and applied everywhere else. It is stored like a table: one
immutable file named after its content, declared in contracts/models.yml, checked both ways.
The format is safetensors; kind and settings stand in its header as JSON.
"""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from coterie.contracts import ModelContract
from coterie.study import DataError


class Model(NamedTuple):
    """What a room needs to apply a fitted model again."""

    kind: str  # which of the kinds that its contract allows
    settings: dict  # anything JSON can say: names of features, ids of segments, options
    arrays: dict[str, np.ndarray]  # numbers by name


def to_bytes(model: Model) -> bytes:
    """Write a model in the bytes of one file; equal models give equal bytes.

    >>> content = to_bytes(Model("mean", {"unit": "days"}, {"means": np.ones(2)}))
    >>> content.endswith(np.ones(2).tobytes())
    True
    """
    header = json.dumps(
        {"kind": model.kind, "settings": model.settings}, sort_keys=True, allow_nan=False
    )
    arrays = {name: np.ascontiguousarray(array) for name, array in model.arrays.items()}
    return save(arrays, metadata={"model": header})  # one entry: several have no fixed order


def model_digest(content: bytes) -> str:
    """Name a model's file after its content."""
    return hashlib.sha256(content).hexdigest()[:16]


def read_model_file(file: Path, name: str) -> Model:
    """Read a model's file, once its content fits its name.

    Raises
    ------
    DataError
        Naming the model when the file is none of ours.
    """
    try:
        with safe_open(file, framework="numpy") as opened:
            header = json.loads(opened.metadata()["model"])
            arrays = {key: opened.get_tensor(key) for key in sorted(opened.keys())}
            return Model(header["kind"], header["settings"], arrays)
    except (SafetensorError, KeyError, TypeError, ValueError):
        raise DataError(f"model {name}: its file is damaged; run the study again.") from None


def check_model(contract: ModelContract, model: Model) -> None:
    """Raise a readable `DataError` when a model breaks its contract, without naming a value."""
    where = f"model {contract.model}"
    if model.kind not in contract.kinds:
        allowed = ", ".join(contract.kinds)
        raise DataError(f"{where}: kind {model.kind} is unknown; the contract has {allowed}.")
    required = set(contract.arrays) - set(contract.optional)
    if missing := sorted(required - set(model.arrays)):
        raise DataError(
            f"{where}: array {', '.join(missing)} is missing; the contract asks for it."
        )
    if unknown := sorted(set(model.arrays) - set(contract.arrays)):
        raise DataError(f"{where}: array {', '.join(unknown)} does not stand in the contract.")
    for array_name, array in model.arrays.items():
        if array.dtype.kind not in "biuf":
            raise DataError(f"{where}: array {array_name} holds no plain numbers.")
