"""Every notebook is committed clean, and reads like the others."""

import ast
import json
import re

import pytest
from notebooks.conftest import ROOT

from coterie.study import STAGES, notebook_parameters, study_names

NOTEBOOKS = {
    stage: json.loads((ROOT / "notebooks" / f"{stage}.ipynb").read_text()) for stage in STAGES
}
each = pytest.mark.parametrize("stage", STAGES)


def sources(stage: str, kind: str) -> list[str]:
    return [
        "".join(cell["source"]) for cell in NOTEBOOKS[stage]["cells"] if cell["cell_type"] == kind
    ]


APPENDIX = "appendix_training"


def test_there_is_one_notebook_a_stage_and_one_appendix():
    assert sorted(file.stem for file in (ROOT / "notebooks").glob("*.ipynb")) == sorted(
        [*STAGES, APPENDIX]
    )


@each
def test_a_notebook_is_committed_without_outputs(stage):
    code = [cell for cell in NOTEBOOKS[stage]["cells"] if cell["cell_type"] == "code"]
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    assert set(NOTEBOOKS[stage]["metadata"]) == {"kernelspec", "language_info"}


@each
def test_a_notebook_has_a_readable_size_and_defines_nothing(stage):
    code, prose = sources(stage, "code"), sources(stage, "markdown")
    assert 16 <= len(code) + len(prose) <= 26
    assert sum(len(cell.splitlines()) for cell in code) <= 90
    assert max(len(cell.splitlines()) for cell in code) <= 12
    assert 400 <= sum(len(cell.split()) for cell in prose) <= 900
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
    defined = [
        node for cell in code for node in ast.walk(ast.parse(cell)) if isinstance(node, kinds[:2])
    ]
    assert not defined


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
    assert (
        f'lake.record(\n    "{stage[:2]}"' in sources(stage, "code")[-1]
        or f'lake.record("{stage[:2]}"' in sources(stage, "code")[-1]
    )


@each
def test_every_parameter_is_typed_and_explains_itself(stage):
    parameters = notebook_parameters(stage)
    assert 2 <= len(parameters) <= 9
    assert next(iter(parameters)) == "study"
    for parameter in parameters.values():
        assert isinstance(parameter.default, parameter.kind)
        assert len(parameter.help) > 10


@each
def test_a_notebook_writes_the_tables_its_prose_announces(stage):
    announced = sources(stage, "markdown")[1].split("*Writes*")[1].split(".")[0]
    from coterie import contracts

    written = re.findall(r"lake\.write\(contracts\.(\w+)", "\n".join(sources(stage, "code")))
    names = {getattr(contracts, name).table for name in written}
    assert names <= {name.strip() for name in announced.replace(" and ", ",").split(",")}


@pytest.mark.parametrize("study", study_names())
def test_every_committed_study_has_valid_settings(study):
    from coterie.study import load_study

    assert set(load_study(study).blocks) == set(STAGES)
