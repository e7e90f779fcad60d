"""What 06 says about a forecast, without a run."""

from datetime import date

import numpy as np
import pandas as pd

from coterie.scores import (
    ContactPlan,
    Cuts,
    Decision,
    Migration,
    Sentinels,
    Sufficiency,
    Trial,
    ValueDays,
    ValueTrial,
    churn,
    propensity,
)
from coterie.statistics import Interval
from coterie.views import scores as view
from coterie.views.forms.note import Note
from coterie.views.scores import customers as customer_view
from coterie.wording import trait_label

DAY = date(2026, 7, 1)
CUTS = Cuts(date(2026, 5, 6), date(2026, 6, 3), DAY, 28, 124, 180)
MISSING = Interval(np.nan, np.nan, np.nan)
MEASURES = pd.DataFrame(
    [
        (forecast, measure, value, value - 0.01, value + 0.01)
        for forecast in ("base rate", "logistic regression")
        for measure, value in (
            ("auc", 0.7),
            ("log_loss", 0.3),
            ("brier", 0.1),
            ("calibration_error", 0.02),
        )
    ],
    columns=["forecast", "measure", "value", "low", "high"],
)
GROUPS = pd.DataFrame(
    {
        "group": [1, 2],
        "n_people": [100, 100],
        "forecast": [0.1, 0.5],
        "value": [0.12, 0.3],
        "low": [0.07, 0.22],
        "high": [0.2, 0.4],
    }
)
GOOD = Trial(
    MEASURES,
    Interval(0.03, 0.02, 0.04),
    Interval(0.001, -0.001, 0.002),
    GROUPS,
    np.zeros(0),
    None,
    None,
)
NONE = GOOD._replace(measures=MEASURES.head(0), gain=MISSING, reliability=GROUPS.head(0))
CALM = Sentinels(Interval(0.5, 0.49, 0.51), 0.02, [], [], 0)
TARGETS = [propensity("purchase", horizon_days=28), churn("", horizon_days=28)]
BUYS, LEAVES = (target.score for target in TARGETS)


def gate(*have: int) -> Sufficiency:
    checks = pd.DataFrame(
        {
            "check": ["with the outcome", "without it", "of recorded history"],
            "counts": ["people", "people", "days"],
            "need": [100, 100, 84],
            "have": have,
        }
    )
    return Sufficiency(checks.assign(met=checks["have"] >= checks["need"]))


def both(one: object, other: object) -> dict[str, object]:
    return {BUYS: one, LEAVES: other}


def test_few_people_are_not_counted_out_loud_and_days_are():
    gates = both(gate(41, 606, 41), gate(400, 606, 90))
    page = view.sufficiency(gates, cuts=CUTS, targets=TARGETS).as_raw_html()
    assert "There is enough to go on for 1 of 2 outcomes" in page
    assert page.count("under 50") == 1
    assert "41 (too few)" in page  # the days
    assert "not heard of for 28 days" in page


def test_the_comparison_counts_who_beats_the_base_rate():
    weak = GOOD._replace(gain=Interval(0.01, -0.01, 0.03))
    table = view.comparison(both(GOOD, weak), targets=TARGETS)
    assert "1 of 2 forecasts beat the base rate" in repr(table)
    assert "0.700 (0.690 to 0.710)" in table.as_raw_html()
    assert "1 of 1" in repr(view.comparison(both(GOOD, NONE), targets=TARGETS))


def test_reliability_counts_the_groups_that_did_as_forecast():
    axes = view.reliability(both(GOOD, GOOD), targets=TARGETS)
    assert axes.get_title(loc="left").startswith("2 of 4 groups did as forecast")
    first = axes.get_yticklabels()[0].get_text()
    assert first == "purchase within 28 days, forecast 50%, group 2"


def test_alarms_are_said_and_silence_too():
    trials = both(GOOD, GOOD)
    calm = view.sentinels(both(CALM, CALM), trials, targets=TARGETS).get_title(loc="left")
    assert calm == "No alarm rings, and nothing is found by chance"
    loud = CALM._replace(too_good=["number of orders"], n_moved=3)
    title = view.sentinels(both(CALM, loud), trials, targets=TARGETS).get_title(loc="left")
    assert "number of orders alone tells too much" in title
    assert "change when they are computed anew" in title
    assert "3" not in title


def test_the_page_says_what_is_used_and_what_would_be_needed():
    used = Decision(True, [], [])
    refused = Decision(False, ["fewer than 84 days of record"], ["84 days of record (43 more)"])
    words = view.rulings(both(used, refused), targets=TARGETS).reason
    assert "**Purchase within 28 days.** Model" in words
    assert "**Not heard of for 28 days.** Do not model: fewer than 84 days" in words
    assert "Needed: 84 days of record (43 more)." in words


def test_tenths_say_what_is_forecast_and_few_people_are_not_shown():
    people = pd.DataFrame({"value": np.repeat([0.1, 0.5], 60), "decile": np.repeat([5, 10], 60)})
    title = view.deciles(people, people.head(0), targets=TARGETS).get_title(loc="left")
    assert title == "purchase within 28 days: 50% of the likeliest tenth, 30% of all"
    few = view.deciles(people.head(80), people.head(0), targets=TARGETS)
    assert "Fewer than 50 people in a tenth" in few.reason
    nobody = view.deciles(people.head(0), people.head(0), targets=TARGETS)
    assert "No forecast is used" in nobody.reason


