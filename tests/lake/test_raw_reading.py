"""Files whatever wrote them: every line is a row or numbered with its fault, fast or careful."""

import gzip
import io
import json
import zipfile

import ibis
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coterie.lake.column_map.files import locate_files, read_rows
from coterie.lake.reading import SNIFFED, open_raw
from coterie.lake.reading.delimited import read_delimited
from coterie.lake.reading.encoding import repair
from coterie.lake.reading.layout import UNCLOSED
from coterie.lake.reading.raw import LINE
from coterie.study import SettingsError


def read(folder, name, content, **options):
    """Write a file and read all of it."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return open_raw(path, SNIFFED | options)


def rows_of(raw):
    rows = raw.rows.order_by(LINE).drop(LINE).to_pyarrow().to_pylist()
    return [tuple(row.values()) for row in rows]


TABLE = [("user", "note"), ("zoë", "a, b; c"), ("bo", "10 €")]


def written(separator=",", encoding="utf-8", end="\n"):
    lines = [separator.join(f'"{cell}"' for cell in row) + end for row in TABLE]
    return "".join(lines).encode(encoding)


@pytest.mark.parametrize(
    ("separator", "encoding", "said"),
    [
        (";", "cp1252", "cp1252, semicolons"),
        ("\t", "utf-16", "utf-16, tabs"),
        ("\t", "utf-16-le", "utf-16-le, tabs"),
        ("|", "utf-8-sig", "utf-8-sig, bars"),
        (",", "utf-8", "utf-8, commas"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_letters_and_separator_are_found_out_and_said(tmp_path, separator, encoding, said, end):
    raw = read(tmp_path, "f.csv", written(separator, encoding, end))
    assert rows_of(raw) == TABLE[1:]
    assert raw.read_as == said


def test_one_letter_late_in_a_large_file_decides_its_encoding(tmp_path):
    content = b"user,n\n" + b"ana,1\n" * 200_000 + "zoë,2\n".encode("cp1252")
    raw = read(tmp_path, "f.csv", content)
    assert raw.read_as == "cp1252, commas"
    assert raw.rows.filter(raw.rows["user"] == "zoë").count().execute() == 1


def test_a_line_of_other_letters_in_a_utf_8_file_is_set_aside(tmp_path):
    content = "user,n\n" + "zoë,1\n" * 30
    raw = read(tmp_path, "f.csv", content.encode() + "zoë,2\n".encode("cp1252"))
    assert raw.broken == {32: "bytes that are no letters in utf-8"}
    assert raw.n_rows == 30


def test_a_quote_that_never_closes_costs_its_own_line_alone(tmp_path):
    lines = [f"u{n},{n},t" for n in range(100)]
    lines[3] = 'u3,3,"t'
    raw = read(tmp_path, "f.csv", "\n".join(["user,n,text", *lines]))
    assert raw.broken == {5: UNCLOSED}
    assert raw.n_rows == 99


def test_line_ends_inside_quotes_stay(tmp_path):
    raw = read(tmp_path, "f.csv", 'user,text\na,"one\ntwo, ""three"""\nb,x\n')
    assert rows_of(raw) == [("a", 'one\ntwo, "three"'), ("b", "x")]


def test_a_header_that_comes_again_is_no_row(tmp_path):
    raw = read(tmp_path, "f.csv", "user,n\na,1\nuser,n\nb,2\n")
    assert raw.broken == {3: "repeats the header"}


def test_notes_before_the_header_are_found_and_can_be_stated(tmp_path):
    content = 'Report\n"June, all of it"\n\nuser,n,m\na,1,2\nb,3,4\n'
    raw = read(tmp_path, "f.csv", content)
    assert (raw.names, raw.read_as) == (["user", "n", "m"], "utf-8, commas, header after 3 lines")
    assert rows_of(read(tmp_path, "f.csv", "x\nuser\na\n", skip_lines=1)) == [("a",)]


def test_empty_fields_at_the_end_of_every_line_are_no_fault(tmp_path):
    assert rows_of(read(tmp_path, "f.csv", "user,n\na,1,\nb,2,\n")) == [("a", "1"), ("b", "2")]


def test_a_file_of_lines_that_are_no_rows_says_how_it_was_read(tmp_path):
    with pytest.raises(SettingsError, match=r"2 lines were read as utf-8, commas.*`separator:`"):
        read(tmp_path, "f.csv", "a,b\n1\n2\n", separator=",")


@pytest.mark.parametrize("pack", ["gz", "zip"])
def test_packed_files_are_read_as_if_unpacked(tmp_path, pack):
    content = written()
    if pack == "zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("folder/f.CSV", content)
            archive.writestr("__MACOSX/._f.CSV", b"x")
        raw = read(tmp_path, "f.zip", held.getvalue())
    else:
        raw = read(tmp_path, "f.csv.gz", gzip.compress(content))
    assert rows_of(raw) == TABLE[1:]


def test_an_archive_of_several_files_or_none_is_refused(tmp_path):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("a.csv", b"x")
        archive.writestr("b.csv", b"x")
    with pytest.raises(SettingsError, match=r"2 files \(a.csv, b.csv\).*path: f.zip/a.csv"):
        read(tmp_path, "f.zip", held.getvalue())
    with pytest.raises(SettingsError, match="is no zip archive"):
        read(tmp_path, "f.zip", b"x")
    with pytest.raises(SettingsError, match="not readable as csv"):
        read(tmp_path, "f.csv.gz", b"x")


