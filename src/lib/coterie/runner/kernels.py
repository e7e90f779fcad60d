"""papermill on kernels started ahead of need, so that nobody waits for their imports."""

import ast
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import papermill
from jupyter_client.manager import KernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from coterie.runner.fingerprints import code_of, committed_place, notebook_file
from coterie.runner.records import write_private
from coterie.study import DataError, SettingsError

QUIET = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
QUIET["PYTHONWARNINGS"] = "ignore::DeprecationWarning,ignore::FutureWarning"


class WarmEngine(NBClientEngine):
    """papermill's engine, on a kernel that runs already."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: object, kernel_name: str, *, client: dict, **papermills: object) -> None:
        """Run every cell."""
        running = PapermillNotebookClient(nb_man, **client)
        try:
            running.execute()
        finally:
            if running.kc:
                running.kc.stop_channels()


papermill_engines.register("coterie", WarmEngine)


class WarmKernels:
    """One kernel at work, and the next one starting in the background."""

    def __init__(self, *, log: Path, environment: dict[str, str]) -> None:
        self.log, self.environment = log, os.environ | QUIET | environment
        self.pool, self.sockets = ThreadPoolExecutor(2), tempfile.TemporaryDirectory()
        self.coming: dict[str, Future] = {}

    def prepare(self, stage: str) -> None:
        """Begin to start a stage's kernel, unless it is on its way."""
        if stage not in self.coming:
            self.coming[stage] = self.pool.submit(self.start, stage)

    def start(self, stage: str) -> KernelManager:
        """Start a kernel and load its notebook's imports, the notebook's own namespace left empty."""
        sockets = f"{tempfile.mkdtemp(dir=self.sockets.name)}/k"  # local sockets, not ports: nobody else can listen in
        client_class = "jupyter_client.asynchronous.AsyncKernelClient"
        manager = KernelManager(kernel_name="python3", transport="ipc", ip=sockets, client_class=client_class)
        told, options = self.environment | {"COTERIE_STAGE": stage}, ["--HistoryManager.enabled=False"]
        with self.log.open("ab") as log:
            streams = {"stdout": log, "stderr": log}
            manager.start_kernel(cwd=notebook_file(stage).parent, env=told, extra_arguments=options, **streams)
        client = manager.blocking_client()
        client.start_channels()
        with suppress(RuntimeError, TimeoutError):  # it died, or is slow: the notebook will show which
            client.wait_for_ready(timeout=60)
            client.execute(f"exec({imports_of(stage)!r}, {{}})", silent=True, reply=True, timeout=60)
        client.stop_channels()
        return manager

    def execute(self, stage: str, parameters: dict, *, following: str, on_cell: Callable) -> NotebookNode:
        """Run one notebook while the following one's kernel starts; a traceback goes into the private log."""
        manager, begun, file = self.coming.pop(stage).result(), [0], notebook_file(stage)
        if following:
            self.prepare(following)

        def note(cell: NotebookNode, cell_index: int) -> None:
            begun[0] = committed_place(stage, cell_index + 1)
            on_cell(begun[0])

        how = {"engine_name": "coterie", "client": {"km": manager, "on_cell_start": note}}
        try:
            return papermill.execute_notebook(file, None, parameters, **how, progress_bar=False, cwd=file.parent)
        except PapermillExecutionError as error:
            write_private(self.log, "\n".join([f"{stage}, cell {begun[0]}", *error.traceback]))
            if mendable := {"SettingsError": SettingsError, "DataError": DataError}.get(error.ename):
                raise mendable(f"{stage}: {error.evalue}") from None
            why = f" failed ({error.ename}); the traceback is in {self.log}."
        except (DeadKernelError, RuntimeError) as error:  # the latter when it died before the first cell
            write_private(self.log, f"{stage}, cell {begun[0]}\n{error!r}")
            why = ": its kernel was killed; most often memory ran out."
        finally:
            self.pool.submit(manager.shutdown_kernel, now=True)
        raise DataError(f"{stage}, cell {begun[0]}{why}")

    def __enter__(self) -> "WarmKernels":
        return self

    def __exit__(self, *error: object) -> None:
        for kernel in self.coming.values():
            self.pool.submit(kernel.result().shutdown_kernel, now=True)
        self.pool.shutdown()
        self.sockets.cleanup()


def imports_of(stage: str) -> str:
    """List a notebook's import statements; none of a notebook with magics or mistakes."""
    with suppress(SyntaxError):
        nodes = ast.parse(code_of(stage)).body
        return "\n".join(ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
    return ""
