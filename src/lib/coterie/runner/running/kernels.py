"""papermill on kernels started ahead of need, so that nobody waits for their imports."""

import logging
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import monotonic

import papermill
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from coterie.runner.planning.notebooks import committed_place, import_statements, notebook_file
from coterie.runner.preparation.leftovers import sockets_folder
from coterie.runner.preparation.lock import write_private
from coterie.study import DataError, SettingsError

QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONWARNINGS": "ignore::DeprecationWarning,ignore::FutureWarning",
}
MENDABLE = {"SettingsError": SettingsError, "DataError": DataError}  # shown to the user as they are


class WarmEngine(NBClientEngine):
    """papermill's engine, on a kernel that runs already."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: object, kernel_name: str, *, client: dict, ran: list, **papermills: object
    ) -> None:
        """Run every cell, and leave the notebook in `ran`, also where a cell fails."""
        ran.append(nb_man.nb)
        running = PapermillNotebookClient(nb_man, **client)
        try:
            running.execute()
        finally:
            if running.kc:
                running.kc.stop_channels()


papermill_engines.register("coterie", WarmEngine)
logging.getLogger("papermill").setLevel(logging.ERROR)  # parameters were read by `study` already


class WarmKernels:
    """Kernels at work, and the next one starting in the background."""

    def __init__(self, *, log: Path, environment: Callable[[str], dict[str, str]]) -> None:
        self.log = log
        self.environment = environment  # of a stage's kernel, beside this process's own
        self.pool = ThreadPoolExecutor(4)  # kernels that start and end
        self.sockets = sockets_folder()
        self.managers: list[KernelManager] = []
        self.is_over = False
        self.coming: dict[str, Future] = {}

    def prepare(self, stage: str) -> None:
        """Begin to start a stage's kernel, unless it is on its way."""
        if stage not in self.coming:
            self.coming[stage] = self.pool.submit(self.start, stage)

    def start(self, stage: str) -> KernelManager:
        """Start a kernel and load its notebook's imports, the notebook's own namespace left empty.

        It listens on local sockets, not ports: nobody else can listen in.
        """
        place = self.sockets / stage[:2]
        place.mkdir(mode=0o700)
        manager = KernelManager(
            kernel_name="python3",
            connection_file=str(place / "connection.json"),
            transport="ipc",
            ip=str(place / "k"),
            client_class="jupyter_client.asynchronous.AsyncKernelClient",
        )
        with self.log.open("ab") as log:
            manager.start_kernel(
                cwd=notebook_file(stage).parent,
                env=os.environ | QUIET | self.environment(stage),
                extra_arguments=["--HistoryManager.enabled=False"],
                stdout=log,
                stderr=log,
            )
        self.managers.append(manager)
        if self.is_over:  # everything was ended while this one began
            kill(manager)
        client = manager.blocking_client()
        client.start_channels()
        with suppress(RuntimeError, TimeoutError):  # it died or is slow: the notebook will show it
            client.wait_for_ready(timeout=60)
            warm_up = f"exec({import_statements(stage)!r}, {{}})"
            wait_for_reply(client, client.execute(warm_up, silent=True), manager)
        client.stop_channels()
        return manager

    def execute(
        self, stage: str, parameters: dict, *, before_cell: Callable[[str, int], None]
    ) -> NotebookNode:
        """Run one notebook; `before_cell` gets each cell's code and its place on disk.

        Raises
        ------
        SettingsError, DataError
            In one sentence; a traceback goes into the private log.
        """
        manager = self.coming.pop(stage).result()
        place = 0  # of the cell that runs, as on disk
        path, ran = str(notebook_file(stage)), []
        template = path.replace("{", "{{").replace("}", "}}")  # papermill would fill braces in

        def on_cell_start(cell: NotebookNode, cell_index: int) -> None:
            nonlocal place
            place = committed_place(stage, cell_index + 1)
            if cell.cell_type == "code":  # prose waits for nothing
                before_cell(cell.source, place)

        try:
            return papermill.execute_notebook(
                template,
                None,
                parameters,
                engine_name="coterie",
                ran=ran,
                client={"km": manager, "on_cell_start": on_cell_start},
                progress_bar=False,
            )
        except PapermillExecutionError as error:
            write_private(self.log, "\n".join([f"{stage}, cell {place}", *error.traceback]))
            if mendable := MENDABLE.get(error.ename):
                failure = mendable(f"{stage}: {error.evalue}")
                failure.unfinished = (stage, ran[-1])  # what ran before is worth a page
                raise failure from None
            why = why_failed(error, self.log)
        except (DeadKernelError, RuntimeError) as error:  # RuntimeError: died before the first cell
            write_private(self.log, f"{stage}, cell {place}\n{error!r}")
            why = why_no_kernel(manager, error)
        finally:
            self.pool.submit(manager.shutdown_kernel, now=True)
        raise DataError(f"{stage}, cell {place}{why}")

    def kill_all(self) -> None:
        """End every kernel at once; one that still starts is not waited for."""
        self.is_over = True
        for coming in self.coming.values():
            coming.cancel()
        for manager in self.managers:
            kill(manager)

    def __enter__(self) -> "WarmKernels":
        return self

    def __exit__(self, *error: object) -> None:
        self.kill_all()
        self.pool.shutdown()
        shutil.rmtree(self.sockets, ignore_errors=True)


def wait_for_reply(client: BlockingKernelClient, message: str, manager: KernelManager) -> None:
    """Wait a minute for a kernel's answer, but not for one that was ended meanwhile."""
    end = monotonic() + 60
    while monotonic() < end and manager.provisioner.process.poll() is None:
        with suppress(Empty):
            answer = client.get_shell_msg(timeout=0.2)
            if answer["parent_header"].get("msg_id") == message:
                return


def kill(manager: KernelManager) -> None:
    """End a kernel's process at once, if it still runs."""
    process = getattr(manager.provisioner, "process", None)
    if process and process.poll() is None:
        process.kill()


def why_failed(error: PapermillExecutionError, log: Path) -> str:
    """Say why a cell failed: a full disk by name, anything else by its kind."""
    told = f"{error.ename} {error.evalue}"
    if "No space left" in told or "Disk quota exceeded" in told or "[Errno 27]" in told:
        return (
            ": the disk is full. The last good results are untouched; "
            "free some space, then the same command goes on from here."
        )
    return f" failed ({error.ename}); the traceback is in {log}."


def why_no_kernel(manager: KernelManager, error: Exception) -> str:
    """Say what became of a kernel that does not answer: it ended, or it has not started yet."""
    process = getattr(manager.provisioner, "process", None)
    code = process.poll() if process else None
    if code is None and not isinstance(error, DeadKernelError):
        return (
            ": its kernel did not start in time; the machine is busy. The same command tries again."
        )
    if code is not None and code > 0:
        return f": its kernel ended by itself (exit code {code}) before it could answer."
    return ": its kernel was killed; most often memory ran out."
