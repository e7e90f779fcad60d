"""A lake takes no folder but its own, is private whatever the umask, and loses no update."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import SCRATCH, Lake, discard, made_in, note_made, read_pointer
from coterie.study import SettingsError

FLOORS = pd.DataFrame({"rule": ["power"], "people": [400], "reason": ["seen"]})
WRITER = """\
import sys
from coterie import contracts
from coterie.lake import Lake
lake = Lake("tiny")
for number in range(12):
    lake.point("tables", f"{sys.argv[1]}{number}", sys.argv[2])
"""


def settings(folder: Path) -> Path:
    return folder.parents[1] / "notebooks" / "studies" / "tiny.yml"


def state(folder: Path) -> dict[str, tuple]:
    """Describe all that lies in a folder."""
    files = [folder, *sorted(folder.rglob("*"))]
    return {
        str(file.relative_to(folder)): (file.stat().st_mode, file.is_file() and file.read_bytes())
        for file in files
    }


def test_a_folder_with_other_content_is_refused_and_not_touched(folder, tmp_path):
    taken = tmp_path / "documents"
    (taken / "tables" / "old").mkdir(parents=True)
    (taken / "tables" / "old" / "figures.parquet").write_bytes(b"somebody's")
    taken.chmod(0o755)
    settings(folder).write_text(f"lake: {taken}\n")
    before = state(taken)
    with pytest.raises(SettingsError, match="holds files that are not coterie's; nothing"):
        Lake("tiny")
    assert state(taken) == before


def test_an_empty_folder_and_one_with_the_studys_own_inbox_are_taken(folder):
    (folder / "inbox").mkdir(parents=True)
    settings(folder).write_text("02_sourcing: {source: data/tiny/inbox}\n")
    Lake("tiny").write(contracts.Floors, FLOORS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_another_studys_lake_is_refused(lake, folder):
    lake.write(contracts.Floors, FLOORS)
    settings(folder).with_name("other.yml").write_text("lake: data/tiny\n")
    with pytest.raises(SettingsError, match="is the lake of the study 'tiny'"):
        Lake("other")


def test_a_lake_of_an_earlier_version_is_known_by_its_pointer(folder):
    folder.mkdir(parents=True)
    (folder / "current.json").write_text('{"tables": {}, "findings": {}, "journal": {}}')
    (folder / "whatever").touch()
    assert Lake("tiny").write(contracts.Floors, FLOORS).count().execute() == 1


def test_created_folders_and_files_are_private_whatever_the_umask(folder):
    before = os.umask(0)
    try:
        lake = Lake("tiny")
        lake.write(contracts.Floors, FLOORS)
        lake.write_audience("meta_S1", pd.DataFrame({"email": ["00ff"]}))
        lake.secret_key()
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    open_to_others = [path for path in folder.parent.rglob("*") if path.stat().st_mode & 0o022]
    assert not open_to_others


def test_only_files_of_the_ledger_are_deleted_and_never_through_a_link(tmp_path):
    lake, elsewhere = tmp_path / "lake", tmp_path / "elsewhere"
    (lake / "outbox" / "r1").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "b.csv").write_text("theirs")
    (lake / "outbox" / "r2").symlink_to(elsewhere)
    (lake / "outbox" / "r1" / "link.csv").symlink_to(elsewhere / "b.csv")
    names = ["outbox/r1/a.csv", "outbox/r2/b.csv", "outbox/r1/link.csv", "../elsewhere/b.csv"]
    note_made(lake, *names)
    for file in ("a.csv", "notes.txt"):
        (lake / "outbox" / "r1" / file).write_text(file)
    assert discard(lake, [*names, "outbox/r1/notes.txt"]) == []
    left = sorted(path.name for path in (lake / "outbox" / "r1").iterdir())
    assert left == ["link.csv", "notes.txt"]
    assert (elsewhere / "b.csv").read_text() == "theirs"
    assert made_in(lake) == set()


def test_two_writers_of_one_lake_lose_no_update(lake, folder):
    lake.write(contracts.Floors, FLOORS)
    file = read_pointer(folder / SCRATCH)["tables"]["floors"]
    environment = os.environ | {"PYTHONPATH": str(Path(contracts.__file__).parents[2])}
    command = [sys.executable, "-c", WRITER]
    writers = [subprocess.Popen([*command, name, file], env=environment) for name in "ab"]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    written = set(read_pointer(folder / SCRATCH)["tables"])
    assert written == {"floors", *(f"{name}{number}" for name in "ab" for number in range(12))}
