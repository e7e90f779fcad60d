"""Data with and without groups, drawn by seed; half of the kinds were never tuned on.

Thresholds of the verdict were set on the kinds of the development half alone. Those of the
confirmation half are drawn to report. `structureless` and `structured` hold the kinds;
`held_out_continua` and `held_out_groups` those of somebody who had not seen the code.
"""

from typing import NamedTuple

import numpy as np

from generators import held_out_continua, held_out_groups, structured, structureless


class Drawn(NamedTuple):
    """One simulated table of people."""

    values: np.ndarray  # (n, p) in natural units, missing where unknown
    truth: np.ndarray  # (n,) planted group of each; all 0 where there are none
    k: int  # number of planted groups, 1 where there are none


DEVELOPMENT = {**structureless.DEVELOPMENT, **structured.DEVELOPMENT}
CONFIRMATION = {**structureless.CONFIRMATION, **structured.CONFIRMATION}
STRUCTURELESS = {**structureless.DEVELOPMENT, **structureless.CONFIRMATION}
STRUCTURED = {**structured.DEVELOPMENT, **structured.CONFIRMATION}

HELD_OUT = {**held_out_continua.CONTINUA, **held_out_groups.GROUPS}


def draw(kind: str, seed: int, *, n: int = 300) -> Drawn:
    """Draw n people of a kind; columns are eight, or what the kind needs."""
    rng = np.random.default_rng([seed, len(kind), *kind.encode()])
    continua = STRUCTURELESS | held_out_continua.CONTINUA
    if kind in continua:
        return Drawn(continua[kind](rng, n), np.zeros(n, dtype=int), 1)
    values, truth = (STRUCTURED | held_out_groups.GROUPS)[kind](rng, n)
    return Drawn(values, truth, len(np.unique(truth)))
