"""From cluster integers to segments: ids, names and profiles in one step."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from coterie.segments.matrix import Matrix
from coterie.segments.naming import carry_ids, name_segments
from coterie.segments.placing import Placing, place_matrix
from coterie.segments.profiles import profile
from coterie.segments.settling import Settled


class Identity(NamedTuple):
    """What the segments are called, and the rule that places people in them."""

    placing: Placing  # its segments are ids
    names: dict[str, str]  # by id
    segment: pd.Series  # id of everybody in the sample, by person_id
    profiles: pd.DataFrame  # rows of the table `profiles`, of those who shaped the groups


def identify(
    matrix: Matrix, settled: Settled, *, past: pd.DataFrame | None, fixed: Mapping[str, str] | None = None
) -> Identity:
    """Give every cluster the id of the earlier segment whose members it holds, a name, and a profile.

    Parameters
    ----------
    past
        `segment` and `segment_name` of the last run, by person_id; None on a first run.
    fixed
        Names that the study file fixes, by id.
    """
    found = pd.Series(place_matrix(matrix, placing=settled.placing), index=matrix.person_id)
    homes = found[found.isin(found[matrix.fitted].unique())]  # nobody founds a segment who shaped none
    ids = carry_ids(homes, None if past is None else past["segment"])
    segment = found.map(ids)
    shaped = matrix.traits[matrix.fitted].reset_index(drop=True)
    profiles = profile(shaped, segment[matrix.fitted].reset_index(drop=True), used=matrix.columns)
    kept = {} if past is None else past.groupby("segment")["segment_name"].first().to_dict()
    names = name_segments(profiles, kept=kept, fixed=fixed or {})
    profiles["segment_name"] = profiles["segment"].map(names)
    return Identity(keep(settled.placing, ids), names, segment, profiles)


def keep(placing: Placing, ids: dict[int, str]) -> Placing:
    """Call the clusters of a rule by their ids; one in which nobody is most at home is dropped."""
    own, sizes = list(ids), placing.sizes[list(ids)]
    parts = {name: getattr(placing, name)[own] for name in ("centres", "roots", "constants")}
    return placing._replace(segments=[ids[cluster] for cluster in own], sizes=sizes / sizes.sum(), **parts)
