"""The column map's entries: which file gives what, and how it is read, joined and filtered."""

import re
from collections.abc import Callable, Iterable, Mapping
from glob import escape
from importlib import metadata, resources
from pathlib import Path
from typing import Literal, NamedTuple

import ibis
import ibis.expr.types as ir
from pydantic import BaseModel, Field, ValidationError, model_validator

from coterie.lake.experiment_files import parts_of
from coterie.lake.joins import with_joined
from coterie.lake.listing import matching_files
from coterie.lake.reading import open_raw
from coterie.lake.reading.formats import format_of
from coterie.lake.reading.raw import LINE, NO_NOTES
from coterie.study import SettingsError, project_root

PEOPLE = ("accounts", "consents")  # a no may stand in any column of such a file
HEADED = ("csv", "tsv")  # formats whose first line ought to name the columns
PACKAGED = re.compile(r"package:(?P<package>[A-Za-z_]\w*)(?:/(?P<inside>.*))?")


class Join(BaseModel, extra="forbid", strict=True):
    """A small second file that says more about each row, one row a value of a shared column."""

    path: str = Field(pattern="^[^/]")  # relative to the source folder
    on: str = Field(min_length=1)


class Answers(BaseModel, extra="forbid", strict=True):
    """What the values of a consent file's column mean, where its words do not say so themselves."""

    yes_values: list[str] = []
    no_values: list[str] = []
    silent_values: list[str] = []  # neither: such a row says nothing
    unknown_values: list[str] = []  # codes that nobody explained: they may hide a no


class Where(BaseModel, extra="forbid", strict=True):
    """A condition on one column; rows that do not fulfil it are left out, and counted."""

    column: str = Field(min_length=1)
    value_is: str | list[str] = Field([], alias="is")
    value_is_not: str | list[str] = Field([], alias="is_not")
    empty: bool | None = None  # true: only rows where it is empty; false: only where it is not


class Sign(BaseModel, extra="forbid", strict=True):
    """Which acts take money back, whatever sign the file gives their value."""

    negative_for: list[str]  # our verbs


class Entry(BaseModel, extra="forbid", strict=True):
    """One entry of the column map; what is empty is found out from the whole file, and shown."""

    path: str = Field(pattern="^[^/]")  # relative to the source folder; may be a glob
    gives: str
    platform: str
    columns: dict[str, str]  # ours: the file's own, a dotted path into objects, or "=literal"
    verbs: dict[str, str] = {}  # the platform's word: ours
    join: Join | None = None  # a second file whose columns become usable in `columns`
    sum_by: str = ""  # events: rows of an account and time that share this column are one act
    answers: Answers = Answers()  # consents; written as granted: {column: ..., no_values: [...]}
    purposes: dict[str, str] = {}  # consents; the file's word: ours
    format: Literal["", "csv", "tsv", "ndjson", "json", "xlsx", "parquet"] = ""  # by the ending
    encoding: str = ""
    separator: Literal["", ",", ";", "\t", "|"] = ""
    decimal: Literal["", ".", ","] = ""  # decided for each column from all its values
    skip_lines: int = Field(-1, ge=-1)  # before the header
    strip_prefix: str = ""  # what stands before the data; `window.YTD... =` is known
    records: str = ""  # where the rows lie in nested JSON: `tweet`, `[].string_list_data[]`
    sheet: str = ""  # of a workbook; the first one
    time_format: dict[str, str] = {}  # ours: a name in sourcing/times.yml or a strptime format
    time_zone: str = ""  # IANA name for times that state none; UTC
    where: list[Where] = []  # rows that fulfil all of them are read
    sign: Sign | Literal[""] = ""
    measures: list[str] = []  # experiments; columns with an outcome of each person
    strata: list[str] = []  # experiments; columns by which people are grouped
    unrelated: list[str] = []  # of people; columns in which nobody says whether to be addressed

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
    broken: dict[int, str]  # line: why it is no row
    left_out: int = 0  # rows that `where` leaves out
    read_as: str = ""  # how the file was read, in words
    notes: Mapping[str, int] = NO_NOTES  # what was put right or is missing: in how many places
    unfiltered: ibis.Table | None = None  # the rows before `where`
    names: tuple[str, ...] = ()  # of all its columns, read or not


class Wanted(frozenset):
    """Names of columns to read, and a rule by which others are read besides them."""

    besides: Callable[[str], bool] = staticmethod(lambda _: False)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self.besides(str(name))


