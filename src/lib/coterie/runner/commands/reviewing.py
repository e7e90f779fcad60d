"""`coterie review`: the pairs of accounts that wait for a person's word, and who they are."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from coterie import contracts
from coterie.lake import PAIRS, Lake, pseudonym, write_pairs


class Waiting(NamedTuple):
    """What there is to say about pairs of accounts, for the terminal and nowhere else."""

    file: Path  # where to fill in same_person
    n_waiting: int
    lines: list[str]  # a pair each: its pseudonyms, its probability, and what both state


def waiting_pairs(lake: Lake) -> Waiting:
    """Write waiting pairs onto the sheet, and say who they are from the vault, which logs it."""
    queue = lake.read(contracts.ReviewPairs).to_pandas()
    queue = queue[queue["answer"].isna()].sort_values("match_probability", ascending=False)
    file = lake.claimed() / PAIRS
    n_waiting = write_pairs(file, queue)
    stated = statements(lake.read(contracts.Vault).to_pandas(), lake.secret_key())
    lines = [
        f"{row.account_a} and {row.account_b}, {row.match_probability:.2f}, {row.reason}:"
        + "".join(f"\n  {stated.get(name, name)}" for name in (row.account_a, row.account_b))
        for row in queue.itertuples()
    ]
    return Waiting(file, n_waiting, lines)


def statements(vault: pd.DataFrame, key: bytes) -> dict[str, str]:
    """Say of each account, under its pseudonym, its handle and what its person states."""
    others = vault[vault["kind"] != "handle"]
    about = others.groupby("person_id")["identifier"].agg(lambda texts: ", ".join({*texts}))
    handles = vault[vault["kind"] == "handle"]
    labels = handles["platform"] + ":" + handles["identifier"]
    said = handles["person_id"].map(about).fillna("nothing else is known")
    pairs = zip(labels, said, strict=True)
    return {pseudonym(key, f"account {label}"): f"{label} ({text})" for label, text in pairs}
