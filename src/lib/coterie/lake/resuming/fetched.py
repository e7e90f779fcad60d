"""What was fetched, as files: one a feed, flat and private, and one that says how far each came.

The files are what notebook 02 reads, so the state beside them speaks of exactly their records.
"""

import filecmp
import json
import os
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from coterie.lake.resuming.checkpoints import Checkpoint

STATE = "feeds.json"
COLUMNS = ("api", "resource", "records", "dead_letters", "last_success", "stale_since", "complete")


class Export(NamedTuple):
    """One feed as a study names it, to be written as a file."""

    api: str
    feed: str  # api_resource; the file is called so
    columns: tuple[str, ...]  # paths that every line has, null where a record lacks them
    markup: tuple[str, ...] = ()  # paths that hold HTML, written as the words a reader sees


def export(checkpoint: Checkpoint, feeds: Iterable[Export]) -> list[Path]:
    """Write each feed's records, and the state of all; what would not change is left alone."""
    files, states = [], []
    for one in feeds:
        file = checkpoint.folder / f"{one.feed}.jsonl"
        replace_lines(file, flat_lines(checkpoint.bodies(one.feed), one))
        files.append(file)
        states.append(state_of(checkpoint, one))
    replace_lines(checkpoint.folder / STATE, [json.dumps(states, indent=1)])
    return files


def state_of(checkpoint: Checkpoint, one: Export) -> dict:
    """Describe how far a feed came, without a value of a record."""
    state = checkpoint.state(one.feed)
    return {
        "api": one.api,
        "resource": one.feed.removeprefix(f"{one.api}_"),
        "records": checkpoint.count("records", one.feed),
        "dead_letters": checkpoint.count("dead_letters", one.feed),
        "last_success": state.last_success,
        "stale_since": state.stale_since,
        "complete": state.finished,
        "reason": state.reason,
    }


def flat_lines(bodies: Iterable[str], one: Export) -> Iterator[str]:
    """Write records as lines of flat JSON, nested names joined by dots."""
    absent = dict.fromkeys(one.columns)
    for body in bodies:
        record = absent | flat(json.loads(body))
        texts = {path: record[path] for path in one.markup if isinstance(record.get(path), str)}
        record |= {path: words_of(text) for path, text in texts.items()}
        yield json.dumps(record, ensure_ascii=False, sort_keys=True)


class Words(HTMLParser):
    """Collects what a reader of a page sees, a line a paragraph."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        """Keep words."""
        self.pieces.append(data)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Begin a line at a break."""
        self.pieces += ["\n"] if tag == "br" else []

    def handle_endtag(self, tag: str) -> None:
        """End a line at the end of a paragraph."""
        self.pieces += ["\n"] if tag == "p" else []


def words_of(markup: str) -> str:
    """Read HTML as the words a reader sees.

    >>> words_of('<p>5 &gt; 3, <a href="/x">#brightside</a><br>yes</p><p>bye</p>')
    '5 > 3, #brightside\\nyes\\nbye'
    """
    reader = Words()
    reader.feed(markup)
    reader.close()
    return "".join(reader.pieces).strip()


def flat(record: dict, prefix: str = "") -> dict:
    """Flatten nested objects; lists stay lists.

    >>> flat({"id": 1, "account": {"acct": "ana", "tags": ["a"]}})
    {'id': 1, 'account.acct': 'ana', 'account.tags': ['a']}
    """
    found = {}
    for name, value in record.items():
        if isinstance(value, dict) and value:
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def replace_lines(file: Path, lines: Iterable[str]) -> None:
    """Replace a file in one step, readable by its owner only; the same content keeps its time."""
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    with open(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as opened:
        opened.writelines(f"{line}\n" for line in lines)
    if file.exists() and filecmp.cmp(draft, file, shallow=False):
        draft.unlink()
    else:
        draft.replace(file)


def read_feeds(file: Path, apis: list) -> pd.DataFrame:
    """List how far each resource came that a study wants, and those that were never fetched."""
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    by_name = {(row["api"], row["resource"]): row for row in known}
    wanted = [
        (entry["api"], str(one.get("called", one.get("resource"))))
        for entry in apis
        for one in entry["resources"]
    ]
    never = {"records": 0, "dead_letters": 0, "last_success": None, "stale_since": None}
    never |= {"complete": False, "reason": "never fetched"}
    rows = [{"api": a, "resource": r} | never | by_name.get((a, r), {}) for a, r in wanted]
    frame = pd.DataFrame(rows, columns=[*COLUMNS, "reason"])
    for column in ("last_success", "stale_since"):
        frame[column] = pd.to_datetime(frame[column].astype(float), unit="s").dt.round("s")
    return frame.astype({"records": int, "dead_letters": int, "complete": bool})
