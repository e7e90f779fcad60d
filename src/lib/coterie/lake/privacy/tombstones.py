"""What was deleted, when and by which rule: an append-only ledger that proves it and names nobody.

`tombstones.jsonl` lies in the lake, readable by its owner only. Each line carries the fingerprint
of the one before, so that none can be changed or taken out unseen. Who was deleted stands there as
a keyed hash: with the ledger's own key it can be checked that somebody is in it, and that they do
not come back from an old export; without the key it leads nowhere. The key of the pseudonyms may be
rotated, this one stays.
"""

import hashlib
import hmac
import json
import os
import secrets
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from coterie.lake.ownership.folders import owned, private_folder
from coterie.lake.privacy.keys import write_private
from coterie.lake.tables import Lake
from coterie.lake.versions.journal import file_state
from coterie.study import DataError

TOMBSTONES, LEDGER_KEY = "tombstones.jsonl", "ledger.key"
FIRST = "0" * 64


class Gone(NamedTuple):
    """What the ledger forbids to read again."""

    clock: date | None  # rules of retention were applied up to this day; None if never
    erased: frozenset[str]  # keyed hashes of identifiers of people who asked to be erased
    expired: frozenset[str]  # of accounts deleted because their time was over
    key: bytes  # of the hashes


def ledger_key(lake: Path) -> bytes:
    """Return the key of the ledger's hashes, made once and kept beside the vault.

    Raises
    ------
    DataError
        When it is gone although the ledger has entries: whoever was erased would be a stranger.
    """
    file = lake / "tables" / "vault" / LEDGER_KEY
    if not file.exists():
        if (lake / TOMBSTONES).exists():
            raise DataError(f"{file}: the key of {TOMBSTONES} is gone; put it back from a backup.")
        private_folder(file.parent)
        write_private(file, secrets.token_hex(32))
    return file.read_bytes()


def mark_of(key: bytes, *identifier: str) -> str:
    """Fingerprint an identifier, in any case and spacing; a phone by its last nine digits.

    `identifier` is its kind, or the platform of an account, and its text.

    >>> mark_of(b"key", "email", " Ana@B.org") == mark_of(b"key", "email", "ana@b.org ")
    True
    >>> mark_of(b"key", "phone", "+1 415 555 0100") == mark_of(b"key", "phone", "(415) 5550100")
    True
    """
    kind, text = identifier
    if kind == "phone":
        text = "".join(filter(str.isdigit, text))[-9:]
    text = f"gone\0{kind.strip().lower()}\0{text.strip().lower()}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def bury(lake: Path, entries: list[dict]) -> None:
    """Append entries to a lake's ledger, each signed with the one before."""
    file = lake / TOMBSTONES
    last = read_tombstones(lake)
    before = last[-1]["signature"] if last else FIRST
    with open(file, "a", opener=owned) as ledger:
        for entry in entries:
            dated = {"written": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"} | entry
            before = signature(dated, before)
            ledger.write(json.dumps(dated | {"signature": before}, sort_keys=True) + "\n")
        ledger.flush()
        os.fsync(ledger.fileno())


def signature(entry: dict, before: str) -> str:
    """Fingerprint an entry together with the one before it."""
    return hashlib.sha256((before + json.dumps(entry, sort_keys=True)).encode()).hexdigest()


def read_tombstones(lake: Path) -> list[dict]:
    """Read a lake's ledger, oldest entry first.

    Raises
    ------
    DataError
        Naming the line, when one was changed, taken out or cut short.
    """
    file = lake / TOMBSTONES
    entries, before = [], FIRST
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            signed = entry.pop("signature")
        except (ValueError, KeyError):
            signed, entry = "", {}
        if signed != signature(entry, before):
            raise DataError(
                f"{file}, line {number}: changed, taken out or cut short since it was written; "
                "put a copy back before anything is read, or people who were erased may return."
            )
        entries.append(entry | {"signature": signed})
        before = signed
    return entries


def gone_from(lake: Lake) -> Gone:
    """Read what a study must not read again; the ledger is journaled as a file it rests on."""
    lake.note("files", str(lake.folder / TOMBSTONES), file_state(lake.folder / TOMBSTONES))
    entries = read_tombstones(lake.folder)
    days = [date.fromisoformat(entry["clock"]) for entry in entries if entry.get("clock")]
    marks = {"erased": set(), "expired": set()}
    for entry in entries:
        for kind in marks:
            marks[kind] |= set(entry.get(kind, ()))
    key = ledger_key(lake.folder) if entries else b""
    return Gone(max(days, default=None), *map(frozenset, marks.values()), key)
