"""What holds of any finished study, held on the tiny one."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from coterie.lake import read_pointer
from coterie.runner.planning.needs import stages_needed
from coterie.runner.planning.notebooks import code_cells
from coterie.study import STAGES

NAMED = {
    "01": ("people_per_segment",),
    "02": ("rows_read", "rows_quarantined", "n_people"),
    "03": ("n_features",),
    "04": ("n_posts", "sentiment_accuracy"),
    "05": ("n_segments", "stability_low", "null_stability_low", "verdict", "ari_truth"),
    "08": ("srm_pvalue", "lift"),
    "09": ("n_cleared",),
    "10": ("n_exported", "n_suppressed"),
    "11": ("n_alerts",),
}


@pytest.fixture(scope="module")
def exported(tiny):
    """The rows of people whom a platform is given."""
    return tiny.table("audiences").query("decision == 'export'")


def test_a_run_leaves_eleven_pages_an_index_and_a_manifest(tiny):
    left = {file.name for file in tiny.reports.iterdir()}
    assert {f"{stage}.html" for stage in STAGES} <= left
    assert {"index.html", "manifest.json", "findings.json"} <= left


def test_the_findings_that_readers_rely_on_are_printed(tiny):
    rows = json.loads(tiny.coterie("findings", "demo", "--json").stdout)
    fields = {"run", "stage", "name", "value", "low", "high", "evidence"}
    assert all(set(row) == fields for row in rows)
    found = {(row["stage"], row["name"]) for row in rows}
    assert {(stage, name) for stage, names in NAMED.items() for name in names} <= found
    assert len(rows) == len(tiny.findings)


def test_every_row_read_is_kept_or_quarantined(tiny):
    sources = tiny.table("sources")
    fates = sources[["rows_kept", "rows_quarantined", "rows_merged"]].sum(axis=1)
    assert (sources["rows_read"] == fates).all()
    assert tiny.findings["02 rows_read"] == sources["rows_read"].sum()
    assert tiny.findings["02 rows_quarantined"] == len(tiny.table("quarantine")) > 0


def test_nothing_of_the_future_reaches_a_feature(tiny):
    assert tiny.findings["03 leaked"] == 0


def test_a_campaign_that_chose_its_people_is_never_graded_as_an_experiment(tiny):
    graded = tiny.table("effects").groupby("experiment")["evidence"].unique()
    assert list(graded["winter-retarget"]) == ["C"]


def test_no_segment_under_its_floor_is_exported(tiny, exported):
    clearances = tiny.table("clearances").set_index("segment")
    assert tiny.findings["10 n_exported"] == exported["person_id"].nunique() > 0
    used = clearances.loc[exported["segment"].unique()]
    assert (used["n_people"] >= used["floor"]).all()
    assert used["cleared"].all()


def test_no_bot_is_exported(tiny, exported):
    bots = tiny.table("bots").query("tagged")
    assert len(bots) > 0
    assert not set(exported["person_id"]) & set(bots["person_id"])


def test_nobody_who_opted_out_is_exported(tiny, exported):
    consents = tiny.table("consents").query("purpose == 'advertising'").set_index("person_id")
    assert not consents["granted"].all()
    assert consents["granted"].reindex(exported["person_id"]).eq(True).all()
    assert tiny.findings["10 opt_outs_exported"] == 0


def test_shares_of_a_person_sum_to_one_at_most_and_the_largest_is_home(tiny):
    homes, shares = tiny.table("segments").set_index("person_id"), tiny.table("memberships")
    assert shares.groupby("person_id")["share"].sum().between(0.5, 1 + 1e-9).all()
    largest = shares.loc[shares.groupby("person_id")["share"].idxmax()].set_index("person_id")
    same = largest["segment"] == homes.loc[largest.index, "segment"]
    assert same.mean() > 0.999  # but for exact ties


def test_the_audience_files_hold_hashes_only(tiny):
    files = list((tiny.lake / "outbox").rglob("*.csv"))
    assert files
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert {file.stem for file in files} == set(tiny.table("exports")["file"])
    for file in [file for file in files if "_companies_" not in file.name]:
        values = pd.Series(pd.read_csv(file, dtype=str).to_numpy().ravel()).dropna()
        assert values.str.fullmatch("[0-9a-f]{64}").all()


def test_an_unchanged_second_run_runs_nothing(tiny):
    printed = tiny.run()
    assert "Nothing changed" in printed
    assert "running" not in printed


def execute_by_hand(study, stage: str, folder):
    """Run one notebook by plain papermill on a copy of the study's lake."""
    home = study.copy(folder / "home").home
    files = [home / "notebooks" / f"{stage}.ipynb", folder / "out.ipynb"]
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "-p", "study", study.study]
    environment = os.environ | {"COTERIE_HOME": str(home)}
    done = subprocess.run(
        [*command, *map(str, files)], env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert files[1].exists()


def test_plain_papermill_runs_one_notebook_on_the_lake_that_is_there(tiny, tmp_path):
    execute_by_hand(tiny, "01_objectives", tmp_path)


@pytest.mark.slow
def test_plain_papermill_finds_segments_on_the_lake_that_is_there(tiny, tmp_path):
    execute_by_hand(tiny, "05_segments", tmp_path)


def test_every_table_that_a_notebook_read_was_waited_for(tiny):
    journal = read_pointer(tiny.lake / "current.json")["journal"]
    writers = {name: stage for stage, used in journal.items() for name in used.get("writes", ())}
    for stage, used in journal.items():
        waited = [stages_needed(code, stage) for code in code_cells(stage)]
        read_from = {writers[name] for name in used.get("reads", ())} - {stage}
        assert read_from <= frozenset().union(*waited), stage
