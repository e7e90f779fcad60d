"""A first settings file for somebody's own data: which file gives what, and which column means what."""

import json
import re
from pathlib import Path

import yaml

from coterie.lake.files import FORMATS, READERS
from coterie.sourcing.columns import OPTIONAL, REQUIRED, SYNONYMS, guess_columns
from coterie.study import SettingsError, project_root, study_file

PLATFORMS = ("instagram", "facebook", "twitter", "linkedin", "tiktok", "youtube", "shop", "crm", "email", "web", "x")
HEAD = """\
# Settings of the study {name}. Guessed from the files: check every line, then `coterie run {name}`.
# Each notebook's parameters and their meaning: `papermill --help-notebook notebooks/05_segments.ipynb`.
title: {name}
shared: {{}}  # what goes to every notebook, like  as_of: 2026-07-01
02_sourcing:
  source: {source}
  brands: []  # accounts that are the brand itself, not people
  files:
"""


def draft_study(name: str, folder: Path) -> Path:
    """Write a commented settings file for the files in a folder; an existing one is never touched.

    Raises
    ------
    SettingsError
        When the study exists already, or the folder holds nothing readable.
    """
    file = study_file(name)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SettingsError(f"{name!r} cannot name a study: use lower-case letters, digits and _.")
    if file.exists():
        raise SettingsError(f"{file} exists already and is left as it is; choose another name.")
    found = [path for path in sorted(folder.rglob("*")) if path.suffix in FORMATS]
    if not found:
        raise SettingsError(f"{folder}: no {', '.join(FORMATS)} file in it.")
    root, source = project_root(), folder.resolve()
    shown = source.relative_to(root) if source.is_relative_to(root) else source
    entries = [entry_text(path, path.relative_to(folder)) for path in found]
    file.write_text(HEAD.format(name=name, source=shown) + "".join(entries), encoding="utf-8")
    return file


def entry_text(path: Path, relative: Path) -> str:
    """Write one file's entry of the column map; what could not be guessed stays a comment."""
    try:
        names, encoding = column_names(path)
    except (ValueError, OSError) as error:
        return f"    # {relative}: left out, not readable ({type(error).__name__})\n"
    gives, columns = guess_kind(relative, names)
    missing = [name for name in REQUIRED[gives] if name not in columns]
    unused = [name for name in names if name not in columns.values()]
    mapping = columns | dict.fromkeys(missing, "FILL_IN")
    lines = [
        f"- path: {json.dumps(str(relative))}",
        f"  gives: {gives}  # or {', '.join(kind for kind in REQUIRED if kind != gives)}",
        f"  platform: {platform_of(relative)}",
        f"  encoding: {encoding}",
        f"  columns: {yaml.safe_dump(mapping, default_flow_style=True, sort_keys=False, width=9999).strip()}",
    ]
    lines += [f'  # no column looks like {", ".join(missing)}: name one, or give a literal like "=shop"'] * bool(
        missing
    )
    lines += [f"  # not used: {', '.join(map(str, unused))}"] * bool(unused)
    return "".join(f"    {line}\n" for line in lines)


def column_names(path: Path) -> tuple[list[str], str]:
    """Read a file's column names, and the encoding it could be read in."""
    for encoding in ("utf-8", "latin-1"):
        try:
            return READERS[path.suffix](path, encoding)[0].column_names, encoding
        except UnicodeDecodeError:
            continue
    raise ValueError(path.name)


def guess_kind(relative: Path, names: list[str]) -> tuple[str, dict[str, str]]:
    """Choose the kind of table whose required columns a file has, its name deciding where several fit.

    >>> guess_kind(Path("x/opt_ins.csv"), ["username", "purpose", "opt_in", "time"])
    ('consents', {'account': 'username', 'at': 'time', 'purpose': 'purpose', 'granted': 'opt_in'})
    """
    words, guess = words_of(relative), guess_columns(names)
    fits = {kind: {c: n for c, n in guess.items() if c in (*REQUIRED[kind], *OPTIONAL[kind])} for kind in REQUIRED}

    def fit(kind: str) -> tuple[int, int]:
        hint = any(word.rstrip("s") in SYNONYMS["gives"].get(kind, ()) for word in words)
        return 3 * hint - 2 * len(set(REQUIRED[kind]) - set(fits[kind])), len(fits[kind])

    best = max(REQUIRED, key=fit)
    return best, fits[best]


def words_of(relative: Path) -> set[str]:
    """Split a file's folders and name into words."""
    return set(re.split(r"[^a-z]+", str(relative).lower()))


def platform_of(relative: Path) -> str:
    """Take the platform from a file's folder or name.

    >>> platform_of(Path("instagram/followers.csv")), platform_of(Path("export.csv"))
    ('instagram', 'other')
    """
    return next((platform for platform in PLATFORMS if platform in words_of(relative)), "other")
