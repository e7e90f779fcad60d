"""What notebook 02 says of its sources: who ranks where, what is due, how wide the bounds are."""

import pandas as pd

from coterie.views.forms.note import Note
from coterie.views.sourcing import deciding as view

SHARES = ["key_coverage", "fresh_share", "filled_share", "kept_share", "basis_share"]
SHARES += ["within_terms_share", "mean_share"]
SCORES = pd.DataFrame(0.5, index=range(2), columns=SHARES).assign(
    platform=["shop", "forum"], n_rows=[9000, 10], lag_p95_days=[1.0, 60.0],
    rank=[1, 2], rank_low=[1, 2], rank_high=[2, 2],
)  # fmt: skip
COVERAGE = pd.DataFrame(
    {
        "platform": ["shop", "tiny"],
        "n_people": [400, 3],
        "share": [0.8, 0.01],
        "active_share": [1.0, 1.0],
        "only_share": [0.1, 0.0],
        "low": [0.0, 0.2],
        "high": [1.0, 0.7],
    }
)
BOUNDS = pd.DataFrame({"assumption": ["none"], "seen": [0.5], "low": [0.22], "high": [0.78]})


def test_the_best_source_and_the_worst_are_named_with_how_sure_that_is():
    shown = view.source_scores(SCORES)
    assert repr(shown) == "Of 2 sources, shop ranks first and forum last, whatever one values"
    unsure = view.source_scores(SCORES.assign(rank_low=1))
    assert repr(unsure).endswith("forum last, as they are weighed here")
    assert "1–2" in shown.as_raw_html()
    assert repr(view.source_scores(SCORES.head(1))) == "There is one source, shop: nothing to rank"


def test_what_is_due_is_counted_and_nothing_is_an_answer():
    columns = ["rule", "table", "field", "platform", "keep_days", "then", "rows", "due"]
    rows = pd.DataFrame([("posts", "posts", "", "", 365, "delete", 2000, 1500)], columns=columns)
    shown = view.due(rows, command="coterie expire demo")
    assert repr(shown) == "1,500 rows are kept longer than their rule allows"
    assert "coterie expire demo" in shown.as_raw_html()
    assert repr(view.due(rows.assign(due=0), command="")).startswith("No dated row")


def test_a_platform_of_few_people_is_not_shown():
    shown = view.seen_by(COVERAGE, people=(400, 410), min_people=50)
    assert repr(shown) == "Behind the accounts are between 400 and 410 people"
    assert "tiny" not in shown.as_raw_html()
    axes = view.gaps(COVERAGE, bounds=BOUNDS, doing="bought", min_people=50)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["nothing", "shop"]
    assert "Between 22% and 78% of people bought" in axes.get_title("left")


def test_the_place_that_is_chosen_stands_in_the_title():
    places = pd.DataFrame({"place": ["own machine", "warehouse"], "chosen": [True, False]})
    places = places.assign(dollars_a_month=[80.0, 3.0])
    refresh = pd.DataFrame({"refresh": ["nightly batch", "stream"], "chosen": [True, False]})
    refresh = refresh.assign(rows_a_month=[3000, 50])
    shown = view.place(places, refresh=refresh)
    assert repr(shown).endswith("speak for: own machine")
    assert "Made anew by nightly batch: 3,000 rows" in shown.as_raw_html()
    none = view.place(places.assign(chosen=False), refresh=refresh.assign(chosen=False))
    assert repr(none).endswith("none of the places")
    assert "No way to make them anew is soon enough" in none.as_raw_html()


def test_what_should_be_confirmed_is_counted_and_few_people_are_not_shown():
    reasons = ["not confirmed for long"] * 60 + ["never seen"] * 55 + ["several values"] * 3
    listed = pd.DataFrame({"person_id": [f"p{i}" for i in range(118)], "reason": reasons})
    shown = view.clean_up(listed.assign(confidence=0.4), n_records=500, min_people=50)
    assert repr(shown) == "118 of 500 addresses and numbers should be confirmed"
    assert "several values" not in shown.as_raw_html()
    assert "p117" not in shown.as_raw_html()
    assert isinstance(view.clean_up(listed.head(0), n_records=0, min_people=50), Note)
