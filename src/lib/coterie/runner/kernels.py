"""Kernels started ahead of need, so that nobody waits for their imports."""

import os
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from queue import Empty

from jupyter_client.manager import KernelManager

SETTINGS = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONWARNINGS": "ignore::DeprecationWarning,ignore::FutureWarning",
    "OMP_NUM_THREADS": str(os.cpu_count() or 1),
}


class WarmKernels:
    """One kernel at work, and the next one starting in the background."""

    def __init__(self, *, cwd: Path, log: Path, environment: dict[str, str]) -> None:
        self.cwd, self.log, self.environment = cwd, log, os.environ | SETTINGS | environment
        self.pool, self.sockets = ThreadPoolExecutor(3), tempfile.TemporaryDirectory()
        self.coming: tuple[str, Future] | None = None
        self.started: list[KernelManager] = []

    def prepare(self, stage: str, imports: str) -> None:
        """Begin to start a stage's kernel and to load its imports."""
        self.coming = stage, self.pool.submit(self.start, stage, imports)

    def take(self, stage: str, imports: str) -> KernelManager:
        """Hand over the stage's kernel; if another stage was expected, start the right one."""
        if not self.coming or self.coming[0] != stage:
            self.prepare(stage, imports)
        manager, self.coming = self.coming[1].result(), None
        return manager

    def start(self, stage: str, imports: str) -> KernelManager:
        """Start a kernel and load modules in it, its own namespace left empty."""
        sockets = f"{tempfile.mkdtemp(dir=self.sockets.name)}/k"  # local sockets, not ports: nobody else can listen in
        client_class = "jupyter_client.asynchronous.AsyncKernelClient"
        manager = KernelManager(kernel_name="python3", transport="ipc", ip=sockets, client_class=client_class)
        with self.log.open("ab") as log:
            manager.start_kernel(
                cwd=str(self.cwd),
                env=self.environment | {"COTERIE_STAGE": stage},
                extra_arguments=["--HistoryManager.enabled=False"],
                stdout=log,
                stderr=log,
            )
        self.started.append(manager)
        self.preload(manager, f"exec({imports!r}, {{}})")
        return manager

    def preload(self, manager: KernelManager, code: str) -> None:
        """Run code ahead of the notebook, for as long as the kernel lives; the notebook raises what this hides."""
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
            client.execute(code, silent=True)
            while manager.is_alive():
                with suppress(Empty):
                    client.get_shell_msg(timeout=0.5)
                    break
        except RuntimeError:
            pass  # it died while starting: whoever takes it will see that
        finally:
            client.stop_channels()

    def drop(self, manager: KernelManager) -> None:
        """End a kernel without waiting for it."""
        self.started.remove(manager)
        self.pool.submit(manager.shutdown_kernel, now=True)

    def __enter__(self) -> "WarmKernels":
        return self

    def __exit__(self, *error: object) -> None:
        if self.coming:
            wait([self.coming[1]], timeout=0.5)  # a kernel may be between two states
        for manager in list(self.started):
            self.drop(manager)
        self.pool.shutdown()
        self.sockets.cleanup()
