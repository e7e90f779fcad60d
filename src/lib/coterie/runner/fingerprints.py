"""What a notebook's result rests on: its cells, its settings, the code it names, and its inputs."""

import hashlib
import json
import re
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from coterie.lake import source_folder
from coterie.study import STAGES, Study, project_root

PACKAGE = Path(__file__).resolve().parents[1]


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
    """Join a notebook's code cells."""
    return "\n".join(source for kind, source, _ in notebook_cells(stage) if kind == "code")


def committed_place(stage: str, number: int) -> int:
    """Number an executed cell as in the notebook on disk; papermill adds one after the parameters."""
    above = next(i for i, (_, _, tags) in enumerate(notebook_cells(stage), 1) if "parameters" in tags)
    return number - (number > above)


@cache
def package_files() -> dict[str, str]:
    """Fingerprint every file of the library."""
    kinds = (".py", ".yml", ".j2", ".css", ".csv", ".json", ".safetensors")
    files = (f for f in PACKAGE.rglob("*") if f.suffix in kinds)
    return {str(f.relative_to(PACKAGE)): hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(files)}


@cache
def package_versions() -> dict[str, str]:
    """List every installed package with its version."""
    return dict(sorted((found.name, found.version) for found in metadata.distributions()))


def stage_key(stage: str, study: Study) -> dict[str, str]:
    """Fingerprint, by name, all that a result rests on except tables and the content of files.

    Of the library it rests on the ground floor, on what draws pages, and on the rooms that the notebook names.
    """
    block, code, source = study.blocks[stage], code_of(stage), source_folder(study.blocks[stage].get("source", ""))
    rooms = ("demo", *(stage.split("_")[1] for stage in STAGES))
    outside = {"cli", "runner", "training", *(room for room in rooms if not re.search(rf"\b{room}\b", code))}
    globs = [entry["path"] for entry in block.get("files", ()) if isinstance(entry, dict) and entry.get("path")]
    return {
        "notebook": fingerprint(notebook_cells(stage)),
        "settings": fingerprint(sorted(block.items()), study.engine, study.title),
        "library": fingerprint([f for f in package_files().items() if re.split(r"[/.]", f[0])[0] not in outside]),
        "packages": fingerprint(package_versions(), sys.version),
        "list of files": fingerprint([sorted(map(str, source.glob(glob))) for glob in globs]),
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
