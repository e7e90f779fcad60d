"""papermill on a warm kernel; apart, because importing papermill takes longer than an unchanged run."""

from collections.abc import Callable

import nbformat
import papermill
from jupyter_client.manager import KernelManager
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from coterie.runner.fingerprints import injected_at, notebook_file


class CellFailed(Exception):
    """A cell that raised, or whose kernel died."""

    def __init__(self, cell: int, name: str, message: str, traceback: str) -> None:
        super().__init__(name)
        self.cell, self.name, self.message, self.traceback = cell, name, message, traceback


class WarmEngine(NBClientEngine):
    """papermill's engine, on a kernel that runs already."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: object, kernel_name: str, *, manager: KernelManager, on_cell: Callable, **papermills: object
    ) -> None:
        """Run every cell, telling `on_cell` which one begins."""
        client = PapermillNotebookClient(nb_man, km=manager, on_cell_start=lambda cell, cell_index: on_cell(cell_index))
        try:
            client.execute()
        finally:
            if client.kc:
                client.kc.stop_channels()


papermill_engines.register("coterie", WarmEngine)


def execute(stage: str, parameters: dict, *, manager: KernelManager, on_cell: Callable) -> nbformat.NotebookNode:
    """Run one notebook with papermill and return it with its outputs.

    Raises
    ------
    CellFailed
        With the cell's place in the notebook as committed.
    """
    begun, above = [0], injected_at(stage)

    def note(index: int) -> None:
        begun[0] = index + 1 - (index >= above)  # papermill puts a cell of its own after the parameters
        on_cell(begun[0])

    try:
        path = notebook_file(stage)
        return papermill.execute_notebook(
            path,
            None,
            parameters,
            engine_name="coterie",
            progress_bar=False,
            cwd=path.parent,
            manager=manager,
            on_cell=note,
        )
    except PapermillExecutionError as error:
        raise CellFailed(begun[0], error.ename, error.evalue, "\n".join(error.traceback)) from None
    except (DeadKernelError, RuntimeError) as error:  # the latter when it died before the first cell
        raise CellFailed(begun[0], "DeadKernelError", "", repr(error)) from None


def cell_seconds(notebook: nbformat.NotebookNode) -> float:
    """Add up the time that the cells themselves took."""
    return sum(cell.metadata.papermill.get("duration") or 0 for cell in notebook.cells)