def every_name(_: str) -> bool:
    """Want every column."""
    return True


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
            entry = Entry.model_validate(given).model_dump(by_alias=True)
        except ValidationError as errors:
            wrong = errors.errors()[0]
            where = ".".join(map(str, (key, *wrong["loc"])))
            known = Join if wrong["loc"][:1] == ("join",) else Entry
            raise SettingsError(
                f"{where}: {wrong['msg'].lower()}; it takes {', '.join(known.model_fields)}."
            ) from None
        paths = matching_files(folder, entry["path"], key=f"{key}.path")
        if not paths:
            raise SettingsError(f"{key}.path: no file {entry['path']} in {folder}.")
        if entry["join"] and not matching_files(
            folder, escape(entry["join"]["path"]), key=f"{key}.join.path"
        ):
            raise SettingsError(f"{key}.join.path: no file {entry['join']['path']} in {folder}.")
        found += [(path, part) for path in paths for part in parts_of(entry, key)]
    return found


def read_rows(
    path: Path, entry: dict, *, folder: str, besides: Callable[[str], bool] | None = None
) -> SourceFile:
    """Read one file, and the file joined to it, as the columns of its map and each row's line.

    A column that nobody mapped is read too if `besides` says so of its name; with it, of people
    all columns are.
    """
    asked = asked_for(entry)
    join_on = [entry["join"]["on"]] if entry["join"] else []
    whole = entry["gives"] == "consents" and not besides  # a no binds by all that its row carries
    wanted = Wanted({*asked, *join_on})
    if besides:
        wanted.besides = every_name if entry["gives"] in PEOPLE else besides
    raw = open_raw(path, entry, wanted=None if whole else wanted)
    if whole and any(name not in raw.names for name in wanted):
        # a path into objects has to be asked for
        raw = open_raw(path, entry, wanted={*wanted, *raw.names})
    if entry["join"]:
        other = source_folder(folder) / entry["join"]["path"]
        raw = with_joined(raw, path, entry, other=other)
    if missing := [name for name in asked if raw.names.count(name) != 1]:
        headed = asked if format_of(path, entry) in HEADED else None
        wrong, there = ", ".join(map(repr, missing)), safe_names(raw.names, mapped=headed)
        where = f"02_sourcing.files (path: {entry['path']}).{asked[missing[0]]}"
        raise SettingsError(
            f"{path}: no column, or more than one, called {wrong}; the file has {there} "
            f"(read as {raw.read_as}). Correct {where}."
        )
    single = [name for name in raw.names if name not in asked and raw.names.count(name) == 1]
    also = [name for name in single if (whole or wanted.besides(name)) and name in raw.rows.columns]
    rows = raw.rows.select(*asked, *also, LINE)
    kept = rows.filter(conditions(rows, entry["where"])) if entry["where"] else rows
    n_kept = int(kept.count().execute()) if entry["where"] else raw.n_rows
    return SourceFile(
        str(path.relative_to(source_folder(folder))),
        entry | {"separator": raw.separator or entry["separator"]},
        kept,
        raw.broken,
        left_out=raw.n_rows - n_kept,
        read_as=raw.read_as,
        notes=raw.notes,
        unfiltered=rows,
        names=tuple(raw.names),
    )


def asked_for(entry: dict) -> dict[str, str]:
    """List a file's columns that its entry names, each with the key of the entry that does."""
    names = {}
    for number, condition in enumerate(entry["where"]):
        names[condition["column"]] = f"where[{number}].column"
    if entry["sum_by"]:
        names[entry["sum_by"]] = "sum_by"
    for ours, name in entry["columns"].items():
        if not name.startswith("="):
            names[name] = f"columns.{ours}"
    return names


def conditions(rows: ir.Table, where: list[dict]) -> list[ir.BooleanValue]:
    """Turn the conditions of an entry into expressions; text is compared trimmed."""
    found = []
    for condition in where:
        text = rows[condition["column"]].cast("string").strip().fill_null("")
        for key, negated in (("is", False), ("is_not", True)):
            words = condition[key]
            if words != []:
                equal = text.isin([words] if isinstance(words, str) else words)
                found.append(~equal if negated else equal)
        if condition["empty"] is not None:
            found.append((text == "") == condition["empty"])
    return found


def safe_names(names: list[str], *, mapped: Iterable[str] | None = None) -> str:
    """List column names, unless they look like data: a file without a header begins with a person.

    Where a column map is given and none of its names is there, the first line may be anybody.

    >>> safe_names(["user", "at"]), safe_names(["ana@example.org", "+1 650 253 0000"])
    ('user, at', 'no header, by the look of its first line')
    >>> safe_names(["ana", "Berlin"], mapped=["user", "town"])
    'another header, or none: its first line, of 2 fields, names no mapped column'
    """
    if mapped is not None and set(names).isdisjoint(mapped):
        return (
            f"another header, or none: its first line, of {len(names)} fields, "
            "names no mapped column"
        )
    data_like = any(
        "@" in name or sum(map(str.isdigit, name)) > 4 or len(name) > 60 for name in names
    )
    return (
        "no header, by the look of its first line"
        if data_like or len(names) > 200
        else ", ".join(names)
    )
