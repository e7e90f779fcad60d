"""Segments nest, halves are tactical, pictures only draw, and interests find their node."""

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie.segments import audience_nodes, count_contexts, embed, nest
from coterie.segments.profiles.taxonomy import NODES, audience_node


def groups(seed=0, sizes=(120, 120, 120, 60)):
    rng = np.random.default_rng(seed)
    centres = np.array([[0.0, 0], [2.5, 0], [30, 0], [33, 4]])
    segment = np.repeat([f"S{n + 1}" for n in range(len(sizes))], sizes)
    return np.vstack(
        [rng.normal(centre, 0.4, (size, 2)) for centre, size in zip(centres, sizes, strict=False)]
    ), segment


def test_neighbours_join_first_and_every_part_lies_inside_its_parent():
    points, segment = groups()
    nodes = nest(points, segment, min_people=50).nodes.set_index("node")
    assert nodes.loc["S1", "parent"] == nodes.loc["S2", "parent"] == "S1+S2"
    assert nodes.loc["S3", "parent"] == "S3+S4"
    assert nodes.loc["everyone", "parent"] == ""
    for parent, parts in nodes[nodes["parent"] != ""].groupby("parent"):
        assert parts["n_people"].sum() == nodes.loc[parent, "n_people"]
    assert (
        nodes.loc[nodes["level"] == "core"].index.sort_values() == ["S1", "S2", "S3", "S4"]
    ).all()


def test_a_half_under_the_floor_is_not_cut_off():
    tree = nest(*groups(), min_people=50)
    halves = tree.nodes[tree.nodes["level"] == "tactical"]
    assert not halves["node"].str.startswith("S4").any()
    assert halves["n_people"].min() >= 50
    assert set(tree.leaves) >= {"S4"}


def test_one_segment_is_a_tree_too():
    points, _ = groups()
    nodes = nest(points, np.full(len(points), "S1"), min_people=1000).nodes
    assert nodes["node"].tolist() == ["everyone", "S1"]


def test_the_picture_draws_groups_of_fifty_and_nobody_alone_and_says_how_far_to_trust_it():
    points, segment = groups(sizes=(120, 120, 120, 20))
    picture = embed(points, segment, seed=1)
    assert set(picture.outlines["segment"]) == {"S1", "S2", "S3"}
    assert 0.8 < picture.trustworthiness <= 1
    noise = np.random.default_rng(0).random((300, 40))
    assert embed(noise, np.full(300, "S1")).trustworthiness < picture.trustworthiness


@pytest.mark.parametrize(
    ("interest", "node"),
    [("fashion", "676"), ("food", "368"), ("gaming", "733"), ("travel", "719")],
)
def test_an_interest_finds_its_node(interest, node):
    assert audience_node(interest)[0] == node


@pytest.mark.parametrize(
    "interest",
    ["health", "politics", "family", "pharmaceuticals", "personal finance", "small talk", ""],
)
def test_what_must_not_be_said_about_people_and_what_has_no_name_find_none(interest):
    assert audience_node(interest) == ("", "")


def test_the_taxonomy_is_the_branch_interest_with_its_own_ids():
    ids = [node["id"] for node in NODES.values()] + [
        i for n in NODES.values() for i in n.get("children", {}).values()
    ]
    assert len(ids) == len(set(ids))
    assert all(206 < int(number) < 760 for number in ids)


def test_only_interests_that_stand_out_beyond_their_interval_are_listed():
    row = {
        "segment": "S1",
        "trait": "inferred_interest_food",
        "low": 0.3,
        "everyone": 0.2,
        "index": 150.0,
    }
    rows = pd.DataFrame(
        [row, row | {"segment": "S2", "low": 0.1}, row | {"segment": "S3", "index": 110.0}]
    )
    assert audience_nodes(rows)["segment"].tolist() == ["S1"]


def test_members_are_counted_where_when_and_on_what_they_are_heard():
    stamps = pd.to_datetime(["2026-06-01 08:10", "2026-06-01 08:50", "2026-06-02 21:00"])
    events = ibis.memtable(
        pd.DataFrame(
            {"person_id": ["ana", "ana", "bo"], "platform": ["x", "x", "web"], "at": stamps}
        )
    )
    said = {"person_id": ["ana", "ana", "bo"], "inferred_interest": ["food", "food", "other"]}
    members = ibis.memtable({"person_id": ["ana", "bo"], "segment": ["S1", "S2"]})
    around = count_contexts(events, ibis.memtable(said), members)
    assert around.channels[["segment", "platform", "n_people", "share"]].values.tolist() == [
        ["S1", "x", 1, 1.0],
        ["S2", "web", 1, 1.0],
    ]
    assert around.hours[["segment", "hour", "everyone"]].round(2).values.tolist() == [
        ["S1", 8, 0.67],
        ["S2", 21, 0.33],
    ]
    assert around.topics.empty  # with one writer alone nothing is said more than by everyone
