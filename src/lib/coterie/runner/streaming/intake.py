"""New rows of files: events as JSON lines, appended to files or in files that come."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from coterie.runner.streaming.state import ARRIVING, utc_now

ENDINGS = (".ndjson", ".jsonl")
AHEAD = timedelta(days=1)  # how far clocks of others may be ahead of ours
MOST = 8 * 2**20  # bytes that are read at a time


class Arrived(NamedTuple):
    """Rows that were not read before."""

    rows: pa.Table
    offsets: dict[str, int]  # file name -> bytes read so far
    n_unreadable: int  # lines that are no event, left out
    problems: tuple[str, ...] = ()  # files that could not be read, in words


def read_new(folder: Path, offsets: dict[str, int], *, most: int = MOST) -> Arrived:
    """Read what was added to the files of a folder since the offsets, in order of their names.

    A line is an event as 02 writes it: `{"event_id", "person_id", "at", "verb", "platform"}`, time
    in ISO 8601, UTC where it states no zone. The last line of a file waits for its end. What is of
    after tomorrow is no event: one clock that is years ahead would make all others late for good.
    """
    latest = utc_now() + AHEAD
    rows, moved, n_unreadable, left = [], {}, 0, most
    for file in sorted(path for path in folder.glob("*") if path.suffix in ENDINGS):
        if left <= 0:
            break
        start = offsets.get(file.name, 0)
        content = read_lines(file, start, left)
        left -= len(content)
        if content:
            moved[file.name] = start + len(content)
            events = [as_event(line, latest) for line in content.splitlines() if line.strip()]
            rows += [event for event in events if event is not None]
            n_unreadable += events.count(None)
    return Arrived(pa.Table.from_pylist(rows, schema=ARRIVING), moved, n_unreadable)


def read_lines(file: Path, start: int, most: int) -> bytes:
    """Read whole lines from an offset on."""
    with file.open("rb") as opened:
        opened.seek(start)
        content = opened.read(most)
    return content[: content.rfind(b"\n") + 1]


def as_event(line: bytes, latest: datetime) -> dict | None:
    """Read a line as an event; None where it is none, or of later than the latest moment.

    >>> line = b'{"event_id": "e", "person_id": "p", "at": "2026-07-01T12:00:00+02:00", '
    >>> line += b'"verb": "add", "platform": "shop"}'
    >>> as_event(line, datetime(2026, 7, 2))["at"]
    datetime.datetime(2026, 7, 1, 10, 0)
    >>> as_event(line, datetime(2026, 6, 1)), as_event(b'{"event_id": "e"}', datetime(2026, 7, 2))
    (None, None)
    """
    try:
        row = json.loads(line)
        at = datetime.fromisoformat(row["at"])
        texts = {name: row[name] for name in ARRIVING.names if name != "at"}
        at = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    if at > latest or not all(isinstance(text, str) and text for text in texts.values()):
        return None
    return texts | {"at": at}
