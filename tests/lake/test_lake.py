"""The lake keeps good tables, refuses bad ones readably, and shows nobody an unfinished run."""

import json
import stat
from pathlib import Path

import ibis
import pandas as pd
import pytest

from coterie import contracts
from coterie.lake import Finding, Lake, read_pointer
from coterie.lake.versions import pointers
from coterie.lake.versions.checks import in_doubt
from coterie.study import DataError, SettingsError

FLOORS = pd.DataFrame(
    {"rule": ["power", "privacy"], "people": [400, 50], "reason": ["seen", "safe"]}
)
VAULT = pd.DataFrame(
    {"person_id": ["p_1"], "platform": ["x"], "kind": ["email"], "identifier": ["ana@example.org"]}
)


def people_of(table):
    return table.order_by("rule").to_pandas()["people"].tolist()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_table_is_read_as_it_was_written(lake):
    written = lake.write(contracts.Floors, FLOORS)
    assert people_of(written) == people_of(lake.read(contracts.Floors)) == [400, 50]
    assert people_of(Lake("tiny").read(contracts.Floors)) == [400, 50]


def test_the_order_of_rows_and_further_columns_change_nothing_in_the_file(lake, folder):
    lake.write(contracts.Floors, FLOORS)
    first = read_pointer(lake.pointer)["tables"]
    lake.write(
        contracts.Floors, FLOORS[::-1].assign(extra=1)[["extra", "reason", "people", "rule"]]
    )
    assert read_pointer(lake.pointer)["tables"] == first
    assert len(list((folder / "tables" / "floors").iterdir())) == 1


def test_an_unwritten_table_names_the_notebook_that_writes_it(lake):
    with pytest.raises(SettingsError, match=r"no table people yet.*02_sourcing"):
        lake.read(contracts.People)


def test_a_table_whose_file_was_deleted_is_an_unwritten_table(lake, folder):
    lake.write(contracts.Floors, FLOORS)
    next((folder / "tables" / "floors").iterdir()).unlink()
    with pytest.raises(SettingsError, match=r"no table floors yet.*01_objectives"):
        lake.read(contracts.Floors)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (FLOORS.drop(columns="reason"), "column reason is missing"),
        (
            FLOORS.assign(people=["secret@example.org", "7"]),
            "column people is text; the contract asks for int64",
        ),
        (FLOORS.assign(people=-77123), "people fails greater_than_or_equal_to"),
        (FLOORS.assign(reason=None), "reason fails not_nullable"),
        (FLOORS.assign(rule="secret@example.org"), "1 rows repeat a rule"),
    ],
    ids=["missing column", "wrong type", "out of range", "empty", "repeated key"],
)
def test_a_broken_contract_names_table_and_column_and_no_value(lake, folder, broken, says):
    lake.write(contracts.Floors, FLOORS)
    with pytest.raises(DataError) as error:
        lake.write(contracts.Floors, broken)
    assert says in str(error.value)
    assert "table floors" in str(error.value)
    assert "secret" not in str(error.value)
    assert "77123" not in str(error.value)
    assert "<" not in str(error.value)
    assert people_of(lake.read(contracts.Floors)) == [400, 50]
    assert not list((folder / "tables" / "floors").glob(".draft*"))


def test_a_table_that_was_tampered_with_is_refused_when_it_is_read(lake, folder):
    lake.write(contracts.Floors, FLOORS)
    file = next((folder / "tables" / "floors").iterdir())
    FLOORS.assign(people=-1).to_parquet(file)
    with pytest.raises(DataError, match="table floors, written by hand: its file was changed"):
        lake.read(contracts.Floors)


def test_a_table_may_be_empty(lake):
    assert lake.write(contracts.Floors, FLOORS[:0].astype({"people": int})).count().execute() == 0


def test_the_vault_is_readable_by_its_owner_only(lake, folder):
    lake.write(contracts.Vault, VAULT)
    lake.write(contracts.Floors, FLOORS)
    vault = folder / "tables" / "vault"
    assert mode(vault) == 0o700
    assert {mode(file) for file in vault.iterdir()} == {0o600}
    assert mode(folder / "tables" / "floors") != 0o700


def test_the_key_of_the_pseudonyms_is_made_once_and_kept_private(lake, folder, monkeypatch):
    key = lake.secret_key()
    assert key == Lake("tiny").secret_key()
    assert len(key) >= 32
    assert mode(folder / "tables" / "vault" / "key") == 0o600
    monkeypatch.setenv("COTERIE_KEY", "given")
    assert lake.secret_key() == b"given"


def test_whoever_reads_the_vault_is_written_down(lake, folder, staged):
    log = folder / "access.log"
    lake.write(contracts.Floors, FLOORS)
    lake.read(contracts.Floors)
    assert not log.exists()
    lake.write(contracts.Vault, VAULT)
    lake.read(contracts.Vault)
    lake.read(contracts.Vault)
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    known = [(e["run"], e["stage"], e["table"], e["rows"]) for e in entries]
    assert known == [("by hand", "by hand", "vault", len(VAULT))] * 2
    assert mode(log) == 0o600
    assert "identifier" not in log.read_text()


def test_raw_personal_files_are_private(lake, folder):
    path, digest = lake.write_audience("meta-S1", pd.DataFrame({"email": ["00ff"]}))
    assert path == folder / "outbox" / "by-hand" / "meta-S1.csv"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert path.read_text() == "email\n00ff\n"
    assert len(digest) == 64


