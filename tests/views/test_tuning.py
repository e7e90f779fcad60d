"""What 07 says of triggers' thresholds, without a run."""

import pandas as pd

from coterie.rules import Tuning
from coterie.rules.triggers.tuning import CURVE, VERDICT
from coterie.views.forms.note import Note
from coterie.views.rules import tuning as view

ROWS = [
    ("looks", 3, "3 views", half, True, False, n, 200, 60, 60 / n, 0.1, 0.4, 1.0)
    for half, n in (("earlier", 304), ("later", 299))
] + [("looks", 4, "4 views", "later", False, True, 60, 55, 30, 0.5, 0.4, 0.6, 9.0)]
VERDICTS = [
    ("looks", "3 views", "4 views", 200, 12.4, 3.0, 22.0),
    ("gone", "60 days", "60 days", 200, 0.0, 0.0, 0.0),
]
FOUND = Tuning(pd.DataFrame(ROWS, columns=CURVE), pd.DataFrame(VERDICTS, columns=VERDICT), "")


def test_the_curve_leaves_out_what_few_people_tell_and_draws_no_exact_count():
    drawn = view.curve(FOUND, min_people=50)
    assert drawn.get_title(loc="left") == "looks: up to 20% of moments convert"
    assert sorted(x for line in drawn.get_lines() for x in line.get_xdata()) == [300.0, 300.0]
    assert isinstance(view.curve(FOUND, min_people=100), Note)


def test_a_verdict_names_the_threshold_that_brings_more_or_the_same():
    page = view.verdicts(FOUND).as_raw_html()
    assert "1 of 2 triggers: another threshold brings more" in page
    assert "+12 (+3 to +22)" in page
    assert "the same" in page
    assert "too few to show" in view.verdicts(FOUND, min_people=500).as_raw_html()


def test_without_a_trial_the_page_says_why():
    none = FOUND._replace(why_not="no trigger is named for it")
    assert "no trigger is named" in view.curve(none).reason
    assert "no trigger is named" in view.verdicts(none).reason
