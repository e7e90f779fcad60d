"""What became of a segment is told from its people alone, whatever its number or name."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.segments.continuity.ids import carry_ids
from coterie.segments.continuity.member_flows import (
    EVENTS,
    flow_counts,
    member_events,
    member_flows,
)
from coterie.study import DataError

RUNS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5)), min_size=1, max_size=60)
QUICK = settings(max_examples=50, deadline=None)


def runs(flows):
    """Turn {("S1", "S2"): 30} into two runs of 30 people.

    None is somebody whom that run does not know.
    """
    pairs = [pair for pair, n in flows.items() for _ in range(n)]
    people = pd.DataFrame(
        pairs, columns=["before", "now"], index=[f"p{n}" for n in range(len(pairs))], dtype=object
    )
    return people["before"].dropna(), people["now"].dropna()


def as_runs(pairs):
    """Turn pairs of numbers into two runs of the same people."""
    before, now = (pd.Series([f"S{pair[side]}" for pair in pairs]) for side in (0, 1))
    return before, now


def told(flows, **limits):
    """Say each segment's event and where it came from."""
    table = member_events(*runs(flows), **limits)
    return {(row.event, row.segment): row.from_segments for row in table.itertuples()}


def test_a_segment_that_keeps_its_people_is_kept_and_the_overlap_is_said():
    table = member_events(*runs({("S1", "S1"): 80, ("S1", "S2"): 20, ("S2", "S2"): 100}))
    assert table["event"].tolist() == ["kept", "kept"]
    assert table["n_people"].tolist() == [80, 120]
    assert table["overlap"].tolist() == pytest.approx([80 / 100, 100 / 120])


def test_a_segment_in_two_parts_is_split_though_one_part_has_its_id():
    table = member_events(*runs({("S1", "S1"): 120, ("S1", "S3"): 80, ("S2", "S2"): 50}))
    split, kept, other = table[["event", "segment", "from_segments"]].values.tolist()
    assert split == ["split", "S1", "S1"]
    assert kept == ["kept", "S2", "S2"]
    assert other == ["split", "S3", "S1"]
    assert table["overlap"].tolist() == pytest.approx([0.6, 1.0, 0.4])


def test_two_segments_that_become_one_are_merged_though_it_has_the_id_of_one():
    table = member_events(*runs({("S1", "S1"): 100, ("S2", "S1"): 60, ("S3", "S3"): 50}))
    assert table.iloc[0].tolist() == ["merged", "S1", "S1, S2", 160, 1.0]
    assert table["event"].tolist() == ["merged", "kept"]


def test_a_split_read_backwards_is_a_merger():
    flows = {("S1", "S1"): 120, ("S1", "S3"): 80, ("S2", "S2"): 50}
    assert told({pair[::-1]: n for pair, n in flows.items()}) == {
        ("merged", "S1"): "S1, S3",
        ("kept", "S2"): "S2",
    }


def test_five_equal_shreds_are_no_parts_so_the_segment_died_and_they_are_born():
    shreds = told({("S1", f"S{n}"): 20 for n in range(2, 7)})
    assert [event for event, _ in shreds] == ["born"] * 5 + ["died"]
    quarters = told({("S1", f"S{n}"): 20 for n in range(2, 6)})
    assert {event for event, _ in quarters} == {"split"}


def test_a_chip_of_a_segment_is_born_and_the_segment_is_kept():
    flows = {("S1", "S1"): 80, ("S1", "S2"): 20}
    assert told(flows) == {("kept", "S1"): "S1", ("born", "S2"): ""}
    assert told(flows, part_from=0.2) == {("split", "S1"): "S1", ("split", "S2"): "S1"}


def test_a_small_segment_that_disappears_in_a_large_one_has_died():
    table = member_events(*runs({("S1", "S1"): 500, ("S2", "S1"): 20}))
    assert table[["event", "segment"]].values.tolist() == [["kept", "S1"], ["died", "S2"]]
    assert table["overlap"].tolist() == pytest.approx([500 / 520, 20 / 520])


def test_a_segment_gathered_from_three_others_that_live_on_is_born():
    flows = {(f"S{n}", to): 70 if to != "S4" else 30 for n in (1, 2, 3) for to in (f"S{n}", "S4")}
    assert [event for event, _ in told(flows)] == ["kept", "kept", "kept", "born"]


def test_a_segment_that_keeps_its_id_is_no_part_of_the_one_that_sent_it_many():
    assert told({("S1", "S1"): 50, ("S1", "S2"): 50, ("S2", "S2"): 40}) == {
        ("kept", "S1"): "S1",
        ("kept", "S2"): "S2",
    }


def test_two_segments_that_swap_a_third_of_their_people_are_both_kept():
    assert told({("S1", "S1"): 70, ("S1", "S2"): 30, ("S2", "S2"): 70, ("S2", "S1"): 30}) == {
        ("kept", "S1"): "S1",
        ("kept", "S2"): "S2",
    }


@pytest.mark.parametrize(("stayed", "event"), [(30, "kept"), (29, "born")])
def test_an_id_is_kept_from_the_stated_overlap_on(stayed, event):
    flows = {("S1", "S1"): stayed, ("S1", "S2"): 50, ("S1", "S3"): 50 - stayed}
    assert told(flows, part_from=0.6)[event, "S1"] == ("S1" if event == "kept" else "")


def test_an_id_given_to_other_people_is_not_kept():
    events = [("born", "S1"), ("born", "S2"), ("died", "S1"), ("died", "S2")]
    assert told({("S1", "S2"): 60, ("S2", "S1"): 60}) == dict.fromkeys(events, "")


