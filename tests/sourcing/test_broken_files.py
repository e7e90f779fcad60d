"""Whatever is broken in a file, every line of it is accounted for, and no row changes another."""

import csv
import io
import random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_files import read_folder

NAMES = ["user", "when", "what", "price", "order"]
COLUMNS = {"account": "user", "at": "when", "verb": "what", "value": "price", "object_id": "order"}
ENTRY = {"gives": "events", "platform": "x", "columns": COLUMNS, "sum_by": "order"}
ROW = st.tuples(
    st.sampled_from(
        ["ana", "bo", "zoë", "[deleted]", "nan", "noreply@x.org", "1.93E+18", "7.0", ""]
    ),
    st.sampled_from(
        [
            *("2026-06-01", "2026-06-01 07:03 +0000", "2026-06-01T07:03:00Z", "05/30/2026 09:30"),
            *("Tue Nov 28 07:03:00 +0000 2026", "Sep 27, 2024", "01 Jan 2023", "1770000000123"),
            *("2026-06-01 10:00 BST", "2026-06-01 10:00 Bangla", "soon", "1770000000", "", "NULL"),
        ]
    ),
    st.sampled_from(["purchase", "refund", "view", "voided", ""]),
    st.sampled_from(
        ["1.50", "1,000.25", "+1 000", "-3", "(4.25)", "NULL", "much", "1e3", "€ 7.10", ""]
    ),
    st.sampled_from(["o1", "o2", "1.9E+17", ""]),
)
FAULTS = st.sampled_from(
    [
        'ana,"2026-06-01,view,1,o1',
        "ana,2026-06-01",
        "a,b,c,d,e,f,g",
        ",".join(NAMES),
        "",
        '"',
        ",,,,",
    ]
)
FILE = st.tuples(
    st.lists(ROW, min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 12), FAULTS), max_size=4),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n"]),
)
PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def lines_of(rows):
    """Write rows as a program would."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().splitlines()


def write_files(folder, files):
    """Write one file each, and say how many lines below its header are not blank."""
    for old in folder.glob("*.csv"):
        old.unlink()
    counts = {}
    for number, (rows, faults, encoding, end) in enumerate(files):
        lines = lines_of(rows)
        for place, fault in faults:
            lines.insert(place % (len(lines) + 1), fault)
        text = end.join([",".join(NAMES), *lines])
        name = f"f{number}.csv"
        (folder / name).write_bytes(text.encode(encoding, "replace"))
        counts[name] = sum(bool(line.strip()) for line in lines)
    return counts


def check(folder, files):
    """Every line is kept, merged or set aside, and counted once."""
    counts = write_files(folder, files)
    entries = [ENTRY | {"path": name, "separator": ","} for name in counts]
    found = read_folder(folder, entries).found
    by_file = found.sources.set_index("file")
    assert by_file["rows_read"].to_dict() == counts
    parts = by_file[["rows_kept", "rows_merged", "rows_quarantined"]].sum(axis=1)
    assert parts.to_dict() == counts
    assert found.quarantine["reason"].notna().all()
    assert not found.quarantine.duplicated(["file", "row"]).any()


@settings(max_examples=2, **PATIENT)
@given(files=st.lists(FILE, min_size=4, max_size=4))
def test_every_line_of_a_broken_file_is_accounted_for(tmp_path, files):
    check(tmp_path, files)


@pytest.mark.slow
@settings(max_examples=100, **PATIENT)
@given(files=st.lists(FILE, min_size=10, max_size=10))
def test_every_line_of_a_thousand_broken_files_is_accounted_for(tmp_path, files):
    check(tmp_path, files)


@settings(max_examples=2, **PATIENT)
@given(rows=st.lists(ROW, min_size=2, max_size=40), seed=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(tmp_path, rows, seed):
    def outcome(ordered):
        write_files(tmp_path, [(ordered, [], "utf-8", "\n")])
        read = read_folder(tmp_path, [ENTRY | {"path": "f0.csv"}])
        kept = read.rows["events"].kept.drop("row", "file").to_pandas().astype(str)
        return kept.sort_values(list(kept.columns)).values.tolist(), sorted(
            read.found.quarantine["reason"]
        )

    shuffled = rows[:]
    random.Random(seed).shuffle(shuffled)
    assert outcome(rows) == outcome(shuffled)


TIMES = {"2026-06-01 10:00 BST": "2026-06-01 09:00", "2026-06-01 10:00 EST": "2026-06-01 15:00"}


def test_a_zone_word_moves_its_own_row_alone(tmp_path):
    stated = ["2026-06-01 10:00", *TIMES, "2026-06-01 10:00 Bangla", "2026-06-01 10:00"]
    rows = [(f"u{n}", time, "view", "", "") for n, time in enumerate(stated)]
    write_files(tmp_path, [(rows, [], "utf-8", "\n")])
    read = read_folder(tmp_path, [ENTRY | {"path": "f0.csv"}])
    kept = read.rows["events"].kept.order_by("row").to_pandas()
    expected = ["2026-06-01 10:00", *TIMES.values(), "2026-06-01 10:00"]
    assert kept["at"].tolist() == [pd.Timestamp(time) for time in expected]
    assert read.found.quarantine[["row", "reason"]].values.tolist() == [
        [5, "time missing or unreadable"]
    ]
