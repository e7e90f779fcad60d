"""Tests that were added up elsewhere are judged by one command, without people, a lake or a run."""

import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import coterie.cli.ending  # noqa: F401 - brings every command in
from coterie.cli.app import app
from coterie.study import SettingsError

STUDY = """title: Tests
shared: {as_of: 2026-07-01}
01_objectives:
  plans:
    - {id: page, arms: {control: 1, blue: 1}, primary: {name: visit}, minimum_lift: 0.01}
02_sourcing:
  source: inbox
  files:
    - path: tests.csv
      gives: GIVES
      platform: warehouse
      columns:
        {campaign: test, metric: "=visit", arm: variant, units: n, total: hits, randomised: "=true"}
"""
ROWS = "test,variant,n,hits\npage,control,1000,100\npage,blue,1000,160\npage,blue,many,1\n"


ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A house with the project's notebooks, in which nothing ever ran."""
    (tmp_path / "notebooks" / "studies").mkdir(parents=True)
    (tmp_path / "inbox").mkdir()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        (tmp_path / "notebooks" / notebook.name).symlink_to(notebook)
    monkeypatch.setenv("COTERIE_HOME", str(tmp_path))
    (tmp_path / "inbox" / "tests.csv").write_text(ROWS)
    return tmp_path


def judged(home: Path, *arguments: str, gives: str = "sums") -> Result:
    """Write the study down and judge it."""
    (home / "notebooks" / "studies" / "tests.yml").write_text(STUDY.replace("GIVES", gives))
    return CliRunner().invoke(app, ["judge", "tests", *arguments])


def test_each_test_is_held_against_its_plan_and_what_is_unreadable_is_said(home):
    found = judged(home, "--csv", str(home / "out.csv"))
    assert found.exit_code == 0, found.output
    assert "1 test, 1 decision: act 1." in found.output
    assert "1 row set aside: units is no number." in found.output
    assert "+0.06 (" in found.output
    assert (home / "out.csv").read_text().count(",act,") == 1
    assert not (home / "data").exists()


def test_names_of_a_file_are_no_formula_and_no_markup(home, monkeypatch):
    odd = "=[/b]lue"
    monkeypatch.setattr(sys.modules[__name__], "STUDY", STUDY.replace("blue: 1", f'"{odd}": 1'))
    (home / "inbox" / "tests.csv").write_text(ROWS.replace("blue", odd))
    found = judged(home, "--csv", str(home / "out.csv"))
    assert found.exit_code == 0, found.output
    assert odd in found.output
    assert f",'{odd}," in (home / "out.csv").read_text()


def test_a_study_without_sums_says_so(home):
    error = judged(home, gives="events").exception
    assert isinstance(error, SettingsError)
    assert "no entry gives sums" in str(error)
