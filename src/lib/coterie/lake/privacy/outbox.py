"""Files with personal data, written where only their owner can read them."""

import hashlib
from pathlib import Path

import pandas as pd

from coterie.lake.ownership.folders import owned, private_folder
from coterie.lake.spreadsheets.cells import as_written, plain_cells


def write_private_file(path: Path, content: bytes) -> Path:
    """Write one file that only its owner can read, in a folder that only its owner can enter."""
    private_folder(path.parent)
    with open(path, "wb", opener=owned) as opened:
        opened.write(content)
    return path


def write_audience_file(path: Path, rows: pd.DataFrame) -> str:
    """Write one audience as CSV; return the fingerprint of its content."""
    content = plain_cells(rows).to_csv(index=False).encode()
    write_private_file(path, content)
    return hashlib.sha256(content).hexdigest()


def read_audience_file(path: Path) -> pd.DataFrame:
    """Read an audience file back as text, as it was before its cells were made plain."""
    read = pd.read_csv(path, dtype=str, keep_default_na=False)
    return read.map(as_written).rename(columns=as_written)
