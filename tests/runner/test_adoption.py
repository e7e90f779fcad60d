"""Work by hand leaves the study alone, until somebody adopts it."""

import json

import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import CURRENT, SCRATCH, STAGING, Lake, Model, edited_pointer, read_pointer
from coterie.runner.preparation.lock import locked
from coterie.runner.publishing import lifetimes
from coterie.study import load_study

FLOORS = pd.DataFrame({"rule": ["by hand"], "people": [77], "reason": ["tried"]})


@pytest.fixture(autouse=True)
def in_house(monkeypatch, home) -> None:
    """Let the library in this process look at the house under test."""
    monkeypatch.setenv("COTERIE_HOME", str(home.folder))


@pytest.fixture
def tried(home, monkeypatch) -> Lake:
    """Write a table, a model and a finding by hand."""
    monkeypatch.setitem(contracts.MODELS, "tried", {"holds": "05: tried", "kind": "none"})
    lake = Lake("tiny")
    lake.write(contracts.Floors, FLOORS)
    lake.write_model("tried", Model("none", {}, {}))
    lake.record("01", n_rules=1)
    return lake


def test_a_run_is_not_influenced_by_work_by_hand_and_sweeps_none_of_it(home, tried):
    before = (home.lake / CURRENT).read_bytes()
    code, printed = home.coterie("run", "tiny")
    assert (code, (home.lake / CURRENT).read_bytes()) == (0, before)
    assert "Nothing changed" in printed
    lifetimes.sweep(load_study("tiny"), home.reports)
    assert tried.read(contracts.Floors).people.max().execute() == 77
    assert tried.read_model("tried").kind == "none"


def test_adopting_makes_it_the_studys_and_keeps_what_it_replaced(home, tried):
    before = read_pointer(home.lake / CURRENT)
    code, printed = home.coterie("adopt", "tiny")
    assert code == 0, printed
    assert "Adopted: findings 01, table floors, model tried." in printed
    assert "executes 01_objectives anew" in printed
    current = read_pointer(home.lake / CURRENT)
    assert current["tables"]["floors"] != before["tables"]["floors"]
    assert current["tables"]["vault"] == before["tables"]["vault"]
    assert current["replaced"] == before["run"]
    assert current["run"] == before["run"]
    assert not (home.lake / SCRATCH).exists()
    assert Lake("tiny").read(contracts.Floors).people.max().execute() == 77
    found = json.loads(home.coterie("findings", "tiny", "--json")[1])
    assert {row["name"]: row["run"] for row in found}["n_rules"] == "by hand"


def test_adopting_nothing_says_so(home):
    code, printed = home.coterie("adopt", "tiny")
    assert (code, printed) == (2, "tiny: nothing was written by hand since the last run.\n")


def test_adopting_what_the_study_has_already_changes_nothing(home):
    lake = Lake("tiny")
    lake.write(contracts.Floors, lake.read(contracts.Floors))
    before = (home.lake / CURRENT).read_bytes()
    code, printed = home.coterie("adopt", "tiny")
    assert (code, (home.lake / CURRENT).read_bytes()) == (0, before)
    assert "nothing changed" in printed


def test_adopting_is_refused_while_a_run_is_under_way(home, tried):
    before = (home.lake / CURRENT).read_bytes()
    with locked(load_study("tiny"), "run 20260101-000000-00"):
        code, printed = home.coterie("adopt", "tiny")
    assert (code, (home.lake / CURRENT).read_bytes()) == (2, before)
    assert "is being run already: run 20260101-000000-00" in printed


def test_adopting_is_refused_while_a_run_waits_to_be_ended(home, tried):
    (home.lake / STAGING).write_text("{}")
    code, printed = home.coterie("adopt", "tiny")
    assert code == 2
    assert "a run stopped half-way; `coterie run tiny` ends it" in printed


def test_adopting_is_refused_when_the_study_has_run_since(home, tried):
    with edited_pointer(home.lake / CURRENT) as pointer:
        pointer["run"] = "20300101-000000-00"
    code, printed = home.coterie("adopt", "tiny")
    assert code == 2
    assert "the study is at run 20300101-000000-00 now" in printed
    assert (home.lake / SCRATCH).exists()
