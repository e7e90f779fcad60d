"""From run to run people find their segment under the same id and name, whatever else changes."""

import ibis
import numpy as np
import pandas as pd

from coterie.segments import Matrix, carry_over, feature_matrix, fit_final, scorer, soft_assign
from coterie.segments.profiles.explanations import typical_traits, why_in, why_not
from coterie.segments.selection.verdict import Verdict

THREE = Verdict("natural", "k-means", 3)


def people(seed=0, n=300):
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n)
    centres = np.array([[200, 1, 0.2], [20, 8, 0.8], [4, 3, 0.3]])[kind]
    noise = np.exp(0.2 * rng.standard_normal((n, 3)))
    frame = pd.DataFrame(centres * noise, columns=["n_events", "frequency", "evening_share"])
    return frame.assign(person_id=[f"p{number:03d}" for number in range(n)], fitted=True), kind


def run(frame, past=None, seed=0, **options):
    matrix = feature_matrix(frame)
    return carry_over(
        matrix, fit_final(matrix, THREE, seed=seed, resamples=2), past=past, **options
    )


def table_of(found):
    frame = found.segment.rename("segment").rename_axis("person_id").reset_index()
    return ibis.memtable(frame.assign(segment_name=frame["segment"].map(found.names)))


def test_seeds_row_order_units_and_people_who_stand_there_twice_change_no_id_and_no_name():
    frame, _ = people()
    first = run(frame)
    again = frame.sample(frac=0.02, random_state=1).assign(
        person_id=lambda f: f["person_id"] + "_again"
    )
    cents = frame.assign(frequency=100 * frame["frequency"])
    # without a past: the fit alone must be the same
    others = [run(frame, seed=seed) for seed in range(1, 20)]
    past = table_of(first)
    others += [
        run(other, past)
        for other in (frame.sample(frac=1, random_state=2), cents, pd.concat([frame, again]))
    ]
    for other in others:
        assert other.names == first.names
        assert other.segment[first.segment.index].equals(first.segment)


def test_everybody_kept_means_nothing_happened():
    frame, _ = people()
    first = run(frame)
    second = run(frame, table_of(first))
    assert set(second.happened["event"]) == {"kept"}
    assert (second.flows["before"] == second.flows["now"]).all()
    assert first.happened.empty
    assert first.flows.empty


def test_only_people_of_the_sample_are_looked_up_in_the_past():
    frame, _ = people()
    first = run(frame)
    gone = ibis.memtable(
        {"person_id": ["long gone"], "segment": ["S9"], "segment_name": ["Past, gone"]}
    )
    second = run(frame, table_of(first).union(gone))
    assert "S9" not in set(second.segment)
    assert second.names == first.names


def test_a_fixed_name_renames_a_segment_and_moves_nobody():
    frame, _ = people()
    first = run(frame)
    second = run(frame, table_of(first), fixed={"S1": "Quiet evenings"})
    assert second.names["S1"] == "Quiet evenings"
    assert second.segment.equals(first.segment)


def test_a_cluster_where_nobody_is_most_at_home_is_no_segment():
    frame, _ = people()
    matrix = feature_matrix(frame)
    final = fit_final(matrix, THREE, resamples=2)
    lonely = final.model._replace(constants=final.model.constants - np.array([0, 0, 1e9]))
    found = carry_over(matrix, final._replace(model=lonely), past=None)
    assert len(found.model.segments) == len(found.names) == 2
    shares = soft_assign(ibis.memtable(frame), model=found.model).to_pandas()
    np.testing.assert_allclose(shares[found.model.segments].sum(axis=1), 1)


def test_bots_are_assigned_but_found_no_segment():
    frame, _ = people()
    strange = pd.DataFrame(
        {"n_events": 1e5, "frequency": 0.0, "evening_share": 0.5}, index=range(30)
    )
    strange = strange.assign(person_id=[f"bot{number}" for number in range(30)], fitted=False)
    with_bots = run(pd.concat([frame, strange]))
    without = run(frame)
    assert with_bots.names == without.names
    assert isinstance(feature_matrix(frame), Matrix)


def test_why_somebody_is_here_and_not_there_is_said_by_the_rule_that_places():
    frame, _ = people()
    matrix, found = feature_matrix(frame), run(frame)
    score, segments = scorer(found.model), found.model.segments
    typical = typical_traits(
        matrix.traits[matrix.columns], found.segment.reset_index(drop=True), segments=segments
    )
    person, home = matrix.traits.iloc[0], found.segment.iloc[0]
    assert why_in(person, home, typical, score).assigned == home
    for other in set(segments) - {home}:
        assert why_not(person, other, typical, score).assigned == other
