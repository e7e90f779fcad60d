"""The laws of the house, read from the code itself."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from coterie import contracts
from coterie.study import STAGES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "lib" / "coterie"
ROOMS = {stage.split("_")[1] for stage in STAGES}
GROUND = {"contracts", "lake", "study", "windows", "wording", "source_code", "parsing", "entries"}
GROUND |= {"statistics", "disclosure", "demo", "settings", "safeguards"}
TOP = {"cli", "runner", "reporting", "training", "collection", "views"}
FILES = sorted(PACKAGE.rglob("*.py"))


def part_of(file: Path) -> str:
    """Name the room, or the part of another floor, that a file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(file: Path) -> set[str]:
    """Name the parts of the package that a file imports, inside functions too."""
    tree = ast.parse(file.read_text())
    names = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return {name.split(".")[1] for name in names if name.startswith("coterie.")}


def functions(file: Path) -> list[ast.FunctionDef]:
    return [
        node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)
    ]


def test_every_part_of_the_package_stands_on_a_floor():
    assert {part_of(file) for file in FILES} - {"__init__", "__main__"} == ROOMS | GROUND | TOP


def test_a_room_has_no_door_to_another_room_or_to_the_top():
    doors = {
        (part_of(file), other)
        for file in FILES
        if part_of(file) in ROOMS
        for other in imported_parts(file) & (ROOMS | TOP) - {part_of(file)}
    }
    assert not doors


def test_the_ground_floor_knows_no_one_above():
    doors = {
        (part_of(f), o)
        for f in FILES
        if part_of(f) in GROUND
        for o in imported_parts(f) & (ROOMS | TOP)
    }
    assert not doors


def test_only_the_lake_and_the_top_open_files():
    opening = re.compile(
        r"\bopen\(|\.write_text\(|\.write_bytes\(|\.to_parquet\(|\.to_csv\(|read_csv\(|read_parquet\("
    )
    allowed = {"lake", *TOP}
    guilty = [
        (file.name, line)
        for file in FILES
        if part_of(file) not in allowed
        for line in file.read_text().splitlines()
        if opening.search(line)
        and "to_csv(index=False" not in line
        and "lineterminator" not in line
    ]
    assert not guilty


def test_no_room_prints_logs_or_shows():
    guilty = [
        (file.name, name.id)
        for file in FILES
        if part_of(file) in ROOMS | GROUND
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(name := node.func, ast.Name)
        and name.id in ("print", "display")
    ]
    assert not guilty


def test_only_notebooks_02_and_10_know_the_vault():
    knowing = {
        f.stem for f in (ROOT / "notebooks").glob("*.ipynb") if "contracts.Vault" in f.read_text()
    }
    assert knowing == {"02_sourcing", "10_activation"}


def test_every_stage_has_notebook_room_and_tests():
    for stage in STAGES:
        room = stage.split("_")[1]
        assert (ROOT / "notebooks" / f"{stage}.ipynb").exists()
        assert (PACKAGE / room).is_dir() or (PACKAGE / f"{room}.py").exists()
        assert (ROOT / "tests" / room).is_dir()


def test_no_file_is_longer_than_one_can_hold_in_mind():
    assert not [file.name for file in FILES if len(file.read_text().splitlines()) > 300]


