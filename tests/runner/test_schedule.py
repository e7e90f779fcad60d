"""Two notebooks at once: what waits for what, and what becomes of the other when one fails."""

import json
import re
import signal
import time
from pathlib import Path

import pytest
from nbformat import NotebookNode

from coterie.cli.ending import STOPPED
from coterie.lake import read_pointer
from coterie.runner.planning.needs import stages_needed
from coterie.runner.publishing.publish import covered_seconds
from coterie.runner.running.schedule import AT_ONCE, Schedule
from coterie.study import STAGES, DataError

READ = "Lake(study).read(contracts.Floors).people.max().execute()"


def cell(*lines: str) -> str:
    """One cell of several lines."""
    return "\n".join(["import pathlib, time", *lines])


def until(path: Path) -> str:
    """A line that waits for a file, at most half a minute."""
    return f"for _ in range(300): pathlib.Path({str(path)!r}).exists() or time.sleep(0.1)"


def touch(path: Path) -> str:
    """A line that makes a file."""
    return f"pathlib.Path({str(path)!r}).touch()"


@pytest.mark.parametrize(
    ("code", "stage", "waits_for"),
    [
        ("lake.read(contracts.Bots)", "04_psychographics", {"03_features"}),
        ("lake.read_model('assignment')", "08_experiments", {"05_segments"}),
        ("lake.read_labels()", "04_psychographics", {"02_sourcing"}),
        ("lake.lineage()", "03_features", {"01_objectives", "02_sourcing"}),
        ("%matplotlib inline", "02_sourcing", {"01_objectives"}),
        ("lake.write(contracts.Bots, found)", "03_features", set()),
        ("lake.read_previous(contracts.Segments)", "05_segments", set()),
        ("# contracts.Bots", "04_psychographics", set()),
    ],
)
def test_a_cell_waits_for_the_notebooks_that_write_what_it_names(code, stage, waits_for):
    assert stages_needed(code, stage) == waits_for


def test_a_notebook_runs_beside_the_one_before_it_and_its_cell_waits_for_the_new_table(home):
    begun = home.folder / "begun"
    first = cell(until(begun), "time.sleep(1)")
    home.notebook("01_objectives", *with_first(home, "01_objectives", first))
    home.add_cell("02_sourcing", f"lake.record('02', floor={READ})")
    home.notebook("02_sourcing", *with_first(home, "02_sourcing", cell(touch(begun))))
    code, printed = home.coterie("run", "tiny", "--set", "01_objectives.people=70")
    assert code == 0, printed
    assert re.search(r"02_sourcing: running\n01_objectives: [\d.]+ s\n", printed)
    findings = json.loads((home.latest() / "findings.json").read_text())
    assert [row["value"] for row in findings if row["stage"] == "02"] == [70]
    manifest = json.loads((home.latest() / "manifest.json").read_text())
    assert 0 < manifest["overhead_share"] < 1


def with_first(home, stage: str, first: str) -> list[str]:
    """The code cells of a notebook, with one more after the parameters."""
    file = home.folder / "notebooks" / f"{stage}.ipynb"
    cells = json.loads(file.read_text())["cells"]
    parameters, *rest = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return [parameters, first, *rest]


@pytest.mark.skipif(AT_ONCE < 2, reason="one core runs one notebook at a time")
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("1 / 0", " failed (ZeroDivisionError); the traceback is in"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ": its kernel was killed;"),
    ],
)
def test_when_one_fails_the_other_ends_at_once_and_both_run_again(home, wrong, why):
    before = (home.lake / "current.json").read_bytes()
    begun = home.folder / "begun"
    home.notebook("01_objectives", *with_first(home, "01_objectives", cell(until(begun), wrong)))
    home.notebook(
        "02_sourcing", *with_first(home, "02_sourcing", cell(touch(begun), "time.sleep(100)"))
    )
    start = time.monotonic()
    code, printed = home.coterie("run", "tiny")
    assert (code, f"01_objectives, cell 3{why}" in printed) == (1, True), printed
    assert time.monotonic() - start < 90
    assert (home.lake / "current.json").read_bytes() == before
    left = read_pointer(home.lake / "staging.json")
    assert not {"01_objectives", "02_sourcing"} & set(left["stages"])
    assert not set(left["journal"].get("02_sourcing", {}).get("writes", {})) & set(left["tables"])


@pytest.mark.skipif(AT_ONCE < 2, reason="one core runs one notebook at a time")
def test_a_polite_stop_ends_both_and_says_that_the_run_can_go_on(home):
    before = home.latest(), (home.lake / "current.json").read_bytes()
    begun = [home.folder / name for name in ("one", "two")]
    for stage, file in zip(STAGES, begun, strict=False):
        slow = cell(touch(file), "time.sleep(300)")
        home.notebook(stage, *with_first(home, stage, slow))
    process = home.start("run", "tiny", "--quiet")
    end = time.monotonic() + 240  # less than the cells sleep
    while not all(file.exists() for file in begun):
        assert time.monotonic() < end, "they never ran side by side"
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)  # test_faults.py sends the other one, into every stage
    printed, errors = process.communicate(timeout=60)
    assert (process.returncode, printed + errors) == (1, f"{STOPPED}\n")
    assert (home.latest(), (home.lake / "current.json").read_bytes()) == before


class FewKernels:
    """Kernels that end by themselves, the first with a mistake."""

    def __init__(self) -> None:
        self.killed = False

    def execute(self, stage: str, parameters: dict, *, before_cell) -> NotebookNode:
        before_cell("1 + 1", 2)
        if stage == STAGES[0]:
            raise DataError("wrong")
        before_cell("lake.read(contracts.Floors)", 3)
        return NotebookNode()

    def kill_all(self) -> None:
        self.killed = True


def test_a_cell_that_waits_for_a_notebook_that_failed_does_not_wait_for_ever():
    kernels = FewKernels()
    with Schedule(kernels, stages=STAGES) as schedule:
        for stage in STAGES[:2]:
            schedule.start(stage, {}, on_cell=lambda *place: None)
        with pytest.raises(DataError, match="wrong"):
            schedule.next_ended()
    assert kernels.killed


def test_time_in_which_nothing_ran_is_not_covered():
    assert covered_seconds([]) == 0
