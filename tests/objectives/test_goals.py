"""A goal that nobody can miss is found, with the key that would mend it."""

import pandas as pd
import pytest

from coterie import contracts, objectives
from coterie.objectives.goals import check_goals
from coterie.study import SettingsError

OWN = {"goal": "Move only whom an offer moves", "kpi": "conversion", "rise": 0.1, "owner": "Ana"}
OWN |= {"by": "2026-12-31"}
GOOD = {
    "goal": "Win orders from lookers",
    "kpi": "conversion",
    "reach": 0.05,
    "owner": "head of shop",
}
GOOD |= {"by": "2026-12-31"}
GOLDEN = [  # what is changed, what is found wrong, under which key
    ({}, []),
    ({"reach": None}, [("measurable", "goals[0].reach")]),
    ({"kpi": ""}, [("measurable", "goals[0].kpi")]),
    ({"kpi": "brand love"}, [("measurable", "goals[0].kpi")]),
    ({"reach": 5}, [("measurable", "goals[0].reach")]),  # a share, not a percentage
    ({"reach": None, "rise": -0.1}, [("measurable", "goals[0].rise")]),
    ({"rise": 0.1}, [("measurable", "goals[0].rise")]),  # two numbers are none
    ({"by": None}, [("time-bound", "goals[0].by")]),
    ({"owner": ""}, [("owned", "goals[0].owner")]),
    ({"owner": "TBD"}, [("owned", "goals[0].owner")]),
    ({"owner": " the team "}, [("owned", "goals[0].owner")]),
    ({"goal": "More awareness"}, [("specific", "goals[0].goal")]),
    (
        {"goal": "Grow", "kpi": "", "reach": None, "by": None, "owner": "everybody"},
        [
            *(("specific", "goals[0].goal"), ("measurable", "goals[0].kpi")),
            *(("measurable", "goals[0].reach"), ("time-bound", "goals[0].by")),
            ("owned", "goals[0].owner"),
        ],
    ),
]


@pytest.mark.parametrize(("change", "wrong"), GOLDEN)
def test_what_a_goal_lacks_is_listed_with_the_key_to_add(change, wrong):
    found = check_goals([GOOD | change], kpis=["conversion"], own=OWN)
    listed = found.faults[["criterion", "key"]].itertuples(index=False, name=None)
    assert list(listed) == [(what, f"01_objectives.{key}") for what, key in wrong]
    assert found.n_smart == (2 if not wrong else 1)
    assert found.goals["smart"].tolist() == [True, not wrong]


def test_the_studys_own_goal_is_held_to_the_same_with_its_own_keys():
    bare = {"goal": "Sell more", "kpi": "likes", "rise": 0.1, "owner": "we"}
    found = check_goals([], kpis=["conversion"], own=bare)
    keys = [key.removeprefix("01_objectives.") for key in found.faults["key"]]
    assert keys == ["goal", "primary", "goal_by", "owner"]


def test_goals_fit_their_contract():
    found = check_goals([GOOD], kpis=["conversion"], own=OWN)
    assert list(found.goals) == list(contracts.Goals.types)
    assert found.goals["due"].tolist() == [pd.Timestamp("2026-12-31")] * 2


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("more sales", "look at no mapping"),
        (GOOD | {"deadline": "2026"}, "look at deadline"),
        (GOOD | {"by": "soon"}, "look at by"),
        ({"kpi": "conversion"}, "look at goal"),
    ],
)
def test_what_is_no_goal_is_an_error_that_shows_how_one_is_written(entry, said):
    with pytest.raises(SettingsError, match=r"01_objectives.goals\[0\]: write goals like") as error:
        check_goals([entry], kpis=["conversion"], own=OWN)
    assert said in str(error.value)


def test_a_benchmark_has_a_source_a_date_and_a_denominator_or_is_none():
    own = {"kpi": "reactions", "platform": "x", "denominator": "impressions", "value": 0.03}
    own |= {"n": 12, "source": "our agency", "read_on": "2026-07-01"}
    known = objectives.read_benchmarks([own])
    assert list(known) == list(contracts.Benchmarks.types)
    here = known[(known["platform"] == "x") & (known["denominator"] == "impressions")]
    assert here["value"].tolist() == [0.03]  # a study's own comes before the stored one
    for lost in ("source", "read_on", "denominator"):
        entry = {name: value for name, value in own.items() if name != lost}
        with pytest.raises(SettingsError, match=rf"benchmarks\[0\].*look at {lost}"):
            objectives.read_benchmarks([entry])
    with pytest.raises(SettingsError, match="look at denominator"):
        objectives.read_benchmarks([own | {"denominator": "fans"}])
