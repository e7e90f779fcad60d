"""How a run goes, for whoever waits: two bars on a terminal, plain lines elsewhere."""

from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from coterie.study import STAGES


class Inside(ProgressColumn):
    """Shows what the running notebook last said of its progress."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def render(self, task: Task) -> Text:
        """Read the line for the bar of cells; the bar of notebooks shows the time left."""
        if task.description != "notebooks" and self.file.exists():
            return Text(self.file.read_text(encoding="utf-8"))
        return Text(task.fields["left"])


class Watch:
    """Tells how a run goes: two bars on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console, *, quiet: bool, inside: Path) -> None:
        self.console = console
        self.quiet = quiet
        self.plain = quiet or not console.is_terminal
        self.bars = Progress(
            TextColumn("{task.description:<18}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            Inside(inside),
            console=console,
            transient=True,
            disable=self.plain,
        )
        self.notebooks = self.bars.add_task("notebooks", total=len(STAGES), left="")
        self.cells = self.bars.add_task("cells", total=None, left="")

    def stage(self, stage: str, n_cells: int, seconds: float) -> None:
        """Name the notebook that starts, and how long it and the later ones took the last time."""
        left = f"about {seconds:.0f} s left" if seconds else ""
        self.bars.reset(self.cells, description=stage, total=n_cells)
        self.bars.update(self.notebooks, left=left)
        if self.plain:
            self.say(f"{stage}: running")

    def cell(self, number: int) -> None:
        """Move the second bar."""
        self.bars.update(self.cells, completed=number - 1)

    def done(self, stage: str, how: str) -> None:
        """Say what became of a notebook."""
        self.bars.advance(self.notebooks)
        self.say(f"{stage}: {how}")

    def say(self, text: str) -> None:
        """Print one line."""
        if not self.quiet:
            self.console.print(text)
