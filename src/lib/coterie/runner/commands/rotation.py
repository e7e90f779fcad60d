"""A new key for a study's pseudonyms: `coterie rotate STUDY`."""

import json
import os
import secrets
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from coterie.lake import (
    CHECK,
    CURRENT,
    KEY,
    RENAMED,
    STAGING,
    fingerprint,
    log_access,
    pseudonym,
    read_pointer,
    read_renamed,
    write_private_file,
)
from coterie.runner.preparation.lock import locked
from coterie.study import SettingsError, Study


class Rotated(NamedTuple):
    """What rotating changed."""

    n_people: int
    n_accounts: int
    file: Path  # former pseudonym -> the one of today


def rotate_key(study: Study) -> Rotated:
    """Replace the key of a study's pseudonyms, and keep what the former ones are called now.

    The tables keep the former pseudonyms until 02 and all after it have run with the new key,
    which the next run does of itself. The list lies in the vault: it joins the history of links,
    and whoever holds it can follow a person over the change.

    Raises
    ------
    SettingsError
        When the key stands in COTERIE_KEY, the study has no vault, or a run is under way.
    """
    if os.environ.get("COTERIE_KEY"):
        raise SettingsError("The key stands in COTERIE_KEY: change it there, then run the study.")
    with locked(study, "rotating the key"):
        if (study.lake / STAGING).exists():
            raise SettingsError(
                f"{study.name}: a run stopped half-way; `coterie run {study.name}` ends it first."
            )
        folder = study.lake / "tables" / "vault"
        labels = account_labels(study)
        former, key = (folder / KEY).read_bytes(), secrets.token_hex(32).encode()
        names = renamings(labels, former, key)
        earlier = read_renamed(folder / RENAMED)
        names |= {old: names.get(new, new) for old, new in earlier.items()}
        file = write_private_file(folder / RENAMED, json.dumps(names, sort_keys=True).encode())
        write_private_file(folder / KEY, key)
        write_private_file(folder / CHECK, fingerprint(key).encode())
    return Rotated(labels["person_id"].nunique(), labels["label"].nunique(), file)


def account_labels(study: Study) -> pd.DataFrame:
    """Read which accounts the vault knows, and whose they are."""
    relative = read_pointer(study.lake / CURRENT)["tables"].get("vault")
    if not relative or not (study.lake / "tables" / "vault" / KEY).exists():
        raise SettingsError(
            f"{study.name}: there is no vault yet; `coterie run {study.name}` first."
        )
    vault = pd.read_parquet(study.lake / relative)
    reader = {"run": "by hand", "stage": "rotate", "table": "vault", "rows": len(vault)}
    log_access(study.lake, reader)
    handles = vault[vault["kind"] == "handle"]
    return handles.assign(label=handles["platform"] + ":" + handles["identifier"])


def renamings(labels: pd.DataFrame, former: bytes, key: bytes) -> dict[str, str]:
    """Say what every pseudonym that an account can have given is called under the new key.

    A person is named after one of the own accounts, so each account stands for a person that was,
    is or may be again.
    """
    texts = [text for label in labels["label"].unique() for text in (label, f"account {label}")]
    return {pseudonym(former, text): pseudonym(key, text) for text in texts}
