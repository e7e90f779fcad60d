"""What notebook 01 says follows from its settings."""

from datetime import datetime

from coterie import experiments, objectives
from coterie.views import objectives as view

VERBS = {"conversion": "purchase", "engagement": "like"}
PLAN = experiments.default_plan(
    goal="Learn",
    owner="head of shop",
    kpis=VERBS,
    primary="conversion",
    base_rate=0.12,
    minimum_lift=0.1,
    horizon_days=28,
)


def test_the_indicator_that_decides_is_named():
    shown = view.indicators(
        objectives.indicators(VERBS, primary="engagement"), goal="Learn", owner="head of shop"
    )
    assert repr(shown) == "engagement decides, 1 other indicators explain"
    assert "Learn — decided by the head of shop" in shown.as_raw_html()


def test_the_title_says_how_many_people_a_lift_takes():
    curve = experiments.power_curve(PLAN, base_rate=0.12, lifts=[0.05, 0.1])
    axes = view.power(curve, base_rate=0.12, minimum_lift=0.1, needed=430)
    assert axes.get_title("left") == (
        "Seeing 10 points on a base of 12% takes 430 people a segment"
    )
    assert axes.lines[0].get_xdata().tolist() == [5, 10]


def test_the_largest_floor_is_the_one_that_binds():
    power = view.floors(objectives.size_floors(people_for_power=400))
    assert power.get_title("left").startswith("A segment needs 400 people, because all arms")
    platform = view.floors(objectives.size_floors(people_for_power=40))
    assert platform.get_title("left").startswith("A segment needs 300 people, because a platform")


def test_what_a_plan_can_promise_is_told_for_both_rules():
    plain = view.size(experiments.size(PLAN, base_rate=0.12), PLAN)
    assert repr(plain).endswith("the plan acts on its minimum in 80% of experiments")
    both = PLAN._replace(act_when="estimate >= minimum")
    demanding = view.size(experiments.size(both, base_rate=0.12), both)
    assert repr(demanding).endswith("the plan acts on its minimum in 50% of experiments")


def test_each_plan_is_one_sentence_with_its_error_and_its_first_date():
    own = PLAN._replace(id="email", act_when="estimate >= minimum", looks=28)
    table = experiments.register([own, PLAN], now=datetime(2026, 1, 1))
    sentences = view.plans([own, PLAN], table).reason
    assert sentences.startswith(
        "> **email** (control 1 to treatment 2): act when **conversion** within **28 days** rises"
        " by 10.0 points or more, with less than a **5%** chance of a false alarm"
    )
    assert "decided at any of 28 looks (confidence sequence), or when the last" in sentences
    assert "decided when the last person assigned has had 28 days; no decision before." in sentences
    assert sentences.count("Written down 2026-01-01") == 2
    assert "**any campaign** (control 1 to treatment 2): act when **conversion**" in sentences


def test_what_a_goal_lacks_stands_beside_it_with_its_key():
    own = {"goal": "Learn who buys", "kpi": "conversion", "rise": 0.1, "owner": "Ana"}
    shown = view.goals(objectives.check_goals([], kpis=VERBS, own=own))
    assert repr(shown) == "0 of 1 goals have a number, a day and an owner"
    assert "like 2026-12-31 (`01_objectives.goal_by`)" in shown.as_raw_html()


def test_a_benchmark_is_shown_with_its_source_or_not_at_all():
    known = objectives.read_benchmarks()
    html = view.benchmarks(known, kpi="reactions").as_raw_html()
    assert "Socialinsider 2026" in html
    assert "29 November 2026" in html
    assert "stays unknown" in view.benchmarks(known, kpi="visits").reason
