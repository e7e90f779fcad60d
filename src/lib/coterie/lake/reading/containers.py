"""Files in a file: what gz and zip hold is read as if it lay there unpacked."""

import gzip
import zipfile
from pathlib import Path, PurePath
from typing import BinaryIO

from coterie.study import SettingsError

CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db")  # what file managers put into archives


def inner_name(path: Path) -> str:
    """Name the file that a path leads to, its own name where nothing is packed.

    >>> inner_name(Path("inbox/orders.csv.gz")), inner_name(Path("orders.CSV"))
    ('orders.csv', 'orders.CSV')
    """
    if path.suffix.lower() == ".gz":
        return path.stem
    return PurePath(only_member(path)).name if path.suffix.lower() == ".zip" else path.name


def open_binary(path: Path) -> BinaryIO:
    """Open a file for reading bytes, unpacked on the way."""
    if path.suffix.lower() == ".gz":
        return gzip.open(path)
    if path.suffix.lower() == ".zip":
        return zipfile.ZipFile(path).open(only_member(path))
    return path.open("rb")


def only_member(path: Path) -> str:
    """Name the one file of an archive.

    Raises
    ------
    SettingsError
        When it holds none, or several, or is no archive.
    """
    try:
        names = zipfile.ZipFile(path).namelist()
    except zipfile.BadZipFile:
        raise SettingsError(f"{path}: is no zip archive; export it again.") from None
    files = [n for n in names if not n.endswith("/") and not any(c in n for c in CLUTTER)]
    if len(files) != 1:
        raise SettingsError(
            f"{path}: holds {len(files)} files; unpack it and name each in 02_sourcing.files."
        )
    return files[0]
