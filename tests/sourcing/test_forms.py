"""Times, numbers and identifiers as exports write them: read one way, or refused with the cure."""

import ibis
import pandas as pd
import pytest
from raw_files import read_folder

from coterie.sourcing.amounts import as_number, find_decimal
from coterie.sourcing.times import MOMENT, find_forms, with_time
from coterie.study import SettingsError


def times(*texts, **entry):
    """Read one column of times."""
    rows = ibis.memtable({"at": list(texts)}, schema={"at": "string"})
    known = {"columns": {"at": "at"}} | entry
    forms = find_forms(rows["at"], rows, "here", known)
    found = with_time(rows, rows["at"], forms)[MOMENT].to_pyarrow().to_pylist()
    return [None if moment is None else f"{moment:%Y-%m-%d %H:%M:%S.%f}"[:23] for moment in found]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-01", "2026-06-01 00:00:00.000"),
        ("2026-06-01T07:03:04.5Z", "2026-06-01 07:03:04.500"),
        ("2026-06-01 07:03 +0000", "2026-06-01 07:03:00.000"),
        ("2026-06-01T07:03:00-0500", "2026-06-01 12:03:00.000"),
        ("2026-06-01T07:03:00 -05", "2026-06-01 12:03:00.000"),
        ("2026/06/01 07:03", "2026-06-01 07:03:00.000"),
        ("20260601", "2026-06-01 00:00:00.000"),
        ("20260601T070300Z", "2026-06-01 07:03:00.000"),
        ("Tue Nov 28 07:03:00 +0000 2026", "2026-11-28 07:03:00.000"),
        ("Mon Jun 01 2026 07:03:00 GMT+0200 (CEST)", "2026-06-01 05:03:00.000"),
        ("Tue, 28 Nov 2026 07:03:00 -0500", "2026-11-28 12:03:00.000"),
        ("Sep 27, 2024", "2024-09-27 00:00:00.000"),
        ("September 27, 2024 at 12:15\u202fAM", "2024-09-27 00:15:00.000"),
        ("Sep 27, 2024, 10:15 PM", "2024-09-27 22:15:00.000"),
        ("01 Jan 2023", "2023-01-01 00:00:00.000"),
        ("3. März 2024", "2024-03-03 00:00:00.000"),
        ("01.05.2026 00:00", "2026-05-01 00:00:00.000"),
        ("05/30/2026", "2026-05-30 00:00:00.000"),
        ("30/05/26 9:05", "2026-05-30 09:05:00.000"),
        ("1770000000", "2026-02-02 02:40:00.000"),
        ("1770000000.0", "2026-02-02 02:40:00.000"),
        ("1770000000123", "2026-02-02 02:40:00.123"),
        ("1770000000123456", "2026-02-02 02:40:00.123"),
        ("1770000000123456789", "2026-02-02 02:40:00.123"),
        ("2026-06-01 10:00 PDT", "2026-06-01 17:00:00.000"),
        ("2026-06-01 10:00 IST", None),  # India's, Israel's or Ireland's
        ("2026-13-01", None),
        ("2026-02-30", None),
        ("Foo 27, 2024", None),
        ("1.77E+09", None),
        ("13:00 PM", None),
        ("soon", None),
    ],
)
def test_a_time_is_read_as_it_is_meant_or_not_at_all(text, moment):
    assert times(text) == [moment]


def test_whether_the_day_comes_first_is_decided_by_the_whole_column():
    assert times("01/02/2026", "31/01/2026")[0] == "2026-02-01 00:00:00.000"
    assert times("01/02/2026", "01/31/2026")[0] == "2026-01-02 00:00:00.000"
    assert times("05/05/2026") == ["2026-05-05 00:00:00.000"]
    with pytest.raises(SettingsError, match=r"'at' can be read .*here\.time_format, like"):
        times("01/02/2026", "03/04/2026")
    with pytest.raises(SettingsError, match="must be the day and others whose second must be"):
        times("31/01/2026", "01/31/2026")
    assert times("01/02/2026", time_format={"at": "day_first"}) == ["2026-02-01 00:00:00.000"]


def test_a_form_and_a_zone_may_be_stated():
    assert times("01h02 3.4.26", time_format={"at": "%Hh%M %d.%m.%y"}) == [
        "2026-04-03 01:02:00.000"
    ]
    assert times("17", time_format={"at": "epoch_s"}) == ["1970-01-01 00:00:17.000"]
    berlin = {"time_zone": "Europe/Berlin"}
    assert times("2026-06-01 10:00", "2026-01-01 10:00", "2026-06-01 10:00Z", **berlin) == [
        *("2026-06-01 08:00:00.000", "2026-01-01 09:00:00.000", "2026-06-01 10:00:00.000")
    ]
    for wrong in ({"time_zone": "Berlin"}, {"time_format": {"at": "iso8601"}}):
        with pytest.raises(SettingsError, match=r"here\.time_(zone|format)"):
            times("2026-06-01", **wrong)
    with pytest.raises(SettingsError, match="%Q is none of"):
        times("x", time_format={"at": "%Q"})
    with pytest.raises(SettingsError, match="holds no month, day"):
        times("x", time_format={"at": "%Y"})


