"""From cluster integers to segments: ids, names and profiles in one step."""

from collections.abc import Mapping
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pandas as pd

from coterie.segments.assignment.final import FinalSegmentation
from coterie.segments.assignment.model import AssignmentModel, assign_matrix
from coterie.segments.continuity.ids import carry_ids
from coterie.segments.continuity.member_flows import member_events, member_flows
from coterie.segments.continuity.naming import name_segments
from coterie.segments.preparation.matrix import Matrix
from coterie.segments.profiles.describe import profile


class CarriedSegments(NamedTuple):
    """What the segments are called, and the model that assigns people to them."""

    model: AssignmentModel  # its segments are ids
    names: dict[str, str]  # by id
    segment: pd.Series  # id of everybody in the sample, by person_id
    profiles: pd.DataFrame  # rows of the table `profiles`, of those who shaped the groups
    happened: pd.DataFrame  # rows of the table `segment_events`; none on a first run
    # from which segment to which how many people came, as `member_flows` gives; none on a first run
    flows: pd.DataFrame

    def of_fitted(self, matrix: Matrix) -> pd.Series:
        """List the segments of those who shaped them, in the order of `matrix.fitted_traits`."""
        return self.segment[matrix.fitted].reset_index(drop=True)


def carry_over(
    matrix: Matrix,
    final: FinalSegmentation,
    *,
    past: ir.Table | None,
    past_events: ir.Table | None = None,
    fixed: Mapping[str, str] | None = None,
) -> CarriedSegments:
    """Give every cluster the id of the earlier segment whose members it holds, and a name.

    Parameters
    ----------
    past
        `person_id`, `segment` and `segment_name` of the last run; None on a first run. Of it only
        people of the sample are looked at.
    past_events
        `segment` of the last run's events; ids of segments that died then are not given again.
    fixed
        Names that the study file fixes, by id.
    """
    before = recall(past, matrix)
    found = pd.Series(assign_matrix(matrix, model=final.model), index=matrix.person_id)
    # nobody founds, orders or carries on a segment who had no say in it
    homes = found[matrix.fitted]
    given = max(highest(past), highest(past_events))
    ids = carry_ids(homes, before["segment"] if len(before) else None, given=given)
    segment = found.map(ids)
    shaped = matrix.traits[matrix.fitted].reset_index(drop=True)
    profiles = profile(shaped, segment[matrix.fitted].reset_index(drop=True), used=matrix.columns)
    kept = before.groupby("segment")["segment_name"].first().to_dict()
    names = name_segments(profiles, kept=kept, fixed=fixed or {})
    profiles["segment_name"] = profiles["segment"].map(names)
    now = segment.dropna() if len(before) else segment[:0]
    return CarriedSegments(
        keep(final.model, ids, names),
        names,
        segment,
        profiles,
        member_events(before["segment"], now),
        member_flows(before["segment"], now),
    )


def highest(past: ir.Table | None) -> int:
    """Find the highest number that a segment has had.

    >>> highest(ibis.memtable({"segment": ["S2", "S11"]})), highest(None)
    (11, 0)
    """
    if past is None:
        return 0
    return int(past["segment"].substr(1).cast("int64").max().to_pyarrow().as_py() or 0)


def recall(past: ir.Table | None, matrix: Matrix) -> pd.DataFrame:
    """Look up `segment` and `segment_name` of the last run, by the sample's person_id."""
    columns = ["person_id", "segment", "segment_name"]
    if past is None:
        return pd.DataFrame(columns=columns, dtype=object).set_index("person_id")
    sample = ibis.memtable({"person_id": matrix.person_id.tolist()})
    return past.select(columns).semi_join(sample, "person_id").to_pandas().set_index("person_id")


def keep(model: AssignmentModel, ids: dict[int, str], names: Mapping[str, str]) -> AssignmentModel:
    """Name the clusters of a model by their ids; one in which nobody is most at home is dropped."""
    parts = {
        name: getattr(model, name)[list(ids)] for name in ("centres", "whitening", "constants")
    }
    return model._replace(segments=list(ids.values()), names=dict(names), **parts)
