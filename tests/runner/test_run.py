"""What a run keeps, repeats, publishes, and leaves alone."""

import errno
import json
import os
import re
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
import pytest

from coterie.lake import edited_pointer, note_made, read_pointer
from coterie.runner import run
from coterie.runner.planning import dependencies, staleness
from coterie.runner.publishing import lifetimes
from coterie.runner.running import execution
from coterie.study import STAGES, load_study


def stale(home) -> dict[str, str]:
    """Which notebooks of the house would run now, and why."""
    study, pointer = load_study("tiny"), read_pointer(home.lake / "current.json")
    places = {"lake": study.lake, "reports": home.reports}
    reasons = {
        s: staleness.why_stale(s, staleness.stage_key(s, study), pointer, **places) for s in STAGES
    }
    return {stage[:2]: reason for stage, reason in reasons.items() if reason}


@pytest.fixture(autouse=True)
def in_house(monkeypatch, home) -> None:
    """Let the library in this process look at the house under test."""
    monkeypatch.setenv("COTERIE_HOME", str(home.folder))


def state(home) -> tuple:
    """What a failed run must leave as it was."""
    return home.latest(), (home.lake / "current.json").read_bytes()


def wait_for(condition, *, seconds: int = 60) -> None:
    """Wait until something has happened in another process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def test_a_finished_run_leaves_eleven_pages_an_index_findings_and_a_manifest(home):
    names = {file.name for file in home.latest().iterdir()}
    pages = {f"{stage}{suffix}" for stage in STAGES for suffix in (".ipynb", ".html")}
    assert names == pages | {"index.html", "findings.json", "manifest.json", "private.log"}
    assert stat.S_IMODE((home.latest() / "private.log").stat().st_mode) == 0o600


def test_the_manifest_accounts_for_the_time_that_is_no_computation(home):
    manifest = json.loads((home.latest() / "manifest.json").read_text())
    ended = max(stage["seconds"] for stage in manifest["stages"].values())
    assert 0 < manifest["overhead_share"] < 1 - ended / manifest["seconds"] / len(STAGES)
    assert set(manifest["tables"]) == {"floors", "vault"}


def test_nothing_is_stale_after_a_run(home):
    assert stale(home) == {}


def test_an_unchanged_second_run_is_quick_and_makes_no_folder(home):
    before, start = set(home.reports.iterdir()), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = home.start("run", "tiny")
    printed, _ = process.communicate(timeout=240)
    assert (process.returncode, set(home.reports.iterdir())) == (0, before)
    assert "Nothing changed" in printed
    assert str(home.latest() / "index.html") in printed
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert used.ru_utime - start.ru_utime + used.ru_stime - start.ru_stime < 5


def test_a_changed_notebook_runs_again(home):
    home.add_cell("04_psychographics", "2 + 2")
    assert stale(home) == {"04": "notebook changed"}


def test_outputs_in_a_notebook_change_nothing(home):
    path = home.folder / "notebooks" / "04_psychographics.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="2")]
    nbformat.write(notebook, path)
    assert stale(home) == {}


def test_changed_settings_run_again(home):
    home.settings.write_text(home.settings.read_text() + "01_objectives: {people: 60}\n")
    assert stale(home) == {"01": "settings changed"}


def test_changed_library_files_rerun_the_notebooks_that_import_them(home, monkeypatch):
    digest = dependencies.digest

    def edit(changed: str) -> None:
        monkeypatch.setattr(
            dependencies, "digest", lambda file: "new" if file.match(changed) else digest(file)
        )

    edit("coterie/lake/tables.py")
    assert stale(home) == dict.fromkeys(["01", "02", "03"], "library changed")
    edit("coterie/segments/__init__.py")
    assert stale(home) == {}
    home.add_cell("05_segments", "from coterie import segments")
    home.add_cell("04_psychographics", "# of segments and demo")
    assert stale(home) == {"04": "notebook changed", "05": "notebook and library changed"}


def test_pages_are_drawn_again_when_only_the_code_that_draws_them_changed(home, monkeypatch):
    before = home.latest()
    monkeypatch.setattr(run, "pages_key", lambda: "changed")
    monkeypatch.setattr(execution, "pages_key", lambda: "changed")
    code, printed = home.coterie("run", "tiny")
    assert (code, re.findall(r": running", printed)) == (0, []), printed
    assert home.latest() != before
    assert {file.name for file in home.latest().iterdir()} == {
        file.name for file in before.iterdir()
    }


def test_a_package_of_data_is_a_source_like_any_other(home, tmp_path, monkeypatch):
    package = tmp_path / "site" / "tiny_data"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "people.csv").write_text("user\na\n")
    monkeypatch.syspath_prepend(package.parent)
    settings = home.settings.read_text()
    home.settings.write_text(re.sub("source: .*", "source: package:tiny_data", settings))
    keys = [staleness.stage_key("02_sourcing", load_study("tiny"))]
    (package / "more.csv").write_text("user\nb\n")
    keys.append(staleness.stage_key("02_sourcing", load_study("tiny")))
    assert {part for part in keys[0] if keys[0][part] != keys[1][part]} == {"list of files"}
    home.settings.write_text(re.sub("source: .*", "source: package:gone_data", settings))
    code, printed = home.coterie("run", "tiny")
    assert code == 2
    assert (
        "02_sourcing.source (package:gone_data): the package gone_data is not installed" in printed
    )


def test_a_changed_source_file_runs_again_and_so_does_a_new_one(home):
    source = Path(load_study("tiny").blocks["02_sourcing"]["source"])
    others = source.parent / "others"
    others.mkdir(exist_ok=True)
    file = source / "people.csv"
    before = file.stat()
    os.utime(file, ns=(1, 1))
    assert stale(home) == {"02": "a source file changed"}
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    (source / "more.csv").write_text("user\nbo_c\n")
    try:
        assert stale(home) == {"02": "list of files changed"}
    finally:
        (source / "more.csv").unlink()


def test_a_changed_input_table_runs_its_readers_again(home):
    current = home.lake / "current.json"
    with edited_pointer(current) as pointer:
        pointer["tables"]["floors"] = "tables/floors/other.parquet"
    assert stale(home) == {
        "01": "its tables were replaced or removed",
        "03": "table floors changed",
    }


def test_a_table_that_comes_out_the_same_stops_the_run_there(home):
    # rounded to 50 again
    code, printed = home.coterie("run", "tiny", "--set", "01_objectives.people=51")
    assert code == 0, printed
    assert re.findall(r"(\d\d)_\w+: kept", printed) == [stage[:2] for stage in STAGES[1:]]
    assert (home.latest() / "03_features.html").stat().st_nlink == 2


def test_from_runs_a_notebook_and_all_after_it(home):
    code, printed = home.coterie("run", "tiny", "--from", "10")
    assert code == 0, printed
    assert re.findall(r"(\d\d)_\w+: running", printed) == ["10", "11"]


def test_only_refuses_when_an_earlier_notebook_is_due(home):
    before = state(home)
    code, printed = home.coterie("run", "tiny", "--only", "11", "--set", "01.people=90")
    assert (code, state(home)) == (2, before)
    assert "11_monitoring needs 01_objectives first" in printed


def test_only_publishes_nothing_while_a_later_notebook_is_due(home):
    before = state(home)
    code, printed = home.coterie("run", "tiny", "--only", "01", "--set", "01.people=90")
    assert (code, state(home)) == (0, before), printed
    assert "Now out of date: 03_features" in printed


def test_only_publishes_all_eleven_pages_when_nothing_else_is_due(home):
    before = home.latest()
    code, printed = home.coterie("run", "tiny", "--only", "04")
    assert code == 0, printed
    assert re.findall(r"(\d\d)_\w+: running", printed) == ["04"]
    assert home.latest() != before
    assert {file.name for file in home.latest().iterdir()} == {
        file.name for file in before.iterdir()
    }


def test_a_failing_cell_is_one_sentence_and_its_traceback_is_private(home):
    before = state(home)
    home.add_cell("04_psychographics", "{'a': 1}['ana' + chr(64) + 'example.org']")
    code, printed = home.coterie("run", "tiny")
    assert (code, state(home)) == (1, before)
    assert re.search(
        r"04_psychographics, cell 4 failed \(KeyError\); the traceback is in .*private.log", printed
    )
    assert "Traceback" not in printed
    assert "ana@" not in printed
    log = next(home.reports.glob("*-*/private.log")).parent.parent
    logs = [file.read_text() for file in log.glob("*/private.log")]
    assert any("KeyError" in text for text in logs)


@pytest.mark.parametrize(("error", "code"), [("SettingsError", 2), ("DataError", 1)])
def test_an_error_the_user_can_mend_is_shown_as_it_is(home, error, code):
    raising = f"from coterie.study import {error}\nraise {error}('Too few.')"
    home.notebook("01_objectives", "study: str = 'tiny'", raising)
    assert home.coterie("run", "tiny", "--quiet") == (code, "01_objectives: Too few.\n")


def test_a_full_disk_is_one_sentence_and_changes_nothing(home, monkeypatch):
    def fill(*ignored) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "11_monitoring.ipynb")

    before = state(home)
    monkeypatch.setattr(nbformat, "write", fill)
    code, printed = home.coterie("run", "tiny", "--from", "11", "--quiet")
    assert (code, state(home)) == (1, before)
    assert printed.startswith("The disk is full (11_monitoring.ipynb could not be written).")


def test_an_identifier_on_a_page_fails_the_run_and_names_the_cell_not_the_value(home):
    before = state(home)
    home.add_cell("04_psychographics", "print('ana' + chr(64) + 'example.org')")
    code, printed = home.coterie("run", "tiny", "--quiet")
    assert (code, state(home)) == (1, before)
    assert re.search(r"04_psychographics, cell 4 would show .*email", printed)
    assert "ana@" not in printed


def test_a_changed_run_masks_secrets_and_sweeps_up_all_but_the_previous_tables(home):
    forgotten = f"tables/floors/{'0' * 16}.parquet"
    note_made(home.lake, forgotten)
    (home.lake / forgotten).touch()
    of_record, stale = (
        home.lake / "outbox" / run for run in (home.latest().name, "20260101-000000-00")
    )
    for outbox in (of_record, stale):
        outbox.mkdir(parents=True)
        note_made(home.lake, f"outbox/{outbox.name}/audience.csv")
        (outbox / "audience.csv").touch()
    changes = ("--set", "01_objectives.api_key=hunter2hunter2", "--set", "01_objectives.people=60")
    code, printed = home.coterie("run", "tiny", *changes)
    assert code == 0, printed
    texts = [file.read_text() for file in home.latest().iterdir()]
    assert not any("hunter2" in text for text in (*texts, printed))
    pointer = read_pointer(home.lake / "current.json")
    left = {f"tables/floors/{file.name}" for file in (home.lake / "tables" / "floors").iterdir()}
    assert left == {pointer["tables"]["floors"]}  # no notebook compares it with the run before
    assert list((home.lake / "outbox").iterdir()) == [of_record]


def test_the_newest_ten_run_folders_stay_and_those_that_kept_notebooks_rest_on(home):
    folders = [
        home.reports / f"2030010{day}-000000-0{run}" for day in range(1, 7) for run in range(2)
    ]
    for folder in folders:
        note_made(home.reports, f"{folder.name}/manifest.json")
        folder.mkdir()
        (folder / "manifest.json").touch()
    lifetimes.sweep(load_study("tiny"), home.reports)
    assert sorted(home.reports.glob("*-*-*")) == [home.latest(), *folders[2:]]


def kernels_of(home) -> list[str]:
    """List the processes that run in this house."""
    mark = f"COTERIE_HOME={home.folder}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (
                mark in (process / "environ").read_bytes()
                and b"ipykernel" in (process / "cmdline").read_bytes()
            ):
                found.append(process.name)
        except OSError:
            continue
    return found


@pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="looks at processes under /proc"
)
def test_a_killed_run_changes_nothing_outlives_nothing_and_resumes_where_it_stopped(home):
    before = state(home)
    started = home.folder / "started"
    home.add_cell(
        "04_psychographics",
        f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(60)",
    )
    process = home.start("run", "tiny")
    wait_for(started.exists)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert state(home) == before
    wait_for(lambda: not kernels_of(home), seconds=20)
    home.add_cell("04_psychographics", "'quick'")
    code, printed = home.coterie("run", "tiny")
    assert code == 0, printed
    assert re.findall(r"(\d\d)_\w+: running", printed) == ["04"]
    assert state(home) != before


def test_a_second_run_of_the_same_study_says_who_holds_the_lock(home):
    holder = (
        "import fcntl, sys; f = open(sys.argv[1], 'a+'); fcntl.flock(f, 2); "
        "print('held', flush=True); input()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    (home.lake / "lock").write_text("run 20260101-000000-00, process 7 on desk")
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(home.lake / "lock")], **pipes
    ) as process:
        process.stdout.readline()
        code, printed = home.coterie("run", "tiny")
        process.communicate("\n")
    assert code == 2
    assert printed.startswith(
        "tiny is being run already: run 20260101-000000-00, process 7 on desk"
    )


def test_a_notebook_runs_by_plain_papermill_on_the_lake_the_last_run_left(home, monkeypatch):
    notebook, out = home.folder / "notebooks" / "03_features.ipynb", home.folder / "out.ipynb"
    monkeypatch.setenv("PYTHONPATH", home.environment["PYTHONPATH"])
    place = {"cwd": home.folder, "progress_bar": False}
    papermill.execute_notebook(notebook, out, {"study": "tiny"}, **place)
    assert "fine" in out.read_text()
