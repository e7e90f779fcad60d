"""How a run goes, for whoever waits: bars on a terminal, plain lines elsewhere."""

from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from coterie.lake import progress_file
from coterie.study import STAGES


class Inside(ProgressColumn):
    """Shows what a running notebook last said of its progress."""

    def __init__(self, lake: Path) -> None:
        super().__init__()
        self.lake = lake

    def render(self, task: Task) -> Text:
        """Read the line for a notebook's own bar; the bar of all notebooks shows the time left."""
        file = progress_file(self.lake, task.description)
        if file.exists():
            return Text(file.read_text(encoding="utf-8"))
        return Text(task.fields["left"])


class Watch:
    """Tells how a run goes: bars for all notebooks and each that runs, plain lines elsewhere."""

    def __init__(self, console: Console, *, quiet: bool, lake: Path) -> None:
        self.console = console
        self.quiet = quiet
        self.plain = quiet or not console.is_terminal
        self.bars = Progress(
            TextColumn("{task.description:<18}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            Inside(lake),
            console=console,
            transient=True,
            disable=self.plain,
        )
        self.notebooks = self.bars.add_task("notebooks", total=len(STAGES), left="")
        self.cells: dict[str, TaskID] = {}  # the bar of each notebook that runs

    def stage(self, stage: str, n_cells: int, seconds: float) -> None:
        """Name the notebook that starts, and how long it and the later ones took the last time."""
        left = f"at most {seconds:.0f} s left" if seconds else ""
        self.cells[stage] = self.bars.add_task(stage, total=n_cells, left="")
        self.bars.update(self.notebooks, left=left)
        if self.plain:
            self.say(f"{stage}: running")

    def cell(self, stage: str, number: int) -> None:
        """Move a notebook's bar."""
        self.bars.update(self.cells[stage], completed=number - 1)

    def done(self, stage: str, how: str) -> None:
        """Say what became of a notebook."""
        self.bars.advance(self.notebooks)
        if stage in self.cells:
            self.bars.remove_task(self.cells.pop(stage))
        self.say(f"{stage}: {how}")

    def say(self, text: str) -> None:
        """Print one line."""
        if not self.quiet:
            self.console.print(text)
