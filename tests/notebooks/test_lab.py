"""Work by hand on a notebook: what is changed below the slow cell costs no slow cell again."""

import os

import nbformat
import pytest
from nbclient import NotebookClient

SLOW = "compare_algorithms("
CLOCK = "__import__('time').process_time()"  # all threads; on a quiet machine no less than waited


class Session:
    """A notebook open in a kernel, as in JupyterLab."""

    def __init__(self, client: NotebookClient) -> None:
        self.client = client
        self.sources = [cell.source for cell in client.nb.cells if cell.cell_type == "code"]

    def ask(self, source: str) -> object:
        """Run code of one's own, and read the value it ends with."""
        self.client.nb.cells.append(nbformat.v4.new_code_cell(source))
        cell = self.client.execute_cell(self.client.nb.cells[-1], len(self.client.nb.cells) - 1)
        shown = [output.data["text/plain"] for output in cell.outputs if "data" in output]
        return shown[-1] if shown else None

    def seconds(self, source: str) -> float:
        """Run one cell; return the processor's seconds."""
        began = float(self.ask(CLOCK))
        self.ask(source)
        return float(self.ask(CLOCK)) - began


@pytest.fixture
def session(demo, tmp_path, monkeypatch):
    """The segments notebook of the demo study, run once by hand on a copy of its lake."""
    home = demo.copy(tmp_path / "home").home
    monkeypatch.setenv("COTERIE_HOME", str(home))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    notebook = nbformat.read(home / "notebooks" / "05_segments.ipynb", as_version=4)
    place = {"metadata": {"path": str(home / "notebooks")}}
    client = NotebookClient(notebook, resources=place, timeout=None)
    with client.setup_kernel(env=dict(os.environ)):
        opened = Session(client)
        for source in opened.sources:
            opened.ask(source)
        yield opened


@pytest.mark.slow
def test_another_number_of_segments_reruns_nothing_that_takes_five_seconds(session):
    [slow] = [place for place, source in enumerate(session.sources) if SLOW in source]
    below = session.sources[slow + 1 :]
    asked_for = 2 if session.ask("len(carried.names)") != "2" else 3
    session.ask(f"n_segments = {asked_for}")
    seconds = {source: session.seconds(source) for source in below}
    longest = max(seconds, key=seconds.get)
    told = f"{sum(seconds.values()):.1f} s, the longest {seconds[longest]:.1f} s"
    print(f"{len(below)} cells below the comparison: {told} ({longest.splitlines()[0]})")
    assert seconds[longest] <= 5, longest
    assert session.ask("len(carried.names)") == str(asked_for)
