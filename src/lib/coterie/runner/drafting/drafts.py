"""A first settings file for one's own data: which file gives what, which column means what."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import jinja2

from coterie.lake import closed_folders
from coterie.lake.reading.containers import members
from coterie.runner.drafting.looking import Looked, look_at
from coterie.runner.drafting.newest import day_after_newest
from coterie.sourcing.columns import REQUIRED
from coterie.study import SettingsError, project_root, study_file

DRAFT = Path(__file__).with_name("draft.yml.j2").read_text(encoding="utf-8")


class Draft(NamedTuple):
    """A settings file written for a folder of files."""

    file: Path
    as_of: str  # the day after the newest moment in the data; empty when there is none
    looked: list[Looked]
    problems: list[str]  # what must be put right before 02 can read a file


def draft_study(name: str, folder: Path) -> Draft:
    """Write a commented settings file for a folder's files; an existing one is never touched."""
    file = study_file(name)
    root = project_root()
    source = folder.resolve()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SettingsError(f"{name!r} cannot name a study: use lower-case letters, digits and _.")
    if file.exists():
        raise SettingsError(f"{file} exists already and is left as it is; choose another name.")
    if not source.is_dir():
        raise SettingsError(f"{folder}: there is no such folder.")
    place = str(source.relative_to(root) if source.is_relative_to(root) else source)
    looked = [found for path in raw_files(source) for found in look_at(path, source)]
    if all(found.verdict in ("left out", "to be mended") for found in looked):
        why = "; ".join(f"{found.path}: {found.sentence}" for found in looked[:9])
        raise SettingsError(f"{folder}: no file in it that a study can read. {why}".strip())
    entries = [entry for found in looked for entry in found.entries]
    newest = day_after_newest(place, entries)
    text = draft_text(name, place, looked, as_of=newest.as_of)
    file.write_text(text, encoding="utf-8")
    return Draft(file, newest.as_of, looked, newest.problems)


def raw_files(source: Path) -> list[Path]:
    """List what lies in a folder and its folders, but folders and what programs hide there."""
    hidden = re.compile(r"(^|/)(\.|__MACOSX/|Thumbs\.db)")
    lying = [path for path in sorted(source.rglob("*")) if not path.is_dir()]
    found = [inner for path in lying for inner in with_members(path)]
    found += closed_folders(source, "**/*")
    return [path for path in found if not hidden.search(str(path.relative_to(source)))]


def with_members(path: Path) -> list[Path]:
    """Name each file of an archive that holds several; any other file stays one."""
    try:
        inside = members(path) if path.suffix.lower() == ".zip" else []
    except (OSError, SettingsError):  # said where it is looked at
        inside = []
    return [path / name for name in inside] if len(inside) > 1 else [path]


def draft_text(name: str, place: str, looked: list[Looked], *, as_of: str) -> str:
    """Write the settings file."""
    template = jinja2.Template(
        DRAFT, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    brands = sorted({found.brand for found in looked if found.brand})
    entries = [entry for found in looked for entry in found.entries]
    return template.render(
        name=name,
        source=inline(place),
        as_of=as_of,
        brands=inline(brands),
        looked=looked,
        kinds=[kind for kind in REQUIRED if kind != "outcomes"],
        plans=[found.plan for found in looked if found.plan],
        inline=inline,
        plain=lambda text: " ".join(str(text).split()),
        several=any("currency" in entry["columns"] for entry in entries),
    )


def inline(value: object) -> str:
    """Write a value as YAML on one line."""
    return json.dumps(value, ensure_ascii=False)
