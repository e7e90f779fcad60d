"""A register of companies: one file of what somebody knows of them, beside the column map."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from coterie.lake.reading import SNIFFED, open_raw
from coterie.study import SettingsError

WHERE = "07_rules.company_columns"


def read_register(path: Path, columns: Mapping[str, str], known: tuple[str, ...]) -> pd.DataFrame:
    """Read a register as text, one row a line: our columns, in the order of `known`.

    Parameters
    ----------
    columns
        Ours: the file's own; those that nobody mapped are empty.

    Raises
    ------
    SettingsError
        When there is no such file, or a column is not one of ours or not in the file.
    """
    if wrong := [name for name in columns if name not in known]:
        there_are = ", ".join(known)
        raise SettingsError(f"{WHERE}: no column {wrong[0]!r} of ours; there are {there_are}.")
    if known[0] not in columns:
        raise SettingsError(f"{WHERE}: say which column names the company, like company: Name.")
    if not path.is_file():
        raise SettingsError(f"07_rules.company_file: there is no file {path}.")
    raw = open_raw(path, SNIFFED, wanted=set(columns.values()))
    if missing := [name for name in columns.values() if raw.names.count(name) != 1]:
        raise SettingsError(
            f"{path}: no column, or more than one, called {missing[0]!r}; "
            f"the file has {', '.join(raw.names)}. Correct {WHERE}."
        )
    chosen = raw.rows.select(
        **{ours: raw.rows[name].cast("string") for ours, name in columns.items()}
    )
    return chosen.to_pandas().reindex(columns=list(known)).astype("str")
