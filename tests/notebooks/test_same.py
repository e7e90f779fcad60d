"""A study finds the same wherever, whenever and however it is run: to the bit, tables and all."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coterie.lake import read_pointer
from coterie.study import STAGES

SMALL = {"world": {"n_people": 400, "days": 60, "seed": 3}}
SECONDS = 1800
# when rule and plans were registered, and the digest of that
DATED = {"decision_rule", "plans", "lineage"}


def start(study, *, cores: int, **environment: str) -> subprocess.Popen:
    """Start a study on some of the processor's cores, in an environment of its own."""
    inherited = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    given = inherited | {"COTERIE_HOME": str(study.home)} | environment
    command = [sys.executable, "-m", "coterie", "run", study.study, "--quiet"]
    process = subprocess.Popen(command, env=given, cwd=study.home)
    os.sched_setaffinity(process.pid, sorted(os.sched_getaffinity(0))[:cores])
    return process


def kill_in(process: subprocess.Popen, study, stage: str) -> None:
    """Kill a run while a notebook runs: once all before it stand, and a while later."""
    before, end = STAGES[: STAGES.index(stage)], time.monotonic() + SECONDS
    staging = study.lake / "staging.json"
    while not set(before) <= set(read_pointer(staging)["stages"]):
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.1)
    time.sleep(2)
    process.send_signal(signal.SIGKILL)
    process.wait()


def left_by(study) -> tuple[str, dict[str, str]]:
    """What a run found, as the text of its findings, and the digests of its tables and models."""
    found = json.loads((study.reports / "findings.json").read_text())
    rows = [{name: value for name, value in row.items() if name != "run"} for row in found]
    tables = read_pointer(study.lake / "current.json")["tables"]
    return json.dumps(rows, indent=0), {name: Path(file).stem for name, file in tables.items()}


@pytest.fixture(scope="module")
def expected(laid_out, tmp_path_factory) -> tuple[str, dict[str, str]]:
    """What the study leaves on two cores, in UTC, when nothing interrupts it."""
    study = laid_out(tmp_path_factory.mktemp("two-cores"), "demo", **SMALL)
    assert start(study, cores=2, TZ="UTC", PYTHONHASHSEED="0").wait(SECONDS) == 0
    return left_by(study)


CASES = {
    "one core": {"cores": 1},
    "another time zone": {"cores": 2, "TZ": "Pacific/Apia"},
    "another hash seed": {"cores": 2, "PYTHONHASHSEED": "4242"},
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_every_finding_is_the_same_to_the_bit(expected, laid_out, tmp_path, case):
    folder = tmp_path / "a folder, of another name"
    study = laid_out(folder, "demo", **SMALL)
    assert start(study, **CASES[case]).wait(SECONDS) == 0
    compare(left_by(study), expected)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["02_sourcing", "05_segments", "10_activation"])
def test_a_run_that_was_killed_finds_the_same_when_it_goes_on(expected, laid_out, tmp_path, stage):
    study = laid_out(tmp_path, "demo", **SMALL)
    kill_in(start(study, cores=2), study, stage)
    assert start(study, cores=2).wait(SECONDS) == 0
    compare(left_by(study), expected)


def compare(left: tuple, expected: tuple) -> None:
    """Hold findings and tables against those of the first run; both are named where they differ."""
    pairs = zip(json.loads(left[0]), json.loads(expected[0]), strict=True)
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    assert left[0] == expected[0]
    assert {name for name in expected[1] if left[1].get(name) != expected[1][name]} <= DATED
    assert left[1].keys() == expected[1].keys()
