"""Who must go goes from all that a watch keeps, without Spark where Spark wrote it."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.runner.streaming.forgetting import blank_lines, forget_on_spark
from coterie.runner.streaming.intake import read_new
from coterie.runner.streaming.spark_watch import alone, watch_on_spark
from coterie.runner.streaming.watching import Options
from coterie.study import SettingsError

MOMENT = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_2027(monkeypatch):
    """Let it be later than every event here."""
    monkeypatch.setattr("coterie.runner.streaming.intake.utc_now", lambda: datetime(2027, 1, 1))


def part(folder, people, **options):
    """Write a part of a batch as Spark does, its check sum beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.table({"person_id": people, "at": pa.array([MOMENT] * len(people))})
    pq.write_table(table, folder / "part-0.parquet", **options)
    (folder / ".part-0.parquet.crc").write_bytes(b"crc")
    return folder / "part-0.parquet"


def test_every_file_of_a_stream_is_written_anew_without_who_must_go(tmp_path):
    files = [
        part(tmp_path / "000000001" / "events", ["ana", "bo", "ana"]),
        part(tmp_path / "000000000" / "decisions", ["ana"], use_deprecated_int96_timestamps=True),
        part(tmp_path / "000000002" / "rows", ["bo"]),
    ]
    before = [pq.ParquetFile(file).schema.column(1).physical_type for file in files]
    assert forget_on_spark(tmp_path, {"ana", "nobody"}, name="demo") == 3
    assert [pq.read_table(file)["person_id"].to_pylist() for file in files] == [["bo"], [], ["bo"]]
    assert [pq.ParquetFile(f).schema.column(1).physical_type for f in files] == before
    sums = [(file.parent / ".part-0.parquet.crc").exists() for file in files]
    assert sums == [False, False, True]  # of a content that is no more
    assert forget_on_spark(tmp_path, {"ana"}, name="demo") == 0
    assert forget_on_spark(tmp_path / "none", {"ana"}, name="demo") == 0


def test_a_file_that_a_killed_request_left_is_taken_away(tmp_path):
    kept = part(tmp_path / "000000001" / "events", ["ana"]).rename(
        tmp_path / "000000001" / "events" / "_kept-part-0.parquet"
    )
    forget_on_spark(tmp_path, {"ana"}, name="demo")
    assert not kept.exists()


def test_nobody_is_forgotten_while_a_stream_runs(tmp_path):
    with alone(tmp_path, "demo"), pytest.raises(SettingsError, match="Another watch of demo"):
        forget_on_spark(tmp_path, {"ana"}, name="demo")


def event(person: str, number: int, **more: str) -> str:
    row = {"event_id": f"e{number}", "person_id": person, "at": "2026-07-01T00:00:00Z"}
    return json.dumps(row | {"verb": "add", "platform": "shop"} | more)


def test_lines_that_came_in_are_blanked_in_their_place(tmp_path):
    file = tmp_path / "a.ndjson"
    lines = [
        event("ana", 1),
        "no event",
        event("bo", 2, verb="ana"),
        event("ana", 3),
        event("bo", 4),
    ]
    file.write_text("\n".join(lines))  # the last one waits for its end
    read = read_new(tmp_path, {}).offsets
    size = file.stat().st_size
    assert blank_lines(tmp_path, {"ana"}) == 2
    assert file.stat().st_size == size
    assert "ana" not in file.read_text().replace('"verb": "ana"', "")
    with file.open("a") as opened:
        opened.write("\n")
    assert read_new(tmp_path, read).rows["event_id"].to_pylist() == ["e4"]
    assert read_new(tmp_path, {}).rows["event_id"].to_pylist() == ["e2", "e4"]


@pytest.mark.parametrize("option", ["webhook", "finish", "wall_clock"])
def test_what_only_one_machine_does_is_refused_on_spark(option):
    options = Options()._replace(**{option: "https://example.org" if option == "webhook" else True})
    with pytest.raises(SettingsError, match=f"--{option.replace('_', '-')} is for one machine"):
        watch_on_spark(None, options, tell=print)


def test_without_spark_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(SettingsError, match=r"pip install 'coterie\[spark\]'"):
        watch_on_spark(None, Options(), tell=print)
