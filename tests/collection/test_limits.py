"""When an API may be asked again, in every dialect, whatever nonsense its headers hold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.collection import limits
from coterie.collection.declarations import Limits, declaration, declared_apis

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("86400", 86400.0),
        ("Fri, 15 Jan 2027 08:01:30 GMT", 90.0),
        ("Friday, 15-Jan-27 08:01:30 GMT", 90.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),  # past
        ("", 0.0),
        ("-5", 0.0),
        ("inf", 0.0),
        ("nan", 0.0),
        ("in a while", 0.0),
        ("Fri, 99 Jan 2027 08:01:30 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_nonsense_is_nothing(asked, seconds):
    assert limits.retry_after({"Retry-After": asked}, now=NOW) == seconds


def test_a_wrong_clock_here_shortens_no_wait():
    headers = {"Retry-After": "Fri, 15 Jan 2027 08:01:30 GMT"}
    headers["Date"] = "Fri, 15 Jan 2027 08:00:00 GMT"
    assert limits.retry_after(headers, now=NOW + 3600) == 90.0


@given(st.text(max_size=40), st.floats(0, 4e9))
def test_no_header_can_break_or_lengthen_a_wait_beyond_what_it_says(text, now):
    for name in declared_apis():
        known = declaration(name).limits
        headers = dict.fromkeys([known.remaining, known.reset, *known.usage], text)
        assert limits.used_up(headers, known, now=now) >= 0
    assert limits.retry_after({"Retry-After": text, "Date": text}, now=now) >= 0


def test_each_vendor_says_in_its_own_way_that_the_budget_is_spent():
    soon = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2027-01-15T08:05:00.123Z"}
    assert limits.used_up(soon, declaration("mastodon").limits, now=NOW) == pytest.approx(300.123)
    x = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": f"{NOW + 900:.0f}"}
    assert limits.used_up(x, declaration("x").limits, now=NOW) == 900
    sky = {"RateLimit-Remaining": "0", "RateLimit-Reset": f"{NOW + 60:.0f}"}
    assert limits.used_up(sky, declaration("bluesky").limits, now=NOW) == 60
    app = {"X-App-Usage": '{"call_count":96,"total_cputime":1,"total_time":2}'}
    assert limits.used_up(app, declaration("meta").limits, now=NOW) == 300
    usage = {"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 19}
    business = {"X-Business-Use-Case-Usage": json.dumps({"66": [usage], "67": []})}
    assert limits.used_up(business, declaration("meta").limits, now=NOW) == 19 * 60
    calm = {"X-App-Usage": '{"call_count":28,"total_cputime":15,"total_time":12}'}
    assert limits.used_up(calm, declaration("meta").limits, now=NOW) == 0


def test_seconds_to_a_reset_are_read_as_seconds():
    known = Limits(remaining="RateLimit-Remaining", reset="RateLimit-Reset", reset_is="seconds")
    headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": "50"}
    assert limits.used_up(headers, known, now=NOW) == 50


def test_the_day_of_a_quota_ends_at_midnight_where_the_vendor_is():
    end = limits.next_day(NOW, "America/Los_Angeles")  # midnight there is 8:00 in Greenwich
    assert end - NOW == 86400
    assert limits.day_of(NOW - 1, "America/Los_Angeles") == "2027-01-14"
    assert limits.day_of(NOW, "America/Los_Angeles") == "2027-01-15"
