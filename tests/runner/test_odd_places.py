"""Something else lies where a run reads or writes: a sentence says so, and it is not touched."""

import json
import os
import shutil

import pytest

from coterie.lake import CURRENT, made_in

THEIRS = b"\xff\x00theirs"


def state(home) -> tuple:
    """What a run that cannot begin must leave as it was."""
    return home.latest(), (home.lake / CURRENT).read_bytes()


def said(home, *words: str) -> tuple[int, str]:
    """Run a command that must end with one sentence; the rest stands in no log."""
    code, printed = home.coterie(*words)
    assert len(printed.strip().splitlines()) == 1, printed
    assert "Traceback" not in printed
    assert "Something in coterie itself went wrong" not in printed
    return code, printed


@pytest.mark.parametrize("name", ["latest", ".latest"])
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_file_or_folder_called_latest_is_refused_before_the_run(home, name, kind):
    place, runs = home.reports / name, {*home.reports.iterdir()}
    place.unlink(missing_ok=True)
    place.mkdir() if kind == "folder" else place.write_bytes(THEIRS)
    kept = place / "deck.html" if kind == "folder" else place
    kept.write_bytes(THEIRS)
    code, printed = said(home, "run", "tiny", "--from", "10")
    assert (code, kept.read_bytes()) == (2, THEIRS)
    assert f"{place} is not the link that a run leaves; nothing in it was touched" in printed
    assert {*home.reports.iterdir()} == runs | {place}


@pytest.mark.parametrize("name", ["lock", ".made", f".{CURRENT}.lock", "staging.json"])
def test_a_link_where_the_lake_is_written_is_never_written_through(home, name):
    before, elsewhere = state(home), home.folder / "diary.txt"
    elsewhere.write_bytes(THEIRS)
    (home.lake / name).unlink(missing_ok=True)
    (home.lake / name).symlink_to(elsewhere)
    code, printed = said(home, "run", "tiny", "--from", "11", "--quiet")
    assert (code, state(home), elsewhere.read_bytes()) == (2, before, THEIRS)
    assert f"{home.lake / name} is a link; nothing was written through it" in printed


@pytest.mark.parametrize("name", [CURRENT, "lock", ".made", ".coterie-lake"])
def test_a_folder_where_a_file_belongs_is_named_with_what_to_do(home, name):
    (home.lake / name).unlink(missing_ok=True)
    (home.lake / name).mkdir()
    code, printed = said(home, "run", "tiny")
    assert code == 1
    assert f"{home.lake / name}: Is a directory. A folder lies where a file belongs" in printed


def test_a_pointer_that_was_deleted_is_said_and_its_copy_mends_it(home):
    (home.lake / CURRENT).unlink()
    code, printed = said(home, "run", "tiny")
    assert code == 2
    assert f"{home.lake / CURRENT} is gone. Put its copy back: mv" in printed
    (home.lake / "current.json.copy").replace(home.lake / CURRENT)
    assert "Nothing changed" in home.coterie("run", "tiny")[1]


def test_a_damaged_marker_is_said_and_a_lake_is_known_without_it(home):
    marker = home.lake / ".coterie-lake"
    marker.write_bytes(THEIRS)
    code, printed = said(home, "run", "tiny")
    assert (code, f"{marker} was changed or cut short" in printed) == (2, True)
    marker.unlink()
    assert "Nothing changed" in home.coterie("run", "tiny")[1]
    assert json.loads(marker.read_text()) == {"study": "tiny"}


def test_a_damaged_ledger_names_nothing_that_could_be_deleted(home):
    made = made_in(home.lake)
    with (home.lake / ".made").open("ab") as ledger:
        ledger.write(b"\xff\x00../../notebooks\ntables/half-a-na")
    assert made <= made_in(home.lake)
    code, printed = home.coterie("run", "tiny", "--from", "11")
    assert code == 0, printed
    assert (home.folder / "notebooks" / "11_monitoring.ipynb").exists()


def test_two_studies_cannot_share_a_lake_and_both_are_named(home):
    other = home.settings.with_name("other.yml")
    other.write_text(f"lake: {home.lake}\n" + home.settings.read_text())
    before = state(home)
    code, printed = said(home, "run", "other")
    assert (code, state(home)) == (2, before)
    assert "is the lake of the study 'tiny'" in printed


@pytest.mark.parametrize("kind", ["a folder", "a link to nothing"])
def test_a_broken_settings_file_breaks_no_list_of_studies(home, kind):
    broken = home.settings.with_name("broken.yml")
    broken.mkdir() if kind == "a folder" else broken.symlink_to("nowhere")
    code, printed = home.coterie("studies")
    assert (code, "A tiny study" in printed, "broken.yml: cannot be read" in printed) == (
        *(0, True, True),
    )
    assert said(home, "run", "broken")[0] == 2


def test_a_study_deleted_while_it_runs_ends_the_run_with_a_sentence(home):
    before = state(home)
    lake = "from coterie.lake import Lake\nLake(study)"
    home.add_cell("11_monitoring", f"import os\nos.unlink({str(home.settings)!r})\n{lake}")
    code, printed = said(home, "run", "tiny", "--from", "11", "--quiet")
    assert (code, state(home)) == (2, before)
    assert "There is no study 'tiny'" in printed


@pytest.mark.parametrize("entry", ["a", "{path: 'a**b'}"])
def test_a_wrong_entry_of_the_column_map_is_named(home, entry):
    text = home.settings.read_text()
    home.settings.write_text(f"{text[: text.index('    - {path')]}    - {entry}\n")
    code, printed = said(home, "run", "tiny", "--quiet")
    assert code == 2
    assert "02_sourcing.files[0]" in printed


def test_the_project_may_lie_in_a_folder_of_any_name(home):
    moved = type(home)(home.folder.with_name("it's {here} [a]*? 100%"))
    shutil.move(home.folder, moved.folder)
    code, printed = moved.coterie("run", "tiny", "--only", "03", "--quiet")
    assert code == 0, printed


@pytest.mark.parametrize("name", ["a\nb", "a\\b"])
def test_a_folder_that_no_engine_can_open_is_refused(home, name):
    home.settings.write_text(f"lake: {json.dumps(name)}\n" + home.settings.read_text())
    code, printed = said(home, "run", "tiny")
    assert code == 2
    assert "has a letter in its path that no engine can open" in printed
    assert not os.path.lexists(home.folder / name)


def test_a_project_reached_through_links_is_the_same_project(home, tmp_path):
    elsewhere = tmp_path / "big disk"
    shutil.move(home.lake, elsewhere)
    home.lake.symlink_to(elsewhere)
    assert "Nothing changed" in home.coterie("run", "tiny")[1]
    code, printed = home.coterie("run", "tiny", "--from", "11", "--quiet")
    assert code == 0, printed
    assert home.lake.is_symlink()