def test_a_segment_whose_people_are_all_unknown_to_the_other_run_is_born_or_died_with_nobody():
    table = member_events(*runs({("S1", "S1"): 60, ("S2", None): 60, (None, "S3"): 60}))
    assert table.values.tolist() == [
        ["kept", "S1", "S1", 60, 1.0],
        ["born", "S3", "", 0, 0.0],
        ["died", "S2", "", 0, 0],
    ]


def test_flows_are_listed_with_both_shares_and_s2_stands_ahead_of_s10():
    flows = member_flows(*runs({("S10", "S10"): 30, ("S2", "S10"): 10, ("S2", "S2"): 30}))
    stayed, moved, also_stayed = flows.values.tolist()
    assert stayed == ["S2", "S2", 30, 0.75, 1.0]
    assert moved == ["S2", "S10", 10, 0.25, 0.25]
    assert also_stayed == ["S10", "S10", 30, 1.0, 0.75]


@QUICK
@given(RUNS)
def test_every_present_segment_has_one_event_and_every_earlier_one_is_named_or_has_died(pairs):
    before, now = as_runs(pairs)
    table = member_events(before, now)
    died = table["event"] == "died"
    assert sorted(table.loc[~died, "segment"]) == sorted(now.unique())
    assert set(table["event"]) <= {"kept", "born", "died", "split", "merged"}
    named = {
        former for sources in table["from_segments"] if sources for former in sources.split(", ")
    }
    gone = set(table.loc[died, "segment"])
    assert not named & gone
    assert named | gone == set(before)
    kept = table[table["event"] == "kept"]
    assert kept["segment"].tolist() == kept["from_segments"].tolist()
    assert (table.loc[table["event"] == "merged", "from_segments"].str.count(",") >= 1).all()
    assert table["overlap"].between(0, 1).all()


@QUICK
@given(RUNS)
def test_a_kept_segment_is_not_split_as_well(pairs):
    table = member_events(*as_runs(pairs))
    kept = set(table.loc[table["event"] == "kept", "segment"])
    assert not any(
        kept & set(s.split(", ")) for s in table.loc[table["event"] != "kept", "from_segments"]
    )


@QUICK
@given(st.lists(st.integers(1, 6), min_size=1, max_size=60))
def test_the_same_run_twice_is_all_kept(labels):
    run = pd.Series(labels).map("S{}".format)
    table = member_events(run, run.sample(frac=1, random_state=0))
    assert table["event"].tolist() == ["kept"] * run.nunique()
    assert (table["overlap"] == 1).all()
    assert table["segment"].tolist() == table["from_segments"].tolist() == sorted(run.unique())


@QUICK
@given(RUNS, st.permutations(range(1, 6)))
def test_renaming_moves_nobody(pairs, order):
    before, now = as_runs(pairs)
    names = {f"S{old}": f"S{new}" for old, new in enumerate(order, 1)}
    flows, renamed = member_flows(before, now), member_flows(before.map(names), now.map(names))
    moved = flows.assign(before=flows["before"].map(names), now=flows["now"].map(names))
    assert sorted(moved.values.tolist()) == sorted(renamed.values.tolist())
    one, other = member_events(before, now), member_events(before.map(names), now.map(names))
    assert sorted(one["event"] + one["segment"].map(names)) == sorted(
        other["event"] + other["segment"]
    )
    measures = ["n_people", "overlap"]
    assert sorted(one[measures].values.tolist()) == sorted(other[measures].values.tolist())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.permutations(range(5)))
def test_renumbering_the_clusters_changes_no_event(seed, numbers):
    rng = np.random.default_rng(seed)
    before = pd.Series(rng.choice(4, 300, p=[0.4, 0.3, 0.2, 0.1])).map(
        {0: "S1", 1: "S2", 2: "S3", 3: "S4"}
    )
    clusters = before.map({"S1": 0, "S2": 1, "S3": 2, "S4": 2})
    clusters = clusters.mask((before == "S1") & (rng.random(300) < 0.37), 3).mask(
        rng.random(300) < 0.13, 4
    )
    renumbered = clusters.map(dict(enumerate(numbers)))
    one, other = (
        member_events(before, found.map(carry_ids(found, before)))
        for found in (clusters, renumbered)
    )
    assert one.equals(other)


@QUICK
@given(RUNS, RUNS)
def test_people_known_to_one_run_only_change_nothing(pairs, others):
    before, now = as_runs(pairs)
    left, new = as_runs(others)
    left, new = left[left.isin(before)].add_prefix("left"), new[new.isin(now)].add_prefix("new")
    assert member_events(pd.concat([before, left]), pd.concat([new, now])).equals(
        member_events(before, now)
    )
    assert member_flows(pd.concat([before, left]), pd.concat([new, now])).equals(
        member_flows(before, now)
    )


@QUICK
@given(RUNS)
def test_shares_add_up_over_flows_and_nobody_is_lost(pairs):
    before, now = as_runs(pairs)
    flows = member_flows(before, now)
    assert flows["n_people"].sum() == len(before)
    np.testing.assert_allclose(flows.groupby("before")["share_of_before"].sum(), 1)
    np.testing.assert_allclose(flows.groupby("now")["share_of_now"].sum(), 1)


def test_the_table_keeps_its_shape_when_nobody_is_known():
    nobody = pd.Series([], dtype=object)
    assert member_events(nobody, nobody).columns.tolist() == EVENTS
    assert member_flows(nobody, nobody).empty


def test_a_person_in_two_rows_is_refused():
    twice = pd.Series(["S1", "S2"], index=["ana", "ana"])
    with pytest.raises(DataError, match="earlier run has people in two rows"):
        flow_counts(twice, twice.iloc[:1])
