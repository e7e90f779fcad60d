"""Several tables in one zip: each is a file of its own, in the reading and in the self-check."""

import zipfile

import pytest
from exporting import ASKED, CUSTOMERS, Export
from raw_files import read_folder

from coterie.lake import file_state
from coterie.lake.column_map.files import locate_files
from coterie.study import SettingsError

PEOPLE = "id,email,phone,book\n" + "".join(f"C{n},p{n}@example.org,,\n" for n in range(3))
INSIDE = {"in/customers.csv": PEOPLE, "in/yes.csv": "id,ok,day\n" + "C0,yes,2026-01-01\n"}
INSIDE |= {"in/no.csv": "id,ok,day\nC1,no,2026-01-01\nC2\n", "readme.txt": "hello"}


@pytest.fixture
def folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as packed:
        for name, text in INSIDE.items():
            packed.writestr(name, text)
    return tmp_path


def test_every_member_is_read_and_accounted_for_under_its_own_path(folder):
    entries = [CUSTOMERS | {"path": "export.zip/in/cust*.csv"}]
    entries += [ASKED | {"path": f"export.zip/in/{name}.csv"} for name in ("yes", "no")]
    by_file = read_folder(folder, entries).found.sources.set_index("file")
    assert by_file["rows_read"].to_dict() == {
        "export.zip/in/customers.csv": 3,
        "export.zip/in/yes.csv": 1,
        "export.zip/in/no.csv": 2,
    }
    assert by_file.loc["export.zip/in/no.csv", "rows_quarantined"] == 1


def test_a_no_in_an_archive_binds_and_the_self_check_hears_it_there(folder):
    entries = [CUSTOMERS | {"path": "export.zip/in/customers.csv"}]
    entries += [ASKED | {"path": f"export.zip/in/{name}.csv"} for name in ("yes", "no")]
    found = Export(folder, *entries, unread_stops=False)
    assert {n for n in range(3) if found.holds(f"p{n}@example.org")} == {0}
    assert found.consents.n_unreadable == 1
    assert found.check.n_said_no == 1
    assert [*found.check.unread["problem"]] == ["1 lines are no rows"]


def test_a_changed_archive_changes_the_state_of_what_lies_in_it(folder):
    [(path, _)] = locate_files(str(folder), [CUSTOMERS | {"path": "export.zip/in/customers.csv"}])
    before = file_state(path)
    with zipfile.ZipFile(folder / "export.zip", "a") as packed:
        packed.writestr("more.csv", "a\n1\n")
    assert "absent" != before != file_state(path)


def test_a_name_that_leads_out_of_an_archive_is_refused(folder):
    with zipfile.ZipFile(folder / "export.zip", "a") as packed:
        packed.writestr("../customers.csv", PEOPLE)
    with pytest.raises(SettingsError, match="leads out of it"):
        locate_files(str(folder), [CUSTOMERS | {"path": "export.zip/*.csv"}])
