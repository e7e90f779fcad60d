"""The sheet on which a person says of pairs of accounts whether they are one person."""

from pathlib import Path

import pandas as pd

from coterie.lake.privacy.outbox import write_private_file
from coterie.study import DataError

PAIRS = "labels/pairs.csv"  # in the lake's folder
ACCOUNTS = ["account_a", "account_b"]
COLUMNS = [*ACCOUNTS, "match_probability", "reason", "same_person"]
WORDS = {"yes": True, "no": False, "": None}


def write_pairs(file: Path, queue: pd.DataFrame) -> int:
    """Add the pairs that are not on the sheet yet, to be filled in; returns how many wait there.

    What somebody filled in stays as it is. The sheet holds pseudonyms and no value of a row.
    """
    sheet = read_text(file)
    new = queue[~in_any_order(queue).isin(in_any_order(sheet))].assign(same_person="")
    every = pd.concat([sheet, new[COLUMNS].astype({"match_probability": float}).round(3)])
    write_private_file(file, every.to_csv(index=False).encode())
    return int((every["same_person"] == "").sum())


def read_pairs(file: Path, *, renamed: dict[str, str]) -> pd.DataFrame:
    """Read what was filled in: `account_a`, `account_b`, `same_person`; an empty cell says nothing.

    `renamed` says what pseudonyms of earlier keys are called now.

    Raises
    ------
    DataError
        When an answer is neither yes nor no, or two answers about a pair differ.
    """
    sheet = read_text(file)
    words = sheet["same_person"].str.strip().str.lower()
    if odd := sorted({*words} - {*WORDS}):
        raise DataError(f"{file}: same_person is yes, no or empty, and not {odd[0]!r}.")
    told = sheet.assign(same_person=words.map(WORDS))[words != ""]
    told[ACCOUNTS] = told[ACCOUNTS].map(lambda name: renamed.get(name, name))
    pairs = in_any_order(told)
    if (told.groupby(pairs.to_numpy())["same_person"].nunique() > 1).any():
        raise DataError(f"{file}: a pair of accounts stands in it with a yes and with a no.")
    found = told.loc[~pairs.duplicated().to_numpy(), [*ACCOUNTS, "same_person"]]
    return found.astype({"same_person": bool}).reset_index(drop=True)


def read_text(file: Path) -> pd.DataFrame:
    """Read the sheet as it was written; an empty one where there is none."""
    if not file.exists():
        return pd.DataFrame(columns=COLUMNS, dtype=str)
    sheet = pd.read_csv(file, dtype=str, keep_default_na=False, sep=None, engine="python")
    if missing := sorted({*ACCOUNTS, "same_person"} - {*sheet.columns}):
        raise DataError(f"{file}: the column {', '.join(missing)} is missing; put it back.")
    return sheet.reindex(columns=COLUMNS, fill_value="")


def in_any_order(pairs: pd.DataFrame) -> pd.Series:
    """Name each pair whichever of its accounts stands first.

    >>> pairs = pd.DataFrame({"account_a": ["p_1", "p_2"], "account_b": ["p_2", "p_1"]})
    >>> in_any_order(pairs).nunique()
    1
    """
    names = [" ".join(sorted(pair)) for pair in pairs[ACCOUNTS].astype(str).to_numpy().tolist()]
    return pd.Series(names, index=pairs.index, dtype=str)
