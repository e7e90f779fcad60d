"""What goes wrong around a run: what is kept, what is said, and the exit code, fault by fault."""

import json
import os
import random
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from nbclient.exceptions import DeadKernelError

from coterie.lake import CURRENT, read_pointer
from coterie.runner.preparation import leftovers, lock
from coterie.runner.running import execution, kernels
from coterie.study import STAGES


def state(home) -> tuple:
    """What a failed run must leave as it was."""
    return home.latest(), (home.lake / CURRENT).read_bytes()


def damage(file: Path) -> None:
    """Flip one bit."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(bytes(content))


def stored(home, name: str) -> Path:
    """Locate a table or findings of the last run."""
    pointer = read_pointer(home.lake / CURRENT)
    return home.lake / (pointer["tables"] | pointer["findings"])[name]


def found(home) -> list[dict]:
    """What the last run found, without the names of runs."""
    records = json.loads((home.latest() / "findings.json").read_text())
    return [{name: value for name, value in row.items() if name != "run"} for row in records]


@pytest.mark.parametrize(
    ("name", "stage"), [("floors", "01"), ("vault", "02"), ("findings_03", "03")]
)
def test_a_damaged_table_stops_the_run_with_its_cure(home, name, stage):
    damage(stored(home, name))
    before = state(home)
    code, printed = home.coterie("run", "tiny")
    assert (code, state(home)) == (1, before)
    assert f"table {name}, written by run {home.latest().name}: its file was changed" in printed
    assert f"`coterie run tiny --from {stage}` writes it anew" in printed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "stage"), [("floors", "01"), ("vault", "02"), ("findings_03", "03")]
)
def test_the_cure_of_a_damaged_table_works(home, name, stage):
    damage(stored(home, name))
    code, printed = home.coterie("run", "tiny", "--from", stage)
    assert code == 0, printed
    assert home.coterie("findings", "tiny")[0] == 0


DAMAGE = "next((lake.folder / 'tables' / 'floors').glob('*.parquet')).write_bytes(b'')"


@pytest.mark.slow
def test_a_table_damaged_on_the_way_is_named_by_its_reader(home):
    done = f"pathlib.Path({str(home.folder / 'done')!r})"
    home.add_cell("02_sourcing", f"import pathlib\n{DAMAGE}\n{done}.touch()")
    wait = f"import pathlib, time\nwhile not {done}.exists():\n    time.sleep(0.05)"
    home.add_cell("03_features", wait, first=True)  # both run at once
    code, printed = home.coterie("run", "tiny", "--from", "02")
    assert code == 1
    assert "03_features: table floors, written by run" in printed


def test_a_table_damaged_after_its_last_reader_is_not_published(home):
    before = state(home)
    home.add_cell("11_monitoring", f"from coterie.lake import Lake\nlake = Lake(study)\n{DAMAGE}")
    code, printed = home.coterie("run", "tiny", "--from", "11", "--quiet")
    assert (code, state(home)) == (1, before)
    assert f"table floors, written by run {before[0].name}: its file was changed" in printed
    assert "`coterie run tiny --from 01` writes it anew" in printed


def test_a_deleted_table_is_written_again(home):
    stored(home, "vault").unlink()
    code, printed = home.coterie("run", "tiny")
    assert code == 0, printed
    assert "02_sourcing: running" in printed
    assert "Table vault of the last run is gone or damaged" in printed
    assert stored(home, "vault").exists()


def test_a_changed_executed_notebook_is_executed_again(home):
    damage(home.latest() / "04_psychographics.ipynb")
    code, printed = home.coterie("run", "tiny")
    assert (code, "04_psychographics: running" in printed) == (0, True), printed


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"run": null}'], ids=["empty", "bare", "rewritten"]
)
def test_a_rewritten_pointer_is_said_breaks_no_list_of_studies_and_its_copy_mends_it(home, content):
    (home.lake / CURRENT).write_bytes(content)
    code, printed = home.coterie("run", "tiny")
    assert code == 2
    assert f"{home.lake / CURRENT} was changed or cut short since it was written" in printed
    assert "Put its copy back: mv" in printed
    other = home.settings.with_name("other.yml")
    other.write_text("title: Another one\n")
    code, printed = home.coterie("studies")
    assert (code, "Another one" in printed, "cut short" in printed) == (0, True, True)
    other.unlink()
    (home.lake / "current.json.copy").replace(home.lake / CURRENT)
    code, printed = home.coterie("run", "tiny")
    assert (code, "Nothing changed" in printed) == (0, True), printed


def test_a_lake_that_is_somebodys_folder_is_refused_untouched(bare_home, tmp_path):
    taken = tmp_path / "documents"
    taken.mkdir()
    (taken / "letter.txt").write_text("theirs")
    bare_home.settings.write_text(f"lake: {taken}\n" + bare_home.settings.read_text())
    code, printed = bare_home.coterie("run", "tiny")
    assert (code, [file.name for file in taken.iterdir()]) == (2, ["letter.txt"])
    assert "holds files that are not coterie's; nothing in it was touched" in printed


def test_a_full_disk_inside_a_notebook_is_a_full_disk(home):
    before = state(home)
    home.add_cell("04_psychographics", "raise OSError(28, 'No space left on device')")
    code, printed = home.coterie("run", "tiny", "--quiet")
    assert (code, state(home)) == (1, before)
    assert printed.startswith("04_psychographics, cell 4: the disk is full. The last good results")


class Ended:
    """A kernel's process, as its manager sees it."""

    def __init__(self, code: int | None) -> None:
        self.provisioner, self.process, self.code = self, self, code

    def poll(self) -> int | None:
        return self.code


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        (None, RuntimeError("Kernel didn't respond in 60 seconds"), "did not start in time"),
        (-9, DeadKernelError("Kernel died"), "was killed; most often memory ran out"),
        (1, RuntimeError("Kernel died before replying"), "ended by itself (exit code 1)"),
    ],
)
def test_a_slow_kernel_is_not_called_killed(code, error, says):
    assert says in kernels.why_no_kernel(Ended(code), error)


