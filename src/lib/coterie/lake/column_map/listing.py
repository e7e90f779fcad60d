"""Which files of a folder a path of the column map stands for; what cannot be read is said."""

import os
import re
import stat
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from coterie.lake.reading.containers import members
from coterie.study import SettingsError

KINDS = {stat.S_ISFIFO: "pipe", stat.S_ISSOCK: "socket", stat.S_ISCHR: "device"}
INTO = re.compile(r"(?P<archive>.+?\.zip)/(?P<name>.+)", re.IGNORECASE)  # a path into an archive
AT_MOST = 10_000  # files of one path: each is read by itself, at some 60 ms of the processor
LIKE_TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".parquet")


def matching_files(folder: Path, pattern: str, *, key: str) -> list[Path]:
    """List the files that a path of the column map matches; it may be a glob, or go into a zip.

    Nothing that it matches is passed over in silence: neither what no reader can read, nor a folder
    that is called like a table, nor a folder that may not be looked into.

    Raises
    ------
    SettingsError
        Naming `key`, the setting that the path stands in, and what to do.
    """
    if inside := INTO.fullmatch(pattern):
        archives = matching_files(folder, inside["archive"], key=key)
        pairs = ((archive, name) for archive in archives for name in members(archive))
        return [archive / name for archive, name in pairs if fnmatchcase(name, inside["name"])]
    try:
        found = sorted(folder.glob(pattern))
    except (ValueError, NotImplementedError, IndexError) as error:
        raise SettingsError(f"{key}: {pattern!r} is no path and no glob: {error}.") from None
    if len(found) > AT_MOST:
        raise SettingsError(
            f"{key}: {pattern} matches {len(found):,} files, more than the {AT_MOST:,} that are "
            "read one by one. Join them into fewer, larger ones; no file was read."
        )
    faults = {place: fault for place in found if (fault := why_unreadable(place))}
    faults |= dict.fromkeys(closed_folders(folder, pattern), "may not be looked into")
    for place, fault in faults.items():
        raise SettingsError(
            f"{key}: {shown(place)} {fault}. Put that right, or take it out of the folder; "
            "no file was read."
        )
    return [place for place in found if place.is_file()]


def why_unreadable(place: Path) -> str:
    """Say why something that a path matches is no file for a reader; empty when all is well."""
    if shown(place) != str(place):
        return "has a name that cannot be shown: rename it"
    try:
        mode = place.stat().st_mode
        if stat.S_ISREG(mode):
            place.open("rb").close()
    except OSError as error:
        return f"cannot be opened ({(error.strerror or str(error)).lower()})"
    if stat.S_ISDIR(mode):
        like = place.suffix.lower() in LIKE_TABLES
        return f"is a folder: write its files' path, like {place.name}/*" if like else ""
    return next((f"is a {kind} and no file" for known, kind in KINDS.items() if known(mode)), "")


def shown(place: Path) -> str:
    r"""Write a path on one line whatever bytes its name is made of: some systems allow any.

    >>> shown(Path("inbox/é.csv")), shown(Path("a\nb.csv")), shown(Path("a\udce9.csv"))
    ('inbox/é.csv', 'a\\nb.csv', 'a\\xe9.csv')
    """
    escapes = {code: repr(chr(code))[1:-1] for code in (*range(32), 127)}
    return os.fsencode(str(place).translate(escapes)).decode("utf-8", "backslashreplace")


def closed_folders(folder: Path, pattern: str) -> list[Path]:
    """List the folders in which a pattern would look and may not: `glob` passes them over."""
    errors: list[OSError] = []
    if len(PurePath(pattern).parts) > 1:
        for _ in os.walk(folder, onerror=errors.append):
            pass
    closed = [Path(e.filename) for e in errors if not isinstance(e, FileNotFoundError)]
    return [place for place in closed if leads_into(pattern, place.relative_to(folder))]


def leads_into(pattern: str, inside: PurePath) -> bool:
    """Say whether a pattern would look into a folder.

    >>> leads_into("a/*.csv", PurePath("a")), leads_into("a/*.csv", PurePath("b"))
    (True, False)
    >>> leads_into("**/*.csv", PurePath("b/c")), leads_into("*.csv", PurePath("b"))
    (True, False)
    """
    parts = PurePath(pattern).parts
    for wanted, name in zip(parts[:-1], inside.parts, strict=False):
        if wanted == "**":
            return True
        if not fnmatchcase(name, wanted):
            return False
    return len(inside.parts) < len(parts)
