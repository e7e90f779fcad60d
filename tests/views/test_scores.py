"""What 06 says about a forecast, without a run."""

from datetime import date

import numpy as np
import pandas as pd

from coterie.scores import Cuts, Decision, Sufficiency, Trial, ValueDays, ValueTrial
from coterie.statistics import Interval
from coterie.views import scores as view
from coterie.views.note import Note

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
GOOD = Trial(MEASURES, Interval(0.03, 0.02, 0.04), GROUPS, [], Interval(0.5, 0.49, 0.51))
NONE = Trial(MEASURES.head(0), MISSING, GROUPS.head(0), [], MISSING)


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


def test_few_people_are_not_counted_out_loud_and_days_are():
    page = view.sufficiency(gate(41, 606, 41), cuts=CUTS, verb="create").as_raw_html()
    assert "1 of 3 requirements are met" in page
    assert page.count("under 50") == 1
    assert ">41<" in page  # the days


def test_the_comparison_says_whether_the_base_rate_is_beaten():
    assert "beats the base rate" in repr(view.comparison(GOOD))
    weak = GOOD._replace(gain=Interval(0.01, -0.01, 0.03))
    assert "does not beat the base rate" in repr(view.comparison(weak))
    assert "0.700 (0.690 to 0.710)" in view.comparison(GOOD).as_raw_html()


def test_reliability_counts_the_groups_that_did_as_forecast():
    axes = view.reliability(GOOD, verb="purchase")
    assert axes.get_title(loc="left").startswith("1 of 2 groups did as forecast")
    assert axes.get_yticklabels()[0].get_text() == "forecast 50%, group 2"


def test_the_alarm_names_the_column():
    calm = view.sentinels(GOOD).get_title(loc="left")
    assert calm == "Shuffled outcomes give an AUC of 0.50; no column alone is too good to be true"
    assert "paid alone tells too much" in view.sentinels(
        GOOD._replace(too_good=["paid"])
    ).get_title(loc="left")


def test_without_a_forecast_every_picture_is_a_sentence():
    decision = Decision(False, ["fewer than 84 days of recorded history"])
    people = pd.DataFrame({"value": [], "decile": []})
    notes = [view.comparison(NONE), view.reliability(NONE, verb="create"), view.sentinels(NONE)]
    notes += [view.deciles(people, decision=decision, verb="create"), view.ruling(decision)]
    assert all(isinstance(note, Note) for note in notes)
    assert "Do not model: fewer than 84 days of recorded history." in notes[-1].reason


def test_tenths_are_shown_from_the_likeliest_and_never_when_small():
    people = pd.DataFrame(
        {"value": np.linspace(0, 1, 600), "decile": np.repeat([*range(1, 11)], 60)}
    )
    decision = Decision(True, [])
    axes = view.deciles(people, decision=decision, verb="purchase")
    assert (
        axes.get_title(loc="left")
        == "Forecast to have a purchase: 95% of the likeliest tenth, 50% of all"
    )
    few = view.deciles(people[::2], decision=decision, verb="purchase")
    assert few.reason.startswith("**Fewer than 50 people in a tenth**")


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
        view.value_comparison(WORTH, plan=PLAN)
    )
    level = WORTH._replace(order_gain=Interval(0.01, -0.1, 0.1))
    assert "no worse an order" in repr(view.value_comparison(level, plan=PLAN))


def test_tenths_are_drawn_with_their_forecast():
    title = view.value_tenths(WORTH).get_title(loc="left")
    assert title == "The highest tenth brought 90 each; 80 were forecast"


def test_without_a_purchase_the_page_says_so_and_with_few_it_says_what_is_needed():
    nothing = PLAN._replace(record_days=0)
    assert "hold no purchase" in view.value_comparison(TOO_FEW, plan=nothing).reason
    found = view.value_comparison(TOO_FEW, plan=PLAN).reason
    assert "fewer than 100 people with the outcome" in found
    assert "84 days of recorded history (43 more)" in found
    assert "41" not in found.replace("(43 more)", "")
    assert isinstance(view.value_tenths(TOO_FEW), Note)
    assert "Nobody" in view.value_ruling(TOO_FEW, plan=PLAN, value_days=365).reason
