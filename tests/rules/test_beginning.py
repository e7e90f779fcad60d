"""A watch begins with its study's triggers and history, and notices when either is another."""

from types import SimpleNamespace

import ibis
import pandas as pd
import pytest

from coterie import contracts
from coterie.runner.streaming import beginning
from coterie.runner.streaming.beginning import begin
from coterie.study import SettingsError


class AStudysLake:
    """Two events of a person, under a key."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def read(self, contract: contracts.Contract) -> ibis.Table:
        """Give what the last run left."""
        nothing = dict.fromkeys(contract.types)
        at = pd.to_datetime(["2026-06-02", "2026-06-01"])
        rows = {
            "events": pd.DataFrame([nothing] * 2).assign(
                event_id=["b", "a"], person_id="ana", at=at, verb="purchase", platform="shop"
            ),
            "people": pd.DataFrame([nothing]).assign(person_id="ana", time_zone="Europe/Rome"),
        }
        return ibis.memtable(rows[contract.table], schema=contract.types)

    def secret_key(self) -> bytes:
        """Give the key of the pseudonyms."""
        return self.key


def study(**triggers: str) -> SimpleNamespace:
    return SimpleNamespace(name="demo", blocks={"07_rules": {"triggers": triggers}})


def test_the_history_comes_in_order_of_time_some_at_a_time(monkeypatch):
    monkeypatch.setattr(beginning, "AT_A_TIME", 1)
    parts = list(begin(AStudysLake(b"k"), study(first="first purchase")).parts())
    assert [id for part in parts for id in part["event_id"].to_pylist()] == ["a", "b"]


def test_other_triggers_and_another_key_are_noticed():
    plain = begin(AStudysLake(b"k"), study(first="first purchase")).definition
    assert begin(AStudysLake(b"k"), study(first="first purchase")).definition == plain
    others = [
        begin(AStudysLake(b"k"), study(first="2 purchases within 1 day")),
        begin(AStudysLake(b"other"), study(first="first purchase")),
    ]
    assert plain not in [other.definition for other in others]
    assert "other" not in others[1].definition  # the key itself stands nowhere


def test_a_study_without_triggers_has_nothing_to_watch_for():
    with pytest.raises(SettingsError, match="demo has no trigger"):
        begin(AStudysLake(b"k"), study())
