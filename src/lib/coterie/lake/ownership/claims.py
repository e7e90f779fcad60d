"""A lake's folder is one study's own: marked when it is made, never taken from anybody else."""

import json
from pathlib import Path

from coterie.lake.column_map.listing import shown
from coterie.lake.ownership.folders import LOCK, MARKER, owned, private_folder
from coterie.lake.ownership.ledger import LEDGER
from coterie.lake.versions.pointers import CURRENT, SCRATCH, STAGING, read_pointer, write_pointer
from coterie.study import SettingsError


def claimed_folder(folder: Path, study: str, *, source: Path | None = None) -> Path:
    """Make a lake's folder private and mark it as one study's; return it.

    Raises
    ------
    SettingsError
        When the folder holds anything else, other than the study's own `source`, or is another
        study's lake: nothing in it was touched then.
    """
    refuse_foreign(folder, study, source=source)
    refuse_links(folder)
    marker = folder / MARKER
    if not marker.exists():
        private_folder(folder)
        sign_older(folder)
        with open(marker, "w", opener=owned) as opened:
            json.dump({"study": study}, opened)
    return folder


def refuse_foreign(folder: Path, study: str, *, source: Path | None = None) -> None:
    """Raise a readable `SettingsError` when a folder cannot be this study's lake."""
    if "\\" in str(folder) or not str(folder).isprintable():
        raise SettingsError(
            f"lake: {shown(folder)} has a letter in its path that no engine can open; rename that "
            "folder, or name another one."
        )
    marker = folder / MARKER
    if marker.exists():
        owner = marked_for(marker)
        if not owner:
            raise SettingsError(
                f"lake: {marker} was changed or cut short since it was written; remove it, if "
                f"{folder} is the lake of {study}."
            )
        if owner != study:
            raise SettingsError(
                f"lake: {folder} is the lake of the study {owner!r}; name another folder, or, when "
                f"{study} is that study's new name, write it into {marker}."
            )
        return
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"lake: {folder} is a file; name a folder that is new or empty.")
    if folder.exists() and not is_older_lake(folder) and foreign_entries(folder, source):
        raise SettingsError(
            f"lake: {folder} holds files that are not coterie's; nothing in it was touched. "
            "Name a folder that is new or empty."
        )


def refuse_links(folder: Path) -> None:
    """Raise a readable `SettingsError` where a link stands for a file that is written here."""
    pointers = (CURRENT, STAGING, SCRATCH)
    names = (MARKER, LEDGER, LOCK, *pointers, *(f".{name}.lock" for name in pointers))
    if links := [folder / name for name in names if (folder / name).is_symlink()]:
        raise SettingsError(
            f"lake: {links[0]} is a link; nothing was written through it. Remove it, and put the "
            "file itself there if you have it."
        )


def foreign_entries(folder: Path, source: Path | None) -> list[str]:
    """List what lies in a folder beside the way to the study's own source files."""
    own = {source, *source.parents} if source else set()
    return sorted(entry.name for entry in folder.iterdir() if entry not in own)


def marked_for(marker: Path) -> str:
    """Read which study a lake belongs to; empty when the marker is damaged."""
    try:
        return str(json.loads(marker.read_text(encoding="utf-8"))["study"])
    except (ValueError, KeyError, TypeError):
        return ""


def is_older_lake(folder: Path) -> bool:
    """Say whether a folder without a marker is a lake of a version that set none."""
    return any(is_pointer(folder / name) for name in (CURRENT, STAGING, SCRATCH))


def is_pointer(file: Path) -> bool:
    """Say whether a file is a pointer of ours."""
    try:
        return {"tables", "findings", "journal"} <= set(json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return False


def sign_older(folder: Path) -> None:
    """Give the pointers of a version without checksums their checksums."""
    for name in (CURRENT, STAGING, SCRATCH):
        if (folder / name).exists():
            write_pointer(folder / name, read_pointer(folder / name))
