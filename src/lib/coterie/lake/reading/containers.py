"""Files in a file: what gz and zip hold is read as if it lay there unpacked.

A file of an archive with several is named by a path that goes on into it: `export.zip/orders.csv`.
"""

import gzip
import io
import zipfile
from pathlib import Path, PurePath
from typing import BinaryIO

from coterie.study import SettingsError

LARGE = 1 << 30  # bytes; what is less does no harm
PACKED_TIMES = 200  # tables are packed ten to fifty times
SHOWN = 9  # names that a message lists
CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db")  # what file managers put into archives


def archive_of(path: Path) -> Path | None:
    """Find the archive that a path leads into; nothing where it leads into none."""
    zips = (place for place in path.parents if place.suffix.lower() == ".zip")
    return next((place for place in zips if place.is_file()), None)


def on_disk(path: Path) -> Path:
    """Give the file that a path needs on the disk: the archive, where it leads into one."""
    return archive_of(path) or path


def inner_name(path: Path) -> str:
    """Name the file that a path leads to, its own name where nothing is packed.

    >>> inner_name(Path("inbox/orders.csv.gz")), inner_name(Path("orders.CSV"))
    ('orders.csv', 'orders.CSV')
    """
    if archive_of(path):
        return path.name
    if path.suffix.lower() == ".gz":
        return path.stem
    return PurePath(only_member(path)).name if path.suffix.lower() == ".zip" else path.name


def open_binary(path: Path) -> BinaryIO:
    """Open a file for reading bytes, unpacked on the way.

    Raises
    ------
    SettingsError
        When it holds hundreds of times its own size, and more than a gigabyte.
    """
    ending = path.suffix.lower()
    if archive := archive_of(path):
        return open_member(archive, path.relative_to(archive).as_posix())
    if ending == ".gz":
        return io.BufferedReader(Unpacked(path))
    if ending in (".zip", ".xlsx", ".xlsm") and zipfile.is_zipfile(path):
        members = zipfile.ZipFile(path).infolist()
        refuse_bomb(path, sum(member.file_size for member in members))
    return open_member(path, only_member(path)) if ending == ".zip" else path.open("rb")


def open_member(archive: Path, name: str) -> BinaryIO:
    """Open one file of an archive.

    Raises
    ------
    SettingsError
        When it is locked with a password, or unpacks to what would fill the memory.
    """
    packed = zipfile.ZipFile(archive)
    refuse_bomb(archive, packed.getinfo(name).file_size)
    try:
        return packed.open(name)
    except RuntimeError:
        raise SettingsError(
            f"{archive}: {name} is locked with a password; unpack it yourself."
        ) from None


class Unpacked(io.RawIOBase):
    """What a gz file holds, as long as it is not far more than such a file should hold."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, 0
        self.opened = gzip.open(path)  # noqa: SIM115 - closed with this

    def readable(self) -> bool:
        """Say that it is for reading."""
        return True

    def readinto(self, buffer: memoryview) -> int:
        """Unpack some more."""
        content = self.opened.read(len(buffer))
        buffer[: len(content)] = content
        self.size += len(content)
        refuse_bomb(self.path, self.size)
        return len(content)

    def close(self) -> None:
        """Close the packed file too."""
        self.opened.close()
        super().close()


def refuse_bomb(path: Path, size: int) -> None:
    """Raise a readable `SettingsError` when a packed file unpacks to what would fill the memory."""
    if size > LARGE and size > PACKED_TIMES * path.stat().st_size:
        raise SettingsError(
            f"{path}: unpacks to more than {PACKED_TIMES} times its size; that is no export. "
            "Nothing of it was read; take it out of the folder, or unpack it yourself."
        )


def only_member(path: Path) -> str:
    """Name the one file of an archive.

    Raises
    ------
    SettingsError
        When it holds none, or several, or is no archive.
    """
    files = members(path)
    if len(files) != 1:
        raise SettingsError(
            f"{path}: holds {len(files)} files ({', '.join(files[:SHOWN])}"
            f"{', …' * (len(files) > SHOWN)}); name each in 02_sourcing.files by its own path, "
            f"like path: {path.name}/{(files or ['orders.csv'])[0]}."
        )
    return files[0]


def members(archive: Path) -> list[str]:
    """List the files of an archive, without what file managers put there.

    Raises
    ------
    SettingsError
        When it is no archive, or a name in it leads out of it.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            names = packed.namelist()
    except zipfile.BadZipFile:
        raise SettingsError(f"{archive}: is no zip archive; export it again.") from None
    if any(PurePath(name).is_absolute() or ".." in PurePath(name).parts for name in names):
        raise SettingsError(f"{archive}: a name in it leads out of it; nothing of it was read.")
    return [n for n in names if not n.endswith("/") and not any(c in n for c in CLUTTER)]
