"""What notebook 11 says of old lists and of others' rates names numbers, prices and sources."""

import pandas as pd

from coterie import monitoring
from coterie.monitoring.costs import Prices
from coterie.monitoring.refresh import PERIODS
from coterie.views.monitoring import refreshing as view

CURVE = pd.DataFrame({"list": "looks", "refresh": list(PERIODS), "seconds": PERIODS.values()})
CURVE = CURVE.assign(decisions=60_000, lost_share=[0.001, 0.004, 0.08, 0.25], n_people=900)
CURVE = CURVE.assign(low=CURVE["lost_share"] / 2, high=CURVE["lost_share"] * 2)
REPLAYED = monitoring.Replayed(CURVE, 28)
PRICES = Prices(decision=0.1, compute=0.5, hour=50, hours_by_hand=2, hours_of_upkeep=4)


def test_the_worst_list_is_named_with_what_it_loses():
    axes = view.staleness(REPLAYED)
    assert axes.get_title("left") == (
        "Made anew weekly, 'looks' is wrong in 25% of 60,000 decisions"
    )
    assert "No list can be replayed" in view.staleness(REPLAYED._replace(table=CURVE[:0])).reason


def test_the_cheapest_way_is_named_and_which_prices_would_change_it():
    html = view.costs(monitoring.choose_refresh(CURVE, PRICES, days=30)).as_raw_html()
    assert "Cheapest: &#x27;looks&#x27; dynamic, hourly" in html
    assert "Dynamic lists save 1,345 a month over static ones" in html
    assert "2 changes of price would change the choice: half the decision and twice the" in html


def test_without_the_value_of_a_decision_the_page_asks_for_it():
    asked = view.costs(monitoring.choose_refresh(CURVE, Prices(), days=30)).reason
    assert "`{decision: 0.02}`" in asked


def test_rates_stand_beside_what_others_reach_and_the_unknown_is_a_dash():
    rates = pd.DataFrame(
        {
            "kpi": "reactions",
            "platform": ["x", "web"],
            "denominator": "impressions",
            "numerator": [30, 20],
            "value": [0.03, 0.02],
            "low": [0.025, 0.01],
            "high": [0.035, 0.03],
        }
    )
    other = {"kpi": ["reactions"], "platform": ["x"], "denominator": ["impressions"]}
    other |= {"value": [0.0231], "n": [None], "source": ["a report"], "read_on": ["2026-11-29"]}
    beside = monitoring.beside_benchmarks(rates, pd.DataFrame(other))
    html = view.rates(beside, shown="reactions").as_raw_html()
    assert "1 of 2 rates have a benchmark" in html
    assert "Benchmarks: a report." in html
    assert "—" in html
    assert "No platform" in view.rates(beside, shown="likes").reason
