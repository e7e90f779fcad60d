"""What a notebook's result rests on: its cells, its settings, the code it names, and its inputs."""

import ast
import hashlib
import json
import re
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from coterie.study import STAGES, Study, project_root

PACKAGE = Path(__file__).resolve().parents[1]
ROOMS = tuple(stage.split("_")[1] for stage in STAGES)


def fingerprint(*parts: object) -> str:
    """Shorten anything to 16 characters that change when it changes.

    >>> fingerprint("a", 1) == fingerprint("a", 1), fingerprint("a", 1) == fingerprint("a", 2)
    (True, False)
    """
    return hashlib.sha256("\0".join(map(repr, parts)).encode()).hexdigest()[:16]


def notebook_file(stage: str) -> Path:
    """Locate a stage's notebook."""
    return project_root() / "notebooks" / f"{stage}.ipynb"


def notebook_cells(stage: str) -> list[tuple[str, str, tuple]]:
    """Read a notebook's cells, without outputs and execution counts: kind, source, tags."""
    cells = json.loads(notebook_file(stage).read_text(encoding="utf-8"))["cells"]
    return [(c["cell_type"], "".join(c["source"]), tuple(c["metadata"].get("tags", ()))) for c in cells]


def code_of(stage: str) -> str:
    """Join a notebook's code cells, magics left out."""
    lines = "\n".join(source for kind, source, _ in notebook_cells(stage) if kind == "code").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))


def injected_at(stage: str) -> int:
    """Count the cells above the one that papermill inserts with the study's parameters."""
    return next(i for i, (_, _, tags) in enumerate(notebook_cells(stage)) if "parameters" in tags) + 1


def imports_of(stage: str) -> str:
    """List a notebook's import statements, for a kernel to load ahead of need."""
    try:
        nodes = ast.parse(code_of(stage)).body
    except SyntaxError:
        return ""  # the notebook itself will say so
    return "\n".join(ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


@cache
def package_files() -> dict[str, str]:
    """Fingerprint every file of the library."""
    files = (f for f in PACKAGE.rglob("*") if f.suffix in (".py", ".yml", ".j2", ".css"))
    return {str(f.relative_to(PACKAGE)): hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(files)}


def code_fingerprint(source: str) -> str:
    """Fingerprint the library as one notebook sees it: the ground floor and the rooms it names."""
    outside = {room for room in (*ROOMS, "demo") if not re.search(rf"\b{room}\b", source)} | {"cli", "runner"}
    return fingerprint(
        [
            (name, content)
            for name, content in package_files().items()
            if re.split(r"[/.]", name)[0] not in outside and not name.startswith("reporting/pages")
        ]
    )


@cache
def package_versions() -> dict[str, str]:
    """List the installed versions of what the library rests on."""
    try:
        wanted = [
            re.match(r"[\w.-]+", need)[0] for need in metadata.requires("coterie") or () if "extra ==" not in need
        ]
    except metadata.PackageNotFoundError:
        return {}  # run from the source folder
    return {name: metadata.version(name) for name in wanted} | {"coterie": metadata.version("coterie")}


def stage_key(stage: str, study: Study) -> dict[str, str]:
    """Fingerprint everything a notebook's result rests on except tables and files, by name."""
    block = study.blocks[stage]
    folder = project_root() / str(block.get("source") or "none")
    globs = [entry.get("path", "") for entry in block.get("files") or () if isinstance(entry, dict)]
    return {
        "notebook": fingerprint(notebook_cells(stage)),
        "settings": fingerprint(sorted(block.items()), study.engine),
        "library": code_fingerprint(code_of(stage)),
        "packages": fingerprint(sorted(package_versions().items()), sys.version),
        "list of files": fingerprint([sorted(map(str, folder.glob(glob))) for glob in globs if glob]),
    }


def why_stale(stage: str, key: dict[str, str], pointer: dict, *, lake: Path, reports: Path) -> str:
    """Say why a notebook must run again; nothing when its last result still stands."""
    record, used = pointer["stages"].get(stage), pointer["journal"].get(stage, {})
    stored = pointer["tables"] | pointer["findings"]
    if not record:
        return "not run yet"
    if changed := [part for part in key if record["key"].get(part) != key[part]]:
        return f"{' and '.join(changed)} changed"
    if changed := [table for table, file in used.get("reads", {}).items() if stored.get(table) != file]:
        return f"table {changed[0]} changed"
    if any(file_state(Path(file)) != state for file, state in used.get("files", {}).items()):
        return "a source file changed"
    if any(stored.get(table) != file or not (lake / file).exists() for table, file in used.get("writes", {}).items()):
        return "its tables were replaced or removed"
    return "" if (reports / record["run"] / f"{stage}.ipynb").exists() else "its executed notebook is gone"


def file_state(file: Path) -> str:
    """Fingerprint a file by size and time, as the lake notes it."""
    return f"{file.stat().st_size}:{file.stat().st_mtime_ns}" if file.exists() else "absent"
