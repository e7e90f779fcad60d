"""What notebook 01 says follows from its settings."""

from datetime import datetime

from coterie import objectives
from coterie.views import objectives as view

VERBS = {"conversion": "purchase", "engagement": "like"}


def test_the_indicator_that_decides_is_named():
    shown = view.indicators(
        objectives.indicators(VERBS, primary="engagement"), goal="Learn", owner="head of shop"
    )
    assert repr(shown) == "engagement decides, 1 other indicators explain"
    assert "Learn — decided by the head of shop" in shown.as_raw_html()


def test_the_title_says_how_many_people_a_lift_takes():
    curve = objectives.power_curve(0.12, [0.05, 0.1])
    axes = view.power(curve, base_rate=0.12, minimum_lift=0.1, needed=430)
    assert axes.get_title("left") == (
        "Seeing 10 points on a base of 12% takes 430 people a segment"
    )
    assert axes.lines[0].get_xdata().tolist() == [5, 10]


def test_the_largest_floor_is_the_one_that_binds():
    power = view.floors(objectives.size_floors(people_for_power=400))
    assert power.get_title("left").startswith("A segment needs 400 people, because two equal arms")
    platform = view.floors(objectives.size_floors(people_for_power=40))
    assert platform.get_title("left").startswith("A segment needs 300 people, because a platform")


def test_the_rule_is_one_sentence_that_names_its_error():
    wanted = objectives.Rule("g", "o", "conversion", 0.12, minimum_lift=0.1, horizon_days=28)
    rule = objectives.decision_rule(wanted, now=datetime(2026, 1, 1))
    sentence = view.decision_rule(rule).reason
    assert sentence.startswith(
        "> Act when **conversion** within **28 days** rises by at least **10.0%**, with less than"
    )
    assert "**5%** chance of a false alarm" in sentence
