"""A new key renames everybody, and only the owner of the vault can follow who became whom."""

import json

import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import CURRENT, Lake, pseudonym
from coterie.runner import rotate_key
from coterie.study import SettingsError, load_study


@pytest.fixture
def known(home, monkeypatch):
    """A study whose vault knows two accounts of one person."""
    monkeypatch.setenv("COTERIE_HOME", str(home.folder))
    monkeypatch.delenv("COTERIE_KEY", raising=False)
    with monkeypatch.context() as patch:
        patch.setenv("COTERIE_POINTER", str(home.lake / CURRENT))
        lake = Lake("tiny")
        person = pseudonym(lake.secret_key(), "shop:7")
        rows = {"person_id": person, "platform": ["shop", "x"], "kind": "handle"}
        lake.write(contracts.Vault, pd.DataFrame(rows | {"identifier": ["7", "ana"]}))
    return home


def test_every_pseudonym_changes_and_can_be_followed(known):
    lake, study = Lake("tiny"), load_study("tiny")
    former = lake.secret_key()
    rotated = rotate_key(study)
    key = lake.secret_key()
    assert key != former
    assert (rotated.n_people, rotated.n_accounts) == (1, 2)
    names = lake.renamed()
    for text in ("shop:7", "x:ana", "account shop:7", "account x:ana"):
        assert names[pseudonym(former, text)] == pseudonym(key, text)
    assert rotated.file.stat().st_mode & 0o077 == 0
    assert "ana" not in json.dumps(names)


def test_after_two_rotations_the_first_name_still_leads_to_the_last(known):
    lake, study = Lake("tiny"), load_study("tiny")
    first = pseudonym(lake.secret_key(), "x:ana")
    rotate_key(study)
    rotate_key(study)
    assert lake.renamed()[first] == pseudonym(lake.secret_key(), "x:ana")


def test_the_command_says_what_it_did_and_is_refused_where_it_cannot(known, monkeypatch):
    code, printed = known.coterie("rotate", "tiny")
    assert code == 0
    assert "1 people and 2 accounts" in printed.replace("1 person", "1 people")
    monkeypatch.setenv("COTERIE_KEY", "given")
    with pytest.raises(SettingsError, match="COTERIE_KEY"):
        rotate_key(load_study("tiny"))


def test_a_study_without_a_key_has_nothing_to_rotate(home, monkeypatch):
    monkeypatch.setenv("COTERIE_HOME", str(home.folder))
    with pytest.raises(SettingsError, match="no vault yet"):
        rotate_key(load_study("tiny"))