def numbers(*texts, **entry):
    """Read one column of numbers."""
    rows = ibis.memtable({"n": list(texts)}, schema={"n": "string"})
    decimal = find_decimal(rows["n"], rows, "here", entry)
    return as_number(rows["n"], decimal).to_pyarrow().to_pylist()


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["1.100,50", "21,90", "7"], ["1100.50", "21.90", "7"]),
        (["1,250", "900"], ["1250", "900"]),
        (["1,250.75", "1.5"], ["1250.75", "1.5"]),
        (["+1 000", "1\u202f000,5"], ["1000", "1000.5"]),
        (["€ 1.234.567", "2,5 €"], ["1234567", "2.5"]),
        (["1'000.25", "(12.50)", "3.10-"], ["1000.25", "-12.50", "-3.10"]),
        (["1.2E+05", "many"], ["1.2E+05", "many"]),
        (["0.125", "1.250"], ["0.125", "1.250"]),
    ],
)
def test_a_decimal_mark_is_decided_by_the_whole_column(texts, read):
    assert numbers(*texts) == read


def test_a_number_that_can_be_read_two_ways_is_refused_with_the_cure():
    with pytest.raises(SettingsError, match=r"here\.decimal, like"):
        numbers("1.250", "2.500", separator=";")
    assert numbers("1.250", separator=";", decimal=",") == ["1250"]
    with pytest.raises(SettingsError, match="some numbers have a decimal comma"):
        numbers("1,50", "1.50")


ACTS = {"gives": "events", "platform": "x", "path": "f.csv"}
ACTS |= {"columns": {"account": "who", "at": "at", "verb": "=purchase", "value": "v"}}


def acts(folder, content, **entry):
    (folder / "f.csv").write_text(content)
    return read_folder(folder, [ACTS | entry])


def test_identifiers_that_a_spreadsheet_spoilt_are_mended_or_set_aside(tmp_path):
    read = acts(tmp_path, "who,at,v\n101.0,2026-06-01,1\n102.0,2026-06-01,1\n")
    assert sorted(read.linked["account"]) == ["101", "102"]
    assert read.found.notes["note"].tolist() == ["account written like 101.0, read as 101"]
    read = acts(tmp_path, "who,at,v\n101.0,2026-06-01,1\n1.93E+18,2026-06-01,1\n")
    assert read.linked["account"].tolist() == ["101.0"]
    assert read.found.quarantine["reason"][0].startswith("account in scientific notation")


def test_an_optional_time_that_cannot_be_read_is_counted(tmp_path):
    (tmp_path / "f.csv").write_text("who,since\nana,once upon a time\nbo,2026-01-01\n")
    entry = {"path": "f.csv", "gives": "accounts", "platform": "x"}
    read = read_folder(tmp_path, [entry | {"columns": {"account": "who", "at": "since"}}])
    note = read.found.notes.iloc[0]
    assert (note["note"], note["rows"]) == ("time unreadable, left empty", 1)


def test_what_takes_money_back_never_adds(tmp_path):
    content = "who,at,what,v\na,2026-06-01,purchase,10\na,2026-06-02,Refunded,4\n"
    content += "a,2026-06-03,void,-1\na,2026-06-04,credit,2\n"
    columns = ACTS["columns"] | {"verb": "what"}
    sign = {"negative_for": ["credit"]}
    read = acts(tmp_path, content, columns=columns, sign=sign)
    assert read.events.sort_values("at")["value"].tolist() == [10, -4, -1, -2]
    assert read.found.notes.loc[0, "rows"] == 2


def test_placeholders_join_nobody(tmp_path):
    (tmp_path / "f.csv").write_text(
        "who,mail,tel\na,noreply@shop.org,000-000-0000\nb,noreply@shop.org,000-000-0000\n"
    )
    columns = {"account": "who", "email": "mail", "phone": "tel"}
    entry = {"path": "f.csv", "gives": "accounts", "platform": "x", "columns": columns}
    read = read_folder(tmp_path, [entry])
    assert read.linked["person_id"].nunique() == 2
    assert set(read.found.notes["note"]) == {
        *("email is a placeholder, left empty", "phone is a placeholder, left empty")
    }


def test_posts_that_share_a_number_are_said_to_have_become_one(tmp_path):
    rows = [f"u{n},same,2026-06-01,text {n}" for n in range(12)]
    (tmp_path / "f.csv").write_text("\n".join(["who,id,at,text", *rows]))
    columns = {"account": "who", "post_id": "id", "at": "at", "text": "text"}
    read = read_folder(
        tmp_path, [{"path": "f.csv", "gives": "posts", "platform": "x", "columns": columns}]
    )
    sources = read.found.sources.iloc[0]
    assert (sources["rows_kept"], sources["rows_merged"]) == (1, 11)
    assert "has the post_id of another post" in set(read.found.notes["note"])


def test_where_nobody_is_left_the_files_say_why(tmp_path):
    read = acts(tmp_path, "who,at,v\nana,soon,1\nbo,later,1\n")
    assert "f.csv: 2 rows, none may enter; most often: time missing or unreadable" in read.stopped
    assert pd.notna(read.found.quarantine["row"]).all()
