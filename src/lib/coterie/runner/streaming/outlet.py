"""What was decided, for other programs: lines in a file, and a webhook where one is asked for.

The file holds every decision once, whenever the watch was killed: how long it was is written down
after each append, and what is longer is cut off before the next. The webhook gets a decision at
least once and with a key of its own, by which a receiver knows it again.
"""

import json
import os
from datetime import datetime
from pathlib import Path

import duckdb
import httpx

from coterie.lake import write_private_file
from coterie.runner.streaming.state import State
from coterie.study import SettingsError

TIMEOUT = 10.0  # seconds
WRITTEN = "create table if not exists written (number bigint, bytes bigint)"
POSTED = "create table if not exists posted (number bigint primary key)"


class Lines:
    """A file of decisions, one JSON object a line."""

    def __init__(self, file: Path, state: State) -> None:
        self.file, self.con, self.state = file, state.con, state
        self.con.execute(WRITTEN)
        if not self.con.execute("select count(*) from written").fetchone()[0]:
            self.con.execute("insert into written values (0, 0)")
            write_private_file(file, b"")
        os.truncate(file, self.con.execute("select bytes from written").fetchone()[0])

    def write(self) -> int:
        """Append the decisions that are not in the file yet; returns how many."""
        number = self.con.execute("select number from written").fetchone()[0]
        made = self.state.decisions(after=number)
        if made:
            with self.file.open("ab") as opened:
                opened.writelines(as_line(decision) for decision in made)
                opened.flush()
                os.fsync(opened.fileno())
                size = opened.tell()
            self.con.execute("update written set number = ?, bytes = ?", [made[-1]["number"], size])
        return len(made)


class Webhook:
    """Sends decisions to an address, each when it is due and until it is accepted."""

    def __init__(self, url: str, state: State, *, client: httpx.Client | None = None) -> None:
        require_safe(url)
        self.url, self.con = url, state.con
        self.client = client or httpx.Client(timeout=TIMEOUT, follow_redirects=False)
        self.con.execute(POSTED)

    def send(self, now: datetime) -> int:
        """Post what is due and was not accepted yet; returns how many were accepted now.

        It stops at the first that is not: the next round begins there.
        """
        waiting = self.con.execute(
            'select number, trigger, event_id, person_id, "at", send_at, capped from decisions '
            "where not capped and send_at <= ? and number not in (from posted) "
            "and number > (select coalesce(max(number), 0) from begun) order by number",
            [now],
        )
        n_accepted = 0
        for decision in waiting.to_arrow_table().to_pylist():
            if not self.accepted(decision):
                break
            self.con.execute("insert into posted values (?)", [decision["number"]])
            n_accepted += 1
        return n_accepted

    def accepted(self, decision: dict) -> bool:
        """Post one decision."""
        key = f"{decision['trigger']}:{decision['event_id']}"
        headers = {"content-type": "application/json", "idempotency-key": key}
        headers = {name: value.encode() for name, value in headers.items()}
        try:
            answer = self.client.post(self.url, content=as_line(decision), headers=headers)
        except httpx.HTTPError:
            return False
        return answer.is_success


def as_line(decision: dict) -> bytes:
    """Write a decision as a line; times are UTC."""
    written = {
        name: f"{value.isoformat()}Z" if isinstance(value, datetime) else value
        for name, value in decision.items()
        if name != "number"
    }
    return json.dumps(written, ensure_ascii=False).encode() + b"\n"


def require_safe(url: str) -> None:
    """Refuse to send people's pseudonyms in the clear, except to this machine."""
    parsed = httpx.URL(url)
    at_home = parsed.host in ("localhost", "127.0.0.1", "::1")
    if parsed.scheme != "https" and not (parsed.scheme == "http" and at_home):
        raise SettingsError("--webhook: write an address that begins with https://.")


def forget_lines(file: Path, state_file: Path, people: set[str]) -> int:
    """Take people out of the file of decisions, and note its new length; returns the lines gone."""
    lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
    kept = [line for line in lines if json.loads(line)["person_id"] not in people]
    if len(kept) < len(lines):
        write_private_file(file, b"".join(kept))
        con = duckdb.connect(state_file)
        con.execute("update written set bytes = ?", [file.stat().st_size])
        con.close()
    return len(lines) - len(kept)
