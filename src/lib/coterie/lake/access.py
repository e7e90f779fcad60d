"""Who read what raw identifiers stand in: a log that is only ever added to."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from coterie.lake.folders import private_folder

ACCESS = "access.log"


def log_access(folder: Path, entry: dict) -> None:
    """Append one line on who read what to the lake's access log."""
    private_folder(folder)
    line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds")} | entry) + "\n"
    opened = os.open(folder / ACCESS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(opened, line.encode())  # one write: lines of two processes never mix
    finally:
        os.close(opened)
