"""One persona a segment."""

import pandas as pd

from coterie.segments.personas.context import ContextCounts
from coterie.segments.personas.persona import Persona, make_persona, share_holding


def personas(
    profiles: pd.DataFrame,
    traits: pd.DataFrame,
    people: pd.DataFrame,
    contexts: ContextCounts,
    *,
    outcomes: pd.DataFrame,
    min_people: int = 50,
) -> list[Persona]:
    """Tell one story a segment, in the order of ids; segments under `min_people` are left out.

    Parameters
    ----------
    traits, people
        One row a person in the same order; `people` has `segment`, `segment_name`, `tier`.
    outcomes
        As `effect_sizes` returns it.
    """
    written = []
    for (segment, name), rows in profiles.groupby(["segment", "segment_name"], sort=True):
        if rows["n_people"].iloc[0] < min_people:
            continue
        members = (people["segment"] == segment).to_numpy()
        written.append(
            make_persona(
                rows,
                name=name,
                holds=share_holding(traits, members, rows),
                contexts=contexts.of(segment),
                outcomes=outcomes,
                edge_share=float((people.loc[members, "tier"] == "edge").mean()),
                min_people=min_people,
            )
        )
    return written
