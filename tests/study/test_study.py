"""A settings file is understood whole, or refused by one sentence: file, key, what is allowed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.settings import expand
from coterie.study import (
    STAGES,
    SettingsError,
    load_study,
    notebook_parameters,
    parse_override,
    project_root,
    stage_of,
    study_names,
)

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a settings file into a house of the real notebooks; returns a function that does."""
    studies = tmp_path / "notebooks" / "studies"
    studies.mkdir(parents=True)
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        (tmp_path / "notebooks" / notebook.name).symlink_to(notebook)
    monkeypatch.setenv("COTERIE_HOME", str(tmp_path))

    def settings(text, name="tiny"):
        content = text if isinstance(text, bytes) else text.encode()
        (studies / f"{name}.yml").write_bytes(content)
        return name

    return settings


def refused(write, text, *overrides):
    with pytest.raises(SettingsError) as error:
        load_study(write(text), overrides)
    return str(error.value)


def test_an_empty_file_is_a_study_of_defaults(write, tmp_path):
    study = load_study(write(""))
    assert study.title == "tiny"
    assert study.lake == tmp_path / "data" / "tiny"
    assert study.blocks == {stage: {"study": "tiny"} for stage in STAGES}


def test_shared_settings_reach_the_notebooks_that_know_them_and_a_block_wins(write):
    study = load_study(write("shared: {as_of: 2026-05-01}\n03_features: {as_of: '2026-04-01'}\n"))
    known = {stage for stage in STAGES if "as_of" in notebook_parameters(stage)}
    assert {stage for stage in STAGES if "as_of" in study.blocks[stage]} == known > {"02_sourcing"}
    assert study.blocks["02_sourcing"]["as_of"] == "2026-05-01"
    assert study.blocks["03_features"]["as_of"] == "2026-04-01"


def test_the_command_line_wins_over_the_file(write):
    study = load_study(
        write("05_segments: {n_segments: 3}\n"), ("05.n_segments=6", "segments.k_range=[2, 4]")
    )
    assert study.blocks["05_segments"] == {"study": "tiny", "n_segments": 6, "k_range": [2, 4]}


def test_a_whole_number_is_a_number_and_an_environment_variable_is_filled(write, monkeypatch):
    monkeypatch.setenv("COTERIE_TEST", "deep")
    study = load_study(
        write(
            "lake: ${COTERIE_TEST}/lake\n01_objectives: {minimum_lift: 1}\n"
            "02_sourcing: {brands: ['${COTERIE_TEST}']}"
        )
    )
    assert study.lake.parts[-2:] == ("deep", "lake")
    assert study.blocks["01_objectives"]["minimum_lift"] == 1.0
    assert study.blocks["02_sourcing"]["brands"] == ["deep"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("05_segment: {}\n", ["tiny.yml", "'05_segment'", "05_segments"]),
        (
            "06_validation: {}\n",
            ["tiny.yml", "06_validation is now 08_experiments", "rename the key"],
        ),
        (
            "08_activation: {}\n09_monitoring: {}\n",
            ["10_activation", "09_monitoring is now 11_monitoring"],
        ),
        ("titel: x\n", ["tiny.yml", "'titel'", "title"]),
        ("05_segments: {n_segment: 3}\n", ["tiny.yml", "05_segments.n_segment", "n_segments"]),
        ("05_segments: {study: other}\n", ["05_segments.study", "n_segments"]),
        ("shared: {as_off: 2026-01-01}\n", ["tiny.yml", "shared.as_off", "as_of"]),
        ("05_segments: {n_segments: secret}\n", ["05_segments.n_segments", "must be int", "str"]),
        ("05_segments: {n_segments: 2.5}\n", ["05_segments.n_segments", "must be int", "float"]),
        ("05_segments: {n_segments: true}\n", ["05_segments.n_segments", "must be int", "bool"]),
        ("05_segments: {k_range: 2}\n", ["05_segments.k_range", "must be list"]),
        (
            "04_psychographics: {interests: [food]}\n",
            ["04_psychographics.interests", "must be dict"],
        ),
        ("02_sourcing: {source:}\n", ["02_sourcing.source", "must be str", "NoneType"]),
        ("05_segments: [1]\n", ["tiny.yml", "05_segments must be a block"]),
        ("- a\n- b\n", ["tiny.yml", "mapping", "title"]),
        ("title: [open\nshared: {\n", ["tiny.yml", "YAML", "line"]),
        ("title: Zoë\n".encode("latin-1"), ["tiny.yml", "not readable"]),
    ],
    ids=lambda value: repr(value)[:25] if isinstance(value, str | bytes) else "",
)
def test_a_mistake_in_the_file_is_named_with_what_is_allowed(write, text, says):
    message = refused(write, text)
    assert all(word in message for word in says), message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("n_segments=6", "notebook.parameter=value"),
        ("17.n_segments=6", "no notebook '17'"),
        ("07_governance.attribute=sex", "07_governance is now 09_governance"),
        ("05.n_segmentz=6", "05_segments.n_segmentz"),
        ("05.n_segments=many", "must be int"),
        ("05.leave_out=[a", "--set 05.leave_out: the value is not readable"),
    ],
)
def test_a_mistake_on_the_command_line_is_named(write, override, says):
    assert says in refused(write, "", override)