def test_what_a_killed_run_left_in_temporary_places_is_gone_and_nothing_else(home, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(home.folder))
    dead, alive, theirs = (home.folder / f"coterie-{name}" for name in ("dead", "alive", "theirs"))
    for folder, process in ((dead, "999999999"), (alive, str(os.getpid())), (theirs, None)):
        folder.mkdir()
        (folder / "connection.json").touch()
        if process:
            (folder / leftovers.OWNED).write_text(process)
    leftovers.remove_leftovers(home.lake)
    assert [folder.exists() for folder in (dead, alive, theirs)] == [False, True, True]


def test_with_the_clock_set_back_a_year_a_run_is_still_the_last(home, monkeypatch):
    class YearAgo(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz).replace(year=datetime.now(UTC).year - 1)

    monkeypatch.setattr(lock, "datetime", YearAgo)
    before = home.latest()
    code, printed = home.coterie("run", "tiny", "--from", "11")
    assert code == 0, printed
    assert home.latest().name < before.name
    assert (home.latest() / "index.html").exists()
    assert before.exists()
    code, printed = home.coterie("run", "tiny")
    assert (code, "Nothing changed" in printed) == (0, True)


def test_without_home_terminal_locale_or_umask_a_run_finds_the_same(home):
    bare = {
        name: value
        for name, value in home.environment.items()
        if name in ("PATH", "COTERIE_HOME", "PYTHONPATH")
    }
    command = [sys.executable, "-c", "from coterie.cli import main; main()"]
    done = subprocess.run(
        [*command, "run", "tiny", "--from", "11"],
        env=bare | {"LANG": "C", "LC_ALL": "C", "TZ": "Asia/Kathmandu"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        umask=0,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    made = [*home.latest().rglob("*"), home.latest(), *home.lake.rglob("*")]
    assert not [f for f in made if not f.is_symlink() and stat.S_IMODE(f.stat().st_mode) & 0o022]


def test_a_fault_of_our_own_leaves_its_traceback_where_only_its_owner_reads_it(home, monkeypatch):
    def fail(*_: object) -> None:
        raise SystemError("ana@example.org")

    monkeypatch.setattr(execution.publish, "write_index", fail)
    code, printed = home.coterie("run", "tiny", "--from", "11", "--quiet")
    assert (code, "went wrong (SystemError); the traceback is in" in printed) == (1, True)
    log = Path(re.search(r"is in (.*/private\.log)\.", printed)[1])
    assert ("SystemError" in log.read_text(), log.stat().st_mode & 0o077) == (True, 0)


# the slow ones


def wait_until(condition, *, seconds: float = 120) -> bool:
    """Wait until something has happened in another process."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def ends_by(process: subprocess.Popen, number: int, *, seconds: float = 60) -> float:
    """Send a signal and return how long the process took to end."""
    process.send_signal(number)
    began = time.monotonic()
    process.communicate(timeout=seconds)
    return time.monotonic() - began


@pytest.mark.slow
def test_thirty_kills_at_random_moments_lose_nothing(home):
    """Each kill leaves the last good results; the run after it goes on, and finds the same."""
    expected, dice = found(home), random.Random(0)
    foreign = [
        home.lake / "outbox" / "notes.txt",
        home.reports / "deck.html",
        home.lake / "tables" / "x.parquet",
    ]
    for file in foreign:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"theirs")
    kept = 0
    for attempt in range(30):
        before = state(home)
        process = home.start("run", "tiny", "--fresh")
        if attempt % 3 == 2:
            wait_until(partial(is_publishing, home, before, process), seconds=90)
        else:
            time.sleep(dice.uniform(0.2, 12))
        ends_by(process, signal.SIGKILL)
        kept += state(home)[0] == before[0] or (home.latest() / "index.html").exists()
        assert read_pointer(home.lake / CURRENT)["run"]
    code, printed = home.coterie("run", "tiny")
    assert (code, kept) == (0, 30), printed
    assert found(home) == expected
    assert all(file.read_bytes() == b"theirs" for file in foreign)
    leftovers.remove_leftovers(home.lake)
    assert not [*home.lake.rglob(".draft-*"), *home.reports.glob(".latest*")]


def is_publishing(home, before: tuple, process: subprocess.Popen) -> bool:
    """Say whether a run has begun to write its pages, or has ended."""
    newest = max(home.reports.glob("[0-9]*-*"), key=lambda place: place.stat().st_mtime)
    begun = newest != before[0] and (newest / "03_features.html").exists()
    return begun or process.poll() is not None


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_polite_kill_ends_any_stage_within_ten_seconds(home, stage):
    before, started = state(home), home.folder / "started"
    waiting = f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(90)"
    home.add_cell(stage, waiting)
    process = home.start("run", "tiny", "--quiet", "--from", stage[:2])
    assert wait_until(started.exists)
    assert ends_by(process, signal.SIGTERM) < 10
    assert (process.returncode, state(home)) == (1, before)


@pytest.fixture
def small_disk(home):
    """Move the house onto a disk of 40 MiB; returns a function that fills or frees it."""
    place = home.folder.with_name("disk")
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", place], check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk takes the right to mount one")
    subprocess.run(["cp", "-a", f"{home.folder}/.", place], check=True)
    yield type(home)(place)
    subprocess.run(["umount", "-l", place], check=True)


FILL = """\
from pathlib import Path
with Path({file!r}).open("wb") as filler:
    try:
        while True:
            filler.write(bytes(65536))
            filler.flush()
    except OSError:
        pass
from coterie.lake import Lake
Lake(study).record({stage!r}, much=1)
"""


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["start", *STAGES])
def test_a_full_disk_at_the_start_and_in_each_stage_is_said_and_loses_nothing(small_disk, stage):
    home, filler = small_disk, small_disk.folder / "filler"
    before = state(home)
    if stage == "start":
        with suppress(OSError), filler.open("wb", buffering=0) as opened:
            while True:
                opened.write(bytes(65536))
        code, printed = home.coterie("run", "tiny", "--fresh")
    else:
        home.add_cell(stage, FILL.format(file=str(filler), stage=stage[:2]))
        code, printed = home.coterie("run", "tiny", "--from", stage[:2])
    assert (code, state(home)) == (1, before)
    assert "disk is full" in printed, printed
    filler.unlink()
    home.notebook(stage) if stage != "start" else None
    code, printed = home.coterie("run", "tiny")
    assert code == 0, printed


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["data", "reports"])
def test_a_read_only_folder_is_one_sentence_that_names_it(small_disk, folder):
    home = small_disk
    place, before = home.folder / folder, state(small_disk)
    subprocess.run(["mount", "--bind", place, place], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
        code, printed = home.coterie("run", "tiny", "--fresh")
    finally:
        subprocess.run(["umount", "-l", place], check=True)
    assert (code, state(home)) == (1, before)
    assert "Read-only file system" in printed
    assert len(printed.strip().splitlines()) == 1
    code, printed = home.coterie("run", "tiny", "--fresh")
    assert code == 0, printed
