"""The planted world as a company would export it: own columns, own words, own clocks, and flaws."""

import json

import numpy as np
import pandas as pd

from coterie.demo.people import load_data

EXPORTS = load_data("exports.yml")


def write_files(
    rng, tables: dict, *, duplicate_share: float, malformed_share: float, late_share: float
):
    """Export every table; returns the files by path, and which lines repeat or are spoilt how."""
    files, flaws = {}, []
    for entry in EXPORTS["files"]:
        rows, path = rows_of(tables[entry["gives"]], entry), entry["path"].replace("*", "")
        late = rng.random(len(rows)) < (late_share if "late" in entry else 0)
        if late.any():
            files[entry["late"]] = encode(rows[late], entry)
        copies = duplicate_share if entry["gives"] == "events" else 0
        rows, kinds = with_flaws(
            rng, rows[~late], copies, malformed_share if "spoilt" in entry else 0
        )
        files[path] = encode(rows, entry)
        flaws += [(path, 2 + len(rows) - len(kinds) + i, kind) for i, kind in enumerate(kinds)]
    return files, pd.DataFrame(flaws, columns=["file", "row", "kind"])


def rows_of(table: pd.DataFrame, entry: dict) -> pd.DataFrame:
    """Choose the rows of one export and write them as text, under our column names still."""
    named = entry["columns"] | entry.get("extra", {})
    chosen = table["platform"] == entry["platform"]
    # a literal keeps the rows that carry it; a label has one kind of subject
    for column, source in named.items():
        if source.startswith("=") and column in table:
            chosen &= table[column] == source[1:]
        elif entry["gives"] == "labels":
            chosen &= table[column] != ""
    words = {ours: word for word, ours in entry.get("verbs", {}).items()}
    rows = (
        table[chosen & table["verb"].isin(words)].replace({"verb": words})
        if words
        else table[chosen]
    )
    rows = rows[[column for column in named if not named[column].startswith("=")]]
    rows = rows.sort_values("at", kind="stable") if "at" in rows else rows
    return rows.reset_index(drop=True).apply(as_text, style=entry.get("times"))


def as_text(column: pd.Series, *, style: str | None) -> pd.Series:
    """Write a column as the export does: moments in its own style, money with two decimals."""
    if column.dtype.kind == "M":
        hours, separator, ending = EXPORTS["times"][style]
        text = np.datetime_as_string(column.to_numpy("datetime64[s]") + np.timedelta64(hours, "h"))
        return pd.Series(text, dtype=object).str.replace("T", separator) + ending
    return (
        column.map("{:.2f}".format) if column.dtype.kind == "f" else column.fillna("").astype(str)
    )


def with_flaws(rng, rows: pd.DataFrame, *shares: float) -> tuple[pd.DataFrame, list[str]]:
    """Append exact copies and spoilt copies of random rows; the genuine rows stay as they are."""
    copies, spoilt = (int(np.ceil(len(rows) * share)) for share in shares)
    faults = [kind for kind, (column, _) in EXPORTS["faults"].items() if column in rows]
    kinds = ["exact duplicate"] * copies + [faults[i % len(faults)] for i in range(spoilt)]
    extra = rows.iloc[rng.integers(0, max(len(rows), 1), len(kinds))].reset_index(drop=True)
    for i, kind in enumerate(kinds[copies:], start=copies):
        extra.loc[i, EXPORTS["faults"][kind][0]] = EXPORTS["faults"][kind][1]
    return pd.concat([rows, extra], ignore_index=True), kinds


def encode(rows: pd.DataFrame, entry: dict) -> bytes:
    """Write rows under the export's own column names, in its format and encoding."""
    # a column we read twice stands in the file once, as the first
    named = entry["columns"] | entry.get("extra", {})
    rows = pd.DataFrame({named[column]: rows[column] for column in reversed(rows.columns)}).iloc[
        :, ::-1
    ]
    if entry["path"].endswith("csv"):
        return rows.to_csv(index=False, lineterminator="\n").encode(entry.get("encoding", "utf-8"))
    records = [
        {key: value or None for key, value in row.items()} for row in rows.to_dict("records")
    ]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    text = (
        "[\n" + ",\n".join(lines) + "\n]\n"
        if entry["path"].endswith("json")
        else "".join(f"{x}\n" for x in lines)
    )
    return text.encode()