def test_functions_are_short():
    lengths = sorted(f.end_lineno - f.body[0].lineno + 1 for file in FILES for f in functions(file))
    assert lengths[len(lengths) // 2] < 12
    assert lengths[int(0.9 * len(lengths))] <= 36


def test_real_data_are_found_by_the_one_fixture_that_skips_without_them():
    found = re.compile("COTERIE" + "_DATA|shared[/\"', ]+data")
    tests = [file for file in (ROOT / "tests").rglob("*.py") if file.parent.name != "bench"]
    guilty = [file.name for file in tests if found.search(file.read_text())]
    assert guilty == ["conftest.py"]


def test_no_module_is_a_drawer():
    assert not [
        file for file in FILES if file.stem in ("utils", "util", "misc", "helpers", "common")
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_everything_public_is_documented(file):
    tree = ast.parse(file.read_text())
    assert ast.get_docstring(tree)
    public = [
        n
        for n in tree.body
        if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")
    ]
    assert not [node.name for node in public if not ast.get_docstring(node)]


def test_no_function_swallows_a_misspelt_option():
    assert not [
        (file.name, f.name)
        for file in FILES
        for f in functions(file)
        if f.args.kwarg and f.args.kwarg.arg == "_"
    ]


def test_the_glossary_defines_every_column_and_the_five_words():
    glossary = (ROOT / "GLOSSARY.md").read_text()
    for name, table in contracts.TABLES.items():
        assert f"### {name}" in glossary
        for column, meaning in contracts.contract(name).meanings.items():
            assert f"| `{column}` | {meaning} |" in glossary, f"{name}.{column}"
        assert table["holds"].split(": ", 1)[-1] in glossary
    for word in ("cluster", "segment", "persona", "cohort", "audience"):
        assert f"**{word}**" in glossary


def requirement(line: str) -> tuple[str, str]:
    """Split a requirement into its plain name and its conditions."""
    name = re.match(r"[\w.-]+", line)[0]
    return re.sub(r"[-_.]+", "-", name).lower(), line[len(name) :]


def test_environment_pyproject_and_constraints_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = dict(
        requirement(line)
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if line and not line.startswith("#")
    )
    assert all(re.fullmatch(r"==[\w.!+]+", pin) for pin in pins.values())
    # what `make` installs
    extras = {name: project["optional-dependencies"][name] for name in ("dev", "journey", "train")}
    wanted = [requirement(line) for line in sum(extras.values(), project["dependencies"])]
    assert not [name for name, _ in wanted if name not in pins]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert "python=3.11" in conda
    assert project["requires-python"].startswith(">=3.11")
    pip = next(part["pip"] for part in conda if isinstance(part, dict))
    everything = f".[{','.join(extras)}]"
    assert pip == ["--constraint constraints.txt", f"--editable {everything}"]
    assert (ROOT / "Makefile").read_text().count(f"--editable '{everything}'") == 2


def test_the_pins_that_matter_hold():
    pins = dict(
        line.strip().split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )
    assert pins["torch"] == "2.13.0"
    assert tuple(map(int, pins["sqlglot"].split("."))) < (30, 18)
    assert "rfc3987-syntax" not in pins  # every command would compile its grammars
    assert int(pins["duckdb"].split(".")[0]) < 2
    assert pins["tea-tasting"].startswith("1.14")


def test_the_sample_run_is_small_and_whole():
    pages = list((ROOT / "reports" / "sample").glob("*.html"))
    assert len([page for page in pages if not page.stem.startswith("role_")]) == 12
    assert sum(page.stat().st_size for page in pages) < 3_000_000


def names_used(code: str) -> set[tuple[str, str]]:
    """List part and name of what code takes from the package: `coterie.lake` and `Lake`."""
    nodes = list(ast.walk(ast.parse(code)))
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    parts = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in imports
        for alias in node.names
    }
    taken = {(node.module, alias.name) for node in imports for alias in node.names}
    reached = {
        (parts[node.value.id], node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in parts
    }
    return taken | reached


def test_what_a_part_exports_is_used_elsewhere():
    """Tests do not count: a name that nothing but its test needs is dead."""
    notebooks = [json.loads(file.read_text()) for file in (ROOT / "notebooks").glob("*.ipynb")]
    in_notebooks = [names_used("\n".join(cells_of(notebook))) for notebook in notebooks]
    used_by = {file: names_used(file.read_text()) for file in FILES}
    inits = [file for file in FILES if file.name == "__init__.py" and file.parent.parent == PACKAGE]
    dead = []
    for init in inits:
        part = f"coterie.{init.parent.name}"
        outside = [names for file, names in used_by.items() if init.parent not in file.parents]
        used = set().union(*in_notebooks, *outside)
        exported = {name for module, name in used_by[init] if module.startswith(part)}
        loaded = {
            node.id for node in ast.walk(ast.parse(init.read_text())) if isinstance(node, ast.Name)
        }
        dead += [f"{part}.{name}" for name in exported - loaded if (part, name) not in used]
    assert [name for name in dead if not name.startswith("coterie.cli.")] == []  # the way in


def cells_of(notebook: dict) -> list[str]:
    """List the code of a notebook."""
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
