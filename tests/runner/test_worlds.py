"""What a run does before its first notebook: folders, and a simulated study's planted world."""

from pathlib import Path

import pytest

from coterie import demo
from coterie.demo.world import World
from coterie.runner.preparation.worlds import plant_world
from coterie.study import SettingsError, load_study


@pytest.fixture(autouse=True)
def in_house(monkeypatch, bare_home) -> None:
    """Let the library in this process look at the house under test."""
    monkeypatch.setenv("COTERIE_HOME", str(bare_home.folder))


@pytest.mark.parametrize("place", ["reports", "data"])
def test_a_folder_that_cannot_be_made_is_one_sentence(bare_home, place):
    (bare_home.folder / place).write_text("in the way")
    code, printed = bare_home.coterie("run", "tiny", "--quiet")
    assert (code, len(printed.splitlines())) == (1, 1)
    assert printed.startswith(f"Cannot read or write {bare_home.folder / place}")


def plant(home, knobs: str, source: str = "data/planted/inbox") -> Path:
    """Plant a world by the settings file, and return where it lies."""
    home.settings.write_text(f"world: {{{knobs}}}\n02_sourcing: {{source: {source}}}\n")
    plant_world(load_study("tiny"))
    return home.folder / source


def test_a_planted_world_lies_under_the_project_and_leaves_no_file_of_an_older_one(
    bare_home, monkeypatch
):
    inbox = plant(bare_home, "n_people: 60, days: 40")
    assert (inbox / "crm").is_dir()
    small = World({"new.csv": b"user\n"}, {}, [])
    monkeypatch.setattr(demo, "make_world", lambda knobs: small)
    plant(bare_home, "n_people: 61")
    assert [file.name for file in inbox.rglob("*") if file.is_file() and file.name != ".world"] == [
        "new.csv"
    ]


@pytest.mark.parametrize("knobs", ["n_peple: 60", "n_people: many"])
def test_a_wrong_knob_is_named_with_those_there_are(bare_home, knobs):
    with pytest.raises(
        SettingsError,
        match=rf"tiny.yml: world.{knobs.split(':')[0]}: .*; knobs are n_people, days, ",
    ):
        plant(bare_home, knobs)


def test_a_world_is_never_planted_among_files_of_ones_own(bare_home):
    inbox = bare_home.folder / "inbox"
    inbox.mkdir()
    (inbox / "mine.csv").touch()
    with pytest.raises(SettingsError, match="holds files of its own"):
        plant(bare_home, "n_people: 60", "inbox")
    assert [file.name for file in inbox.iterdir()] == ["mine.csv"]
