"""The largest floor binds, and one indicator decides."""

import pytest

from coterie import contracts
from coterie.objectives import indicators, people_for_content, size_floors
from coterie.study import SettingsError


def test_floors_fit_their_contract_and_state_the_defaults():
    floors = size_floors(people_for_power=400)
    assert dict(zip(floors["rule"], floors["people"], strict=True)) == {
        "power": 400,
        "platform": 300,
        "privacy": 50,
    }
    assert list(floors) == list(contracts.Floors.types)


def test_one_indicator_decides_and_must_be_among_them():
    known = indicators({"conversion": "purchase", "advocacy": "announce"}, primary="advocacy")
    assert known["role"].tolist() == ["secondary", "primary"]
    assert set(known) == set(contracts.Kpis.types)
    with pytest.raises(ValueError, match="'reach' is not among the indicators conversion"):
        indicators({"conversion": "purchase"}, primary="reach")


def test_content_sets_a_floor_where_its_cost_and_a_conversions_value_are_known():
    money = {"variant_cost": 900.0, "conversion_value": 40.0}
    paid_back = people_for_content(**money, minimum_lift=0.05)
    assert paid_back == 450  # 450 people, 22.5 conversions more, 900 of money
    floors = size_floors(people_for_power=400, people_for_content=paid_back)
    assert floors.loc[floors["people"].idxmax(), "rule"] == "content"
    unknown = people_for_content(variant_cost=900.0, conversion_value=0.0, minimum_lift=0.05)
    assert "content" not in set(
        size_floors(people_for_power=400, people_for_content=unknown)["rule"]
    )
    with pytest.raises(SettingsError, match="set variant_cost too"):
        people_for_content(variant_cost=0.0, conversion_value=40.0, minimum_lift=0.05)
