"""A register of companies is read as text, whatever wrote it, and a wrong column is named."""

import pandas as pd
import pytest

from coterie.lake.column_map.register import read_register
from coterie.rules import REGISTER
from coterie.study import SettingsError

COLUMNS = {"company": "Firma", "employees": "Größe", "domain": "Web"}


@pytest.fixture
def register(tmp_path):
    file = tmp_path / "firms.csv"
    file.write_text(
        "Firma;Größe;Web;Notiz\nMüller & Söhne;1.200;mueller.example;x\n;9;;\n", "cp1252"
    )
    return file


def test_our_columns_are_there_whatever_the_file_has(register):
    read = read_register(register, COLUMNS, REGISTER)
    assert list(read.columns) == list(REGISTER)
    assert read["company"].fillna("").tolist() == ["Müller & Söhne", ""]
    assert read["employees"].tolist() == ["1.200", "9"]
    assert read["revenue"].isna().all()


def test_a_workbook_and_a_parquet_file_are_read_as_text_too(tmp_path):
    rows = pd.DataFrame(
        {"Firma": ["Acme", "Alder"], "Größe": [12, 300], "Web": [None, "alder.example"]}
    )
    rows.to_excel(tmp_path / "firms.xlsx", index=False)
    rows.to_parquet(tmp_path / "firms.parquet")
    for name in ("firms.xlsx", "firms.parquet"):
        read = read_register(tmp_path / name, COLUMNS, REGISTER)
        assert [float(size) for size in read["employees"]] == [12, 300]
        assert read["domain"].fillna("").tolist() == ["", "alder.example"]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"company": "Firm"}, "no column, or more than one, called 'Firm'; the file has Firma"),
        ({"domain": "Web"}, "say which column names the company"),
        ({"company": "Firma", "size": "Größe"}, "no column 'size' of ours; there are company"),
    ],
)
def test_a_wrong_column_is_named(register, columns, says):
    with pytest.raises(SettingsError, match=says):
        read_register(register, columns, REGISTER)


def test_a_register_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match=r"07_rules.company_file: there is no file"):
        read_register(tmp_path / "none.csv", COLUMNS, REGISTER)
