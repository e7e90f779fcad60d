"""The key of the pseudonyms: made once, kept private, never replaced unnoticed."""

import hashlib
import json
import os
import secrets
from pathlib import Path

from coterie.lake.ownership.folders import private_folder
from coterie.study import SettingsError

KEY, CHECK, RENAMED = "key", "key.check", "renamed.json"


def secret_key(file: Path) -> bytes:
    """Return the key of the pseudonyms: COTERIE_KEY, or one made once and kept in `file`.

    Its fingerprint lies beside it: with another key every person gets another name, and whoever
    opted out under the old one would be a stranger.

    Raises
    ------
    SettingsError
        When the key is gone or is another one than before.
    """
    if given := os.environ.get("COTERIE_KEY"):
        return given.encode()
    private_folder(file.parent)
    check = file.with_name(CHECK)
    if not file.exists() and not check.exists():
        write_private(file, secrets.token_hex(32))
    key = file.read_bytes() if file.exists() else b""
    if not check.exists():
        write_private(check, fingerprint(key))
    if not key or check.read_text() != fingerprint(key):
        raise SettingsError(
            f"{file}: the key of the pseudonyms is gone, or another one than before. Put it back "
            f"from a backup; without one, remove {check.name} and the key: everybody gets a new "
            "name, and nobody is known from earlier runs."
        )
    return key


def write_private(file: Path, text: str) -> None:
    """Write a file that was not there, readable by its owner only."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)


def fingerprint(key: bytes) -> str:
    """Fingerprint a key; it tells nothing about the key.

    >>> fingerprint(b"key")
    '7b43ed3c4dd86d7b'
    """
    return hashlib.sha256(b"the key of the pseudonyms" + key).hexdigest()[:16]


def read_renamed(file: Path) -> dict[str, str]:
    """Read what pseudonyms of earlier keys are called since; empty while the key is the first."""
    return json.loads(file.read_text()) if file.exists() else {}
