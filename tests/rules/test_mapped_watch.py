"""`coterie watch --mapped` reads a study's own exports, as 02 reads them, and knows them again."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from rules.streams import CALENDAR

from coterie.lake.column_map.files import Entry
from coterie.rules.triggers.checking import read_triggers
from coterie.runner.streaming.mapped import ColumnMaps, read_mapped
from coterie.runner.streaming.outlet import Lines
from coterie.runner.streaming.state import State
from coterie.runner.streaming.watching import Options, watch
from coterie.sourcing.identity.linking import pseudonym

KEY = b"k"
ORDERS = {"path": "shop/*.csv", "gives": "events", "platform": "shop"}
ORDERS |= {"columns": {"account": "customer", "at": "when", "verb": "act", "object_id": "item"}}
ORDERS |= {"verbs": {"basket": "add", "order": "purchase"}}
OWNERS = {pseudonym(KEY, f"account shop:{name}"): f"p_{name}" for name in ("ana", "bo")}
MAPS = ColumnMaps(
    [Entry.model_validate(ORDERS).model_dump(by_alias=True)],
    {"currency": "", "rates": {}},
    OWNERS,
    KEY,
)
HEAD = "customer;when;act;item\n"
FIRST = ["ana;2026-04-01 10:00;basket;a", "bo;2026-04-01 10:05;order;b", "cy;2026-04-01;order;b"]


@pytest.fixture(autouse=True)
def _in_2027(monkeypatch):
    """Let it be later than every event here."""
    monkeypatch.setattr("coterie.runner.streaming.mapped.utc_now", lambda: datetime(2027, 1, 1))


def written(folder, name: str, rows: list[str], *, age: float = 10) -> None:
    """Write a file that was left alone for some seconds."""
    file = folder / "shop" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(HEAD + "\n".join(rows) + "\n")
    moment = file.stat().st_mtime - age
    os.utime(file, (moment, moment))


def test_a_file_is_read_by_the_column_map_and_only_once_it_changed(tmp_path):
    written(tmp_path, "a.csv", [*FIRST, "ana;no time;order;c"])
    first = read_mapped(tmp_path, {}, MAPS)
    found = first.rows.to_pylist()
    assert sorted((row["person_id"], row["verb"], row["at"]) for row in found) == [
        ("p_ana", "add", datetime(2026, 4, 1, 10)),
        ("p_bo", "purchase", datetime(2026, 4, 1, 10, 5)),
    ]
    assert (first.n_unreadable, first.problems) == (2, ())  # a stranger, and a row without a time
    assert len(read_mapped(tmp_path, first.offsets, MAPS).rows) == 0
    written(tmp_path, "a.csv", [*FIRST, "ana;2026-04-01 12:00;order;c"], age=5)
    again = read_mapped(tmp_path, first.offsets, MAPS)
    ids = {row["event_id"] for row in found}
    assert len(again.rows) == 3
    assert len(ids & set(again.rows["event_id"].to_pylist())) == 2  # known again by their ids


def test_a_folder_may_be_named_from_where_one_stands(tmp_path, monkeypatch):
    written(tmp_path, "a.csv", FIRST)
    monkeypatch.chdir(tmp_path)
    assert len(read_mapped(Path(), {}, MAPS).rows) == 2


def test_a_file_that_is_still_written_to_waits(tmp_path, monkeypatch):
    monkeypatch.setattr("coterie.runner.streaming.mapped.QUIET", 0.05)
    written(tmp_path, "a.csv", FIRST, age=-100)
    assert read_mapped(tmp_path, {}, MAPS).offsets == {}


def test_a_file_that_cannot_be_read_stops_no_other(tmp_path):
    written(tmp_path, "a.csv", FIRST)
    (tmp_path / "shop" / "b.csv").write_text("other;columns\n1;2\n")
    os.utime(tmp_path / "shop" / "b.csv", (1, 1))
    read = read_mapped(tmp_path, {}, MAPS)
    assert len(read.rows) == 2
    assert set(read.offsets) == {"shop/a.csv", "shop/b.csv"}  # told once, until it changes
    assert len(read.problems) == 1


@pytest.mark.parametrize("late", [False, True], ids=["bought in time", "left standing"])
def test_a_basket_is_decided_on_from_the_studys_own_files(tmp_path, late):
    written_as = {"abandoned": "add then no purchase within 30 minutes"}
    wanted = read_triggers(written_as, verbs={"add", "purchase"}, platforms={"shop"})
    state, told = State(tmp_path / "s.duckdb", wanted, CALENDAR), []
    written(tmp_path, "a.csv", [FIRST[0], f"ana;2026-04-01 10:{30 if late else 29};order;a"])
    read = {"tell": told.append, "reader": lambda folder, seen: read_mapped(folder, seen, MAPS)}
    out = tmp_path / "decisions.out"
    for _ in range(2):
        watch(state, tmp_path, out, Options(once=True, finish=True), **read)
    assert [d["person_id"] for d in state.decisions()] == ["p_ana"] * late
    assert out.read_text().count("\n") == late
    Lines(out, state)
    state.close()
