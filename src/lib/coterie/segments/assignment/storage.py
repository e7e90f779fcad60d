"""The assignment model as the lake keeps it."""

from coterie.lake.versions.models import Model
from coterie.segments.assignment.model import AssignmentModel
from coterie.segments.preparation.space import Space

SPACE = ("typical", "filler", "mean", "spread", "rotation")
ARRAYS = ("centres", "whitening", "constants")


def to_model(assignment: AssignmentModel) -> Model:
    """Write an assignment model as plain settings and arrays, for `lake.write_model`."""
    settings = {
        "features": assignment.features,
        "segments": assignment.segments,
        "names": assignment.names,
        "temperature": assignment.temperature,
    }
    arrays = {name: getattr(assignment.space, name) for name in SPACE}
    arrays |= {name: getattr(assignment, name) for name in ARRAYS}
    return Model("gaussian", settings, arrays)


def from_model(model: Model) -> AssignmentModel:
    """Make an assignment model of what `lake.read_model` gives back, for `assign` to apply.

    >>> import numpy as np
    >>> one = np.ones(1)
    >>> space = Space(one, one, one, one, np.eye(1))
    >>> model = AssignmentModel(
    ...     ["x"], space, ["S1"], {"S1": "Everyone"}, np.eye(1), np.eye(1)[None], one, 2.4
    ... )
    >>> from_model(to_model(model)) == model
    True
    """
    space = Space(*[model.arrays[name] for name in SPACE])
    parts = {name: model.arrays[name] for name in ARRAYS}
    return AssignmentModel(space=space, **model.settings, **parts)
