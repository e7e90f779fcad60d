"""One study is one settings file: `shared:` and a block a notebook, departures from defaults."""

import ast
import json
import os
import re
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import TypeAdapter, ValidationError

from coterie.safeguards import Lowered, broken_limit, lowered
from coterie.settings import Settings, expand, expanded, wrong_value, yaml_problem
from coterie.source_code import parse_code

STAGES = (
    *("01_objectives", "02_sourcing", "03_features", "04_psychographics", "05_segments"),
    *("06_scores", "07_rules", "08_experiments"),
    *("09_governance", "10_activation", "11_monitoring"),
)
FORMER = {  # what notebooks were called before 06_scores and 07_rules came in
    "06_validation": "08_experiments",
    "08_validation": "08_experiments",
    "07_governance": "09_governance",
    "08_activation": "10_activation",
    "09_monitoring": "11_monitoring",
}
RESERVED = ("title", "shared", "world", "lake", "engine", "keep_runs", "keep_days")
RESERVED += ("everyday_words",)


class SettingsError(Exception):
    """A setting, path or file that the user can put right; the message says how."""


class DataError(Exception):
    """Data that cannot answer the question asked of it; the message says what is missing."""


class Parameter(NamedTuple):
    """One line of a notebook's parameters cell."""

    name: str
    kind: type
    default: object
    help: str


class Study(NamedTuple):
    """A settings file, read and checked."""

    name: str
    title: str
    file: Path
    blocks: dict[str, dict]  # stage -> the notebook's parameters, shared ones included
    world: dict  # knobs of the planted world; empty when the data are real
    lake: Path  # folder of the study's tables
    engine: str  # ibis.connect URL
    keep_runs: int  # newest successful runs whose pages are kept
    keep_days: int  # days after which older runs, and the tables before the last, are deleted
    everyday_words: tuple[str, ...] = ()  # may stand on pages although somebody's handle is one


def project_root() -> Path:
    """Find the folder that holds `notebooks/studies`: COTERIE_HOME, or the nearest one above.

    Looks upwards from the working directory, then from the package, so that a notebook
    finds the same lake from JupyterLab, papermill and cron.
    """
    if home := os.environ.get("COTERIE_HOME"):
        return Path(home).resolve()
    for start in (Path.cwd(), Path(__file__).resolve().parent):
        for folder in (start, *start.parents):
            if (folder / "notebooks" / "studies").is_dir():
                return folder
    raise SettingsError(
        "No folder notebooks/studies here or above: "
        "run from the project, or set COTERIE_HOME to it."
    )


def study_file(name: str) -> Path:
    """Locate the settings file of a study."""
    return project_root() / "notebooks" / "studies" / f"{name}.yml"


def study_names() -> list[str]:
    """List the studies that have a settings file."""
    return sorted(file.stem for file in study_file("any").parent.glob("*.yml"))


def stage_of(word: str) -> str:
    """Resolve a notebook from its number, name or both.

    >>> stage_of("05"), stage_of("segments"), stage_of("5")
    ('05_segments', '05_segments', '05_segments')
    """
    for stage in STAGES:
        number, room = stage.split("_")
        if word in (stage, number, room, number.lstrip("0")):
            return stage
    if word in FORMER:
        raise SettingsError(f"The notebook {word} is now {FORMER[word]}; use that name.")
    raise SettingsError(f"There is no notebook {word!r}; the notebooks are {', '.join(STAGES)}.")


def notebook_parameters(stage: str) -> dict[str, Parameter]:
    """Read the parameters cell of a notebook: names, types, defaults and their comments.

    Raises
    ------
    SettingsError
        Naming the notebook, when it is none or its parameters cell cannot be read.
    """
    file = project_root() / "notebooks" / f"{stage}.ipynb"
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", ())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no notebook"
        raise SettingsError(f"{file}: cannot be read ({why}); put its copy back.") from None
    if len(tagged) != 1:
        raise SettingsError(f"{file}: {len(tagged)} cells are tagged `parameters`; tag one.")
    try:
        return parse_parameters("".join(tagged[0]["source"]))
    except (SyntaxError, ValueError, KeyError) as error:
        raise SettingsError(
            f"{file}: its parameters cell cannot be read ({type(error).__name__}); each line is "
            "like `seed: int = 0  # of every random choice`, of str, int, float, bool, list, dict."
        ) from None


def parse_parameters(source: str) -> dict[str, Parameter]:
    """Parse typed one-line assignments whose comment is the help text.

    >>> parse_parameters("seed: int = 0  # of every random choice")["seed"]
    Parameter(name='seed', kind=<class 'int'>, default=0, help='of every random choice')
    """
    kinds = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
    lines = source.splitlines()
    return {
        node.target.id: Parameter(
            node.target.id,
            kinds[ast.unparse(node.annotation)],
            ast.literal_eval(node.value),
            lines[node.end_lineno - 1][node.end_col_offset :].lstrip(" #"),
        )
        for node in parse_code(source).body
        if isinstance(node, ast.AnnAssign)
    }