def test_workbooks_give_text_days_in_iso_and_numbers_as_stored(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Report"], [], ["user", "at", "n"], ["a", pd.Timestamp("2026-06-01"), 101]):
        book.active.append(row)
    book.create_sheet("more").append(["x", "y"])
    book["more"].append([1.93e18, True])
    book.save(tmp_path / "f.xlsx")
    raw = open_raw(tmp_path / "f.xlsx", SNIFFED)
    assert rows_of(raw) == [("a", "2026-06-01T00:00:00", "101")]
    assert raw.read_as == "sheet 'Sheet' of 2, header after 2 rows"
    more = open_raw(tmp_path / "f.xlsx", SNIFFED | {"sheet": "more"})
    assert rows_of(more) == [("1.93e+18", "true")]
    with pytest.raises(SettingsError, match="no sheet 'gone'; it has Sheet, more"):
        open_raw(tmp_path / "f.xlsx", SNIFFED | {"sheet": "gone"})


NESTED = {"tweet": {"id": "7", "user": {"name": "ana"}, "tags": [{"t": "x"}]}}


def test_nested_values_are_named_by_dotted_paths(tmp_path):
    (tmp_path / "f.js").write_text(f"window.YTD.tweets.part0 = [{json.dumps(NESTED)}];")
    wanted = {"tweet.id", "tweet.user.name", "tweet.tags.0.t", "tweet.gone"}
    raw = open_raw(tmp_path / "f.js", SNIFFED, wanted=wanted)
    [row] = raw.rows.drop(LINE).to_pyarrow().to_pylist()
    assert row == {
        **{"tweet.id": "7", "tweet.user.name": "ana", "tweet.tags.0.t": "x", "tweet.gone": None}
    }
    assert raw.notes == {"no 'tweet.gone' in any object": 1}


def test_lists_in_objects_give_a_row_an_item_and_keep_what_stands_around_it(tmp_path):
    content = json.dumps({"data": [{"who": "ana", "acts": [{"n": 1}, {"n": 2}]}, {"who": "bo"}]})
    raw = read(tmp_path, "f.json", content, records="data.acts")
    assert rows_of(raw) == [("ana", "1"), ("ana", "2")]
    assert raw.broken == {4: "not an object"}
    with pytest.raises(SettingsError, match="nothing lies at records: gone"):
        read(tmp_path, "f.json", content, records="gone")


def test_values_inside_parquet_structures_are_named_as_in_json(tmp_path):
    params = [{"key": "page", "value": {"string_value": "home", "int_value": None}}]
    pd.DataFrame({"user": ["a"], "params": [params]}).to_parquet(tmp_path / "f.parquet")
    raw = open_raw(tmp_path / "f.parquet", SNIFFED, wanted={"user", "params.page"})
    assert rows_of(raw) == [("a", "home")]


def test_garbled_letters_are_put_right_and_counted(tmp_path):
    raw = read(tmp_path, "f.csv", "user,text\na,cafÃ© â€“ gut\nb,Ärger\n")
    assert rows_of(raw) == [("a", "café – gut"), ("b", "Ärger")]
    assert raw.notes == {"garbled letters put right": 1}
    meta = json.dumps([{"text": "Zoë ❤".encode().decode("latin-1")}])
    assert rows_of(read(tmp_path, "f.json", meta)) == [("Zoë ❤",)]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20))
def test_text_that_was_read_as_latin_once_is_put_right(text):
    assert repair(text.encode().decode("latin-1")) == text


def test_rows_that_where_excludes_are_counted(tmp_path, monkeypatch):
    (tmp_path / "f.csv").write_text("user,state,mail\na,paid,x\nb,void,x\nc,Paid ,\nd,paid,\n")
    entry = {"path": "f.csv", "gives": "accounts", "platform": "x", "columns": {"account": "user"}}
    where = [{"column": "state", "is": ["paid", "Paid"]}, {"column": "mail", "empty": True}]
    [(path, known)] = locate_files(str(tmp_path), [entry | {"where": where}])
    found = read_rows(path, known, folder=str(tmp_path))
    assert found.rows.order_by(LINE)["user"].to_pyarrow().to_pylist() == ["c", "d"]
    assert found.left_out == 2


CELL = st.one_of(
    st.sampled_from(
        ["a", "", '"', 'say "hi"', "x,y", "two\nlines", " ", "zoë", "cafÃ©", "1", "\r"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(st.lists(CELL, min_size=2, max_size=3), min_size=1, max_size=8),
    quoted=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
@example(rows=[["a", '"b']], quoted=False, end="\n")
@example(rows=[["a", " "], ["", ""], ["a"]], quoted=False, end="\n")
@example(rows=[["a", "two\nlines", ""]], quoted=True, end="\n")
def test_the_fast_path_and_the_careful_one_read_the_same(tmp_path, rows, quoted, end):
    def cell(text):
        return '"' + text.replace('"', '""') + '"' if quoted else text

    lines = [",".join(map(cell, row)) for row in [["user", "n"], *rows]]
    (tmp_path / "f.csv").write_bytes(end.join(lines).encode())
    options = SNIFFED | {"separator": ",", "skip_lines": 0, "format": "csv"}
    careful = read_delimited(tmp_path / "f.csv", options, large=1 << 40)
    fast = read_delimited(tmp_path / "f.csv", options, large=0)
    assert (fast.n_rows, fast.broken, fast.names) == (careful.n_rows, careful.broken, careful.names)
    both = [raw.rows.order_by(LINE).to_pyarrow().to_pylist() for raw in (fast, careful)]
    assert both[0] == both[1]


def test_a_large_plain_file_is_left_to_the_engine(tmp_path):
    (tmp_path / "f.csv").write_text("user,n\n" + "ana,1\n" * 10)
    raw = read_delimited(tmp_path / "f.csv", SNIFFED | {"format": "csv"}, large=0)
    assert "rows_" in str(ibis.to_sql(raw.rows))
    assert raw.n_rows == 10
    assert raw.rows[LINE].max().execute() == 11
