"""Every notebook is committed clean, and reads like the others."""

import json

import pytest
from notebooks import shape
from notebooks.conftest import ROOT

from coterie import contracts
from coterie.study import STAGES, load_study, notebook_parameters, study_names

APPENDIX = "appendix_training"
NOTEBOOKS = {
    name: json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())
    for name in (*STAGES, APPENDIX)
}
SETTINGS = {
    parameter.default
    for stage in STAGES
    for parameter in notebook_parameters(stage).values()
    if parameter.kind in (int, float)
}
each = pytest.mark.parametrize("stage", STAGES)
each_and_appendix = pytest.mark.parametrize("name", [*STAGES, APPENDIX])


def is_parameters(cell: dict) -> bool:
    return "parameters" in cell["metadata"].get("tags", ())


def sources(name: str, kind: str) -> list[str]:
    return [
        "".join(cell["source"]) for cell in NOTEBOOKS[name]["cells"] if cell["cell_type"] == kind
    ]


def parameters_cell(name: str) -> str:
    [cell] = filter(is_parameters, NOTEBOOKS[name]["cells"])
    return "".join(cell["source"])


def steps(name: str) -> list[str]:
    """The code cells after the parameters."""
    cells = [cell for cell in NOTEBOOKS[name]["cells"] if cell["cell_type"] == "code"]
    return ["".join(cell["source"]) for cell in cells if not is_parameters(cell)]


def faults(rule, cells: list[str], *more) -> list[str]:
    return [fault for cell in cells for fault in rule(cell, *more)]


def test_there_is_one_notebook_a_stage_and_one_appendix():
    files = (ROOT / "notebooks").glob("*.ipynb")
    assert sorted(file.stem for file in files) == sorted(NOTEBOOKS)


@each_and_appendix
def test_a_notebook_is_committed_without_outputs_and_its_cells_have_names(name):
    cells = NOTEBOOKS[name]["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    assert set(NOTEBOOKS[name]["metadata"]) == {"kernelspec", "language_info"}
    assert len({cell["id"] for cell in cells}) == len(cells)


@each_and_appendix
def test_a_cell_calls_and_does_not_define_choose_or_pair(name):
    assert faults(shape.sideways, steps(name)) == []
    assert faults(shape.private_names, steps(name)) == []


@each_and_appendix
def test_every_name_is_bound_once(name):
    assert shape.rebound(sources(name, "code")) == []


@each_and_appendix
def test_a_cell_has_few_statements_and_shows_one_thing(name):
    assert faults(shape.crowded, steps(name)) == []


@each_and_appendix
def test_no_line_is_longer_than_a_page(name):
    assert faults(shape.long_lines, sources(name, "code")) == []


@each_and_appendix
def test_a_notebook_is_short_enough_to_be_read(name):
    lines = [line for cell in sources(name, "markdown") for line in cell.splitlines()]
    assert sum(line.startswith("## ") for line in lines) <= shape.SECTIONS
    assert shape.FEWEST_WORDS <= sum(len(line.split()) for line in lines) <= shape.WORDS


@each
def test_a_notebook_asks_one_question_and_says_what_would_make_it_wrong(stage):
    prose = sources(stage, "markdown")
    title, question = [line for line in prose[0].splitlines() if line][:2]
    assert title == f"# {stage.split('_')[1].title()}"
    assert question.startswith("> ")
    assert question.endswith("?")
    assert "*Reads*" in prose[1]
    assert "*Writes*" in prose[1]
    assert any(cell.startswith("## What would make us wrong") for cell in prose)
    assert any(cell.startswith("## Findings") for cell in prose)


@each_and_appendix
def test_every_parameter_is_a_typed_line_that_explains_itself(name):
    assert shape.loose_parameters(parameters_cell(name)) == []


@each
def test_the_first_parameter_is_the_study_and_defaults_have_their_type(stage):
    parameters = notebook_parameters(stage)
    assert next(iter(parameters)) == "study"
    assert all(isinstance(p.default, p.kind) for p in parameters.values())


@each
def test_no_setting_is_typed_into_a_step(stage):
    assert faults(shape.settings_typed, steps(stage), SETTINGS) == []


@each
def test_the_floor_of_people_is_a_setting_of_objectives_alone(stage):
    floor = notebook_parameters("01_objectives")["min_people"].default
    assert (floor in shape.numbers(parameters_cell(stage))) == (stage == "01_objectives")


@each
def test_a_notebook_writes_exactly_what_its_prose_announces(stage):
    assert faults(shape.hidden_writes, sources(stage, "code")) == []
    names = faults(shape.written, sources(stage, "code"))
    tables = [getattr(getattr(contracts, name, None), "table", name) for name in names]
    assert sorted(tables) == sorted(shape.announced(sources(stage, "markdown")[1]))


@each
def test_findings_are_recorded_by_name_at_the_end(stage):
    code = sources(stage, "code")
    assert faults(shape.nameless_findings, code, stage[:2]) == []
    assert "lake.record(" in code[-1]


@pytest.mark.parametrize("study", study_names())
def test_every_committed_study_has_valid_settings(study):
    assert set(load_study(study).blocks) == set(STAGES)
