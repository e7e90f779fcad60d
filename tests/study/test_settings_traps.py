"""Settings that would be read otherwise than they look are refused, each with its key."""

import json

import pytest

from coterie.safeguards import RULES
from coterie.study import SettingsError, load_study, lowered_safeguards, notebook_parameters

BOMB = "shared:\n  goal: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  {chr(97 + n + 1)}: &{chr(97 + n + 1)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n"
    for n in range(8)
)


def cell_of(source: str) -> bytes:
    """Write a notebook of one cell of parameters."""
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": [source]}
    return json.dumps({"cells": [cell]}).encode()


@pytest.fixture
def study(tmp_path, monkeypatch, request):
    """Write the study's settings; returns a function that does and loads it."""
    root = request.config.rootpath
    (tmp_path / "notebooks" / "studies").mkdir(parents=True)
    for notebook in (root / "notebooks").glob("*.ipynb"):
        (tmp_path / "notebooks" / notebook.name).symlink_to(notebook)
    monkeypatch.setenv("COTERIE_HOME", str(tmp_path))

    def load(text: str, *overrides: str):
        (tmp_path / "notebooks" / "studies" / "tiny.yml").write_text(text)
        return load_study("tiny", overrides)

    return load


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title: a\nshared: {}\ntitle: b\n", "the key title stands there twice near line 3"),
        (
            "05_segments:\n  seed: 1\n  seed: 2\n",
            "the key 05_segments.seed stands there twice near line 3",
        ),
        (
            "02_sourcing:\n  files: &f\n    - *f\n",
            "02_sourcing.files\\[0\\] is an alias of what it stands in",
        ),
        ("shared: &s\n  goal: *s\n", "shared.goal is an alias of what it stands in"),
        (BOMB, "the aliases in shared"),
        ("title: " + "[" * 5000, "near line|nested too deeply"),
        ("lake: 5\n", "lake must be text, like data/demo"),
        ("lake:\n", "lake must be text"),
        ("engine: [duckdb]\n", "engine must be text"),
        ("lake: s3://bucket/lake\n", "lake must be a folder of this machine, like data/demo"),
        ("everyday_words: cup\n", "everyday_words must be a list of words, like"),
        ("everyday_words: [1]\n", "everyday_words must be a list of words, like"),
        ("keep_runs: 0\n", "keep_runs must be a whole number from 1"),
        ("keep_days: true\n", "keep_days must be a whole number from 1"),
        ("01_objectives: {min_people: 1}\n", "01_objectives.min_people: must be at least 10"),
        ("01_objectives: {min_people: -50}\n", "must be at least 10"),
        ("09_governance: {special_index: 1.0e+9}\n", "special_index: must be at most 250"),
        ("09_governance: {special_index: .nan}\n", "special_index: must be at most 250"),
        ("09_governance: {special_index: .inf}\n", "special_index: must be at most 250"),
    ],
)
def test_a_trap_is_one_sentence_with_its_key(study, text, says):
    with pytest.raises(SettingsError, match=says) as error:
        study(text)
    assert "tiny.yml" in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_everyday_words_are_what_the_advice_about_handles_says_they_are(study):
    assert study("everyday_words: [cup, jug]\n").everyday_words == ("cup", "jug")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe", "05_segments.ipynb: cannot be read .it is no notebook"),
        (b"[]", "cannot be read .it is no notebook"),
        (b'{"cells": []}', "0 cells are tagged `parameters`"),
        (cell_of("seed: int = seven()"), "its parameters cell cannot be read .ValueError"),
        (cell_of("seed: set = 1"), "its parameters cell cannot be read .KeyError"),
        (cell_of("seed: int = "), "its parameters cell cannot be read .SyntaxError"),
        (None, "cannot be read .No such file or directory"),
    ],
)
def test_a_notebook_that_was_broken_by_hand_is_named(study, tmp_path, content, says):
    notebook = tmp_path / "notebooks" / "05_segments.ipynb"
    notebook.unlink()
    if content is not None:
        notebook.write_bytes(content)
    with pytest.raises(SettingsError, match=says):
        study("title: a\n")


def test_a_number_of_the_command_line_is_held_to_the_same_limits(study):
    with pytest.raises(SettingsError, match="min_people: must be at least 10"):
        study("title: a\n", "01_objectives.min_people=1")


def test_an_alias_that_is_only_used_twice_is_fine(study):
    loaded = study("shared: {as_of: &day 2026-07-01}\n04_psychographics: {as_of: *day}\n")
    assert loaded.blocks["04_psychographics"]["as_of"] == "2026-07-01"


def test_every_safeguard_below_its_default_is_said_in_words(study):
    loaded = study(
        "01_objectives: {min_people: 20}\n09_governance: {special_index: 200, names_block: false}\n"
        "10_activation: {require_consent: false, follow_rule: false}\n"
    )
    found = {low.setting: low for low in lowered_safeguards(loaded)}
    assert set(found) == set(RULES)
    assert (
        found["01_objectives.min_people"].sentence
        == "groups of 20 people or more are shown, where 50 is the default"
    )
    assert found["10_activation.require_consent"].value is False


def test_a_safeguard_at_its_default_or_above_it_is_not_said(study):
    loaded = study(
        "01_objectives: {min_people: 80}\n09_governance: {special_index: 120, skew_blocks: true}\n"
    )
    assert lowered_safeguards(loaded) == []


def test_every_safeguard_is_a_parameter_of_its_notebook_and_its_default_keeps_the_limit(study):
    for setting, rule in RULES.items():
        stage, name = setting.split(".")
        default = notebook_parameters(stage)[name].default
        if rule.get("switch"):
            assert default is True
        else:
            assert rule.get("least", default) <= default <= rule.get("most", default)
