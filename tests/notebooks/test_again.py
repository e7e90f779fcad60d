"""A second execution of every notebook gives the outputs of the first, by hand as in a run."""

import os
import subprocess
import sys

import pytest

from coterie.study import STAGES


def test_a_second_execution_gives_the_same_outputs(tiny, tmp_path):
    notebooks = [str(tiny.reports / f"{stage}.ipynb") for stage in STAGES]
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-c", tmp_path / "pytest.ini"]
    environment = os.environ | {"COTERIE_HOME": str(tiny.home), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [*map(str, command), *notebooks], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout


@pytest.mark.parametrize("stage", ["01_objectives", "05_segments"])
def test_plain_papermill_runs_one_notebook_on_the_lake_that_is_there(tiny, tmp_path, stage):
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "-p", "study", "demo"]
    files = [tiny.home / "notebooks" / f"{stage}.ipynb", tmp_path / "out.ipynb"]
    environment = os.environ | {"COTERIE_HOME": str(tiny.home)}
    done = subprocess.run([*command, *map(str, files)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert files[1].exists()


def test_the_tiny_world_reaches_the_end_and_exports_nobody_from_a_small_segment(tiny):
    findings = tiny.findings
    assert findings["02 n_people"] > 300
    assert findings["10 opt_outs_exported"] == 0
    assert findings["01 people_per_segment"] > 200
