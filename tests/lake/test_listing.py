"""What a path of the column map matches is read, or refused by a sentence, never passed over."""

import os
import socket
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from coterie.lake.column_map import listing
from coterie.lake.column_map.listing import matching_files
from coterie.study import SettingsError

KEY = "02_sourcing.files[0].path"


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "a.csv").write_text("user\nana\n")
    return tmp_path


def refused(inbox: Path, pattern: str = "*.csv") -> str:
    with pytest.raises(SettingsError) as error:
        matching_files(inbox, pattern, key=KEY)
    said = str(error.value)
    assert said.startswith(f"{KEY}: ")
    assert len(said.splitlines()) == 1
    return said


@pytest.mark.parametrize(
    "name", ["it's.csv", 'so "called".csv', "emoji 😀.csv", "-rf.csv", "[1].csv"]
)
def test_a_file_may_be_called_almost_anything(inbox, name):
    (inbox / name).write_text("user\nbo\n")
    assert {file.name for file in matching_files(inbox, "*.csv", key=KEY)} == {"a.csv", name}


@pytest.mark.parametrize("name", [b"a\nb.csv", b"\x1b[2J.csv", b"\xe9.csv"])
def test_a_name_that_cannot_be_shown_is_refused_and_shown(inbox, name):
    (Path(os.fsdecode(os.fsencode(inbox) + b"/" + name))).write_text("user\nbo\n")
    said = refused(inbox)
    assert "has a name that cannot be shown: rename it" in said
    assert said.isprintable()


def test_a_pipe_is_refused_and_never_waited_for(inbox):
    os.mkfifo(inbox / "b.csv")
    assert "b.csv is a pipe and no file" in refused(inbox)


def test_a_socket_a_device_and_links_to_nothing_are_refused(inbox, monkeypatch):
    (inbox / "zero.csv").symlink_to("/dev/zero")
    assert "zero.csv is a device and no file" in refused(inbox)
    (inbox / "zero.csv").unlink()
    (inbox / "gone.csv").symlink_to(inbox / "nowhere")
    assert "gone.csv cannot be opened (no such file or directory)" in refused(inbox)
    (inbox / "gone.csv").unlink()
    (inbox / "loop.csv").symlink_to(inbox / "loop.csv")
    assert "loop.csv cannot be opened" in refused(inbox)
    (inbox / "loop.csv").unlink()
    monkeypatch.chdir(inbox)  # a socket's path must be short
    with closing(socket.socket(socket.AF_UNIX)) as opened:
        opened.bind("s.csv")
        assert "s.csv is a socket and no file" in refused(inbox)


def test_a_folder_called_like_a_table_is_refused_with_the_path_to_write(inbox):
    (inbox / "b.csv").mkdir()
    (inbox / "b.csv" / "part-0.csv").write_text("user\nbo\n")
    assert "b.csv is a folder: write its files' path, like b.csv/*" in refused(inbox)
    [part] = matching_files(inbox, "b.csv/*", key=KEY)
    assert part.name == "part-0.csv"


def test_more_small_files_than_anybody_could_wait_for_are_refused_at_once(inbox, monkeypatch):
    monkeypatch.setattr(listing, "AT_MOST", 3)
    for number in range(3):
        (inbox / f"{number}.csv").touch()
    assert "*.csv matches 4 files, more than the 3 that are read one by one" in refused(inbox)


def test_links_to_files_and_folders_are_followed_and_a_circle_ends(inbox):
    (inbox / "more").mkdir()
    (inbox / "more" / "b.csv").symlink_to(inbox / "a.csv")
    (inbox / "again").symlink_to(inbox)
    found = matching_files(inbox, "**/*.csv", key=KEY)
    assert {file.name for file in found} == {"a.csv", "b.csv"}


@pytest.mark.parametrize("pattern", ["a**b", "/etc/*.csv", "."])
def test_what_is_no_path_is_refused_by_its_key(inbox, pattern):
    assert "is no path and no glob" in refused(inbox, pattern)


@pytest.mark.skipif(os.getuid() != 0, reason="becomes somebody who may not read")
def test_what_may_not_be_read_is_named(monkeypatch):
    with tempfile.TemporaryDirectory() as there:
        inbox = Path(there)
        inbox.chmod(0o755)
        for place in ("open", "closed"):
            (inbox / place).mkdir()
            (inbox / place / "b.csv").write_text("user\nbo\n")
        (inbox / "closed").chmod(0)
        (inbox / "c.csv").touch(0)
        os.seteuid(65534)
        try:
            one_file, one_folder = refused(inbox), refused(inbox, "*/*.csv")
            [read] = matching_files(inbox, "open/*.csv", key=KEY)
        finally:
            os.seteuid(0)
    assert "c.csv cannot be opened (permission denied)" in one_file
    assert "closed may not be looked into" in one_folder
    assert read.name == "b.csv"
