"""What a notebook rests on is read from its imports: all that it imports, and nothing else."""

import json
import shutil
from pathlib import Path

import pytest

from coterie.runner.planning import dependencies
from coterie.runner.planning.dependencies import PACKAGE, library_files, reachable
from coterie.runner.planning.staleness import stage_key
from coterie.study import STAGES, load_study

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package of the library's name, to edit."""
    root = tmp_path / "coterie"
    files = {
        "__init__.py": "",
        "study.py": "",
        "activation/__init__.py": "",
        "activation/platforms.yml": "",
        "lake/__init__.py": "from coterie.lake.tables import Lake\n",
        "lake/tables.py": "def late():\n    from coterie import study\n",
        "demo/__init__.py": "",
        "segments/__init__.py": "from coterie.segments.criteria import best\n",
        "segments/criteria.py": "from .naming import name\n",
        "segments/naming.py": "",
        "segments/words.yml": "",
        "segments/weights/deep.safetensors": "",
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    monkeypatch.setattr(dependencies, "PACKAGE", root)
    return root


ROOM = {
    *("segments/__init__.py", "segments/criteria.py", "segments/naming.py"),
    *("segments/words.yml", "segments/weights/deep.safetensors"),
}


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("import pandas\n# from coterie import segments, demo\n'segments'", set()),
        ("from coterie import activation", {"activation/__init__.py", "activation/platforms.yml"}),
        ("from coterie.lake import Lake", {"lake/__init__.py", "lake/tables.py", "study.py"}),
        ("import coterie.segments as room", ROOM),
        ("from coterie.segments.naming import name", ROOM),
        ("def later():\n    from coterie import segments", ROOM),
    ],
    ids=[
        "comment",
        "file",
        "lazy import inside",
        "package",
        "module of a package",
        "in a function",
    ],
)
def test_imports_are_followed_and_words_are_not(package, code, files):
    found = set(library_files([code]))
    assert found - {"__init__.py"} == files


def test_a_cell_that_is_no_python_may_rest_on_everything(package):
    assert set(library_files(["%timeit 1", "x = 1"])) >= {
        "demo/__init__.py",
        "activation/platforms.yml",
    }


def test_an_edit_changes_the_fingerprint_of_that_file_alone(package):
    before = library_files(["from coterie import segments"])
    (package / "segments" / "words.yml").write_text("other: words")
    after = library_files(["from coterie import segments"])
    assert {name for name in after if after[name] != before[name]} == {"segments/words.yml"}


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """Fingerprint the stages of a study we ship, over a copy of the library to edit."""
    copy = tmp_path / "coterie"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.safetensors", "__pycache__"))
    monkeypatch.setattr(dependencies, "PACKAGE", copy)
    monkeypatch.setenv("COTERIE_HOME", str(NOTEBOOKS.parent))

    def changed(study: str, file: str) -> set[str]:
        known = load_study(study)
        before = {stage: stage_key(stage, known)["library"] for stage in STAGES}
        (copy / file).write_text((copy / file).read_text() + "\n# edited\n")
        return {stage for stage in STAGES if stage_key(stage, known)["library"] != before[stage]}

    return changed


def test_editing_the_simulator_concerns_no_real_study_and_the_files_of_a_planted_one(keys):
    assert keys("support", "demo/world.py") == set()
    assert keys("demo", "demo/world.py") == {"02_sourcing"}


def test_editing_a_room_concerns_exactly_the_notebooks_that_import_it(keys):
    importing = {stage for stage in STAGES if imports_room(stage, "segments")}
    assert "05_segments" in importing
    assert "02_sourcing" not in importing
    assert keys("support", "segments/__init__.py") == importing


def imports_room(stage: str, room: str) -> bool:
    """Say whether a notebook imports a room, found by importing names one by one."""
    cells = json.loads((NOTEBOOKS / f"{stage}.ipynb").read_text())["cells"]
    lines = "".join("".join(c["source"]) + "\n" for c in cells if c["cell_type"] == "code")
    imports = [
        line for line in lines.splitlines() if line.startswith(("from coterie", "import coterie"))
    ]
    modules = {module for line in imports for module in names_of(line)}
    return f"coterie.{room}" in reachable(modules)


def names_of(line: str) -> set[str]:
    """Name what one import statement of a notebook imports."""
    base, _, names = line.removeprefix("from ").removeprefix("import ").partition(" import ")
    return {base, *(f"{base}.{name.split()[0].strip(',')}" for name in names.split(", ") if name)}


def test_every_module_of_the_library_can_be_reached_by_its_name():
    modules = {dependencies.module_name(file) for file in PACKAGE.rglob("*.py")}
    assert modules <= reachable(modules)
