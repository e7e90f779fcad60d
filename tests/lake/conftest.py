"""A house without a run, and its lake."""

from collections.abc import Callable
from pathlib import Path

import pytest

from coterie.lake import CURRENT, Lake, edited_pointer

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
MODES = ("COTERIE_POINTER", "COTERIE_STAGE", "COTERIE_RUN", "COTERIE_KEY")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out a house without a run; returns the folder its study's tables will lie in."""
    (tmp_path / "notebooks" / "studies").mkdir(parents=True)
    (tmp_path / "notebooks" / "studies" / "tiny.yml").write_text("title: tiny\n")
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        (tmp_path / "notebooks" / notebook.name).symlink_to(notebook)
    monkeypatch.setenv("COTERIE_HOME", str(tmp_path))
    for name in MODES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data" / "tiny"


@pytest.fixture
def lake(folder: Path) -> Lake:
    """Open the lake as a person in JupyterLab does."""
    return Lake("tiny")


@pytest.fixture
def finish(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a run write tables and succeed; returns a function that does."""

    def write_and_promote(run: str, **tables: tuple) -> None:
        staging = folder / "runs" / "staging.json"
        with monkeypatch.context() as patch:
            patch.setenv("COTERIE_POINTER", str(staging))
            for contract, table in tables.values():
                Lake("tiny").write(contract, table)
        with edited_pointer(staging) as pointer:
            pointer["run"] = run
        staging.replace(folder / CURRENT)

    return write_and_promote


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Callable[..., Lake]:
    """Open the lake as the runner's kernels do; returns a function that does."""

    def open_staged(*, stage: str = "01_objectives", run: str = "r2") -> Lake:
        monkeypatch.setenv("COTERIE_POINTER", str(folder / "runs" / "staging.json"))
        monkeypatch.setenv("COTERIE_STAGE", stage)
        monkeypatch.setenv("COTERIE_RUN", run)
        return Lake("tiny")

    return open_staged
