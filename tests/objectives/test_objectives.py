"""The largest floor binds, and one indicator decides."""

import pytest

from coterie import contracts
from coterie.objectives import indicators, size_floors


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
