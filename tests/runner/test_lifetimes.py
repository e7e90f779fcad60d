"""How long old versions live, and that nothing which is not ours is ever deleted."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import (
    CURRENT,
    STAGING,
    Lake,
    edited_pointer,
    made_in,
    note_made,
    read_pointer,
    write_pointer,
)
from coterie.runner.publishing import lifetimes, promotion
from coterie.study import load_study

NEVER = "20200101-000000-00"
SEGMENTS = pd.DataFrame({"person_id": ["p_ana", "p_bo"], "segment": "S1", "tier": "core"})


@pytest.fixture(autouse=True)
def in_house(monkeypatch, home) -> None:
    """Let the library in this process look at the house under test."""
    monkeypatch.setenv("COTERIE_HOME", str(home.folder))


def full(contract: contracts.Contract, frame: pd.DataFrame) -> pd.DataFrame:
    """Fill the columns that a test does not care about."""
    plain = {"string": "a", "int64": 1, "float64": 0.5, "boolean": True}
    for name, kind in contract.types.items():
        if name not in frame:
            frame = frame.assign(**{name: plain.get(kind, pd.Timestamp("2026-01-01"))})
    return frame


def run_folder(home, run: str, *, finished: bool = True) -> Path:
    """Lay out what a run publishes."""
    folder = home.reports / run
    folder.mkdir()
    note_made(home.reports, *(f"{run}/{name}" for name in lifetimes.PUBLISHED))
    (folder / "private.log").write_text(f"run {run}\n")
    if finished:
        (folder / "manifest.json").write_text("{}")
    return folder


def test_what_lies_beside_our_files_is_left_in_every_folder(home):
    foreign = [
        home.lake / "tables" / "floors" / "figures.parquet",
        home.lake / "tables" / "theirs" / f"{'0' * 16}.parquet",
        home.lake / "models" / "theirs" / "weights.safetensors",
        home.lake / "outbox" / "notes.txt",
        home.lake / "outbox" / NEVER / "letter.csv",
        home.lake / "cache" / "theirs.npz",
        home.lake / "notes.txt",
        home.reports / "2025-01-01 board-deck-v2" / "deck.html",
        home.reports / NEVER / "index.html",
        home.latest() / "comments.txt",
        home.folder / "reports" / "theirs.txt",
    ]
    for file in foreign:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"theirs")
    link = home.lake / "outbox" / "elsewhere"
    link.symlink_to(home.folder)
    ours = home.lake / "outbox" / NEVER / "meta_S1.csv"
    note_made(home.lake, f"outbox/{NEVER}/meta_S1.csv")
    ours.write_text("email\n00ff\n")
    code, printed = home.coterie("run", "tiny")
    assert code == 0
    assert "Nothing changed" in printed
    assert [file for file in foreign if not file.exists() or file.read_bytes() != b"theirs"] == []
    assert link.is_symlink()
    assert not ours.exists(), "an unchanged run sweeps too"


def test_failed_attempts_do_not_count_and_go_when_a_run_succeeded(home):
    home.settings.write_text(home.settings.read_text() + "keep_runs: 2\n")
    finished = [run_folder(home, f"2030010{day}-000000-00") for day in range(1, 5)]
    failed = [run_folder(home, f"2030010{day}-120000-00", finished=False) for day in range(1, 5)]
    assert lifetimes.sweep(load_study("tiny"), home.reports) == []
    assert [folder.name for folder in finished if folder.exists()] == [
        "20300103-000000-00",
        "20300104-000000-00",
    ]
    assert not [folder for folder in failed if folder.exists()]
    assert (home.latest() / "index.html").exists(), "the last good results rest on it"


def test_pages_live_for_so_many_days(home):
    home.settings.write_text(home.settings.read_text() + "keep_days: 30\n")
    old = run_folder(home, NEVER)
    lifetimes.sweep(load_study("tiny"), home.reports)
    assert not old.exists()
    assert home.latest().exists()


def test_with_the_clock_set_back_a_year_the_last_good_run_stays(home):
    runs = [run_folder(home, f"2030010{day}-000000-00") for day in range(1, 4)]
    home.settings.write_text(home.settings.read_text() + "keep_runs: 1\n")
    lifetimes.sweep(load_study("tiny"), home.reports)
    assert home.latest().exists()
    assert (home.latest() / "manifest.json").exists()
    assert [run.exists() for run in runs] == [False, False, True]


def test_who_was_erased_is_gone_from_the_tables_of_the_run_before_at_once(home, monkeypatch):
    monkeypatch.setattr(lifetimes, "compared_tables", lambda: {"segments"})
    people = full(
        contracts.People, pd.DataFrame({"person_id": ["p_ana", "p_bo"], "birth_year": 1990})
    )
    for run, frame in (("r1", people), ("r2", people[1:])):
        with monkeypatch.context() as patch:
            patch.setenv("COTERIE_POINTER", str(home.lake / STAGING))
            patch.setenv("COTERIE_RUN", run)
            with edited_pointer(home.lake / STAGING) as pointer:
                pointer["stages"] = {"10_activation": {"run": run}}
            lake = Lake("tiny")
            lake.write(contracts.People, frame)
            lake.write(
                contracts.Vault,
                pd.DataFrame(
                    {
                        "person_id": frame["person_id"],
                        "platform": "x",
                        "kind": "email",
                        "identifier": frame["person_id"] + "@example.org",
                    }
                ),
            )
            kept = SEGMENTS[SEGMENTS["person_id"].isin(frame["person_id"])]
            lake.write(contracts.Segments, full(contracts.Segments, kept))
            run_folder(home, run) if not (home.reports / run).exists() else None
            assert promotion.promote(load_study("tiny"), home.reports / run) == []
    current = read_pointer(home.lake / CURRENT)
    assert set(current["previous"]) == {"segments"}
    before = Lake("tiny").read_previous(contracts.Segments).to_pandas()
    assert before["person_id"].tolist() == ["p_bo"]
    stored = [pd.read_parquet(file) for file in (home.lake / "tables").rglob("*.parquet")]
    assert not [
        frame for frame in stored if (frame.get("person_id", pd.Series(dtype=str)) == "p_ana").any()
    ]


def test_tables_of_the_run_before_live_for_so_many_days(home):
    study = load_study("tiny")
    with edited_pointer(home.lake / CURRENT) as pointer:
        pointer["previous"] = dict(pointer["tables"])
        pointer["replaced"] = NEVER
    lifetimes.sweep(study, home.reports)
    assert read_pointer(home.lake / CURRENT)["previous"] == {}


def test_the_notebooks_say_which_tables_they_compare_with_the_run_before(monkeypatch):
    root = Path(contracts.__file__).parents[4]
    monkeypatch.setenv("COTERIE_HOME", str(root))
    assert {"segments", "segment_events", "plans"} <= lifetimes.compared_tables()


def test_files_of_a_version_without_a_ledger_are_known_by_name_and_content(home):
    current = read_pointer(home.lake / CURRENT)
    before = {name for name in made_in(home.lake) if (home.lake / name).exists()}
    (home.lake / ".made").unlink()
    unlike = home.lake / "tables" / "floors" / "0123456789abcdef.parquet"
    unlike.write_bytes(b"not what its name says")
    assert set(lifetimes.older_files(home.lake)) == before
    lifetimes.sweep(load_study("tiny"), home.reports)
    assert unlike.exists()
    assert all((home.lake / file).exists() for file in current["tables"].values())


@pytest.mark.skipif(os.getuid() == 0, reason="the superuser may delete anything")
def test_what_cannot_be_deleted_is_said_and_stops_nothing(home):
    outbox = home.lake / "outbox" / NEVER
    outbox.mkdir(parents=True)
    note_made(home.lake, f"outbox/{NEVER}/meta_S1.csv")
    (outbox / "meta_S1.csv").touch()
    outbox.chmod(0o500)
    code, printed = home.coterie("run", "tiny")
    outbox.chmod(0o700)
    assert code == 0
    assert "Not allowed to delete" in printed


def test_a_damaged_scratch_is_said_and_nothing_it_may_need_is_deleted(home):
    (home.lake / "scratch.json").write_text("")
    spare = f"tables/floors/{'0' * 16}.parquet"
    note_made(home.lake, spare)
    (home.lake / spare).touch()
    left = lifetimes.sweep(load_study("tiny"), home.reports)
    assert "Old tables were left" in left[0]
    assert (home.lake / spare).exists()


def test_a_pointer_promoted_leaves_an_equal_copy(home):
    write_pointer(home.lake / STAGING, read_pointer(home.lake / CURRENT))
    promotion.promote(load_study("tiny"), home.latest())
    copies = [json.loads((home.lake / name).read_text()) for name in (CURRENT, "current.json.copy")]
    assert copies[0] == copies[1]
