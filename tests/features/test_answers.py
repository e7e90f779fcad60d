"""Waits that are still open are waits: the product-limit median, both directions."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.features.activity.answers import (
    answer_times,
    waits_for_brand,
    waits_for_person,
    with_median_wait,
)

SPAN = {"as_of": date(2026, 7, 1), "lookback_days": 90}
COLUMNS = ["post_id", "person_id", "brand", "about_brand", "in_reply_to", "at"]


def posts_of(rows):
    frame = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS, "object"))
    frame["at"] = pd.to_datetime(frame["at"], format="mixed")
    return ibis.memtable(frame, schema=dict.fromkeys(COLUMNS[:-1], "string") | {"at": "timestamp"})


ASKED = [
    ("q1", "ana", None, "acme", None, "2026-06-01 10:00"),
    ("q2", "ana", None, "acme", None, "2026-06-02 10:00"),
    ("q3", "bo", None, "acme", None, "2026-06-30 23:00"),
    ("chat", "bo", None, None, None, "2026-06-03 10:00"),
]
REPLIES = [
    (
        "a0",
        None,
        "acme",
        None,
        "q1",
        "2026-06-01 09:00",
    ),  # before the question: a clock that differs
    ("a1", None, "acme", None, "q1", "2026-06-01 13:00"),
    ("a2", None, "acme", None, "q1", "2026-06-01 12:00"),
    ("late", None, "acme", None, "q3", "2026-07-01 00:00"),
    ("b1", "ana", None, "acme", "a2", "2026-06-01 12:30"),
]


def test_the_first_answer_counts_and_an_open_question_waits_until_the_day():
    found = waits_for_brand(posts_of(ASKED + REPLIES), **SPAN).to_pandas().set_index("post_id")
    assert set(found.index) == {"q1", "q2", "q3", "b1"}
    assert found.loc["q1", ["hours", "answered"]].tolist() == [2.0, True]
    assert found.loc["q3", ["hours", "answered"]].tolist() == [1.0, False]
    assert found.loc["q2", "hours"] == (29 - 1) * 24 + 14


def test_the_other_direction_is_the_person_writing_back():
    found = waits_for_person(posts_of(ASKED + REPLIES), **SPAN).to_pandas().set_index("post_id")
    assert found.loc["a2", ["person_id", "hours", "answered"]].tolist() == ["ana", 0.5, True]
    assert not found.loc["a1", "answered"]


def kaplan_meier(hours, answered):
    """The estimate as the textbook writes it, moment by moment."""
    share = 1.0
    for at in sorted(set(hours)):
        waiting = sum(h >= at for h in hours)
        share *= 1 - sum(h == at and a for h, a in zip(hours, answered, strict=True)) / waiting
        if share <= 0.5 + 1e-9 and any(h == at and a for h, a in zip(hours, answered, strict=True)):
            return at
    return np.nan


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=14))
def test_the_median_wait_is_the_product_limit_estimate(waited):
    hours, answered = [float(h) for h, _ in waited], [a for _, a in waited]
    table = ibis.memtable(
        {"person_id": ["ana"] * len(waited), "hours": hours, "answered": answered}
    )
    found = with_median_wait(table, "median").to_pandas()["median"].item()
    assert found == pytest.approx(kaplan_meier(hours, answered), nan_ok=True)


def test_leaving_open_waits_out_would_flatter_the_brand():
    rng = np.random.default_rng(0)
    true = rng.exponential(10.0, 4000)
    watched = rng.uniform(0, 20, 4000)
    hours, answered = np.minimum(true, watched), true <= watched
    table = ibis.memtable({"person_id": ["ana"] * 4000, "hours": hours, "answered": answered})
    found = with_median_wait(table, "median").to_pandas()["median"].item()
    assert found == pytest.approx(10 * np.log(2), rel=0.06)
    assert np.median(hours[answered]) < 0.7 * found


def test_brands_are_compared_by_share_answered_and_median_hours_and_small_ones_not_at_all():
    asked = [
        (f"q{n}", f"p{n}", None, "acme" if n < 3 else "tiny", None, f"2026-06-01 1{n}:00")
        for n in range(4)
    ]
    replies = [
        ("a0", None, "acme", None, "q0", "2026-06-01 12:00"),
        ("a1", None, "acme", None, "q1", "2026-06-01 15:00"),
    ]
    found = answer_times(posts_of([*asked, *replies]), **SPAN, min_people=2)
    assert found["brand"].tolist() == ["acme"]
    assert found[["posts", "people", "median_hours"]].values.tolist() == [[3, 3, 4.0]]
    assert found["answered"].item() == pytest.approx(2 / 3)
    assert answer_times(posts_of(asked), **SPAN, min_people=9).empty