def test_importance_is_drawn_with_labels():
    rows = pd.DataFrame([("frequency", 0.02, 0.01, 0.03)], columns=["feature", *Interval._fields])
    axes = view.importance(both(rows, rows.head(0)), targets=TARGETS)
    label = trait_label("frequency")
    assert axes.get_title(loc="left").endswith(f"purchase within 28 days: {label}")
    assert isinstance(view.importance(both(rows.head(0), rows.head(0)), targets=TARGETS), Note)


def test_contacts_say_where_they_stop_paying():
    curve = pd.DataFrame(
        {"share": [0.3, 1.0], "planned": [90.0, 40.0], "realised": [80.0, 30.0]}
    ).assign(low=lambda f: f["realised"] - 20, high=lambda f: f["realised"] + 20)
    plan = ContactPlan(curve, 0.3, 90.0, Interval(80, 60, 100), Interval(30, 10, 50))
    title = customer_view.contacts(plan, cost=0.5, moved_share=0.1).get_title(loc="left")
    assert title == (
        "Contacting stops paying after 30% of people: 90 planned there, 80 (60 to 100) came"
    )
    never = plan._replace(stop=0.0)
    assert "No contact is expected" in customer_view.contacts(
        never, cost=9.0, moved_share=0.1
    ).get_title(loc="left")
    nothing = plan._replace(curve=curve.head(0))
    assert isinstance(customer_view.contacts(nothing, cost=0.5, moved_share=0.1), Note)


def test_behind_a_closed_gate_every_picture_is_a_sentence():
    trials = both(NONE, NONE)
    assert isinstance(view.comparison(trials, targets=TARGETS), Note)
    assert isinstance(view.reliability(trials, targets=TARGETS), Note)
    assert isinstance(view.sentinels(both(CALM, CALM), trials, targets=TARGETS), Note)


PLAN = ValueDays(DAY, DAY, DAY, days=60, recent_days=60, record_days=180, money=9000.0)
VALUES = pd.DataFrame(
    [
        (forecast, measure, 0.5, 0.4, 0.6)
        for forecast in ("BG/NBD and Gamma-Gamma", "last year repeats", "boosted trees")
        for measure in ("spearman", "gini", "decile_error", "total_error")
    ],
    columns=["forecast", "measure", "value", "low", "high"],
)
TENTHS = pd.DataFrame({"decile": [1, 2], "forecast": [1.0, 80.0], "actual": [2.0, 90.0]})
WORTH = ValueTrial(gate(400, 400, 180), VALUES, TENTHS, Interval(-0.1, -0.2, -0.05), MISSING, None)
TOO_FEW = WORTH._replace(
    sufficiency=gate(41, 606, 41), measures=VALUES.head(0), tenths=TENTHS.head(0)
)


def test_the_page_says_when_last_years_purchases_rank_better():
    assert "Last year's purchases put buyers in a better order" in repr(
        customer_view.value_comparison(WORTH, plan=PLAN)
    )
    level = WORTH._replace(order_gain=Interval(0.01, -0.1, 0.1))
    assert "no worse an order" in repr(customer_view.value_comparison(level, plan=PLAN))


def test_tenths_are_drawn_with_their_forecast():
    title = customer_view.value_tenths(WORTH).get_title(loc="left")
    assert title == "The highest of 2 groups brought 90 each; 80 were forecast"


def test_without_a_purchase_the_page_says_so_and_with_few_it_says_what_is_needed():
    nothing = PLAN._replace(record_days=0)
    assert "hold no purchase" in customer_view.value_comparison(TOO_FEW, plan=nothing).reason
    found = customer_view.value_comparison(TOO_FEW, plan=PLAN).reason
    assert "fewer than 100 people with the outcome" in found
    assert "84 days of recorded history (43 more)" in found
    assert "41" not in found.replace("(43 more)", "")
    assert isinstance(customer_view.value_tenths(TOO_FEW), Note)
    assert "Nobody" in customer_view.value_ruling(TOO_FEW, plan=PLAN, value_days=365).reason


def moves(n_people: int, *, left: int = 5) -> Migration:
    rows = [("S1", "S1", n_people - left), ("S1", "S2", left)]
    rows += [("S2", "S1", left), ("S2", "S2", n_people - left)]
    table = pd.DataFrame(rows, columns=["from_segment", "to_segment", "n_people"])
    told = [(name, "accuracy", 0.8, 0.7, 0.9) for name in ("they stay", "Markov chain")]
    measures = pd.DataFrame(told, columns=["forecast", "measure", "value", "low", "high"])
    gains, saved = {"Markov chain": Interval(0, 0, 0)}, {"Markov chain": Interval(0.2, 0.1, 0.3)}
    shares = table.assign(share=table["n_people"] / n_people)
    return Migration(shares, Interval(0.1, 0.05, 0.2), measures, gains, saved, "")


def test_moves_of_few_people_are_not_shown():
    axes = customer_view.migration(moves(400, left=100))
    assert axes.get_title(loc="left") == "10% of people changed segment in the last window"
    assert [text.get_text() for text in axes.texts] == ["75", "25", "25", "75"]
    assert "too few of each to show" in customer_view.migration(moves(400)).reason
    assert "Too few people moved" in customer_view.migration(moves(30)).reason


def test_the_page_says_when_persistence_wins():
    words = customer_view.migration_ruling(moves(400)).reason
    assert words.startswith("**Persistence wins.**")
    assert "they stay 80.0% (70.0% to 90.0%)" in words
    assert "told better by the Markov chain" in words
    better = moves(400)._replace(gains={"Markov chain": Interval(0.2, 0.1, 0.3)})
    assert "tells moves better than persistence" in customer_view.migration_ruling(better).reason
    few = moves(400)._replace(reason="there are no two segments to move between")
    assert "Do not model" in customer_view.migration_ruling(few).reason