def test_a_full_disk_leaves_the_last_good_table_and_no_half_file(lake, folder, monkeypatch):
    lake.write(contracts.Floors, FLOORS)
    before = lake.pointer.read_bytes()

    def full(_, file):
        Path(file).write_bytes(b"PAR1 half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lake.engine, "to_parquet", full)
    with pytest.raises(OSError, match="No space left"):
        lake.write(contracts.Floors, FLOORS.assign(people=9))
    assert lake.pointer.read_bytes() == before
    assert len(list((folder / "tables" / "floors").iterdir())) == 1


def test_a_pointer_that_cannot_be_written_leaves_the_old_one(lake, folder, monkeypatch):
    lake.write(contracts.Floors, FLOORS)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pointers, "owned", full)
        with pytest.raises(OSError, match="No space left"):
            lake.write(contracts.Floors, FLOORS.assign(people=9))
    assert people_of(lake.read(contracts.Floors)) == [400, 50]


def test_what_a_run_writes_stays_its_own_until_it_succeeds(lake, folder, finish, staged):
    finish("r1", floors=(contracts.Floors, FLOORS))
    before = (folder / "current.json").read_bytes()
    run = staged()
    run.write(contracts.Floors, FLOORS.assign(people=[9, 8]))
    assert people_of(run.read(contracts.Floors)) == [9, 8]
    assert people_of(run.read_previous(contracts.Floors)) == [400, 50]
    assert people_of(lake.read(contracts.Floors)) == [400, 50]
    assert (folder / "current.json").read_bytes() == before


def test_a_run_sees_no_table_but_its_own(lake, finish, staged):
    finish("r1", floors=(contracts.Floors, FLOORS))
    lake.write(contracts.Floors, FLOORS)
    with pytest.raises(SettingsError, match="no table floors"):
        staged().read(contracts.Floors)


def test_there_is_nothing_previous_before_the_second_run(lake):
    lake.write(contracts.Floors, FLOORS)
    assert lake.read_previous(contracts.Floors) is None


def test_the_journal_of_a_run_is_its_lineage_and_by_hand_there_is_none(lake, staged):
    lake.write(contracts.Floors, FLOORS)
    assert lake.lineage().empty
    staged().write(contracts.Floors, FLOORS)
    later = staged(stage="09_governance")
    later.read(contracts.Floors)
    lineage = later.lineage()
    assert lineage[["stage", "direction", "table"]].values.tolist() == [
        ["01_objectives", "writes", "floors"],
        ["09_governance", "reads", "floors"],
    ]
    assert lineage["digest"].nunique() == 1


def test_findings_keep_interval_grade_and_run(staged):
    run = staged(stage="08_experiments")
    shown = run.record(
        "08",
        evidence="C",
        lift=Finding(0.1, 0.05, 0.15, "A"),
        n=pd.Series([3]).max(),
        low=(0.8, 0.7, 0.9),
        gone=None,
    )
    assert shown["value"].tolist() == ["0.1", "3", "0.8", "—"]
    assert shown["evidence"].tolist() == ["A", "C", "C", "C"]
    assert shown["low"].tolist() == ["0.05", "—", "0.7", "—"]
    stored = run.load(
        contracts.Findings, read_pointer(run.pointer)["findings"]["findings_08"]
    ).to_pandas()
    assert stored.set_index("name").loc[["lift", "n", "low", "gone"], "value"].tolist() == [
        "0.1",
        "3",
        "0.8",
        "null",
    ]
    assert set(stored["run"]) == {"r2"}
    assert set(stored["stage"]) == {"08"}


def test_not_a_number_is_recorded_as_nothing_so_that_the_findings_stay_json(lake):
    assert lake.record("08", srm_pvalue=float("nan"))["value"].tolist() == ["—"]
    stored = lake.load(
        contracts.Findings, read_pointer(lake.pointer)["findings"]["findings_08"]
    ).to_pandas()
    assert stored["value"].tolist() == ["null"]


def test_an_empty_pointer_is_never_shared_between_readers(tmp_path):
    read_pointer(tmp_path / "none.json")["tables"]["planted"] = "x"
    (tmp_path / "old.json").write_text("{}")
    read_pointer(tmp_path / "old.json")["tables"]["planted"] = "x"
    assert read_pointer(tmp_path / "none.json")["tables"] == {}


def broken_in(contract, column):
    """One row that keeps a contract, and the same row with one value that breaks it."""
    kind = contract.types[column]
    [check] = contract.schema.columns[column].checks
    limits = check.statistics
    wrong = {"isin": "nonsense"}.get(check.name)
    if wrong is None:
        wrong = limits["max_value"] if check.name == "less_than" else limits["min_value"]
        wrong += {"greater_than": 0, "less_than": 0}.get(check.name, -1)
    return {column: wrong}, kind


@pytest.mark.parametrize(
    "check", ["isin", "greater_than_or_equal_to", "greater_than", "less_than", "in_range"]
)
def test_the_one_query_doubts_whatever_pandera_would_refuse(check):
    for table in contracts.TABLES:
        contract = contracts.contract(table)
        for name, column in contract.schema.columns.items():
            if [own.name for own in column.checks] == [check]:
                wrong, kind = broken_in(contract, name)
                row = ibis.memtable(pd.DataFrame([wrong])).cast({name: kind})
                alone = contract._replace(schema=contract.schema.select_columns([name]))
                assert in_doubt(alone, row).execute(), (table, name)
