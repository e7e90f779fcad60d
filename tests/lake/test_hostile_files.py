"""Files that would fill the memory are refused by one sentence before they do."""

import gzip
import resource
import zipfile

import pytest

from coterie.lake.column_map.files import locate_files, read_rows
from coterie.lake.reading import containers, encoding
from coterie.study import SettingsError

ENTRY = {"path": "f.csv", "gives": "accounts", "platform": "x", "columns": {"account": "user"}}
ROWS = b"user\n" + b"a\n" * 2_000_000


@pytest.fixture
def inbox(tmp_path, monkeypatch):
    monkeypatch.setenv("COTERIE_HOME", str(tmp_path))
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def read(name):
    [(path, known)] = locate_files("inbox", [ENTRY | {"path": name}])
    return read_rows(path, known, folder="inbox")


@pytest.mark.parametrize("name", ["f.csv.gz", "f.csv.zip"])
def test_what_unpacks_to_hundreds_of_times_its_size_is_refused(inbox, monkeypatch, name):
    monkeypatch.setattr(containers, "LARGE", 1 << 20)
    if name.endswith("gz"):
        (inbox / name).write_bytes(gzip.compress(ROWS))
    else:
        with zipfile.ZipFile(inbox / name, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("f.csv", ROWS)
    with pytest.raises(SettingsError, match="unpacks to more than 200 times its size") as error:
        read(name)
    assert name in str(error.value)


def test_what_is_packed_as_tables_are_is_read(inbox):
    (inbox / "f.csv.gz").write_bytes(gzip.compress(b"user\na\nbo\n"))
    assert read("f.csv.gz").rows.count().execute() == 2


@pytest.mark.parametrize("stated", ["", "utf-8"])
def test_a_line_that_does_not_end_is_refused(inbox, monkeypatch, stated):
    monkeypatch.setattr(encoding, "LONGEST", 1 << 20)
    (inbox / "f.csv").write_bytes(b"user\n" + b"a" * (6 << 20))
    [(path, known)] = locate_files("inbox", [ENTRY | {"encoding": stated}])
    says = "not readable as csv in utf-8" if stated else "a line of it is longer than 1 MiB"
    with pytest.raises(SettingsError, match=says):
        read_rows(path, known, folder="inbox")


@pytest.mark.slow
@pytest.mark.parametrize("filler", [b"\0", b"a"], ids=["zeros", "letters"])
def test_ten_gigabytes_without_a_line_end_are_refused_within_four_of_memory(inbox, filler):
    with (inbox / "f.csv").open("wb") as file:
        file.write(b"user\n" + filler * (400 << 20))
        file.truncate(10 << 30)
    with pytest.raises(SettingsError, match=r"f\.csv"):
        read("f.csv")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 << 20  # kibibytes
