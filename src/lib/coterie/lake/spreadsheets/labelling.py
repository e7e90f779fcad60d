"""The sheet a study's own posts are labelled on: texts stay in the lake, labels go to 04."""

from pathlib import Path

import pandas as pd

from coterie.lake.spreadsheets.cells import as_written, plain_cells
from coterie.study import DataError, SettingsError

TO_FILL = ["sentiment", "intent", "topic", "aspect", "brand"]  # left empty for a person to fill in


def write_sheet(file: Path, posts: pd.DataFrame) -> Path:
    """Write posts with empty columns to fill in; a sheet that exists is never touched.

    Raises
    ------
    SettingsError
        When there is one already: somebody may have filled it in.
    """
    if file.exists():
        raise SettingsError(
            f"{file} exists already and is left as it is; move it away to draw another sample."
        )
    sheet = posts[["post_id", "text"]].assign(**dict.fromkeys(TO_FILL, ""))
    # the mark lets a spreadsheet show emoji
    file.write_text(plain_cells(sheet).to_csv(index=False), encoding="utf-8-sig")
    file.chmod(0o600)
    return file


def read_sheet(file: Path) -> pd.DataFrame:
    """Read what was filled in as `labels`: one row a post and property; empty cells are no label.

    Raises
    ------
    DataError
        When the sheet lost its columns or names a post twice.
    """
    columns = ["subject", "subject_id", "name", "label"]
    if not file.exists():
        return pd.DataFrame(columns=columns, dtype=str)
    sheet = pd.read_csv(
        file, dtype=str, encoding="utf-8-sig", sep=None, engine="python", keep_default_na=False
    )
    if missing := sorted({"post_id", *TO_FILL} - set(sheet.columns)):
        raise DataError(
            f"{file}: the column {', '.join(missing)} is missing; put it back, empty if need be."
        )
    sheet["post_id"] = sheet["post_id"].map(as_written)
    if n_repeats := sheet["post_id"].duplicated().sum():
        raise DataError(f"{file}: {n_repeats} posts stand in it twice; keep one row each.")
    long = sheet.melt("post_id", TO_FILL, "name", "label").assign(subject="post")
    long["label"] = long["label"].str.strip().str.lower()
    return (
        long.rename(columns={"post_id": "subject_id"})
        .loc[long["label"] != "", columns]
        .reset_index(drop=True)
    )
