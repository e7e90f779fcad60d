"""The command line: what it prints, what it refuses, and how it ends."""

import json

import pytest
import yaml


def test_findings_come_as_a_list_with_decoded_values(home):
    code, printed = home.coterie("findings", "tiny", "--json")
    found = json.loads(printed)
    assert code == 0
    assert {tuple(row) for row in found} == {
        ("run", "stage", "name", "value", "low", "high", "evidence")
    }
    by_name = {row["name"]: row for row in found}
    assert (by_name["rows_read"]["value"], by_name["verdict"]["value"]) == (1, "fine")
    assert (by_name["floor"]["low"], by_name["floor"]["high"]) == (49, 51)


def test_studies_lists_the_last_run_and_its_verdict(home):
    code, printed = home.coterie("studies")
    assert code == 0
    assert "tiny" in printed
    assert "fine" in printed
    assert home.latest().name in printed


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("nix",), ("There is no study 'nix'", "studies are tiny")),
        (("tiny", "--from", "17"), ("There is no notebook '17'", "05_segments")),
        (("tiny", "--from", "06_validation"), ("06_validation is now 08_experiments",)),
        (
            ("tiny", "--set", "01_objectives.peple=1"),
            ("tiny.yml: 01_objectives.peple", "this notebook takes"),
        ),
        (
            ("tiny", "--set", "01_objectives.people=few"),
            ("tiny.yml: 01_objectives.people: must be int",),
        ),
        (("tiny", "--set", "people=3"), ("notebook.parameter=value",)),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_what_is_allowed(bare_home, words, parts):
    code, printed = bare_home.coterie("run", *words)
    assert code == 2
    assert all(part in printed for part in parts)
    assert "Traceback" not in printed
    assert len(printed.splitlines()) == 1


def test_findings_of_a_study_that_never_ran_are_empty(bare_home):
    assert bare_home.coterie("findings", "tiny", "--json") == (0, "[]\n")


def test_new_guesses_a_column_map_and_never_overwrites(bare_home):
    exports = bare_home.folder / "exports" / "instagram"
    exports.mkdir(parents=True)
    (exports / "followers.csv").write_text("username,e_mail,shoe_size\nana,a,38\n")
    (exports / "comments.jsonl").write_text(
        '{"username": "ana", "id": "1", "text": "hi", "timestamp": "2026-01-01"}\n'
    )
    code, printed = bare_home.coterie("new", "mine", "--from", str(exports.parent))
    file = bare_home.settings.with_name("mine.yml")
    assert code == 0, printed
    files = {
        entry["path"]: entry for entry in yaml.safe_load(file.read_text())["02_sourcing"]["files"]
    }
    followers, comments = files["instagram/followers.csv"], files["instagram/comments.jsonl"]
    assert (followers["gives"], followers["platform"]) == ("accounts", "instagram")
    assert followers["columns"] == {"account": "username", "email": "e_mail"}
    assert comments["gives"] == "posts"
    assert comments["columns"]["text"] == "text"
    assert "# not used: shoe_size" in file.read_text()
    assert "38" not in file.read_text()  # an example could identify somebody
    before = file.read_text()
    assert bare_home.coterie("new", "mine", "--from", str(exports.parent))[0] == 2
    assert file.read_text() == before


def test_doctor_names_a_broken_study_file(bare_home):
    bare_home.settings.with_name("broken.yml").write_text("nonsense: 1\n")
    code, printed = bare_home.coterie("doctor")
    assert code == 2
    assert "FAIL  study broken" in printed
    assert "unknown key 'nonsense'" in printed