def test_an_unknown_study_names_those_there_are(write):
    write("", "one")
    write("", "two")
    with pytest.raises(SettingsError, match=r"no study 'three'.*one, two"):
        load_study("three")
    with pytest.raises(SettingsError, match="no study"):
        load_study("../studies/one")


def test_outside_of_every_project_the_sentence_says_what_to_set(monkeypatch, tmp_path):
    monkeypatch.delenv("COTERIE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("coterie.study.__file__", str(tmp_path / "study.py"))
    with pytest.raises(SettingsError, match="COTERIE_HOME"):
        project_root()


def test_the_project_is_found_from_a_folder_inside_it(monkeypatch):
    monkeypatch.delenv("COTERIE_HOME", raising=False)
    monkeypatch.chdir(NOTEBOOKS / "studies")
    assert project_root() == NOTEBOOKS.parent


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in (NOTEBOOKS / "studies").glob("*.yml"))
)
def test_the_studies_we_ship_are_understood(name, monkeypatch):
    monkeypatch.setenv("COTERIE_HOME", str(NOTEBOOKS.parent))
    assert name in study_names()
    assert load_study(name).blocks["02_sourcing"]["files"]


@pytest.mark.parametrize("stage", STAGES)
def test_every_parameter_has_a_type_that_fits_its_default_and_a_help_text(stage):
    for parameter in notebook_parameters(stage).values():
        assert isinstance(parameter.default, parameter.kind)
        assert len(parameter.help) > 10


@given(st.sampled_from(STAGES), st.sampled_from(["05", "name", "whole"]))
def test_a_notebook_answers_to_its_number_its_name_and_both(stage, form):
    word = {"05": stage[:2], "name": stage[3:], "whole": stage}[form]
    assert stage_of(word) == stage


@given(st.integers() | st.booleans() | st.lists(st.integers(), max_size=3))
def test_an_override_gives_back_the_value_that_was_written(value):
    assert parse_override(f"05_segments.anything={value}") == ("05_segments", "anything", value)


@given(st.text(st.characters(exclude_characters="$")))
def test_text_without_a_variable_stays_as_it_is(text):
    assert expand(text) == text


def test_a_bare_on_is_a_word_where_a_key_stands_and_a_truth_value_elsewhere(write):
    entry = "{path: f.csv, join: {path: g.csv, on: id}}"
    name = write(
        f"02_sourcing: {{files: [{entry}], rates: {{NO: 2}}}}\n"
        "10_activation: {require_consent: on}\n"
    )
    study = load_study(name, ("02.rates={off: 3}",))
    assert study.blocks["02_sourcing"]["files"][0]["join"] == {"path": "g.csv", "on": "id"}
    assert study.blocks["02_sourcing"]["rates"] == {"off": 3}
    assert study.blocks["10_activation"]["require_consent"] is True
