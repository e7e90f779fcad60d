import csv

import numpy as np
import pandas as pd
import pytest

from coterie.lake.privacy.outbox import read_audience_file, write_audience_file
from coterie.lake.resuming.cache import cached_rows
from coterie.lake.spreadsheets.labelling import read_sheet, write_sheet
from coterie.study import DataError, SettingsError

POSTS = pd.DataFrame({"post_id": ["1", "2"], "text": ['say "hi", 😍', "bye"]})


def test_a_sheet_is_drawn_filled_in_and_read_back(tmp_path):
    file = write_sheet(tmp_path / "posts.csv", POSTS)
    sheet = pd.read_csv(file, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    assert sheet["text"].tolist() == POSTS["text"].tolist()
    assert file.stat().st_mode & 0o077 == 0
    assert read_sheet(file).empty
    sheet.loc[0, "sentiment"] = " Positive "
    sheet.to_csv(file, index=False, sep=";")  # as some spreadsheets save it
    assert read_sheet(file).values.tolist() == [["post", "1", "sentiment", "positive"]]


def test_a_sheet_somebody_may_have_filled_in_is_never_touched(tmp_path):
    write_sheet(tmp_path / "posts.csv", POSTS)
    with pytest.raises(SettingsError, match="exists already"):
        write_sheet(tmp_path / "posts.csv", POSTS)


def test_a_spoilt_sheet_is_named_with_what_to_mend(tmp_path):
    file = write_sheet(tmp_path / "posts.csv", POSTS)
    pd.read_csv(file).drop(columns="intent").to_csv(file, index=False)
    with pytest.raises(DataError, match="the column intent is missing"):
        read_sheet(file)
    file.unlink()
    write_sheet(file, pd.concat([POSTS, POSTS]))
    with pytest.raises(DataError, match="2 posts stand in it twice"):
        read_sheet(file)


def test_what_is_no_longer_asked_for_is_deleted(tmp_path):
    asked = []

    def compute(rows):
        asked.append(len(rows))
        return np.ones((len(rows), 2))

    for keys in (["a", "b", "c"], ["a", "b"], ["c"]):
        cached_rows(tmp_path, "x", keys, compute)
    assert asked == [3, 1]


def test_a_broken_cache_is_made_anew(tmp_path):
    cached_rows(tmp_path, "x", ["a"], lambda rows: np.ones((1, 1)))
    (tmp_path / "x.npz").write_bytes(b"no archive")
    rows, new = cached_rows(tmp_path, "x", ["a"], lambda rows: np.full((1, 1), 2.0))
    assert (rows.tolist(), new) == ([[2.0]], 1)


FORMULAS = ["=1+1", "+49 151", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1+1", '=HYPERLINK("x")']
FORMULAS += ["\r=1", "hello\r=1", "hello\r\n=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_sheet_or_an_audience_file_is_a_formula(tmp_path, text):
    sheet = write_sheet(tmp_path / "posts.csv", pd.DataFrame({"post_id": [text], "text": [text]}))
    audience = tmp_path / "a.csv"
    write_audience_file(audience, pd.DataFrame({"key": [text], text: ["00ff"]}))
    for file in (sheet, audience):
        for row in csv.reader(file.read_text(encoding="utf-8-sig").splitlines(keepends=True)):
            assert not [cell for cell in row if cell.strip()[:1] in ("=", "+", "-", "@", "＝")]
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    assert read_audience_file(audience).iloc[0].tolist() == [lines, "00ff"]


def test_a_post_whose_name_began_like_a_formula_is_found_again(tmp_path):
    file = write_sheet(tmp_path / "posts.csv", pd.DataFrame({"post_id": ["-17"], "text": ["a"]}))
    filled = file.read_text(encoding="utf-8-sig").replace(",a,,", ",a,negative,")
    file.write_text(filled, encoding="utf-8-sig")
    assert read_sheet(file)["subject_id"].tolist() == ["-17"]
