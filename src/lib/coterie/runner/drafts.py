"""A first settings file for one's own data: which file gives what, which column means what."""

import json
import re
from pathlib import Path

import jinja2

from coterie.lake.files import safe_names
from coterie.lake.reading import ENDINGS, peek
from coterie.sourcing.columns import OPTIONAL, REQUIRED, SYNONYMS, guess_columns
from coterie.study import SettingsError, project_root, study_file

PLATFORMS = (
    *("instagram", "facebook", "twitter", "linkedin", "tiktok", "youtube"),
    *("shop", "crm", "email", "web", "x"),
)
DRAFT = Path(__file__).with_name("draft.yml.j2").read_text(encoding="utf-8")


def draft_study(name: str, folder: Path) -> Path:
    """Write a commented settings file for a folder's files; an existing one is never touched."""
    file = study_file(name)
    root = project_root()
    source = folder.resolve()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SettingsError(f"{name!r} cannot name a study: use lower-case letters, digits and _.")
    if file.exists():
        raise SettingsError(f"{file} exists already and is left as it is; choose another name.")
    found = [path for path in sorted(source.rglob("*")) if path.suffix.lower() in ENDINGS]
    if not found:
        raise SettingsError(f"{folder}: no {', '.join(ENDINGS)} file in it.")
    place = source.relative_to(root) if source.is_relative_to(root) else source
    entries = {json.dumps(str(path.relative_to(source))): map_entry(path, source) for path in found}
    template = jinja2.Template(DRAFT, trim_blocks=True, keep_trailing_newline=True)
    draft = template.render(
        name=name, source=json.dumps(str(place)), entries=entries, kinds=REQUIRED
    )
    file.write_text(draft, encoding="utf-8")
    return file


def map_entry(path: Path, source: Path) -> dict:
    """Guess one file's entry of the column map."""
    try:
        names, _, read_as, _ = peek(path)
    except (SettingsError, OSError) as error:
        return {"error": str(error)}
    words = set(re.split(r"[^a-z]+", str(path.relative_to(source)).lower()))
    gives, columns = guess_kind(words, names)
    platform = next((platform for platform in PLATFORMS if platform in words), "other")
    unused = safe_names([name for name in names if name not in columns.values()])
    columns = json.dumps(dict.fromkeys(REQUIRED[gives], "FILL_IN") | columns, ensure_ascii=False)
    return {
        "gives": gives,
        "platform": platform,
        "read_as": read_as,
        "columns": columns,
        "unused": unused,
    }


def guess_kind(words: set[str], names: list[str]) -> tuple[str, dict[str, str]]:
    """Choose the kind that a file's name tells; of several, or without one, what its columns fit.

    >>> guess_kind({"opt", "ins", "csv"}, ["username", "purpose", "opt_in", "time"])
    ('consents', {'account': 'username', 'at': 'time', 'purpose': 'purpose', 'granted': 'opt_in'})
    """
    guess = guess_columns(names)
    fits = {
        kind: {c: n for c, n in guess.items() if c in (*REQUIRED[kind], *OPTIONAL[kind])}
        for kind in REQUIRED
    }

    def fit(kind: str) -> tuple[bool, int, int]:
        hint = any(word.rstrip("s") in SYNONYMS["gives"].get(kind, ()) for word in words)
        return hint, -len(set(REQUIRED[kind]) - set(fits[kind])), len(fits[kind])

    best = max(REQUIRED, key=fit)
    return best, fits[best]
