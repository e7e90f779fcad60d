"""What a notebook's result rests on, and whether it still stands."""

import hashlib
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from coterie.lake import file_digest, file_state, matching_files, source_folder
from coterie.runner.planning.dependencies import library_files
from coterie.runner.planning.notebooks import code_cells, notebook_cells
from coterie.study import Study

PAGES = ("coterie.reporting.cleaning", "coterie.reporting.pages", "coterie.reporting.roles")


def fingerprint(*parts: object) -> str:
    """Shorten anything to 16 characters that change when it changes.

    >>> fingerprint("a", 1) == fingerprint("a", 1), fingerprint("a", 1) == fingerprint("a", 2)
    (True, False)
    """
    return hashlib.sha256("\0".join(map(repr, parts)).encode()).hexdigest()[:16]


@cache
def package_versions() -> dict[str, str]:
    """List every installed package with its version."""
    return dict(sorted((found.name, found.version) for found in metadata.distributions()))


def stage_key(stage: str, study: Study) -> dict[str, str]:
    """Fingerprint, by name, all that a result rests on except tables, models and source files.

    Those are journaled while the notebook runs. The simulator counts where a study has a planted
    world, for the notebook that reads its files.
    """
    block = study.blocks[stage]
    simulator = ["coterie.demo"] if study.world and stage == "02_sourcing" else []
    return {
        "notebook": fingerprint(notebook_cells(stage)),
        "settings": fingerprint(sorted(block.items()), study.engine, study.title),
        "library": fingerprint(library_files(code_cells(stage), also=simulator)),
        "packages": fingerprint(package_versions(), sys.version),
        "list of files": fingerprint(listed_files(block)),
    }


def pages_key() -> str:
    """Fingerprint the code that cleans, checks and draws pages."""
    return fingerprint(library_files((), also=PAGES))


def listed_files(block: dict) -> list[list[str]]:
    """List the source files that each entry of a column map matches now.

    Raises
    ------
    SettingsError
        When a path matches what cannot be read; what else is wrong with an entry, 02 says.
    """
    folder = source_folder(block.get("source", ""))
    entries = [entry for entry in block.get("files", ()) if isinstance(entry, dict)]
    patterns = {f"02_sourcing.files[{n}].path": e.get("path") for n, e in enumerate(entries)}
    return [
        [str(file) for file in matching_files(folder, pattern, key=key)]
        for key, pattern in patterns.items()
        if isinstance(pattern, str) and pattern and not pattern.startswith("/")
    ]


def why_stale(stage: str, key: dict[str, str], pointer: dict, *, lake: Path, reports: Path) -> str:
    """Say why a notebook must run again; nothing when its last result still stands."""
    if changed := why_changed(stage, key, pointer) or why_data_changed(pointer, stage, lake):
        return changed
    record = pointer["stages"][stage]
    executed = reports / record["run"] / f"{stage}.ipynb"
    if not executed.exists():
        return "its executed notebook is gone"
    changed = file_digest(executed) != record.get("executed", file_digest(executed))
    return "its executed notebook was changed since" if changed else ""


def why_changed(stage: str, key: dict[str, str], pointer: dict) -> str:
    """Say why a notebook must run again whatever the data are."""
    record = pointer["stages"].get(stage)
    if not record:
        return "not run yet"
    changed = [part for part in key if record["key"].get(part) != key[part]]
    return f"{' and '.join(changed)} changed" if changed else ""


def why_data_changed(pointer: dict, stage: str, lake: Path) -> str:
    """Say which data that a notebook read or wrote are no longer as its journal has them."""
    used = pointer["journal"].get(stage, {})
    stored = pointer["tables"] | pointer["findings"]
    reads, writes, files = (used.get(kind, {}) for kind in ("reads", "writes", "files"))
    if changed := [name for name in reads if stored.get(name) != reads[name]]:
        return f"{described(changed[0])} changed"
    if any(file_state(Path(file)) != state for file, state in files.items()):
        return "a source file changed"
    lost = [name for name in writes if not (lake / writes[name]).exists()]
    if lost or any(stored.get(name) != writes[name] for name in writes):
        return "its tables were replaced or removed"
    return ""


def described(name: str) -> str:
    """Name a table or model of the journal.

    >>> described("events"), described("model:assignment")
    ('table events', 'model assignment')
    """
    kind, _, model = name.partition(":")
    return f"model {model}" if model else f"table {kind}"
