"""The demo study finds what its world planted."""

import json

import pandas as pd
import pytest

from coterie.study import STAGES

NAMED = {
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
def findings(demo):
    return demo.findings


def table(demo, name):
    pointer = json.loads((demo.lake / "current.json").read_text())
    return pd.read_parquet(demo.lake / pointer["tables"][name])


def test_a_run_leaves_eleven_pages_an_index_and_a_manifest(demo):
    left = {file.name for file in demo.reports.iterdir()}
    assert {f"{stage}.html" for stage in STAGES} <= left
    assert {"index.html", "manifest.json", "findings.json"} <= left


def test_the_findings_that_readers_rely_on_are_there(demo):
    rows = json.loads(demo.coterie("findings", "demo", "--json").stdout)
    assert all(set(row) == {"run", "stage", "name", "value", "low", "high", "evidence"} for row in rows)
    found = {(row["stage"], row["name"]) for row in rows}
    assert {(stage, name) for stage, names in NAMED.items() for name in names} <= found


def test_every_row_read_is_kept_or_quarantined(demo, findings):
    sources = table(demo, "sources")
    assert (sources["rows_read"] == sources["rows_kept"] + sources["rows_quarantined"]).all()
    assert findings["02 rows_read"] == sources["rows_read"].sum()
    assert findings["02 rows_quarantined"] == len(table(demo, "quarantine")) > 0


def test_the_planted_segments_are_found_better_than_chance(findings):
    assert findings["05 verdict"] in ("natural", "reproducible")
    assert 5 <= findings["05 n_segments"] <= 8
    assert findings["05 ari_truth"] > 0.65
    assert findings["05 stability_low"] > findings["05 null_stability_low"]


def test_nothing_of_the_future_reaches_a_feature(findings):
    assert findings["03 leaked"] == 0


def test_the_text_model_beats_guessing(findings):
    bars = {"sentiment": 0.88, "intent": 0.65, "topic": 0.65, "aspect": 0.7}  # zero-shot: sentiment 0.78, topic 0.65
    assert {
        kind: findings[f"04 {kind}_accuracy"] for kind in bars if findings[f"04 {kind}_accuracy"] < bars[kind]
    } == {}
    planted = pd.Timestamp("2026-01-02") + pd.Timedelta(days=int(0.45 * 180))
    topic, week = findings["04 first_burst"].split()
    assert topic == "travel"
    assert abs((pd.Timestamp(week) - planted).days) <= 14


def test_the_planted_lift_lies_inside_the_interval_and_the_arms_fit_the_plan(demo, findings):
    assert findings["08 srm_pvalue"] > 0.001
    lifts = table(demo, "lifts").query("campaign == 'spring-offer' and metric == 'conversion' and segment == 'all'")
    assert lifts["low"].item() <= findings["08 lift_truth"] <= lifts["high"].item()
    assert lifts["evidence"].item() == "A"


def test_a_campaign_that_chose_its_people_is_never_graded_as_an_experiment(demo):
    graded = table(demo, "lifts").groupby("campaign")["evidence"].unique()
    assert list(graded["winter-retarget"]) == ["C"]


def test_the_health_segment_is_not_cleared(demo):
    profiles = table(demo, "profiles").query("trait == 'inferred_interest_health'")
    ill = profiles.loc[profiles["index"].idxmax(), "segment"]
    clearances = table(demo, "clearances").set_index("segment")
    assert clearances.loc[ill, "sensitivity"] == "special"
    assert not clearances.loc[ill, "cleared"]


def test_no_segment_under_its_floor_is_exported(demo, findings):
    exported = table(demo, "audiences").query("decision == 'export'")
    clearances = table(demo, "clearances").set_index("segment")
    assert findings["10 n_exported"] == exported["person_id"].nunique() > 0
    used = clearances.loc[exported["segment"].unique()]
    assert (used["n_people"] >= used["floor"]).all()
    assert used["cleared"].all()


def test_no_machine_and_nobody_partly_in_the_health_segment_is_exported(demo):
    exported = set(table(demo, "audiences").query("decision == 'export'")["person_id"])
    special = table(demo, "clearances").query("sensitivity == 'special'")["segment"]
    partly = table(demo, "memberships").query("share >= 0.3").merge(special, on="segment")
    machines = table(demo, "bots").query("tagged")
    assert len(partly) > 0 < len(machines)
    assert not exported & {*partly["person_id"], *machines["person_id"]}


def test_shares_hold_in_a_world_that_was_not_used_to_calibrate_them(findings):
    assert findings["05 membership_error"] < 0.05
    assert findings["05 core_precision"] >= 0.9


def test_shares_of_a_person_sum_to_one_at_most_and_the_largest_is_home(demo):
    homes, shares = table(demo, "segments").set_index("person_id"), table(demo, "memberships")
    assert shares.groupby("person_id")["share"].sum().between(0.5, 1 + 1e-9).all()
    largest = shares.loc[shares.groupby("person_id")["share"].idxmax()].set_index("person_id")["segment"]
    assert (largest == homes.loc[largest.index, "segment"]).mean() > 0.999  # but for exact ties
    assert not homes["fitted"].all()


def test_nobody_who_opted_out_is_exported(demo):
    exported = table(demo, "audiences").query("decision == 'export'")["person_id"]
    consents = table(demo, "consents").query("purpose == 'advertising'").set_index("person_id")["granted"]
    assert not consents.all()
    assert consents.reindex(exported).eq(True).all()


def test_the_audience_files_hold_hashes_only(demo):
    files = list((demo.lake / "outbox").rglob("*.csv"))
    assert files
    for file in files:
        assert file.stat().st_mode & 0o077 == 0
        values = pd.read_csv(file, dtype=str).to_numpy().ravel()
        assert all(pd.isna(value) or (len(value) == 64 and int(value, 16) >= 0) for value in values)


def test_an_unchanged_second_run_runs_nothing(demo):
    done = demo.coterie("run", "demo")
    assert done.returncode == 0
    assert "Nothing changed" in done.stdout
    assert "running" not in done.stdout


def test_names_and_ids_survive_another_seed(demo):
    before = table(demo, "segments").set_index("person_id")
    done = demo.coterie("run", "demo", "--set", "05_segments.seed=11")
    assert done.returncode == 0, done.stderr
    for stage in STAGES[:4]:
        assert f"{stage}: kept" in done.stdout
    after = table(demo, "segments").set_index("person_id").loc[before.index]
    if after["segment"].nunique() == before["segment"].nunique():
        assert (after["segment"] == before["segment"]).mean() > 0.9
        named = {frame: dict(zip(frame_["segment"], frame_["segment_name"], strict=True)) for frame, frame_ in
                 (("before", before), ("after", after))}  # fmt: skip
        assert named["before"] == named["after"]
