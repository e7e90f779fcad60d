"""`coterie review` shows who waits, for the terminal alone; its sheet holds pseudonyms."""

from pathlib import Path

import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import Lake, pseudonym
from coterie.runner.commands.reviewing import waiting_pairs

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def lake(tmp_path, monkeypatch):
    (tmp_path / "notebooks" / "studies").mkdir(parents=True)
    (tmp_path / "notebooks" / "studies" / "tiny.yml").write_text("title: Tiny\n")
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        (tmp_path / "notebooks" / notebook.name).symlink_to(notebook)
    monkeypatch.setenv("COTERIE_HOME", str(tmp_path))
    return Lake("tiny")


def test_pairs_that_wait_are_shown_and_their_sheet_names_nobody(lake):
    key = lake.secret_key()
    names = [pseudonym(key, f"account x:{handle}") for handle in ("ana", "anna")]
    pair = {"account_a": names[0], "account_b": names[1], "person_a": "p_1", "person_b": "p_2"}
    pair |= {"match_probability": 0.5, "reason": "unsure", "answer": None}
    lake.write(contracts.ReviewPairs, pd.DataFrame([pair]).astype({"answer": "string"}))
    vault = {"person_id": ["p_1", "p_2", "p_1"], "platform": "x"}
    vault |= {"kind": ["handle", "handle", "email"], "identifier": ["ana", "anna", "a@example.org"]}
    lake.write(contracts.Vault, pd.DataFrame(vault))
    found = waiting_pairs(lake)
    assert found.n_waiting == 1
    assert "x:ana (a@example.org)\n  x:anna (nothing else is known)" in found.lines[0]
    assert found.file.stat().st_mode & 0o077 == 0
    assert "ana" not in found.file.read_text()
    assert names[0] in found.file.read_text()
    assert '"vault"' in (lake.folder / "access.log").read_text()
