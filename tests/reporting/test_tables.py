"""Tables read as sentences: headings in words, numbers in their unit, nothing as a dash."""

import re

import numpy as np
import pandas as pd

from coterie.reporting.safe_html import Inspector
from coterie.reporting.tables import table

FRAME = pd.DataFrame(
    {
        "segment_name": ["Loyal <3", None],
        "n_people": [1234, 56],
        "share": [0.25, np.nan],
        "lift": [0.0312, -0.01],
        "chosen": [True, False],
        "last_at": pd.to_datetime(["2026-07-01", None]),
    },
    index=[7, 9],
)


def html(**options):
    return table(FRAME, title="Two segments & more", **options).as_raw_html()


def cells(shown, tag="td"):
    return re.findall(rf'<{tag}[^>]*class="gt_(?:row|col_heading)[^>]*>(.*?)</{tag}>', shown)


def test_missing_values_read_as_a_dash_and_no_number_is_raw():
    shown = cells(html(formats={"n_people": ",", "share": ".0%", "lift": "points"}))
    assert shown[:5] == ["Loyal &lt;3", "1,234", "25%", "+3.1 points", "yes"]
    assert shown[6:] == ["—", "56", "—", "-1.0 points", "no", "—"]


def test_fractions_get_three_digits_unless_told_otherwise():
    assert "0.0312" in cells(html())
    assert "0.25" in cells(html())


def test_headings_are_words():
    headings = cells(html(labels={"n_people": "people"}), tag="th")
    assert headings == ["segment name", "people", "share", "lift", "chosen", "last at"]


def test_numbers_stand_on_the_right_and_words_on_the_left():
    assert re.findall(r"gt_row gt_(\w+)", html())[:6] == [
        "left",
        "right",
        "right",
        "right",
        "right",
        "left",
    ]


def test_a_table_is_the_same_when_rerun_and_needs_nothing_from_elsewhere():
    assert html() == html()
    assert "Two segments &amp; more" in html()
    assert "of a week" in html(subtitle="of a week")
    seen = Inspector(html())
    assert (seen.runs, seen.loads) == (set(), [])


def test_an_empty_frame_still_gives_its_headings():
    assert "segment name" in table(FRAME.head(0), title="None").as_raw_html()
