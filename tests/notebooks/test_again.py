"""A second execution of a notebook gives the outputs of the first, by hand as in a run."""

import os
import subprocess
import sys

import pytest

from coterie.study import STAGES

CHEAP = ("09_governance", "11_monitoring")


def execute_again(study, stages, folder):
    """Execute a study's notebooks anew on a copy of its lake, and compare every output."""
    home = study.copy(folder / "home").home
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider"]
    notebooks = [str(study.reports / f"{stage}.ipynb") for stage in stages]
    environment = os.environ | {"COTERIE_HOME": str(home), "PYTHONWARNINGS": "ignore"}
    command += ["-c", str(folder / "pytest.ini"), *notebooks]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout


def test_a_second_execution_of_two_notebooks_gives_the_same_outputs(tiny, tmp_path):
    execute_again(tiny, CHEAP, tmp_path)


@pytest.mark.slow
def test_a_second_execution_of_all_notebooks_gives_the_same_outputs(tiny, tmp_path):
    execute_again(tiny, STAGES, tmp_path)
