"""By hand a notebook reads the last run and writes beside it, so that trying things out is safe."""

import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import CURRENT, SCRATCH, Lake, Model, read_pointer

FLOORS = pd.DataFrame(
    {"rule": ["power", "privacy"], "people": [400, 50], "reason": ["seen", "safe"]}
)


def people_of(lake: Lake) -> list[int]:
    return lake.read(contracts.Floors).order_by("rule").to_pandas()["people"].tolist()


@pytest.fixture
def lake(folder, finish, monkeypatch) -> Lake:
    """Open the lake by hand after a run that wrote floors."""
    monkeypatch.setitem(contracts.MODELS, "tried", {"holds": "05: tried", "kind": "none"})
    finish("r1", floors=(contracts.Floors, FLOORS))
    return Lake("tiny")


def test_by_hand_the_last_run_is_read_and_nothing_of_it_is_changed(lake, folder):
    before = (folder / CURRENT).read_bytes()
    assert people_of(lake) == [400, 50]
    assert not (folder / SCRATCH).exists()
    lake.write(contracts.Floors, FLOORS.assign(people=9))
    lake.write_model("tried", Model("none", {}, {}))
    lake.record("01", n_rules=2)
    assert (folder / CURRENT).read_bytes() == before


def test_what_was_written_by_hand_is_what_every_notebook_reads_by_hand(lake):
    lake.write(contracts.Floors, FLOORS.assign(people=9))
    lake.write_model("tried", Model("none", {"why": "one segment"}, {}))
    assert people_of(Lake("tiny")) == [9, 9]
    assert Lake("tiny").read_model("tried").settings == {"why": "one segment"}


def test_after_another_run_what_was_written_by_hand_counts_for_nothing(lake, folder, finish):
    lake.write(contracts.Floors, FLOORS.assign(people=9))
    lake.write_model("tried", Model("none", {}, {}))
    finish("r2", floors=(contracts.Floors, FLOORS.assign(people=60)))
    assert people_of(lake) == [60, 60]
    lake.write(contracts.Floors, FLOORS.assign(people=7))
    assert people_of(lake) == [7, 7]
    scratch = read_pointer(folder / SCRATCH)
    assert (scratch["run"], set(scratch["tables"])) == ("r2", {"floors"})


def test_the_past_by_hand_is_what_the_last_run_replaced(lake):
    lake.write(contracts.Floors, FLOORS.assign(people=9))
    assert lake.read_previous(contracts.Floors) is None
