"""The notebooks as they stand on disk: their cells, their code, their imports."""

import ast
import json
from contextlib import suppress
from pathlib import Path

from coterie.source_code import parse_code
from coterie.study import project_root


def notebook_file(stage: str) -> Path:
    """Locate a stage's notebook."""
    return project_root() / "notebooks" / f"{stage}.ipynb"


def notebook_cells(stage: str) -> list[tuple[str, str, tuple]]:
    """Read a notebook's cells, without outputs and execution counts: kind, source, tags."""
    cells = json.loads(notebook_file(stage).read_text(encoding="utf-8"))["cells"]
    return [
        (cell["cell_type"], "".join(cell["source"]), tuple(cell["metadata"].get("tags", ())))
        for cell in cells
    ]


def code_cells(stage: str) -> list[str]:
    """List the sources of a notebook's code cells."""
    return [source for kind, source, _ in notebook_cells(stage) if kind == "code"]


def import_statements(stage: str) -> str:
    """List a notebook's import statements; none of a notebook with magics or mistakes."""
    with suppress(SyntaxError):
        nodes = parse_code("\n".join(code_cells(stage))).body
        imports = (node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
        return "\n".join(map(ast.unparse, imports))
    return ""


def committed_place(stage: str, number: int) -> int:
    """Number an executed cell as on disk; papermill adds one after the parameters."""
    tags = [tags for _, _, tags in notebook_cells(stage)]
    parameters = next(place for place, of_cell in enumerate(tags, 1) if "parameters" in of_cell)
    return number - 1 if number > parameters else number
