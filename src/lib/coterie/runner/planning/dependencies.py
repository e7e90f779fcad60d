"""Which files of the library a notebook rests on: those it imports, and those that they import.

Found by parsing, never by matching words: a comment that names a room imports nothing, and editing
the simulator concerns no study of real data. Importing `coterie.a.b` runs `coterie.a` first, so
the `__init__` of every package on the way belongs to it, with the data in the package's folder.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.util import resolve_name
from pathlib import Path

from coterie.source_code import parse_code

PACKAGE = Path(__file__).resolve().parents[2]
DATA = (".yml", ".csv", ".json", ".safetensors", ".j2", ".css")


def library_files(sources: Iterable[str], *, also: Iterable[str] = ()) -> dict[str, str]:
    """Fingerprint the library files that code needs: path in the package -> digest of its content.

    `sources` are pieces of code, a notebook's cells for instance, and `also` names further modules.
    """
    imported = set(also)
    for source in sources:
        imported |= names_imported(source, package="")
    files = {path for module in reachable(imported) for path in files_of(module)}
    return {str(path.relative_to(PACKAGE)): digest(path) for path in sorted(files)}


def reachable(names: Iterable[str]) -> set[str]:
    """Follow imports from some dotted names to every module of the library that they load."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        for module in modules_on_the_way(waiting.pop()):
            if module not in found:
                found.add(module)
                waiting += imports_of(module)
    return found


def modules_on_the_way(name: str) -> Iterator[str]:
    """Give the modules that importing a dotted name loads; its end may be a function or class.

    >>> list(modules_on_the_way("coterie.lake.tables.Lake"))
    ['coterie', 'coterie.lake', 'coterie.lake.tables']
    >>> list(modules_on_the_way("pandas.core"))
    []
    """
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        module = ".".join(parts[:end])
        if parts[0] != PACKAGE.name or module_file(module) is None:
            return
        yield module


def module_file(module: str) -> Path | None:
    """Locate a module of the library, a package by its `__init__`."""
    path = PACKAGE.joinpath(*module.split(".")[1:])
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def imports_of(module: str) -> set[str]:
    """Name what a module of the library imports, inside functions too."""
    file = module_file(module)
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    return names_imported(file.read_text(encoding="utf-8"), package)


@lru_cache(maxsize=2000)
def names_imported(source: str, package: str) -> set[str]:
    """Name what code imports; code that is no Python, like a magic, may import everything here.

    >>> sorted(names_imported("from coterie import lake, study  # demo", ""))
    ['coterie', 'coterie.lake', 'coterie.study']
    """
    names = set()
    try:
        nodes = list(ast.walk(parse_code(source)))
    except SyntaxError:
        return {module_name(file) for file in PACKAGE.rglob("*.py")}
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            stem = node.module or ""
            base = resolve_name("." * node.level + stem, package) if node.level else stem
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return names


def module_name(file: Path) -> str:
    """Write a file's dotted name.

    >>> module_name(PACKAGE / "lake" / "tables.py")
    'coterie.lake.tables'
    """
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def files_of(module: str) -> set[Path]:
    """List a module's own file and its data: a package's folder, or files of a module's name."""
    file = module_file(module)
    if file.name != "__init__.py":
        return {file, *(file.with_suffix(ending) for ending in DATA if beside(file, ending))}
    if file.parent == PACKAGE:
        return {file}  # data here are called like the module that reads them
    return {file, *data_in(file.parent)}


def beside(file: Path, ending: str) -> bool:
    """Say whether data of a module's name lie beside it."""
    return file.with_suffix(ending).is_file()


def data_in(folder: Path) -> Iterator[Path]:
    """List the data of a package, those in folders that are no packages of their own included."""
    for path in folder.iterdir():
        if path.is_dir() and not (path / "__init__.py").exists():
            yield from data_in(path)
        elif path.suffix in DATA:
            yield path


def digest(file: Path) -> str:
    """Fingerprint a file's content, read again only when the file was touched."""
    state = file.stat()
    return content_digest(file, state.st_size, state.st_mtime_ns)


@cache
def content_digest(file: Path, size: int, changed: int) -> str:
    """Fingerprint the content that a file of this size and time has."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
