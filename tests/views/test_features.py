"""Notebook 03's titles and sentences, on frames alone."""

import pandas as pd
import pytest

from coterie.features.activity.scales import Scale
from coterie.features.learning.decay import HalfLives
from coterie.features.learning.effort import EFFORT
from coterie.views import features as view
from coterie.views.forms.note import Note


def test_without_a_learned_half_life_the_convention_is_said_to_stand():
    shown = view.decay_curves(HalfLives(EFFORT.assign(chosen=False), EFFORT.head(0)))
    assert "The convention stands" in shown.reason


@pytest.mark.parametrize(("n_tagged", "word"), [(0, "Nobody"), (3, "Fewer than 50")])
def test_few_bots_are_a_note_and_no_chart(n_tagged, word):
    bots = pd.DataFrame({"tagged": [True] * n_tagged + [False] * 100})
    shown = view.bot_band(pd.DataFrame(), bots, horizon_days=28, min_people=50)
    assert word in shown.reason


def test_the_reasons_of_the_tagged_are_said_in_words_and_those_of_others_are_not():
    bots = pd.DataFrame(
        {
            "tagged": [True, True, False],
            "reasons": ["acts together", "like a clock; acts together", "x"],
        }
    )
    shown = view.bot_reasons(bots)
    assert shown.reason.endswith("first: acts together; like a clock.")
    assert "Nobody" in view.bot_reasons(bots.assign(tagged=False)).reason


def test_one_platform_leaves_nothing_to_guess():
    assert isinstance(view.platform_scale(Scale(float("nan"), float("nan"))), Note)
    assert "0.52" in view.platform_scale(Scale(0.9, 0.52)).get_title(loc="left")


def test_the_funnel_names_its_largest_loss_and_hides_few_people():
    steps = pd.DataFrame(
        {
            "step": ["view", "purchase"],
            "people": [100, 60],
            "share_lost": [None, 0.4],
            "largest_loss": [False, True],
        }
    )
    title = view.funnel(steps, min_people=50).get_title(loc="left")
    assert title == "Most are lost from view to purchase (40%)"
    assert isinstance(view.funnel(steps, min_people=70), Note)


def test_the_step_matrix_leaves_out_what_few_people_did():
    steps = pd.DataFrame(
        [("start", "view", 90, 1.0), ("view", "end", 80, 0.9), ("view", "conversion", 9, 0.1)],
        columns=["source", "target", "people", "share"],
    )
    shown = view.step_matrix(steps, min_people=50)
    assert [label.get_text() for label in shown.get_xticklabels()] == ["view", "end"]
    assert isinstance(view.step_matrix(steps, min_people=100), Note)


def test_a_feature_is_shown_by_its_label_and_never_by_its_column():
    table = pd.DataFrame(
        {"feature": ["hour_cos"], "course": "trend", "psi": 0.3, "limit": 0.1, "drifted": True}
    )
    [label] = view.drift(table).get_yticklabels()
    assert label.get_text() == "active at night rather than midday, trend"


def test_the_busiest_weekday_is_named():
    table = pd.DataFrame({"part": [0, 5], "n_events": [10, 20], "index": [90.0, 130.0]})
    assert "Saturday, +30 %" in view.seasons(table, by="weekday").get_title(loc="left")
