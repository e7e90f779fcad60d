"""A lake takes no folder but its own, is private whatever the umask, and loses no update."""

import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import SCRATCH, Lake, discard, made_in, note_made, read_pointer
from coterie.study import SettingsError

FLOORS = pd.DataFrame({"rule": ["power"], "people": [400], "reason": ["seen"]})


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


def test_an_engine_that_nobody_knows_is_named_and_its_password_is_not(folder):
    settings(folder).write_text("engine: nope://ana:hunter2@host/x\n")
    with pytest.raises(SettingsError, match="engine: nope:// could not be opened") as error:
        Lake("tiny")
    assert "hunter2" not in str(error.value)


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
    names = [[f"{writer}{number}" for number in range(12)] for writer in "ab"]
    writers = [forked(partial(point_all, lake, some, file)) for some in names]
    assert [os.waitpid(writer, 0)[1] for writer in writers] == [0, 0]
    assert set(read_pointer(folder / SCRATCH)["tables"]) == {"floors", *names[0], *names[1]}


def point_all(lake: Lake, names: list[str], file: str) -> None:
    """Let each name stand for a file, one after the other."""
    for name in names:
        lake.point("tables", name, file)


def forked(work: Callable[[], None]) -> int:
    """Do work in a process of its own; return its number."""
    if process := os.fork():
        return process
    try:
        work()
    except BaseException:  # the other process sees that it went wrong
        os._exit(1)
    os._exit(0)
