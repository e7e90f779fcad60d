"""The grid of intent and engagement finds the borders that were planted, and doubts the others."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie.rules.grid.signals import signals
from coterie.rules.grid.thresholds import MINUTES, Thresholds
from coterie.rules.grid.trial import Grid, try_grid

AS_OF = date(2026, 7, 1)
NOON = datetime(2026, 6, 20, 12)
LOG = {"person_id": "string", "event_id": "string", "platform": "string", "at": "timestamp"}
LOG |= {"verb": "string", "value": "float64"}
HORIZON = 28


def log_of(rows: list[tuple]) -> ibis.Table:
    """Lay out acts: person, moment, verb."""
    frame = pd.DataFrame(rows, columns=["person_id", "at", "verb"])
    frame["event_id"] = [f"e{n}" for n in range(len(frame))]
    frame["at"] = pd.to_datetime(frame["at"])
    return ibis.memtable(frame.assign(platform="shop", value=None)[list(LOG)], schema=LOG)


def told(people: list[list[tuple]]) -> list[dict]:
    """Say what the engine makes of everybody's acts: seconds after noon, verb."""
    rows = [
        (f"p{at:03d}", NOON + timedelta(seconds=second), verb)
        for at, acts in enumerate(people)
        for second, verb in acts
    ]
    found = signals(log_of(rows), as_of=AS_OF, days=90, minutes=MINUTES)
    return found.order_by("person_id").drop("person_id").to_pandas().to_dict("records")


def by_hand(acts: list[tuple]) -> dict:
    """Say the same by going through the acts one by one."""
    ordered = sorted(acts, key=lambda act: act[0])
    sessions = [[ordered[0]]]
    for before, act in pairwise(ordered):
        if act[0] - before[0] > 1800:
            sessions.append([])
        sessions[-1].append(act)
    found = {}
    for at, minutes in enumerate(MINUTES):
        long = [own for own in sessions if own[-1][0] - own[0][0] > 60 * minutes]
        pages = [sum(verb == "view" for _, verb in own) for own in long]
        found[f"pages_{at}"] = max(pages, default=0)
    left = [
        second + 1800
        for second, verb in acts
        if verb == "add"
        and not any(second <= other < second + 1800 for other, v in acts if v == "purchase")
        and not any(second < other < second + 1800 for other, v in acts if v == "add")
    ]
    end = (datetime.combine(AS_OF, datetime.min.time()) - NOON).total_seconds()
    return found | {"basket_days": (end - max(left)) / 86_400 if left else None}


def test_signals_equal_what_is_counted_by_hand():
    rng = np.random.default_rng(0)
    edges = [0, 60, 61, 300, 301, 1799, 1800, 1801, 3600, 3601, 5400, 7200]
    people = []
    for _ in range(400):
        moments = rng.choice(edges + list(rng.integers(0, 9000, 6)), rng.integers(1, 10))
        verbs = rng.choice(["view", "view", "add", "purchase"], len(moments))
        unique = dict(zip(moments.tolist(), verbs.tolist(), strict=True))
        people.append(list(unique.items()))
    wanted = [by_hand(acts) for acts in people]
    days = [own.pop("basket_days") for own in wanted]
    found = told(people)
    left = [own.pop("basket_days") for own in found]
    assert found == wanted
    assert left == [pytest.approx(day if day is not None else np.nan, nan_ok=True) for day in days]


def test_nothing_on_or_after_the_day_is_seen():
    acts = [(0, "view"), (400, "view"), (500, "view")]
    end = int((datetime(2026, 7, 1) - NOON).total_seconds())
    future = [(end + second, "add") for second in (-1700, 0, 60)]  # none is over before the day
    [found] = told([acts + future])
    assert pd.isna(found.pop("basket_days"))
    assert found == {name: value for name, value in told([acts])[0].items() if name in found}


def world(*, n: int, seed: int, told_by: Thresholds | None) -> ibis.Table:
    """Plant people who convert often where both borders are crossed; without any, all alike."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(n):
        for day in (AS_OF - timedelta(days=2 * HORIZON), AS_OF - timedelta(days=HORIZON)):
            minutes, pages = rng.choice([0.5, 3, 7, 12, 25]), int(rng.integers(1, 9))
            begun = datetime.combine(day, datetime.min.time()) - timedelta(days=2)
            step = timedelta(minutes=minutes) / max(pages - 1, 1)
            who = f"p{person}"
            rows += [(who, begun + step * at, "view") for at in range(pages)]
            basket_days = int(rng.integers(3, 28)) if rng.random() < 0.6 else None
            if basket_days is not None:
                left = datetime.combine(day, datetime.min.time()) - timedelta(days=basket_days)
                rows.append((who, left, "add"))
            busy = told_by is not None and minutes > told_by.minutes and pages >= told_by.pages
            wants = told_by is not None and basket_days is not None
            wants = wants and basket_days <= told_by.basket_days
            chance = 0.06 + 0.15 * busy + 0.15 * wants + 0.3 * (busy and wants)
            if rng.random() < chance:
                rows.append((who, begun + timedelta(days=7), "purchase"))
    rows.append(("old", datetime(2026, 2, 10), "view"))  # so long the record goes back
    return log_of(rows)


def tried(events: ibis.Table) -> Grid:
    return try_grid(events, conversion="purchase", as_of=AS_OF, horizon_days=HORIZON)


def test_planted_borders_are_chosen_on_the_earlier_day_and_confirmed_on_the_later():
    found = tried(world(n=1500, seed=3, told_by=Thresholds(10.0, 6, 14)))
    assert found.chosen.minutes == 10.0
    assert found.chosen.pages == 6
    assert found.confirmed
    assert found.difference.low > 0
    top = found.cells.set_index(["intent_level", "engagement_level"]).loc[("high", "high")]
    assert top["lift"] > 2


def test_where_the_defaults_are_true_they_stand():
    found = tried(world(n=1500, seed=4, told_by=Thresholds()))
    assert not found.why_not
    assert found.in_force == "default"


def test_outcomes_of_the_later_day_move_no_threshold():
    events = world(n=800, seed=5, told_by=Thresholds(10.0, 6, 14)).to_pandas()
    later = pd.Timestamp(AS_OF - timedelta(days=HORIZON))
    gone = (events["verb"] == "purchase") & (events["at"] >= later)
    rng = np.random.default_rng(0)
    others = events[gone].assign(person_id=[f"p{n}" for n in rng.integers(0, 800, gone.sum())])
    shuffled = pd.concat([events[~gone], others])
    both = [tried(ibis.memtable(rows, schema=LOG)) for rows in (events, shuffled)]
    assert both[0].chosen == both[1].chosen
    assert both[0].gain != both[1].gain


@pytest.mark.parametrize(
    ("verbs", "says"),
    [(["view"], "no basket"), (["add"], "no page view"), (["view", "add"], "the record begins")],
)
def test_a_study_that_cannot_have_a_grid_says_why(verbs, says):
    rows = [("ana", datetime(2026, 5, 1), verb) for verb in verbs]
    found = tried(log_of(rows))
    assert says in found.why_not
    assert not found.confirmed


def test_few_conversions_are_no_ground_to_choose_on():
    assert "fewer than 100" in tried(world(n=200, seed=6, told_by=None)).why_not


@pytest.mark.slow
def test_where_nothing_is_planted_chosen_thresholds_are_hardly_ever_confirmed():
    found = [tried(world(n=2500, seed=seed, told_by=None)) for seed in range(40)]
    assert not any(grid.why_not for grid in found)
    assert sum(grid.confirmed for grid in found) <= 4
