"""Files with personal data, written where only their owner can read them."""

import hashlib
import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from coterie.lake.pointers import private_folder

ACCESS, KEY, RENAMED = "access.log", "key", "renamed.json"


def write_private_file(path: Path, content: bytes) -> Path:
    """Write one file that only its owner can read, in a folder that only its owner can enter."""
    private_folder(path.parent)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)
    return path


def write_audience_file(path: Path, rows: pd.DataFrame) -> str:
    """Write one audience as CSV; return the fingerprint of its content."""
    content = rows.to_csv(index=False).encode()
    write_private_file(path, content)
    return hashlib.sha256(content).hexdigest()


def read_audience_files(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the audience files of one run as text, by name."""
    return {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(folder.glob("*.csv"))
    }


def secret_key(file: Path) -> bytes:
    """Return the key of the pseudonyms: COTERIE_KEY, or one made once and kept in `file`."""
    if given := os.environ.get("COTERIE_KEY"):
        return given.encode()
    private_folder(file.parent)
    if not file.exists():
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(secrets.token_hex(32))
    return file.read_bytes()


def log_access(folder: Path, entry: dict) -> None:
    """Append one line on who read what to the lake's access log, which is only ever added to."""
    private_folder(folder)
    line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds")} | entry) + "\n"
    opened = os.open(folder / ACCESS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(opened, line.encode())  # one write: lines of two processes never mix
    finally:
        os.close(opened)


def read_renamed(file: Path) -> dict[str, str]:
    """Read what pseudonyms of earlier keys are called since; empty while the key is the first."""
    return json.loads(file.read_text()) if file.exists() else {}
