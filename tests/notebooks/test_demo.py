"""The demo study finds what its world planted. Slow, for it takes the whole world."""

import pandas as pd
import pytest

from coterie.study import STAGES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def findings(demo):
    return demo.findings


def test_the_planted_segments_are_found_better_than_chance(findings):
    assert findings["05 verdict"] in ("natural", "reproducible")
    assert 5 <= findings["05 n_segments"] <= 8
    assert findings["05 ari_truth"] > 0.65
    assert findings["05 stability_low"] > findings["05 null_stability_low"]


# Zero-shot, sentiment reached 0.78 and topic 0.65.
@pytest.mark.parametrize(
    ("kind", "bar"), [("sentiment", 0.88), ("intent", 0.65), ("topic", 0.65), ("aspect", 0.7)]
)
def test_the_text_model_beats_guessing(findings, kind, bar):
    assert findings[f"04 {kind}_accuracy"] >= bar


def test_the_planted_burst_is_found_within_two_weeks(findings):
    planted = pd.Timestamp("2026-01-02") + pd.Timedelta(days=int(0.45 * 180))
    topic, week = findings["04 first_burst"].split()
    assert topic == "travel"
    assert abs((pd.Timestamp(week) - planted).days) <= 14


def test_the_planted_lift_lies_inside_the_interval_and_the_arms_fit_the_plan(demo, findings):
    assert findings["08 srm_pvalue"] > 0.001
    offer = demo.table("effects").query("experiment == 'spring-offer' and metric == 'conversion'")
    everyone = offer[offer["segment"] == "all"]
    assert everyone["low"].item() <= findings["08 lift_truth"] <= everyone["high"].item()
    assert everyone["evidence"].item() == "A"


def test_the_health_segment_is_not_cleared(demo):
    profiles = demo.table("profiles").query("trait == 'inferred_interest_health'")
    ill = profiles.loc[profiles["index"].idxmax(), "segment"]
    clearances = demo.table("clearances").set_index("segment")
    assert clearances.loc[ill, "sensitivity"] == "special"
    assert not clearances.loc[ill, "cleared"]


def test_nobody_partly_in_the_health_segment_is_exported(demo):
    exported = set(demo.table("audiences").query("decision == 'export'")["person_id"])
    special = demo.table("clearances").query("sensitivity == 'special'")["segment"]
    partly = demo.table("memberships").query("share >= 0.3").merge(special, on="segment")
    assert exported
    assert len(partly) > 0
    assert not exported & set(partly["person_id"])


def test_shares_hold_in_a_world_that_was_not_used_to_calibrate_them(demo, findings):
    assert findings["05 membership_error"] < 0.05
    assert findings["05 core_precision"] >= 0.9
    assert not demo.table("segments")["fitted"].all()


@pytest.mark.xfail(reason="other seeds may find another number, 11 not since 0.12.0: see README")
def test_names_and_ids_survive_another_seed(demo, tmp_path):
    before = demo.table("segments").set_index("person_id")
    again = demo.copy(tmp_path / "home")
    again.run()  # its files lie elsewhere now, so 02 reads them once more
    printed = again.run("--set", "05_segments.seed=11")
    assert all(f"{stage}: kept" in printed for stage in STAGES[:4])
    after = again.table("segments").set_index("person_id").loc[before.index]
    assert after["segment"].nunique() == before["segment"].nunique()
    assert (after["segment"] == before["segment"]).mean() > 0.9
    one, other = (frame.groupby("segment")["segment_name"].first() for frame in (before, after))
    assert one.to_dict() == other.to_dict()
