"""People are sorted by a predicted effect only where they differ beyond chance, and held out."""

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie.experiments import Uplift, shrink, uplift
from coterie.experiments.learning.uplift import held_out, qini_of
from coterie.views.experiments import uplift as view
from coterie.views.forms.note import Note
from experiments.worlds import AS_OF, NOT_MEASURED, exposures_of, report_of, spring_world


def drawn(rng, *, n: int, differing: float) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """People whose outcome follows one feature, and whose effect follows another."""
    features = pd.DataFrame(rng.standard_normal((n, 4)), columns=list("abcd"))
    treated = rng.random(n) < 0.5
    chance = 0.2 + 0.05 * (features["a"] > 0)
    chance += treated * (0.05 + differing * np.where(features["b"] > 0, 1, -1))
    return features, treated, (rng.random(n) < chance).astype(float)


def test_people_who_differ_are_sorted_and_the_curve_lies_above_permuted_ones():
    found = held_out(*drawn(np.random.default_rng(0), n=6000, differing=0.1))
    assert found.differs
    assert found.gates["effect"].iloc[0] > 0.1
    assert found.gates["effect"].iloc[-1] < 0
    assert (found.gates["n_control"] + found.gates["n_arm"]).sum() == 3000
    middle = found.curve.iloc[10]
    assert middle["gain"] > middle["null_high"]
    assert found.curve["gain"].iloc[-1] == pytest.approx(found.gates["effect"].mean(), abs=0.02)
    axes = view.gates(found._replace(arm="b"))
    assert axes.get_title(loc="left").startswith("b changed +0.1")
    assert "p = 0.005" in view.qini(found).get_title(loc="left")


def test_where_all_are_moved_alike_there_is_no_evidence_that_people_differ():
    found = held_out(*drawn(np.random.default_rng(1), n=4000, differing=0.0))
    assert found.pvalue > 0.05
    said = view.gates(found).reason
    assert said.startswith("**There is no evidence that people differ**")
    assert "no better than permuted treatments" in said
    assert isinstance(view.qini(found), Note)


@pytest.mark.slow
def test_people_who_do_not_differ_are_said_to_in_at_most_one_of_twenty_cases():
    rng = np.random.default_rng(2)
    said = [held_out(*drawn(rng, n=2000, differing=0.0)).differs for _ in range(200)]
    seen = [held_out(*drawn(rng, n=4000, differing=0.08)).differs for _ in range(50)]
    assert np.mean(said) <= 0.05 + 0.03
    assert np.mean(seen) >= 0.8


def test_the_area_of_a_perfect_order_is_the_largest():
    treated = np.tile([True, False], 50)
    y = np.r_[np.tile([1.0, 0.0], 25), np.zeros(50)]
    _, best = qini_of(treated, y)
    _, worst = qini_of(treated[::-1], y[::-1])
    assert best > 0 > worst


def asked(report, known: dict) -> Uplift:
    acts = pd.DataFrame({"person_id": ["p0"], "at": [pd.Timestamp("2026-05-03")]})
    events = ibis.memtable(acts.assign(verb="purchase", value=1.0))
    options = {"shrunken": shrink(report), "as_of": AS_OF}
    return uplift(report, known, events, ibis.memtable(NOT_MEASURED), **options)


def test_it_is_asked_of_large_randomised_campaigns_whose_segments_differ_alone():
    small = spring_world(n=900)
    large = spring_world(n=4500)
    alike = spring_world(n=4500, lift=0.0)
    picked = spring_world(n=900, randomised=False)
    none = report_of(exposures_of({"ana": "control"}).head(0), [])
    reasons = [asked(report, {}).reason for report in (none, picked, small, alike, large)]
    assert reasons == [
        "no campaign was randomised and passed its checks",
        "no campaign was randomised and passed its checks",
        "an arm of spring has fewer than 1,000 people whose outcome is known",
        "chance may explain how the segments of spring differ in reacting",
        "nothing is known of people before the campaign",
    ]


def test_a_campaign_that_moves_one_segment_is_found_from_what_was_known_before():
    report = spring_world(n=4500)
    place = np.arange(4500) // 3
    known = pd.DataFrame({"person_id": [f"p{i}" for i in range(4500)], "fitted": True})
    known["n_events"] = np.where(place % 2 == 0, 30, 10)  # the segment S1 is the busy one
    bought = (place % 10 == 0) | ((place % 10 < 3) & (place % 2 == 0) & (np.arange(4500) % 3 > 0))
    acts = pd.DataFrame({"person_id": known["person_id"][bought], "verb": "purchase", "value": 1.0})
    events = ibis.memtable(acts.assign(at=pd.Timestamp("2026-05-03")))
    options = {"shrunken": shrink(report), "as_of": AS_OF}
    tables = ({"spring": ibis.memtable(known)}, events, ibis.memtable(NOT_MEASURED))
    found = uplift(report, *tables, **options)
    assert (found.arm, found.differs, found.tested) == ("treatment", True, found.pvalue)
    effects = found.gates["effect"]
    assert effects.head(2).mean() > 0.12  # it is 0.2 in S1, and none elsewhere
    assert effects.tail(2).mean() < 0.05
