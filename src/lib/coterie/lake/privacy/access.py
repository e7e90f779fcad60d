"""Who read what raw identifiers stand in: a log that is only ever added to."""

import json
from datetime import UTC, datetime
from pathlib import Path

from coterie.lake.ownership.folders import owned, private_folder

ACCESS = "access.log"


def log_access(folder: Path, entry: dict) -> None:
    """Append one line on who read what to the lake's access log."""
    private_folder(folder)
    line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds")} | entry) + "\n"
    with open(folder / ACCESS, "ab", buffering=0, opener=owned) as opened:
        opened.write(line.encode())  # one write: lines of two processes never mix
