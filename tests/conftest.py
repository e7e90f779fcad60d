"""What all tests share: real data where they are, and a house of eleven trivial notebooks."""

import io
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import nbformat
import pytest
from hypothesis import settings

from coterie.study import STAGES

# The same examples every time: a change is held up by what it broke, not by what luck turned up.
# Whoever looks for faults that no example shows yet has new ones with --hypothesis-profile=default.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "lib"
PLAIN = ("study: str = 'tiny'  # which study", "1 + 1")
CELLS = {
    "01_objectives": (
        "study: str = 'tiny'  # which\npeople: int = 50  # floor\napi_key: str = ''  # secret",
        "import pandas as pd\nfrom coterie import contracts\nfrom coterie.lake import Lake",
        "frame = pd.DataFrame({'rule': ['k'], 'people': [people // 10 * 10], 'reason': ['why']})",
        "_ = Lake(study).write(contracts.Floors, frame)",
    ),
    "02_sourcing": (
        "study: str = 'tiny'  # which\nsource: str = ''  # folder\nfiles: list = []  # the map",
        "import pandas as pd\nfrom coterie import contracts\nfrom coterie.lake import Lake",
        "lake = Lake(study)",
        "n = sum(file.rows.count().execute() for file in lake.read_files(source, files))",
        "raw = 'ana' + chr(64) + 'example.org'  # the scan must not find it in the code",
        "vault = {'person_id': ['p_1'], 'platform': ['shop'], 'kind': ['email']}",
        "_ = lake.write(contracts.Vault, pd.DataFrame(vault | {'identifier': [raw]}))",
        "lake.record('02', rows_read=int(n))",
    ),
    "03_features": (
        "study: str = 'tiny'  # which study",
        "from coterie import contracts\nfrom coterie.lake import Lake\nlake = Lake(study)",
        "floor = int(lake.read(contracts.Floors).people.max().execute())",
        "lake.record('03', floor=(floor, floor - 1.0, floor + 1.0), verdict='fine')",
    ),
}
SETTINGS = """\
title: A tiny study
02_sourcing:
  source: {source}
  files:
    - {{path: "*.csv", gives: accounts, platform: shop, columns: {{account: user}}}}
"""


class Home:
    """A house of its own, and the command run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lake = folder / "data" / "tiny"
        self.reports = folder / "reports" / "tiny"
        self.settings = folder / "notebooks" / "studies" / "tiny.yml"

    def notebook(self, stage: str, *cells: str) -> None:
        """Write a notebook from its parameters cell and further code cells."""
        parameters, *rest = cells or CELLS.get(stage, PLAIN)
        made = [nbformat.v4.new_markdown_cell(f"# {stage[3:].title()}\n> Why?")]
        made += [nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
        nb = nbformat.v4.new_notebook(
            cells=made + [nbformat.v4.new_code_cell(source) for source in rest]
        )
        for number, cell in enumerate(nb.cells):
            cell.id = f"cell-{number}"
        nb.metadata.kernelspec = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(nb, self.folder / "notebooks" / f"{stage}.ipynb")

    def add_cell(self, stage: str, source: str, *, first: bool = False) -> None:
        """Write a notebook with one more cell at its end, or right after its parameters."""
        parameters, *rest = CELLS.get(stage, PLAIN)
        self.notebook(stage, parameters, *([source, *rest] if first else [*rest, source]))

    @property
    def environment(self) -> dict[str, str]:
        """What the command needs to find this house and the library."""
        return os.environ | {
            "COTERIE_HOME": str(self.folder),
            "PYTHONPATH": str(SOURCE),
            "COLUMNS": "200",
        }

    def start(self, *words: str) -> subprocess.Popen:
        """Start the command and return at once."""
        command = [sys.executable, "-c", "from coterie.cli import main; main()", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=self.environment, cwd=self.folder, **pipes)

    def coterie(self, *words: str) -> tuple[int, str]:
        """Run the command in this process: its exit code, and all it printed."""
        from coterie import cli  # only tests of the corridor need it

        printed = io.StringIO()
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        with ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, self.environment))
            stack.enter_context(mock.patch.object(sys, "argv", ["coterie", *words]))
            stack.enter_context(redirect_stdout(printed))
            stack.enter_context(redirect_stderr(printed))
            ended = stack.enter_context(pytest.raises(SystemExit))
            cli.main()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        return ended.value.code or 0, printed.getvalue()

    def latest(self) -> Path:
        """Follow `latest` to the run folder."""
        return (self.reports / "latest").resolve()


def build(folder: Path, source: Path) -> Home:
    """Lay out a house whose study reads one file."""
    home = Home(folder)
    home.settings.parent.mkdir(parents=True)
    source.mkdir()
    (source / "people.csv").write_text("user\nana_b\n")
    home.settings.write_text(SETTINGS.format(source=source))
    for stage in STAGES:
        home.notebook(stage)
    return home


@pytest.fixture(scope="session")
def finished_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A house whose study has run once."""
    folder = tmp_path_factory.mktemp("finished")
    home = build(folder / "home", folder / "source")
    code, printed = home.coterie("run", "tiny")
    assert code == 0, printed
    return home


@pytest.fixture
def home(finished_home: Home, tmp_path: Path) -> Home:
    """A copy of the finished house, with source files of its own at the old dates."""
    shutil.copytree(finished_home.folder, tmp_path / "home", symlinks=True)
    return Home(tmp_path / "home")


@pytest.fixture
def bare_home(tmp_path: Path) -> Home:
    """A house whose study has never run."""
    return build(tmp_path / "home", tmp_path / "source")


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Find real data by name, in COTERIE_DATA or beside the project; skip where they are not."""
    folder = Path(os.environ.get("COTERIE_DATA") or ROOT.parent / "shared" / "data")

    def find(name: str) -> Path:
        if not (folder / name).exists():
            pytest.skip(f"the real data {name} are not there: COTERIE_DATA names their folder")
        return folder / name

    return find


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever asks for real data `real`, so that no test can forget to."""
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the tests cost, so that the suite's budget is seen at every run."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    minutes = sum(one.ru_utime + one.ru_stime for one in used) / 60
    terminalreporter.write_line(f"processor time: {minutes:.1f} minutes, kernels and runs included")