def load_study(name: str, overrides: tuple[str, ...] = ()) -> Study:
    """Read a study and check every key and type against the notebooks' parameters.

    `overrides` are the command line's `05_segments.n_segments=6`; they win over the file.

    Raises
    ------
    SettingsError
        Naming the file, the key and what is allowed.
    """
    file = study_file(name)
    if name not in study_names():
        raise SettingsError(
            f"There is no study {name!r} in {file.parent}; studies are {', '.join(study_names())}."
        )
    settings = read_settings(file)
    blocks = merge_blocks(settings, overrides, file)
    root = project_root()
    return Study(
        name=name,
        title=str(settings.get("title", name)),
        file=file,
        blocks={stage: block | {"study": name} for stage, block in blocks.items()},
        world=settings.get("world") or {},
        lake=root / expand(settings.get("lake", f"data/{name}")),
        engine=expand(settings.get("engine", "duckdb://")),
        everyday_words=tuple(map(str, settings.get("everyday_words") or ())),
        keep_runs=settings.get("keep_runs", 10),
        keep_days=settings.get("keep_days", 365),
    )


def lowered_safeguards(study: Study) -> list[Lowered]:
    """List the settings that protect people and that this study sets below their defaults."""

    def default(stage: str, name: str) -> object:
        known = notebook_parameters(stage)
        return known[name].default if name in known else None

    return lowered(study.blocks, default)


def source_of(study: Study) -> Path | None:
    """Locate the folder of a study's source files; none without one, or in a package."""
    source = study.blocks["02_sourcing"].get("source", "")
    return project_root() / source if source and not source.startswith("package:") else None


def read_settings(file: Path) -> dict:
    """Read a YAML settings file into a dict of known top-level keys."""
    try:
        settings = yaml.load(file.read_text(encoding="utf-8"), Settings) or {}
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{file}: {yaml_problem(error)}.") from None
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise SettingsError(f"{file}: cannot be read ({why}); put it right or remove it.") from None
    allowed = (*RESERVED, *STAGES)
    if not isinstance(settings, dict):
        raise SettingsError(f"{file}: must be a mapping with the keys {', '.join(allowed)}.")
    if former := [f"{key} is now {FORMER[key]}" for key in settings if key in FORMER]:
        raise SettingsError(f"{file}: {', '.join(former)}; rename the key and keep its block.")
    for key, value in settings.items():
        if key not in allowed:
            raise SettingsError(f"{file}: unknown key {key!r}; allowed are {', '.join(allowed)}.")
        if wrong := wrong_value(key, value, blocks=("shared", "world", *STAGES)):
            raise SettingsError(f"{file}: {key} {wrong}.")
    return settings


def merge_blocks(settings: dict, overrides: tuple[str, ...], file: Path) -> dict[str, dict]:
    """Give each notebook its own block, the shared keys it knows, and the overrides."""
    known = {stage: notebook_parameters(stage) for stage in STAGES}
    shared = settings.get("shared") or {}
    everywhere = sorted({name for parameters in known.values() for name in parameters} - {"study"})
    for name in shared:
        if name not in everywhere:
            there_are = ", ".join(everywhere)
            raise SettingsError(
                f"{file}: shared.{name} is no notebook's parameter; there are {there_are}."
            )
    given = {stage: dict(settings.get(stage) or {}) for stage in STAGES}
    for override in overrides:
        stage, name, value = parse_override(override)
        given[stage][name] = value
    blocks = {}
    for stage in STAGES:
        block = {name: shared[name] for name in shared if name in known[stage]} | given[stage]
        blocks[stage] = {
            name: checked(value, f"{file}: {stage}.{name}", name, known[stage])
            for name, value in block.items()
        }
        for name, value in blocks[stage].items():
            if wrong := broken_limit(f"{stage}.{name}", value):
                raise SettingsError(f"{file}: {stage}.{name}: {wrong}; it is {value}.")
    return blocks


def parse_override(text: str) -> tuple[str, str, object]:
    """Split `05_segments.n_segments=6` into stage, name and value.

    >>> parse_override("05.n_segments=6")
    ('05_segments', 'n_segments', 6)
    """
    match = re.fullmatch(r"(\w+)\.(\w+)=(.*)", text, flags=re.DOTALL)
    if not match:
        raise SettingsError(
            "--set: write it as notebook.parameter=value, like 05_segments.n_segments=6."
        )
    try:
        return stage_of(match[1]), match[2], yaml.load(match[3], Settings)
    except (yaml.YAMLError, RecursionError):
        raise SettingsError(
            f"--set {match[1]}.{match[2]}: the value is not readable as YAML; check its quotes."
        ) from None


def checked(value: object, where: str, name: str, known: dict[str, Parameter]) -> object:
    """Return the value in the parameter's type, or say what is wrong with it."""
    if name not in known or name == "study":
        allowed = ", ".join(sorted(set(known) - {"study"}))
        raise SettingsError(f"{where}: unknown parameter; this notebook takes {allowed}.")
    parameter = known[name]
    if parameter.kind is str and hasattr(value, "isoformat"):
        value = value.isoformat()  # YAML reads 2026-07-01 as a date
    try:
        value = TypeAdapter(parameter.kind).validate_python(
            value, strict=parameter.kind is not float
        )
    except ValidationError:
        raise SettingsError(
            f"{where}: must be {parameter.kind.__name__}, like {parameter.default!r} "
            f"({parameter.help}); it is {type(value).__name__}."
        ) from None
    return expanded(value)
