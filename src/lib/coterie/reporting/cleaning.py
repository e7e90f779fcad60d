"""What is taken out of an executed notebook before anybody reads it."""

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from coterie.disclosure import MASK, hide_all, hider, is_secret_name, secrets_in

ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}")  # of an object, another one in every run
ERROR_CELL = "papermill-error-cell-tag"


def clean(nb: NotebookNode, *, secret_values: Iterable[str] = ()) -> tuple[NotebookNode, str]:
    """Take secrets, errors, machine paths and times out; return the notebook and a private log."""
    nb = copy.deepcopy(nb)
    nb.cells = [cell for cell in nb.cells if ERROR_CELL not in cell.metadata.get("tags", [])]
    settings = masked(nb.metadata.get("papermill", {}).get("parameters", {}))
    kept = picked(nb.metadata, "kernelspec", "language_info")
    nb.metadata = NotebookNode(kept, papermill={"parameters": settings})
    log = []
    for number, cell in enumerate(nb.cells, 1):
        cell.metadata = NotebookNode(picked(cell.metadata, "tags"))
        if "injected-parameters" in cell.metadata.get("tags", []):
            lines = [f"{name} = {value!r}" for name, value in settings.items()]
            cell.id = "injected-parameters"
            cell.source = "\n".join(["# Parameters", *lines])
        log += [f"cell {number}: {text}" for text in take_private_outputs(cell)]
    hide = hider(secret_values)
    nb = mapped(nb, lambda text: ADDRESS.sub("", hide(text)))
    return nb, hide_all(hide("\n".join(log)))


def picked(metadata: Mapping, *names: str) -> dict:
    """Keep the metadata of these names alone."""
    return {name: metadata[name] for name in names if name in metadata}


def take_private_outputs(cell: NotebookNode) -> list[str]:
    """Remove tracebacks and warnings from a cell, and return what they said."""
    private = [output for output in cell.get("outputs", ()) if is_private(output)]
    if private:
        cell.outputs = [output for output in cell.outputs if output not in private]
    texts = [each.get("text") or "\n".join(each.traceback) or each.ename for each in private]
    return [strip_ansi(text) for text in texts]


def is_private(output: NotebookNode) -> bool:
    """Say whether an output is a traceback or came by standard error."""
    return "traceback" in output or output.get("name") == "stderr"


def masked(value: object, name: str = "") -> object:
    """Hide a setting whose name or form says that it is secret, and what lies above a folder.

    >>> masked({"api_key": "abc", "source": "/home/ana/inbox", "seed": 7})
    {'api_key': '•••', 'source': '…/inbox', 'seed': 7}
    >>> masked({"credentials": {"main": "abc"}, "url": "https://ana:abcd@host/a"})
    {'credentials': {'main': '•••'}, 'url': 'https://ana:•••@host/a'}
    """
    if isinstance(value, dict):
        return {
            key: masked(item, name if is_secret_name(name) else key) for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item, name) for item in value]
    if value and not isinstance(value, bool) and is_secret_name(name):
        return MASK
    if not isinstance(value, str):
        return value
    if PurePath(value).is_absolute():
        return f"…/{PurePath(value).name}"
    return hider(secrets_in(value))(value)


def mapped(value: object, change: Callable[[str], str]) -> object:
    """Apply a change to every string of a nested value, keys included."""
    if isinstance(value, dict):
        return NotebookNode({change(key): mapped(item, change) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return [mapped(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def texts_in(value: object) -> list[str]:
    """List every string of a nested value, keys included."""
    found: list[str] = []

    def collect(text: str) -> str:
        found.append(text)
        return text

    mapped(value, collect)
    return found
