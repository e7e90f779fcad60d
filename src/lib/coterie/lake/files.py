"""Raw files as companies export them: found, read with line numbers, joined with a second file."""

import re
from importlib import metadata, resources
from pathlib import Path
from typing import NamedTuple

import ibis
import numpy as np
import pyarrow as pa
from pydantic import BaseModel, Field, ValidationError, model_validator

from coterie.lake.formats import open_table
from coterie.lake.joins import with_joined
from coterie.study import SettingsError, project_root

LINE = "its line"  # a column beside the file's own
PACKAGED = re.compile(r"package:(?P<package>[A-Za-z_]\w*)(?:/(?P<inside>.*))?")


class Join(BaseModel, extra="forbid", strict=True):
    """A small second file that says more about each row, one row a value of a shared column."""

    path: str = Field(pattern="^[^/]")  # relative to the source folder
    on: str = Field(min_length=1)


class Answers(BaseModel, extra="forbid", strict=True):
    """What the values of a consent file's column mean, where its words do not say so themselves."""

    yes_values: list[str] = []
    no_values: list[str] = []


class Entry(BaseModel, extra="forbid", strict=True):
    """One entry of the column map."""

    path: str = Field(pattern="^[^/]")  # relative to the source folder; may be a glob
    gives: str
    platform: str
    columns: dict[str, str]  # ours: the file's own, or "=literal"
    verbs: dict[str, str] = {}  # the platform's word: ours
    encoding: str = "utf-8"
    join: Join | None = None  # a second file whose columns become usable in `columns`
    sum_by: str = ""  # events: rows of an account and time that share this column are one act
    answers: Answers = Answers()  # consents; written as granted: {column: ..., no_values: [...]}
    purposes: dict[str, str] = {}  # consents; the file's word: ours

    @model_validator(mode="before")
    @classmethod
    def part_granted(cls, given: object) -> object:
        """Take `granted: {column, yes_values, no_values}` apart: the column's name, its values."""
        columns = given.get("columns") if isinstance(given, dict) else None
        granted = columns.get("granted") if isinstance(columns, dict) else None
        if not isinstance(granted, dict) or not isinstance(granted.get("column"), str):
            return given
        values = {key: granted[key] for key in granted if key != "column"}
        return given | {"columns": columns | {"granted": granted["column"]}, "answers": values}


class SourceFile(NamedTuple):
    """One raw file: its name under the source folder, its entry in the column map, its rows."""

    name: str
    entry: dict
    rows: ibis.Table  # the mapped columns and LINE, where each row stood
    broken: list[int]  # lines that are no row: more or fewer fields than the header, no object


def source_folder(source: str) -> Path:
    """Locate a study's source files: under the project, or as `package:NAME/FOLDER` in a package.

    Raises
    ------
    SettingsError
        When the package is not installed, or is no folder of files.
    """
    if not source.startswith("package:"):
        return project_root() / source
    where = f"02_sourcing.source ({source})"
    if not (match := PACKAGED.fullmatch(source)):
        raise SettingsError(f"{where}: write it as package:NAME/FOLDER, NAME as Python imports it.")
    try:
        folder = resources.files(match["package"])
    except (ImportError, TypeError):  # not there, or a module without a folder
        advice = install_advice(match["package"])
        raise SettingsError(
            f"{where}: the package {match['package']} is not installed; run `{advice}`."
        ) from None
    if not isinstance(folder, Path):
        raise SettingsError(
            f"{where}: the package {match['package']} is not installed as one plain folder."
        )
    return folder / (match["inside"] or "")


def install_advice(package: str) -> str:
    """Say how to install a package of data: by the extra that brings it, or by its own name.

    >>> install_advice("some_data")
    'pip install some_data'
    """
    name = re.sub(r"[-_.]+", "[-_.]+", package)
    extra = re.compile(rf"{name}\b.*\bextra == [\"'](\w+)[\"']", re.IGNORECASE)
    found = next(filter(None, map(extra.match, metadata.requires("coterie") or ())), None)
    return f"pip install 'coterie[{found[1]}]'" if found else f"pip install {package}"


def locate_files(source: str, files: list[dict]) -> list[tuple[Path, dict]]:
    """Find the files of a column map; a path may be a glob."""
    if not source or not files:
        raise SettingsError(
            "02_sourcing.source and 02_sourcing.files must name a folder and files; "
            "try `coterie new`."
        )
    folder = source_folder(source)
    if not folder.is_dir():
        raise SettingsError(f"02_sourcing.source: there is no folder {folder}.")
    found = []
    for number, given in enumerate(files):
        key = f"02_sourcing.files[{number}]"
        try:
            entry = Entry.model_validate(given).model_dump()
        except ValidationError as errors:
            wrong = errors.errors()[0]
            where = ".".join(map(str, (key, *wrong["loc"])))
            known = Join if wrong["loc"][:1] == ("join",) else Entry
            raise SettingsError(
                f"{where}: {wrong['msg'].lower()}; it takes {', '.join(known.model_fields)}."
            ) from None
        paths = sorted(path for path in folder.glob(entry["path"]) if path.is_file())
        if not paths:
            raise SettingsError(f"{key}.path: no file {entry['path']} in {folder}.")
        if entry["join"] and not (folder / entry["join"]["path"]).is_file():
            raise SettingsError(f"{key}.join.path: no file {entry['join']['path']} in {folder}.")
        found += [(path, entry) for path in paths]
    return found


def read_rows(path: Path, entry: dict, *, folder: str) -> SourceFile:
    """Read one file, and the file joined to it, as the columns of its map and each row's line."""
    table, broken = open_table(path, entry["encoding"])
    if entry["join"]:
        other = source_folder(folder) / entry["join"]["path"]
        table = with_joined(table, path, entry, other=other)
    keys = {
        name: f"columns.{ours}"
        for ours, name in entry["columns"].items()
        if not name.startswith("=")
    }
    keys |= {entry["sum_by"]: "sum_by"} if entry["sum_by"] else {}
    if missing := [name for name in keys if table.column_names.count(name) != 1]:
        wrong, there = ", ".join(map(repr, missing)), safe_names(table.column_names)
        where = f"02_sourcing.files (path: {entry['path']}).{keys[missing[0]]}"
        raise SettingsError(
            f"{path}: no column, or more than one, called {wrong}; the file has {there}. "
            f"Correct {where}."
        )
    first = 1 if path.suffix == ".jsonl" else 2  # line 1 of a table is its header
    lines = np.setdiff1d(np.arange(first, first + table.num_rows + len(broken)), broken)
    names = list(keys)
    if entry["gives"] == "consents":  # a no binds by whatever its row carries
        names += [name for name in table.column_names if name not in keys]
    rows = table.select(names).append_column(LINE, pa.array(lines, pa.int64()))
    name = str(path.relative_to(source_folder(folder)))
    return SourceFile(name, entry, ibis.memtable(rows), broken)


def safe_names(names: list[str]) -> str:
    """List column names, unless they look like data: a file without a header begins with a person.

    >>> safe_names(["user", "at"]), safe_names(["ana@example.org", "+1 650 253 0000"])
    ('user, at', 'no header, by the look of its first line')
    """
    data_like = any(
        "@" in name or sum(map(str.isdigit, name)) > 4 or len(name) > 60 for name in names
    )
    return (
        "no header, by the look of its first line"
        if data_like or len(names) > 200
        else ", ".join(names)
    )
